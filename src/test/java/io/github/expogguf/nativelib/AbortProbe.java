package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Symbols;
import io.github.expogguf.runtime.LlamaRuntime;
import io.github.expogguf.runtime.RuntimeOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Main class: calls {@code ggml_abort} (ggml.h), as an assertion of ggml that fails does, while a temporary file
 * exists, or without what this project does then: {@code FILE default}, {@code FILE declined [backtraces]}, or
 * {@code unprotected DIRECTORY}.
 */
final class AbortProbe {

    private AbortProbe() {}

    public static void main(String[] arguments) throws Throwable {
        if (arguments[0].equals("unprotected")) {
            LibraryFiles.find(Path.of(arguments[1]), Platform.host()).load(() -> {});
        } else {
            RuntimeOptions options = RuntimeOptions.defaults();
            if (arguments[1].equals("declined")) {
                options = options.withCrashHandlers(false).withBacktraces(arguments.length > 2);
            }
            LlamaRuntime.load(options);
            registerCleanups(Path.of(arguments[0]));
        }
        try (NativeWork _ = NativeWork.begin(() -> "something around it");
                NativeWork _ = NativeWork.begin(() -> "a probe")) {
            abort();
        }
    }

    /** Does not return. */
    static void abort() {
        MethodHandle abort = Linker.nativeLinker()
                .downcallHandle(
                        Symbols.find("ggml_abort").orElseThrow(),
                        FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(3));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocateFrom("probe.c");
            abort.invokeExact(file, 4711, arena.allocateFrom("GGML_ASSERT(a probe) failed"));
        } catch (Throwable e) {
            throw new AssertionError(e);
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
