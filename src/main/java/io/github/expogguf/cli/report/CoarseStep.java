package io.github.expogguf.cli.report;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.text.Numbers;
import java.util.Map;

/**
 * A step of which most may be rounding of the models that it was computed from, and what helps.
 *
 * @param share   of the squares of the step that may be rounding, 1 at most
 * @param rounded which models were rounded, the SFT model and the aligned one alike where it is both
 * @param type    that most of the rounding comes from
 */
record CoarseStep(double share, Side rounded, GgmlType type) {

    /** Whose rounding it is. */
    enum Side {
        SFT("of the SFT model ", "take it in ", ", or the folder of its .safetensors as --sft"),
        ALIGNED(
                "of the aligned model ",
                "take it in ",
                ", or the folder of its .safetensors as --aligned, with this file as --like"),
        BOTH("of both models ", "take them in ", ", or the folders of their .safetensors"),
        FURTHER("of the models of --delta ", "take them in ", ", or the folders of their .safetensors");

        private final String of;
        private final String take;
        private final String folder;

        Side(String of, String take, String folder) {
            this.of = of;
            this.take = take;
            this.folder = folder;
        }
    }

    /** Models that were rounded to a type. */
    record Rounded(Side side, GgmlType type) {}

    /** The models count as both where neither has nine tenths of the rounding. */
    static CoarseStep of(double share, Map<Rounded, Double> squares) {
        Rounded most = squares.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        double sft = sum(squares, Side.SFT);
        double aligned = sum(squares, Side.ALIGNED);
        boolean isBoth = most.side != Side.FURTHER && Math.min(sft, aligned) > 0.1 * (sft + aligned);
        return new CoarseStep(share, isBoth ? Side.BOTH : most.side, most.type);
    }

    private static double sum(Map<Rounded, Double> squares, Side side) {
        return squares.entrySet().stream()
                .filter(entry -> entry.getKey().side == side)
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** As in {@code rounding of both models to Q4_K may make up all of the difference between them}. */
    String cause() {
        return "rounding " + rounded.of + "to " + type + " may make up "
                + (share >= 0.995 ? "all" : Numbers.percent(share, 0)) + " of the difference between "
                + (rounded == Side.SFT || rounded == Side.ALIGNED ? "the two" : "them");
    }

    /** What multiplies it. */
    String weight() {
        return rounded == Side.FURTHER ? "its weight" : "alpha";
    }

    /** That another type of the output is no remedy. */
    String inAnyType() {
        return "in another type, too, " + cause();
    }

    /** The same, and what is one. */
    String remedyInAnyType() {
        return inAnyType() + ": " + remedy();
    }

    /** Other files. */
    String remedy() {
        return rounded.take + "F16, BF16, F32 or Q8_0" + rounded.folder;
    }
}
