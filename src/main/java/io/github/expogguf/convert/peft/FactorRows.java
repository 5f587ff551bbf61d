package io.github.expogguf.convert.peft;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.convert.gather.GatheredElements;
import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.gguf.GgmlType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A left factor that is put together of those of several modules, each with zeros for the ranks of the others.
 *
 * @param blocks of it
 * @param rank   length of a row
 */
record FactorRows(List<Block> blocks, long rank) {

    /**
     * What one module gives.
     *
     * @param rows  where they are
     * @param scale of its product, which the whole factor has none of
     */
    record Block(PeftProduct.Rows rows, float scale) {}

    /**
     * Reads some of the elements.
     *
     * @param first  of them, counted row by row
     * @param target as many floats as are wanted, fully overwritten
     */
    void read(GatheredElements elements, long first, MemorySegment target) throws IOException {
        target.fill((byte) 0);
        long count = target.byteSize() / Float.BYTES;
        for (Block block : blocks) {
            PeftProduct.Rows rows = block.rows;
            long begin = Math.max(rows.first(), first / rank);
            long end = Math.min(rows.first() + rows.count(), Math.ceilDiv(first + count, rank));
            if (begin < end) {
                read(elements, block, begin, end, first, target);
            }
        }
    }

    private void read(GatheredElements elements, Block block, long begin, long end, long first, MemorySegment target)
            throws IOException {
        PeftProduct.Rows rows = block.rows;
        long values = (end - begin) * rows.ranks();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(Float.BYTES * values, Float.BYTES);
            elements.read(
                    new Gathering(List.of(rows.values())),
                    (begin - rows.first()) * rows.ranks(),
                    values,
                    GgmlType.F32,
                    stored);
            for (long i = 0; i < values; i++) {
                long at = (begin + i / rows.ranks()) * rank + rows.column() + i % rows.ranks() - first;
                if (at >= 0 && at < target.byteSize() / Float.BYTES) { // the ends may be within a row
                    float value = stored.getAtIndex(JAVA_FLOAT_UNALIGNED, i) * block.scale;
                    target.setAtIndex(JAVA_FLOAT_UNALIGNED, at, value);
                }
            }
        }
    }
}
