package io.github.expogguf.runtime;

import io.github.expogguf.nativelib.ProcessOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * How llama.cpp is loaded, and what that changes for the whole process.
 *
 * @param directory     holds the ggml-base, ggml and llama libraries of a supported version and its backends; empty for
 *                      what {@code expo.gguf.lib.path}, {@code EXPO_GGUF_LIB_PATH} or {@code LLAMA_CPP_LIB_PATH} name,
 *                      or the bundled ones
 * @param crashHandlers whether an assertion of ggml that fails, or a C++ exception that nothing catches, ends the
 *                      process with one line on stderr and exit code 70, after unfinished files were removed. It sets
 *                      ggml's abort callback, which no other build of llama.cpp notices, and the process's {@code
 *                      std::terminate} handler, which other native code may want to have. Without them the process
 *                      ends as ggml and the C++ library end it, with a core dump, and files that begin with a dot stay
 *                      beside outputs
 * @param backtraces    whether ggml may start gdb or lldb on this process then, to print a backtrace. If not, the
 *                      environment variable {@code GGML_NO_BACKTRACE} is set in the process, for all builds of
 *                      llama.cpp
 */
public record RuntimeOptions(Optional<Path> directory, boolean crashHandlers, boolean backtraces) {

    /**
     * The usual places; crash handlers and no backtraces, unless the system properties {@code expo.gguf.crash.handlers}
     * and {@code expo.gguf.backtraces} say otherwise.
     */
    public static RuntimeOptions defaults() {
        ProcessOptions process = ProcessOptions.ofProperties();
        return new RuntimeOptions(Optional.empty(), process.crashHandlers(), process.backtraces());
    }

    /** Same, from this directory and from nowhere else. */
    public RuntimeOptions withDirectory(Path value) {
        return new RuntimeOptions(Optional.of(Objects.requireNonNull(value, "value")), crashHandlers, backtraces);
    }

    /** Same, with crash handlers or without. */
    public RuntimeOptions withCrashHandlers(boolean value) {
        return new RuntimeOptions(directory, value, backtraces);
    }

    /** Same, with backtraces or without. */
    public RuntimeOptions withBacktraces(boolean value) {
        return new RuntimeOptions(directory, crashHandlers, value);
    }
}
