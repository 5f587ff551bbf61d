package io.github.expogguf.nativelib;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * ggml prints a backtrace when something fails, for which it starts gdb or lldb, whichever the PATH has first, on this
 * process (ggml_print_backtrace in ggml.c, 0.25.1).
 */
final class Backtraces {

    /** Asked for when ggml is loaded, where it decides about C++ exceptions, and when an assertion fails. */
    private static final String VARIABLE = "GGML_NO_BACKTRACE";

    private Backtraces() {}

    /**
     * Turns them off, in the environment of the process, which {@link System#getenv} does not show; before ggml is
     * loaded. On Windows there are none, and no {@code setenv} either.
     */
    @SuppressWarnings("restricted") // downcalls are what this package is about
    static void turnOff() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
        if (setenv.isEmpty()) {
            return;
        }
        MethodHandle handle = linker.downcallHandle(
                setenv.get(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) handle.invokeExact(arena.allocateFrom(VARIABLE), arena.allocateFrom("1"), 1);
            if (result != 0) {
                throw new IllegalStateException("cannot set the environment variable " + VARIABLE);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
