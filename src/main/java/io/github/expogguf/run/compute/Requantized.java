package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Rows of one type in another one. */
public final class Requantized {

    private Requantized() {}

    /** The rows of a chunk, in memory of the arena. */
    public static MemorySegment rows(Chunk chunk, GgmlType from, MemorySegment bytes, GgmlType to, Arena arena) {
        RowCodec target = RowCodecs.of(to);
        MemorySegment floats = arena.allocate(Float.BYTES * chunk.elementCount(), Float.BYTES);
        MemorySegment packed = arena.allocate(chunk.bytes(to), Float.BYTES);
        RowCodecs.of(from).dequantize(chunk.rowLength(), chunk.rowCount(), bytes, floats);
        target.quantize(chunk.rowLength(), chunk.rowCount(), floats, MemorySegment.NULL, packed);
        return packed;
    }
}
