package io.github.expogguf.runtime;

import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.ProcessOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The llama.cpp libraries that this copy of expo-gguf works with. Whatever needs them loads them, with
 * {@link RuntimeOptions#defaults}; an application that wants a say calls {@link #load(RuntimeOptions)} before. They are
 * opened by themselves, under names that no other build has, so that other bindings of llama.cpp may be in the process,
 * loaded before or after; several class loaders may each have a copy of expo-gguf, which share what is native and hear
 * of their own messages only. They stay loaded until the process ends. Any thread may call.
 */
public final class LlamaRuntime {

    private final NativeLibrary library;

    private LlamaRuntime(NativeLibrary library) {
        this.library = library;
    }

    /**
     * Loads the libraries, if that was not done before.
     *
     * @return the libraries of this process
     * @throws io.github.expogguf.NativeLibraryException if there are none that work here; the message lists every place
     */
    public static LlamaRuntime load() {
        return new LlamaRuntime(NativeLibrary.load());
    }

    /**
     * Loads the libraries. If that was done before, the first call's options stay.
     *
     * @param options where the libraries are, and what may be changed for the process
     * @return the libraries of this process
     * @throws io.github.expogguf.NativeLibraryException if there are none that work here; the message lists every place
     * @throws IllegalStateException                     if they were loaded from another directory than is asked for
     */
    public static LlamaRuntime load(RuntimeOptions options) {
        Objects.requireNonNull(options, "options");
        return new LlamaRuntime(NativeLibrary.load(
                "RuntimeOptions.directory",
                options.directory().orElse(null),
                new ProcessOptions(options.crashHandlers(), options.backtraces())));
    }

    /** {@return where the libraries are} */
    public Path directory() {
        return library.directory();
    }

    /** {@return what named that directory, or the package that bundled libraries come from} */
    public String origin() {
        return library.origin();
    }

    /** {@return the version of llama.cpp, as its library says it} */
    public String llamaVersion() {
        return library.llamaVersion();
    }

    /** {@return the version of ggml, as its library says it} */
    public String ggmlVersion() {
        return library.ggmlVersion();
    }

    /**
     * {@return what there is to compute on, the processor and GPUs, with what is free of their memory now; loads the
     * backends, if that was not done before}
     *
     * @throws io.github.expogguf.NativeLibraryException if there is nothing
     */
    public List<ComputeDevice> devices() {
        return library.devices();
    }

    /**
     * {@return what computes: every backend beside the libraries, and those that are built in, with the reason where
     * one could not be loaded; loads them, if that was not done before} A backend for a GPU that is not there, or whose
     * driver is missing, does not disturb the others.
     *
     * @throws io.github.expogguf.NativeLibraryException if none has a device
     */
    public List<ComputeBackend> backends() {
        return library.startBackends();
    }

    /** {@return both versions, and where the libraries are} */
    @Override
    public String toString() {
        return "llama.cpp " + llamaVersion() + " with ggml " + ggmlVersion() + " in " + directory();
    }
}
