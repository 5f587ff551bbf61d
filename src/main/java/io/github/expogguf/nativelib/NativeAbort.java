package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_abort_callback_t;
import io.github.expogguf.text.Escape;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The last resort. When an assertion of ggml fails, or a C++ exception leaves native code, the process ends, whatever
 * anyone does; without this it would end in a core dump and a debugger's backtrace. Here it ends with one line on
 * stderr that says what was being done ({@link NativeWork}) and what failed, after what was registered has run, and
 * with exit code {@value #EXIT_CODE}; shutdown hooks do not run. It is no way to report errors: inputs are checked
 * before native code sees them.
 *
 * <p>The handler for C++ exceptions is the whole process's. An application that wants one of its own sets it after
 * {@link NativeLibrary#load}, or declines both handlers in its {@link ProcessOptions}. Where several class loaders have
 * these classes, the first one's handler does what all have registered.
 */
public final class NativeAbort {

    /** Exit code of a process that ends this way; EX_SOFTWARE of sysexits.h. */
    public static final int EXIT_CODE = 70;

    private static final List<Runnable> CLEANUPS = new CopyOnWriteArrayList<>();
    private static final SharedHandlers ENDS = SharedHandlers.ofProcess("end");
    private static final AtomicBoolean ENDING = new AtomicBoolean();

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

    /** Takes over; ggml's base library has been loaded. */
    static void install() {
        Map<String, Object> functions = Map.of(
                "isMine", (BooleanSupplier) () -> NativeWork.isOf(Thread.currentThread()),
                "work", (Supplier<String>) NativeAbort::work,
                "cleanup", (Runnable) () -> CLEANUPS.forEach(NativeAbort::runSafely));
        ENDS.add(functions, () -> UncaughtException.install(NativeAbort::end));
        SharedHandlers.ofLibraries("abort").add(Map.of(), NativeAbort::takeOver);
    }

    private static void takeOver() {
        Llama.ggml_set_abort_callback(ggml_abort_callback_t.allocate(NativeAbort::aborted, Arena.global()));
    }

    private static void aborted(MemorySegment message) {
        end(message.address() == 0 ? "no message" : message.getString(0));
    }

    /** Does not return: native code would abort the process then. */
    private static void end(String message) {
        if (!ENDING.compareAndSet(false, true)) {
            waitForTheEnd();
        }
        try {
            report(message);
            ENDS.all().forEach(copy -> runSafely(() -> copy.run("cleanup")));
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** Another thread failed first and is cleaning up. */
    private static void waitForTheEnd() {
        while (true) {
            LockSupport.park();
        }
    }

    /** Past System.err: another thread may hold its lock. */
    private static void report(String message) {
        String line = "expo-gguf: error: " + allWork() + "llama.cpp gave up: " + Escape.text(message.strip()) + "\n";
        try {
            new FileOutputStream(FileDescriptor.err).write(line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // nobody is listening, and this is the last chance to speak
        }
    }

    /** That of the copy of these classes whose thread this is; else of all. */
    private static String allWork() {
        List<SharedHandlers.Copy> all = ENDS.all();
        return all.stream().filter(SharedHandlers.Copy::isMine).findFirst().map(List::of).orElse(all).stream()
                .map(copy -> copy.get("work"))
                .collect(Collectors.joining());
    }

    private static String work() {
        try {
            List<String> work = NativeWork.of(Thread.currentThread());
            return work.isEmpty() ? "" : String.join("; ", work) + ": ";
        } catch (Throwable _) {
            return ""; // the message itself is worth more
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
