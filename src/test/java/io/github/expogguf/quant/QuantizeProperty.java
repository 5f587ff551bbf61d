package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.cases.Counterexample;
import io.github.expogguf.quant.cases.Importance;
import io.github.expogguf.quant.cases.QuantizeCase;
import io.github.expogguf.quant.cases.QuantizeCase.Outcome;
import io.github.expogguf.quant.cases.Weights;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * That a codec writes the bytes of ggml, or refuses what it refuses, for random rows of one kind. The rows depend on
 * nothing but type, kinds and number.
 */
record QuantizeProperty(RowCodec ggml, RowCodec codec, Weights kind, List<Importance> importances) {

    /** Floats of a case, at most. */
    static final int LENGTH = 1 << 14;

    /** Cases with each kind of importance, at least. */
    private static final int MIN_CASES = 2;

    /** Rows are of 1 to so many blocks, to leave groups of lanes unfilled in every way. */
    private static final int MAX_ROW_BLOCKS = 35;

    /**
     * Compares a few cases with each kind of importance, and more until there are enough blocks.
     *
     * @param minBlocks blocks to compare; those of refused cases do not count
     * @return how many were compared
     * @throws Counterexample if a case differs
     */
    long check(long minBlocks) {
        Map<Importance, Float> largest = new EnumMap<>(Importance.class);
        if (needsLargest()) {
            importances.forEach(each -> largest.put(each, largest(each)));
        }
        int minCases = MIN_CASES * importances.size();
        long compared = 0;
        int refused = 0;
        for (int number = 0; number < minCases || compared < minBlocks; number++) {
            QuantizeCase next = next(number, largest.getOrDefault(importance(number), 1f));
            Outcome expected = next.quantizedBy(ggml);
            if (!next.quantizedBy(codec).agreesWith(expected)) {
                throw Counterexample.of(origin(number), next, ggml, codec);
            }
            if (expected instanceof Outcome.Packed) {
                compared += next.blocks();
            } else if (++refused > 10 + number / 2) {
                throw new AssertionError(origin(number) + ": ggml refuses most cases");
            }
        }
        return compared;
    }

    private Importance importance(int number) {
        return importances.get(number % importances.size());
    }

    /** The case with this number, which is the same every time. */
    QuantizeCase next(int number, float largest) {
        GgmlType type = ggml.type();
        Importance importanceKind = importance(number);
        SplittableRandom random = new SplittableRandom(
                ((type.id() * 64L + kind.ordinal()) * 16 + importanceKind.ordinal()) << 32 | number);
        int maxBlocks = LENGTH / type.blockSize();
        int rowBlocks = random.nextInt(1, Math.min(MAX_ROW_BLOCKS, maxBlocks) + 1);
        int rowCount = Math.max(1, maxBlocks / rowBlocks - random.nextInt(2));
        return random(type, kind, importanceKind, unit(number, largest), rowBlocks, rowCount, number, random);
    }

    /** Rows of such weights, each multiplied by a unit. */
    static QuantizeCase random(
            GgmlType type,
            Weights kind,
            Importance importanceKind,
            float unit,
            int rowBlocks,
            int rowCount,
            int number,
            SplittableRandom random) {
        int rowLength = rowBlocks * type.blockSize();
        float[] values = new float[rowLength * rowCount];
        int first = (int) ((long) number * LENGTH & Integer.MAX_VALUE);
        for (int i = 0; i < values.length; i++) {
            values[i] = unit * kind.next(random, first + i);
        }
        if (importanceKind == Importance.NONE) {
            return new QuantizeCase(type, rowLength, rowCount, values, Optional.empty());
        }
        float[] importance = new float[rowLength];
        for (int i = 0; i < rowLength; i++) {
            importance[i] = importanceKind.next(random, i);
        }
        return new QuantizeCase(type, rowLength, rowCount, values, Optional.of(importance));
    }

    /**
     * The largest power of two by which uniform weights of such importance can be multiplied so that the scales of the
     * type hold them.
     */
    float largest(Importance importance) {
        int holds = Float.MIN_EXPONENT;
        int holdsNot = Float.MAX_EXPONENT + 1;
        while (holdsNot - holds > 1) {
            int exponent = (holds + holdsNot) / 2;
            float unit = Math.scalb(1f, exponent);
            int blocks = LENGTH / ggml.type().blockSize();
            QuantizeCase probe =
                    random(ggml.type(), Weights.UNIFORM, importance, unit, 1, blocks, 0, new SplittableRandom(66));
            if (probe.quantizedBy(ggml) instanceof Outcome.Packed) {
                holds = exponent;
            } else {
                holdsNot = exponent;
            }
        }
        return Math.scalb(1f, holds);
    }

    private boolean needsLargest() {
        return kind == Weights.LARGE || kind == Weights.HUGE;
    }

    private float unit(int number, float largest) {
        return switch (kind) {
            case LARGE -> Math.min(largest, WideRowCodec.VALUE_LIMIT);
            case HUGE -> largest / (1 + number / importances.size() % 4);
            default -> 1;
        };
    }

    private String origin(int number) {
        return "%s, weights %s, importance %s, case %d".formatted(ggml.type(), kind, importance(number), number);
    }
}
