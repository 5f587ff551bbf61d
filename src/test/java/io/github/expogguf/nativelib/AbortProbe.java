package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.GgmlType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Main class: makes an assertion of ggml fail while a temporary file exists, or without what this project does then.
 */
final class AbortProbe {

    private AbortProbe() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("unprotected")) {
            LibraryFiles.find(Path.of(arguments[1]), Platform.host()).load(() -> {});
        } else {
            NativeLibrary.load();
            registerCleanups(Path.of(arguments[0]));
        }
        try (Arena arena = Arena.ofConfined();
                NativeWork _ = NativeWork.begin(() -> "something around it");
                NativeWork _ = NativeWork.begin(() -> "a probe")) {
            MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, 256);
            // no quantizer for integers: GGML_ASSERT(result == nrows * row_size)
            Llama.ggml_quantize_chunk(GgmlType.I8.id(), values, arena.allocate(4096), 0, 1, 256, MemorySegment.NULL);
        }
    }

    private static void registerCleanups(Path temporary) {
        NativeAbort.onAbort(() -> {
            throw new IllegalStateException("a cleanup that fails does not keep the others from running");
        });
        NativeAbort.onAbort(() -> {
            try {
                Files.delete(temporary);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        NativeAbort.onAbort(() -> System.out.println("not reached")).close();
    }
}
