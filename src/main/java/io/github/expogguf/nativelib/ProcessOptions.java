package io.github.expogguf.nativelib;

/**
 * What loading llama.cpp changes for the whole process.
 *
 * @param crashHandlers whether failed assertions of ggml and C++ exceptions that nobody catches end the process with
 *                      one line and after cleaning up ({@link NativeAbort}); without, as ggml and the C++ library end
 *                      it
 * @param backtraces    whether ggml may start a debugger on this process to print a backtrace ({@link Backtraces})
 */
public record ProcessOptions(boolean crashHandlers, boolean backtraces) {

    /**
     * As the system properties {@code expo.gguf.crash.handlers} (true) and {@code expo.gguf.backtraces} (false) say.
     */
    public static ProcessOptions ofProperties() {
        return new ProcessOptions(
                Boolean.parseBoolean(System.getProperty("expo.gguf.crash.handlers", "true")),
                Boolean.getBoolean("expo.gguf.backtraces"));
    }
}
