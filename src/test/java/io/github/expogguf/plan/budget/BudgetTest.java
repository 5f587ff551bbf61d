package io.github.expogguf.plan.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {

    private static final List<GgmlType> TYPES =
            List.of(GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.Q8_0);

    /** A few tensors of sizes as models have them, with losses that fall about fourfold by bit. */
    private static List<List<Offer>> tensors(Random random, int count) {
        List<List<Offer>> tensors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long weights = 4096L << random.nextInt(5);
            double effect = Math.exp(3 * random.nextGaussian());
            List<Offer> offers = new ArrayList<>();
            for (GgmlType type : TYPES) {
                double loss = effect * Math.pow(4, -type.bitsPerWeight()) * (0.8 + 0.4 * random.nextDouble());
                offers.add(new Offer(type, (long) (weights * type.bitsPerWeight() / 8), loss));
            }
            tensors.add(offers);
        }
        return tensors;
    }

    private static double loss(List<Offer> offers) {
        return offers.stream().mapToDouble(Offer::loss).sum();
    }

    /** Every choice there is. */
    private static double least(List<List<Offer>> tensors, int from, long bytes) {
        if (bytes < 0) {
            return Double.POSITIVE_INFINITY;
        }
        if (from == tensors.size()) {
            return 0;
        }
        double least = Double.POSITIVE_INFINITY;
        for (Offer offer : tensors.get(from)) {
            least = Math.min(least, offer.loss() + least(tensors, from + 1, bytes - offer.bytes()));
        }
        return least;
    }

    @Test
    void losesHardlyMoreThanTheBestOfAllChoices() {
        Random random = new Random(1);
        int best = 0;
        for (int i = 0; i < 200; i++) {
            List<List<Offer>> tensors = tensors(random, 5);
            long smallest = tensors.stream()
                    .mapToLong(offers -> offers.getFirst().bytes())
                    .sum();
            long largest = tensors.stream()
                    .mapToLong(offers -> offers.getLast().bytes())
                    .sum();
            long bytes = smallest + (long) ((largest - smallest) * random.nextDouble());
            List<Offer> chosen = Budget.spend(tensors, bytes).orElseThrow();
            assertThat(chosen).hasSize(5);
            assertThat(Budget.bytes(chosen)).isLessThanOrEqualTo(bytes);
            double least = least(tensors, 0, bytes);
            assertThat(loss(chosen)).isLessThanOrEqualTo(1.25 * least);
            best += loss(chosen) <= least * (1 + 1e-12) ? 1 : 0;
        }
        assertThat(best).isGreaterThan(150);
    }

    @Test
    void spendsNearlyAllOnManyTensors() {
        List<List<Offer>> tensors = tensors(new Random(2), 300);
        long smallest =
                tensors.stream().mapToLong(offers -> offers.getFirst().bytes()).sum();
        long bytes = 2 * smallest;
        List<Offer> chosen = Budget.spend(tensors, bytes).orElseThrow();
        assertThat(Budget.bytes(chosen)).isBetween((long) (0.999 * bytes), bytes);
    }

    /** As models have that keep every expert in a tensor of its own. */
    @Test
    void isDoneWithTensorsByTheThousand() {
        List<List<Offer>> tensors = tensors(new Random(4), 20_000);
        long bytes = 2
                * tensors.stream()
                        .mapToLong(offers -> offers.getFirst().bytes())
                        .sum();
        assertThat(Budget.bytes(Budget.spend(tensors, bytes).orElseThrow())).isBetween((long) (0.999 * bytes), bytes);
    }

    @Test
    void refusesWhatNothingFitsInto() {
        List<List<Offer>> tensors = tensors(new Random(3), 3);
        long smallest =
                tensors.stream().mapToLong(offers -> offers.getFirst().bytes()).sum();
        assertThat(Budget.spend(tensors, smallest)).isPresent();
        assertThat(Budget.spend(tensors, smallest - 1)).isEmpty();
    }

    @Test
    void neverTakesMoreBytesForMoreLoss() {
        Offer small = new Offer(GgmlType.Q4_K, 100, 1);
        Offer worse = new Offer(GgmlType.Q4_0, 110, 2);
        assertThat(Budget.spend(List.of(List.of(worse, small)), 1000)).contains(List.of(small));
    }
}
