package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.gguf_init_params;
import io.github.expogguf.corpus.BytesCase;
import io.github.expogguf.corpus.Corpus;
import io.github.expogguf.corpus.OddButValid;
import io.github.expogguf.corpus.PublishedAttack;
import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** No file of the corpus deceives ggml's own reader: so it can be published. */
class GgmlOnBadFilesTest {

    private static final long MOST_VALUES = 1 << 20;

    @TempDir
    private Path directory;

    @BeforeAll
    static void load() {
        NativeLibrary.load();
    }

    @ParameterizedTest
    @EnumSource
    void ggmlRefusesWhatOnceWasAnAttack(PublishedAttack input) throws Exception {
        assertThat(isAcceptedAnd(context -> true, input)).isFalse();
    }

    static Stream<BytesCase> files() {
        return Stream.concat(Corpus.rejectedFiles(), Stream.of(OddButValid.values()));
    }

    /** So that no product of them wraps. */
    @ParameterizedTest
    @MethodSource("files")
    void whatGgmlAcceptsHasOrdinarySizes(BytesCase input) throws Exception {
        assertThat(isAcceptedAnd(context -> !hasOrdinarySizes(context), input)).isFalse();
    }

    @Test
    void ggmlAcceptsTheSmallFileThatTheOthersDifferFrom() throws Exception {
        assertThat(isAcceptedAnd(
                        GgmlOnBadFilesTest::hasOrdinarySizes, GgufBytes.small().write(directory.resolve("m.gguf"))))
                .isTrue();
    }

    private boolean isAcceptedAnd(Predicate<MemorySegment> condition, BytesCase input) throws Exception {
        return isAcceptedAnd(condition, input.write(directory));
    }

    /** Whether ggml reads the header, as it does when it is asked for no tensors, and the condition holds for it. */
    private static boolean isAcceptedAnd(Predicate<MemorySegment> condition, Path file) {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture _ = NativeLog.captureQuietly()) {
            MemorySegment parameters = gguf_init_params.allocate(arena);
            gguf_init_params.no_alloc(parameters, true);
            gguf_init_params.ctx(parameters, MemorySegment.NULL);
            MemorySegment context = Llama.gguf_init_from_file(arena.allocateFrom(file.toString()), parameters);
            if (context.equals(MemorySegment.NULL)) {
                return false;
            }
            try {
                return condition.test(context);
            } finally {
                Llama.gguf_free(context);
            }
        }
    }

    private static boolean hasOrdinarySizes(MemorySegment context) {
        for (long tensor = 0; tensor < Llama.gguf_get_n_tensors(context); tensor++) {
            long[] dimensions = Llama.gguf_get_tensor_ne(context, tensor)
                    .reinterpret(Shape.MAX_DIMENSIONS * ValueLayout.JAVA_LONG.byteSize())
                    .toArray(ValueLayout.JAVA_LONG);
            if (!areOrdinary(dimensions)) {
                return false;
            }
        }
        return true;
    }

    private static boolean areOrdinary(long[] dimensions) {
        double values = Arrays.stream(dimensions).asDoubleStream().reduce(1, (a, b) -> a * b);
        return Arrays.stream(dimensions).allMatch(dimension -> dimension > 0) && values <= MOST_VALUES;
    }

    @Test
    void sizesThatWrapAreNotOrdinary() {
        for (long[] dimensions : List.of(new long[] {1L << 32, 1L << 32}, new long[] {0, 1}, new long[] {-1, -1})) {
            assertThat(areOrdinary(dimensions)).isFalse();
        }
    }
}
