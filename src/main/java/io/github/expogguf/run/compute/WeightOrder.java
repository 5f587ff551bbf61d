package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Whether one model's weights may be the other's, rounded to another type. Rounding may make two weights that share a
 * scale equal, and never turns them round, whatever scale and importance a quantizer chose. A step of training does:
 * among pairs that are on two levels of the coarser type it turns about as many round as lie nearer to each other than
 * it is long, a number that grows with its square.
 */
final class WeightOrder {

    /** As a share of the root mean square of the weights, which a DPO moves by one or two thousandths. */
    private static final double SMALL_STEP = 0.003;

    /** Of so many pairs that are as near, a step of one thousandth turns three round. */
    private static final long ENOUGH = 30;

    /** The same of less than 8 bits, where larger models have few such pairs: eleven. */
    private static final long ENOUGH_COARSE = 100;

    private static final double FINE_BITS = 8;

    /** Of each chunk; a whole model would take long. */
    private static final long MOST_ELEMENTS = 1 << 15;

    private final AtomicBoolean isTurned = new AtomicBoolean();
    private final AtomicBoolean isUnknown = new AtomicBoolean();
    private final AtomicBoolean isCoarse = new AtomicBoolean();
    private final LongAdder near = new LongAdder();

    /** Adds rows of both models; those that are equal say nothing of a step elsewhere. */
    void add(Chunk chunk, GgmlType sftType, MemorySegment sft, MemorySegment aligned, DeltaSums sums) {
        boolean isFine = !sftType.isQuantized() || !chunk.aligned().type().isQuantized();
        int group = Math.min(sharing(sftType), sharing(chunk.aligned().type()));
        if (sums.changed() == 0) {
            return;
        }
        if (!isFine || group == 0) {
            isUnknown.set(true);
            return;
        }
        if (Math.min(sftType.bitsPerWeight(), chunk.aligned().type().bitsPerWeight()) < FINE_BITS) {
            isCoarse.set(true);
        }
        double step = SMALL_STEP * Math.sqrt(sums.sftSquares() / sums.elements());
        long rowLength = chunk.rowLength();
        long end = Math.min(chunk.elementCount(), Math.ceilDiv(MOST_ELEMENTS, rowLength) * rowLength);
        for (long row = 0; row < end && !isTurned.get(); row += rowLength) {
            for (long start = row; start < row + rowLength; start += group) {
                add(start, Math.min(start + group, row + rowLength), sft, aligned, step);
            }
        }
    }

    private void add(long start, long end, MemorySegment sft, MemorySegment aligned, double step) {
        int found = 0;
        for (long i = start; i < end; i++) {
            float sftWeight = sft.getAtIndex(JAVA_FLOAT, i);
            float alignedWeight = aligned.getAtIndex(JAVA_FLOAT, i);
            for (long j = start; j < i; j++) {
                float before = sftWeight - sft.getAtIndex(JAVA_FLOAT, j);
                float after = alignedWeight - aligned.getAtIndex(JAVA_FLOAT, j);
                if ((before > 0 && after < 0) || (before < 0 && after > 0)) {
                    isTurned.set(true);
                    return;
                }
                found += before != 0 && after != 0 && Math.min(Math.abs(before), Math.abs(after)) < step ? 1 : 0;
            }
        }
        near.add(found);
    }

    /** Weights that share a scale, neighbours in a row; 0 where several are looked up together in a codebook. */
    private static int sharing(GgmlType type) {
        return switch (type) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> 0;
            case Q2_K, Q3_K, Q6_K, NVFP4 -> 16;
            default -> 32;
        };
    }

    /** Whether no two weights were turned round, of so many that training would have turned some. */
    boolean isKept() {
        return !isTurned.get() && !isUnknown.get() && near.sum() >= (isCoarse.get() ? ENOUGH_COARSE : ENOUGH);
    }
}
