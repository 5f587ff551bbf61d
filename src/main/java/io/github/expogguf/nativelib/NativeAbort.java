package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_abort_callback_t;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The last resort. When an assertion of ggml fails, the process ends, whatever anyone does; without this it would end
 * in a core dump and a debugger's backtrace. Here it ends with one line on stderr that names the assertion, after what
 * was registered has run, and with exit code {@value #EXIT_CODE}. It is no way to report errors: inputs are checked
 * before native code sees them.
 */
public final class NativeAbort {

    /** Exit code of a process that ends this way; EX_SOFTWARE of sysexits.h. */
    public static final int EXIT_CODE = 70;

    private static final List<Runnable> CLEANUPS = new CopyOnWriteArrayList<>();

    private NativeAbort() {}

    /** Something to be run no longer when it is closed. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Registers what has to be done if native code aborts, such as deleting a temporary file.
     *
     * @param cleanup runs on the thread that failed, while others go on; short, and without waiting for any of them
     */
    public static Registration onAbort(Runnable cleanup) {
        CLEANUPS.add(cleanup);
        return () -> CLEANUPS.remove(cleanup);
    }

    static void install() {
        Llama.ggml_set_abort_callback(ggml_abort_callback_t.allocate(NativeAbort::aborted, Arena.global()));
    }

    private static void aborted(MemorySegment message) {
        try {
            report(message.address() == 0 ? "no message" : message.getString(0));
            for (Runnable cleanup : CLEANUPS) {
                runSafely(cleanup);
            }
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** Past System.err: another thread may hold its lock. */
    private static void report(String message) {
        String line = "expo-gguf: an assertion of ggml failed: " + message.strip().replace('\n', ' ') + "\n";
        try {
            new FileOutputStream(FileDescriptor.err).write(line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // nobody is listening, and this is the last chance to speak
        }
    }

    private static void runSafely(Runnable cleanup) {
        try {
            cleanup.run();
        } catch (Throwable _) {
            // the others still have to run
        }
    }
}
