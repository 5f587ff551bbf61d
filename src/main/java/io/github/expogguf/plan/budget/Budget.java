package io.github.expogguf.plan.budget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses an offer for every tensor so that the sum of losses is small and that of bytes no larger than a budget: a
 * Lagrange multiplier first (at each price of a byte every tensor takes its best offer; the lowest price that the
 * budget bears), then what is left is spent, and pairs of tensors change places as long as that helps. The sum of
 * losses is least among all choices of no more bytes after the first step, and only falls afterwards. Deterministic:
 * ties go to fewer bytes, and to the earlier tensor.
 */
public final class Budget {

    private static final int HALVINGS = 128; // of the logarithm of the price, down to neighbouring doubles
    private static final double LOWEST_PRICE = -600; // powers of two
    private static final double HIGHEST_PRICE = 600;

    /** Of more tensors single ones spend what is left: looking at all pairs would take long. */
    private static final int MOST_EXCHANGED = 1000;

    private final List<List<Offer>> tensors;
    private final long bytes;

    private Budget(List<List<Offer>> tensors, long bytes) {
        this.tensors = tensors;
        this.bytes = bytes;
    }

    /**
     * Spends a budget.
     *
     * @param tensors of each its offers, at least one
     * @param bytes   the budget
     * @return one offer for every tensor, in their order; empty if even the smallest offers cost more
     */
    public static Optional<List<Offer>> spend(List<List<Offer>> tensors, long bytes) {
        List<List<Offer>> worthwhile =
                tensors.stream().map(Budget::withoutDominated).toList();
        return new Budget(worthwhile, bytes).spend();
    }

    /** By bytes, each with less loss than all before. */
    private static List<Offer> withoutDominated(List<Offer> offers) {
        List<Offer> kept = new ArrayList<>();
        offers.stream()
                .sorted(Comparator.comparingLong(Offer::bytes).thenComparingDouble(Offer::loss))
                .filter(offer -> kept.isEmpty() || offer.loss() < kept.getLast().loss())
                .forEach(kept::add);
        return kept;
    }

    private Optional<List<Offer>> spend() {
        List<Offer> chosen = atPrice(HIGHEST_PRICE);
        if (bytes(chosen) > bytes) {
            return Optional.empty();
        }
        double tooLow = LOWEST_PRICE;
        double enough = HIGHEST_PRICE;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (tooLow + enough) / 2;
            List<Offer> there = atPrice(middle);
            if (bytes(there) <= bytes) {
                enough = middle;
                chosen = there;
            } else {
                tooLow = middle;
            }
        }
        return Optional.of(improve(new ArrayList<>(chosen)));
    }

    /** @param logarithm of the loss that a byte has to spare, to the base of two */
    private List<Offer> atPrice(double logarithm) {
        double price = Math.pow(2, logarithm);
        return tensors.stream()
                .map(offers -> offers.stream()
                        .min(Comparator.comparingDouble((Offer offer) -> offer.loss() + price * offer.bytes())
                                .thenComparingLong(Offer::bytes))
                        .orElseThrow())
                .toList();
    }

    static long bytes(List<Offer> offers) {
        return offers.stream().mapToLong(Offer::bytes).reduce(0, Math::addExact);
    }

    /** A change of one tensor's offer, or of two at once. */
    private record Change(int first, Offer firstOffer, int second, Offer secondOffer, double gain) {}

    private List<Offer> improve(List<Offer> chosen) {
        for (Optional<Change> best = best(chosen); best.isPresent(); best = best(chosen)) {
            chosen.set(best.get().first, best.get().firstOffer);
            chosen.set(best.get().second, best.get().secondOffer);
        }
        return chosen;
    }

    /** The change that spares most loss within the budget. */
    private Optional<Change> best(List<Offer> chosen) {
        long left = bytes - bytes(chosen);
        Change best = null;
        for (int i = 0; i < chosen.size(); i++) {
            for (Offer more : tensors.get(i)) {
                double gain = chosen.get(i).loss() - more.loss();
                long cost = more.bytes() - chosen.get(i).bytes();
                if (gain <= 0 || (best != null && gain <= best.gain)) {
                    continue;
                }
                Change change = null;
                if (cost <= left) {
                    change = new Change(i, more, i, more, gain);
                } else if (chosen.size() <= MOST_EXCHANGED) {
                    change = exchange(chosen, i, more, cost - left, best == null ? 0 : best.gain);
                }
                if (change != null && (best == null || change.gain > best.gain)) {
                    best = change;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** One tensor gets more while another gives up enough bytes, and less loss than that spares. */
    private @Nullable Change exchange(List<Offer> chosen, int first, Offer more, long needed, double leastGain) {
        double spared = chosen.get(first).loss() - more.loss();
        Change best = null;
        for (int i = 0; i < chosen.size(); i++) {
            if (i == first) {
                continue;
            }
            for (Offer fewer : tensors.get(i)) {
                double gain = spared - (fewer.loss() - chosen.get(i).loss());
                if (chosen.get(i).bytes() - fewer.bytes() >= needed
                        && gain > Math.max(best == null ? 0 : best.gain, leastGain)) {
                    best = new Change(first, more, i, fewer, gain);
                }
            }
        }
        return best;
    }
}
