package io.github.expogguf.quant.cases;

import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.cases.QuantizeCase.Outcome;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.StringJoiner;

/** Bytes that are not those of ggml: the smallest case that shows it, written so that it can be typed into a test. */
public final class Counterexample extends AssertionError {

    private final transient CaseShrinker.Shrunk shrunk;

    private Counterexample(String message, CaseShrinker.Shrunk shrunk) {
        super(message);
        this.shrunk = shrunk;
    }

    /**
     * Shrinks a case.
     *
     * @param origin which case it is
     */
    public static Counterexample of(String origin, QuantizeCase failing, RowCodec ggml, RowCodec codec) {
        CaseShrinker.Shrunk shrunk = CaseShrinker.shrink(
                failing, candidate -> !candidate.quantizedBy(codec).agreesWith(candidate.quantizedBy(ggml)));
        QuantizeCase smallest = shrunk.smallest();
        Outcome expected = smallest.quantizedBy(ggml);
        Outcome actual = smallest.quantizedBy(codec);
        StringBuilder text = new StringBuilder();
        text.append("not what ggml writes: ").append(origin).append('\n');
        text.append("  smallest case after %d tries, from %d x %d values\n"
                .formatted(shrunk.tries(), failing.rowCount(), failing.rowLength()));
        text.append("  type        ").append(smallest.type()).append('\n');
        text.append("  row length  ").append(smallest.rowLength()).append('\n');
        text.append("  row count   ").append(smallest.rowCount()).append('\n');
        String importance = smallest.importance().map(Counterexample::hex).orElse("none");
        text.append("  importance  ").append(importance).append('\n');
        text.append("  values      ").append(hex(smallest.values())).append('\n');
        text.append("  ggml        ").append(describe(expected)).append('\n');
        text.append("  ours        ").append(describe(actual)).append('\n');
        text.append("  difference  ").append(difference(smallest, expected, actual));
        Counterexample counterexample = new Counterexample(text.toString(), shrunk);
        if (actual instanceof Outcome.Failed(RuntimeException cause)) {
            counterexample.initCause(cause);
        }
        return counterexample;
    }

    public QuantizeCase smallest() {
        return shrunk.smallest();
    }

    public int tries() {
        return shrunk.tries();
    }

    /** Hexadecimal floats, with a number before those that are repeated. */
    private static String hex(float[] floats) {
        StringJoiner all = new StringJoiner(", ");
        for (int from = 0, to; from < floats.length; from = to) {
            int bits = Float.floatToRawIntBits(floats[from]);
            to = from + 1;
            while (to < floats.length && Float.floatToRawIntBits(floats[to]) == bits) {
                to++;
            }
            all.add((to - from > 1 ? to - from + " x " : "") + Float.toHexString(floats[from]));
        }
        return all.toString();
    }

    private static String describe(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Packed(byte[] bytes, boolean isIntact) ->
                HexFormat.of().formatHex(bytes) + (isIntact ? "" : ", and bytes outside of the target");
            case Outcome.Refused _ -> "refuses the values";
            case Outcome.Failed(RuntimeException cause) -> "throws " + cause;
        };
    }

    private static String difference(QuantizeCase smallest, Outcome expected, Outcome actual) {
        if (!(expected instanceof Outcome.Packed one) || !(actual instanceof Outcome.Packed other)) {
            return "see above";
        }
        byte[] wanted = one.bytes();
        byte[] found = other.bytes();
        int first = Arrays.mismatch(found, wanted);
        if (first < 0) {
            return "outside of the target";
        }
        int blockBytes = smallest.type().blockBytes();
        return "first at byte %d of block %d: %02x, expected %02x"
                .formatted(first % blockBytes, first / blockBytes, found[first], wanted[first]);
    }
}
