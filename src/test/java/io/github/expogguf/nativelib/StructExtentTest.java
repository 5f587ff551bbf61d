package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_context_params;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.bindings.llama_model_quantize_params;
import java.lang.foreign.Arena;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The structures that the libraries fill in, seen from the libraries: into memory with room behind it, once full of one
 * byte and once of another, so that what was written shows. No library says how large its structures are.
 */
class StructExtentTest {

    private static final int ROOM = 1024;

    @BeforeAll
    static void load() {
        NativeLibrary.load();
    }

    /** Bytes that a function wrote, from the beginning of the structure on. */
    private static BitSet written(GroupLayout layout, Function<SegmentAllocator, MemorySegment> function) {
        byte[] first = filled(layout, function, (byte) 0xA5);
        byte[] second = filled(layout, function, (byte) 0x5A);
        BitSet written = new BitSet();
        for (int i = 0; i < first.length; i++) {
            written.set(i, first[i] == second[i]);
        }
        return written;
    }

    private static byte[] filled(GroupLayout layout, Function<SegmentAllocator, MemorySegment> function, byte with) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(layout.byteSize() + ROOM, 64).fill(with);
            MemorySegment _ = function.apply((bytes, _) -> memory.asSlice(0, bytes));
            return memory.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static BitSet fields(GroupLayout layout) {
        BitSet fields = new BitSet();
        assertThat(layout).isInstanceOf(StructLayout.class);
        layout.memberLayouts().stream()
                .filter(member -> member.name().isPresent())
                .forEach(member -> {
                    int offset = Math.toIntExact(
                            StructFields.of(layout).offsets().get(member.name().get()));
                    fields.set(offset, offset + Math.toIntExact(member.byteSize()));
                });
        return fields;
    }

    private static void check(GroupLayout layout, Function<SegmentAllocator, MemorySegment> function) {
        BitSet written = written(layout, function);
        BitSet missed = fields(layout);
        missed.andNot(written);
        assertThat(missed.stream().boxed())
                .as("bytes of fields that were not written")
                .isEmpty();
        assertThat(written.length()).as("end of what was written").isLessThanOrEqualTo((int) layout.byteSize());
    }

    @Test
    void theModelParametersEndWhereTheBindingsSay() {
        check(llama_model_params.layout(), Llama::llama_model_default_params);
    }

    @Test
    void theContextParametersEndWhereTheBindingsSay() {
        check(llama_context_params.layout(), Llama::llama_context_default_params);
    }

    @Test
    void theQuantizationParametersEndWhereTheBindingsSay() {
        check(llama_model_quantize_params.layout(), Llama::llama_model_quantize_default_params);
    }
}
