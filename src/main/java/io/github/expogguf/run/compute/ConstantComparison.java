package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tensors that nobody trained and that two models both have.
 *
 * @param same  names of those that are equal
 * @param notes a line for each of the others
 */
record ConstantComparison(Set<String> same, List<String> notes) {

    private static final long CHUNK_BYTES = 1 << 16; // they have a value for every second dimension of a head

    ConstantComparison {
        same = Set.copyOf(same);
        notes = List.copyOf(notes);
    }

    static ConstantComparison of(SourceModel sft, SourceModel aligned) throws IOException {
        Set<String> same = new HashSet<>();
        List<String> notes = new ArrayList<>();
        for (Pairing.Constant constant : Pairing.constants(sft.header(), aligned.header())) {
            String name = constant.aligned().name();
            if (differ(sft, constant.sft(), aligned, constant.aligned())) {
                notes.add(Escape.text(name)
                        + " differs, though it is computed from the configuration and"
                        + " not trained; it is extrapolated all the same, unless a rule keeps the aligned model's");
            } else {
                same.add(name);
            }
        }
        return new ConstantComparison(same, notes);
    }

    private static boolean differ(SourceModel sft, TensorInfo from, SourceModel aligned, TensorInfo to)
            throws IOException {
        if (from.type() != to.type() || !from.shape().equals(to.shape())) {
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment before = arena.allocate(CHUNK_BYTES);
            MemorySegment after = arena.allocate(CHUNK_BYTES);
            for (long start = 0; start < to.byteCount(); start += CHUNK_BYTES) {
                long bytes = Math.min(CHUNK_BYTES, to.byteCount() - start);
                sft.read(from, start, before.asSlice(0, bytes));
                aligned.read(to, start, after.asSlice(0, bytes));
                if (before.asSlice(0, bytes).mismatch(after.asSlice(0, bytes)) >= 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
