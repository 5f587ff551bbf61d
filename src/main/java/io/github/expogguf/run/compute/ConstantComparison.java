package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Tensors that nobody trained and that two models nevertheless have different ones of. */
public final class ConstantComparison {

    private static final long CHUNK_BYTES = 1 << 16; // they have a value for every second dimension of a head

    private ConstantComparison() {}

    /** A line for each. */
    public static List<String> notes(SourceModel sft, SourceModel aligned) throws IOException {
        List<String> notes = new ArrayList<>();
        for (Pairing.Constant constant : Pairing.constants(sft.header(), aligned.header())) {
            if (differ(sft, constant.sft(), aligned, constant.aligned())) {
                notes.add(Escape.text(constant.aligned().name())
                        + " differs, though it is computed from the configuration and"
                        + " not trained; it is extrapolated all the same, unless a rule keeps the aligned model's");
            }
        }
        return notes;
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
