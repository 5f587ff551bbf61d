package io.github.expogguf.quant.simple;

import java.lang.foreign.MemorySegment;

/** What a type looks for in each block of a row, and how it writes what was found. */
interface WeighedSimpleSearch {

    /** Where its input goes, {@code [LENGTH][COLUMNS]}. */
    float[] values();

    /** Where the weights of the values go, {@code [LENGTH][COLUMNS]}. */
    float[] weights();

    /** Searches all columns; false where a number leaves the range. */
    boolean run();

    /** Writes a block with what was found in a column; false where that is not finite. */
    boolean write(int column, MemorySegment source, long offset, MemorySegment target, long targetOffset);
}
