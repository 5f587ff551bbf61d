package io.github.expogguf.nativelib;

import java.nio.file.Path;

/** The llama.cpp libraries of this JVM. */
public final class NativeLibrary {

    private static NativeLibrary loaded;

    private final Path directory;

    private NativeLibrary(Path directory) {
        this.directory = directory;
    }

    /** Loads the libraries, once; later calls return the same. Any thread may call. */
    public static synchronized NativeLibrary load() {
        if (loaded == null) {
            Path directory = Path.of("native/build/linux-x64").toAbsolutePath();
            for (String name : new String[] {"libggml-base.so", "libggml.v0.4.0.so", "libllama.v0.4.0.so"}) {
                System.load(directory.resolve(name).toString());
            }
            loaded = new NativeLibrary(directory);
        }
        return loaded;
    }

    /** Where the libraries were loaded from. */
    public Path directory() {
        return directory;
    }
}
