package io.github.expogguf.runtime;

import io.github.expogguf.nativelib.ProcessOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** How llama.cpp is loaded, and what that changes for the whole process. */
public final class RuntimeOptions {

    private final Values values;

    private record Values(Optional<Path> directory, boolean crashHandlers, boolean backtraces) {}

    private RuntimeOptions(Values values) {
        this.values = values;
    }

    /**
     * Options that differ from {@linkplain #defaults the defaults} as set on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return the usual places; crash handlers and no backtraces, unless the system properties
     * {@code expo.gguf.crash.handlers} and {@code expo.gguf.backtraces} say otherwise}
     */
    public static RuntimeOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.directory = values.directory;
        builder.crashHandlers = values.crashHandlers;
        builder.backtraces = values.backtraces;
        return builder;
    }

    /**
     * Holds the ggml-base, ggml and llama libraries of a supported version and its backends; empty for what
     * {@code expo.gguf.lib.path}, {@code EXPO_GGUF_LIB_PATH} or {@code LLAMA_CPP_LIB_PATH} name, or the bundled ones.
     *
     * @return where the libraries are; empty to look for them
     */
    public Optional<Path> directory() {
        return values.directory;
    }

    /**
     * {@return whether an assertion of ggml that fails, or a C++ exception that nothing catches, ends the process with
     * one line on stderr and exit code 70, after unfinished files were removed} It sets ggml's abort callback, which no
     * other build of llama.cpp notices, and the process's {@code std::terminate} handler, which other native code may
     * want to have. Without them the process ends as ggml and the C++ library end it, with a core dump, and files that
     * begin with a dot stay beside outputs.
     */
    public boolean crashHandlers() {
        return values.crashHandlers;
    }

    /**
     * {@return whether ggml may start gdb or lldb on this process then, to print a backtrace} If not, the environment
     * variable {@code GGML_NO_BACKTRACE} is set in the process, for all builds of llama.cpp.
     */
    public boolean backtraces() {
        return values.backtraces;
    }

    /**
     * Same, from this directory and from nowhere else.
     *
     * @param directory as {@link #directory} has it
     * @return new options; these stay as they are
     */
    public RuntimeOptions withDirectory(Path directory) {
        return toBuilder().directory(directory).build();
    }

    /**
     * Same, with crash handlers or without.
     *
     * @param crashHandlers as {@link #crashHandlers} has it
     * @return new options; these stay as they are
     */
    public RuntimeOptions withCrashHandlers(boolean crashHandlers) {
        return toBuilder().crashHandlers(crashHandlers).build();
    }

    /**
     * Same, with backtraces or without.
     *
     * @param backtraces as {@link #backtraces} has it
     * @return new options; these stay as they are
     */
    public RuntimeOptions withBacktraces(boolean backtraces) {
        return toBuilder().backtraces(backtraces).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RuntimeOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "RuntimeOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private Optional<Path> directory = Optional.empty();
        private boolean crashHandlers = ProcessOptions.ofProperties().crashHandlers();
        private boolean backtraces = ProcessOptions.ofProperties().backtraces();

        private Builder() {}

        /**
         * Where the libraries are, and nowhere else.
         *
         * @param directory as {@link RuntimeOptions#directory} has it
         * @return this builder
         */
        public Builder directory(Path directory) {
            this.directory = Optional.of(Objects.requireNonNull(directory, "directory"));
            return this;
        }

        /**
         * Whether a crash of native code ends the process with one line on stderr, and removes unfinished files.
         *
         * @param crashHandlers as {@link RuntimeOptions#crashHandlers} has it
         * @return this builder
         */
        public Builder crashHandlers(boolean crashHandlers) {
            this.crashHandlers = crashHandlers;
            return this;
        }

        /**
         * Whether ggml may start a debugger on this process when it gives up.
         *
         * @param backtraces as {@link RuntimeOptions#backtraces} has it
         * @return this builder
         */
        public Builder backtraces(boolean backtraces) {
            this.backtraces = backtraces;
            return this;
        }

        /** {@return the options} */
        public RuntimeOptions build() {
            return new RuntimeOptions(new Values(directory, crashHandlers, backtraces));
        }
    }
}
