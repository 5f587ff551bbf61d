package io.github.expogguf.extrapolate;

import java.lang.foreign.MemorySegment;

/** The formula of one {@link Extrapolation} over many weights. No state that changes; any thread. */
public interface ExtrapolationKernel {

    /**
     * Extrapolates. Where a source is infinite or NaN the result is too, so who checks the result has checked the
     * sources.
     *
     * @param count   weights, 0 or more
     * @param sft     {@code count} floats, native order, read only
     * @param aligned {@code count} floats, native order, read only
     * @param target  {@code count} floats, native order, fully overwritten; may be the same segment as {@code sft} or
     *                {@code aligned}, or as both, but not overlap them in another way
     * @throws IllegalArgumentException if a segment is too small or a mapped file, or the target read-only or
     *                                  overlapping
     * @throws IllegalStateException    if the arena of a segment is closed
     * @throws WrongThreadException     if the arena of a segment belongs to another thread
     */
    void extrapolate(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target);
}
