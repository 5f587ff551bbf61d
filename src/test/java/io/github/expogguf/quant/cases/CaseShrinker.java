package io.github.expogguf.quant.cases;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Looks for the smallest case that still fails: fewer rows, fewer blocks, no importance or plainer importance, zeros in
 * place of values, and plainer values; large steps first. Our own because QuickTheories 0.26 shrinks one drawn number
 * at a time: given a value that is too large among 9 blocks, it still had all 9 after 10,000 tries, where this is at
 * the one value after fewer than 50. It would also have to record a long for each of the billions of floats.
 */
final class CaseShrinker {

    /** So that a report never takes minutes. */
    private static final int MOST_TRIES = 20_000;

    private final Predicate<QuantizeCase> fails;
    private QuantizeCase smallest;
    private int tries;

    private CaseShrinker(QuantizeCase failing, Predicate<QuantizeCase> fails) {
        this.smallest = failing;
        this.fails = fails;
    }

    /**
     * The smallest case found.
     *
     * @param tries cases that were tried
     */
    record Shrunk(QuantizeCase smallest, int tries) {}

    static Shrunk shrink(QuantizeCase failing, Predicate<QuantizeCase> fails) {
        CaseShrinker shrinker = new CaseShrinker(failing, fails);
        while (shrinker.improves()) {
            // once more: what could not go before may go now
        }
        return new Shrunk(shrinker.smallest, shrinker.tries);
    }

    private boolean improves() {
        QuantizeCase before = smallest;
        pieces(
                QuantizeCase::rowCount,
                (from, to) -> to - from == smallest.rowCount() ? smallest : smallest.withoutRows(from, to));
        pieces(
                QuantizeCase::rowBlocks,
                (from, to) -> to - from == smallest.rowBlocks() ? smallest : smallest.withoutBlocks(from, to));
        attempt(smallest.importance().isEmpty() ? smallest : smallest.withImportance(Optional.empty()));
        pieces(none -> none.importance().map(floats -> floats.length).orElse(0), this::withOnes);
        pieces(all -> all.values().length, (from, to) -> replaced(from, to, 0));
        for (int i = 0; i < smallest.values().length; i++) {
            simplify(i);
        }
        return smallest != before;
    }

    private interface Change {
        /** The smallest case with pieces {@code from..to} made simpler; itself if they cannot be. */
        QuantizeCase apply(int from, int to);
    }

    /** All pieces at once, then half of them, down to one; the last ones first, so that removing moves no others. */
    private void pieces(ToIntFunction<QuantizeCase> count, Change change) {
        for (int size = count.applyAsInt(smallest); size > 0; size /= 2) {
            for (int to = count.applyAsInt(smallest); to > 0; to -= size) {
                attempt(change.apply(Math.max(0, to - size), to));
            }
        }
    }

    private QuantizeCase withOnes(int from, int to) {
        float[] weights = smallest.importance().orElseThrow().clone();
        Arrays.fill(weights, from, to, 1);
        return Arrays.equals(weights, smallest.importance().orElseThrow())
                ? smallest
                : smallest.withImportance(Optional.of(weights));
    }

    private QuantizeCase replaced(int from, int to, float value) {
        float[] values = smallest.values().clone();
        Arrays.fill(values, from, to, value);
        return Arrays.equals(values, smallest.values()) ? smallest : smallest.withValues(values);
    }

    /** One, a small whole number, or fewer bits, in the order of plainness. */
    private void simplify(int i) {
        float value = smallest.values()[i];
        int bits = Float.floatToRawIntBits(value);
        if (bits == 0) {
            return;
        }
        if (Math.abs(value) == 1 || attempt(replaced(i, i + 1, Math.signum(value)))) {
            return;
        }
        float whole = (float) Math.rint(value);
        if ((value == whole && Math.abs(value) < 256) || attempt(replaced(i, i + 1, whole))) {
            return;
        }
        for (int dropped = 23; dropped > 0; dropped--) {
            int lower = bits & -1 << dropped;
            if (lower == bits
                    || attempt(replaced(i, i + 1, Float.intBitsToFloat(lower)))
                    || attempt(replaced(i, i + 1, Float.intBitsToFloat(lower + (1 << dropped))))) {
                return;
            }
        }
    }

    private boolean attempt(QuantizeCase candidate) {
        if (candidate == smallest || tries >= MOST_TRIES) {
            return false;
        }
        tries++;
        if (!fails.test(candidate)) {
            return false;
        }
        smallest = candidate;
        return true;
    }
}
