package io.github.expogguf.fuzz;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.gguf_init_params;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.NativeLog;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Our reader and ggml's have one verdict on a header, but for what ours refuses on purpose. */
public final class HeaderFuzz {

    /**
     * Messages of the rules that ggml's reader does not have; {@link io.github.expogguf.gguf.GgufLimits} has the
     * reasons.
     */
    private static final Pattern STRICTER =
            Pattern.compile("is not UTF-8|contains a NUL byte|name is empty|bool with the byte"
                    + "|alignment [0-9]+, expected|dimension [0-9] is 0,| 0 dimensions|java -Dexpo\\.gguf\\."
                    + "|key of [0-9]+ bytes|2\\^63|ends before \\(data");

    private HeaderFuzz() {}

    /** Any bytes as a file. */
    public static void fuzzerTestOneInput(byte[] data) {
        NativeLibrary.load();
        Path path = Scratch.write("header.gguf", data);
        Bounds.check(() -> compare(path));
    }

    private static void compare(Path path) throws IOException {
        GgufFile file;
        try {
            file = GgufReader.read(path);
        } catch (GgufFormatException refusal) {
            if (!STRICTER.matcher(refusal.getMessage()).find() && ggmlAccepts(path)) {
                throw new IllegalStateException("ggml's reader accepts it", refusal);
            }
            return;
        }
        NativeHeaderCheck.check(file);
    }

    private static boolean ggmlAccepts(Path path) {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture _ = NativeLog.captureQuietly()) {
            MemorySegment parameters = gguf_init_params.allocate(arena);
            gguf_init_params.no_alloc(parameters, true);
            gguf_init_params.ctx(parameters, MemorySegment.NULL);
            MemorySegment context = Llama.gguf_init_from_file(arena.allocateFrom(path.toString()), parameters);
            boolean accepted = !context.equals(MemorySegment.NULL);
            if (accepted) {
                Llama.gguf_free(context);
            }
            return accepted;
        }
    }
}
