package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;

/**
 * Turns packed rows of one tensor type into 32-bit floats and back. Implementations hold no state: any number of
 * threads may share one.
 */
public interface RowCodec {

    /** The tensor type. */
    GgmlType type();

    /**
     * Dequantizes whole rows; agrees bit for bit with the {@code to_float} of ggml's type traits.
     *
     * @param rowLength elements of a row, a multiple of the block size
     * @param rowCount  rows
     * @param source    packed blocks, native, {@code rowCount * type().rowBytes(rowLength)} bytes, read only
     * @param target    {@code rowCount * rowLength} floats, native, fully overwritten
     * @throws IllegalArgumentException if the row length does not fit the type or a segment is too small
     */
    void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target);

    /**
     * Quantizes whole rows; agrees byte for byte with {@code ggml_quantize_chunk}.
     *
     * @param rowLength  elements of a row, a multiple of the block size
     * @param rowCount   rows
     * @param source     {@code rowCount * rowLength} finite floats, native, read only
     * @param importance {@code rowLength} finite floats, none negative, that weigh the columns of every row; or
     *                   {@link MemorySegment#NULL} for none
     * @param target     {@code rowCount * type().rowBytes(rowLength)} bytes, native, fully overwritten
     * @throws IllegalArgumentException if the row length does not fit the type or a segment is too small
     * @throws io.github.expogguf.UnsupportedTypeException if the type needs importance and there is none, or cannot be
     *                                                     written with such large importance
     * @throws io.github.expogguf.NonFiniteException       if a value is infinite or NaN, or too large for the type; the
     *                                                     target then holds nothing of use
     */
    void quantize(long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target);

    /**
     * Announces work, which a codec may use to get ready for it. Nothing depends on the announcement but speed.
     *
     * @param elements      how many are to be quantized
     * @param hasImportance whether they will come with importance
     */
    default void expect(long elements, boolean hasImportance) {}
}
