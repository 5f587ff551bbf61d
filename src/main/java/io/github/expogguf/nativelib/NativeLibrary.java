package io.github.expogguf.nativelib;

import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.bindings.Llama;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The llama.cpp libraries of this JVM: found, checked and loaded once. Where they are looked for, in this order: the
 * directory given to {@link #load(Path)}, the system property {@code expo.gguf.lib.path}, the environment variables
 * {@code EXPO_GGUF_LIB_PATH} and {@code LLAMA_CPP_LIB_PATH}, the libraries bundled with the classes. A place that is
 * named and cannot be used is an error; no later one takes over.
 */
public final class NativeLibrary {

    private static NativeLibrary loaded;
    private static NativeLibraryException failure;

    private final Path directory;
    private final String origin;
    private List<String> devices;

    private NativeLibrary(Path directory, String origin) {
        this.directory = directory;
        this.origin = origin;
    }

    /**
     * Loads the libraries, once; later calls return the same, or fail in the same way. Any thread may call.
     *
     * @throws NativeLibraryException if there are none that work here; the message lists every place
     */
    public static synchronized NativeLibrary load() {
        if (loaded == null) {
            loaded = loadFrom(null);
        }
        return loaded;
    }

    /**
     * Loads the libraries of a directory, before any other call has loaded others.
     *
     * @param directory holds the ggml-base, ggml and llama libraries of llama.cpp v0.4.0, and its backends
     * @throws NativeLibraryException if they cannot be used
     * @throws IllegalStateException  if libraries of another directory are loaded already
     */
    public static synchronized NativeLibrary load(Path directory) {
        Path wanted = directory.toAbsolutePath().normalize();
        if (loaded == null) {
            loaded = loadFrom(wanted);
        } else if (!loaded.directory.equals(wanted)) {
            throw new IllegalStateException(
                    "llama.cpp is loaded from " + loaded.directory + " already and cannot be loaded from " + wanted);
        }
        return loaded;
    }

    private static NativeLibrary loadFrom(Path explicit) {
        if (failure != null) {
            throw failure; // native code may be there in part; it cannot be unloaded
        }
        Platform platform = Platform.host();
        LibrarySearch search = new LibrarySearch(explicit, System::getProperty, System::getenv);
        try {
            NativeLibrary library = find(search.chosen(), platform);
            LibraryFiles files = LibraryFiles.find(library.directory, platform);
            Backtraces.turnOff();
            files.load(NativeLibrary::checkGgml);
            refuse(LibraryCheck.versionDifferences("llama.cpp", PinnedVersion.LLAMA_CPP, library.llamaVersion()));
            NativeLog.install();
            return library;
        } catch (IOException | RuntimeException | LinkageError e) {
            failure = new NativeLibraryException(search.report(platform, system(), e.getMessage()), e);
            throw failure;
        }
    }

    private static String system() {
        return Stream.of("os.name", "os.version", "os.arch").map(System::getProperty).collect(Collectors.joining(" "));
    }

    private static NativeLibrary find(LibrarySearch.Place place, Platform platform) throws IOException {
        if (place.isNamed()) {
            return new NativeLibrary(place.directory().toAbsolutePath().normalize(), place.name());
        }
        BundledLibraries bundled = new BundledLibraries(NativeLibrary.class.getClassLoader(), platform);
        FileList list = bundled.list();
        Path directory = bundled.directory(
                list, () -> CacheDirectory.locate(platform, System::getProperty, System::getenv));
        return new NativeLibrary(directory, LibrarySearch.BUNDLED + ", from " + list.origin());
    }

    private static void checkGgml() {
        refuse(LibraryCheck.versionDifferences("ggml", PinnedVersion.GGML, versionOf(Llama::ggml_version)));
        NativeAbort.install();
        refuse(LibraryCheck.typeDifferences(Llama.GGML_TYPE_COUNT(), LibraryCheck.TypeTraits::ofLibrary));
    }

    private static void refuse(List<String> differences) {
        if (!differences.isEmpty()) {
            throw new NativeLibraryException(String.join("; ", differences));
        }
    }

    private static String versionOf(Supplier<MemorySegment> function) {
        try {
            return function.get().getString(0);
        } catch (ExceptionInInitializerError _) {
            return "of an unknown older version"; // there is no such function
        }
    }

    /** Where the libraries were loaded from. */
    public Path directory() {
        return directory;
    }

    /** What named that directory, or the package that the bundled libraries come from. */
    public String origin() {
        return origin;
    }

    /** Version of ggml, as the library says it. */
    public String ggmlVersion() {
        return versionOf(Llama::ggml_version);
    }

    /** Version of llama.cpp, as the library says it. */
    public String llamaVersion() {
        return versionOf(Llama::llama_version);
    }

    /**
     * Loads what computes (the best of the CPU variants beside the libraries, and GPUs where the build has them) and
     * initialises llama.cpp, once. Inference needs this; quantizing does not. Any thread may call.
     *
     * @return the devices, as {@code CPU: name of the processor}
     * @throws NativeLibraryException if there is no device
     */
    public synchronized List<String> startBackends() {
        if (devices == null) {
            try (Arena arena = Arena.ofConfined(); NativeLog.Capture words = NativeLog.capture()) {
                if (Llama.ggml_backend_reg_count() == 0) { // a build without loadable backends has them from the start
                    Llama.ggml_backend_load_all_from_path(arena.allocateFrom(directory.toString()));
                }
                List<String> found = listDevices();
                if (found.isEmpty()) {
                    throw new NativeLibraryException(
                            directory + " holds no backend that works on this processor: " + words.text());
                }
                Llama.llama_backend_init();
                devices = found;
            }
        }
        return devices;
    }

    private static List<String> listDevices() {
        return LongStream.range(0, Llama.ggml_backend_dev_count())
                .mapToObj(Llama::ggml_backend_dev_get)
                .map(device -> Llama.ggml_backend_dev_name(device).getString(0) + ": "
                        + Llama.ggml_backend_dev_description(device).getString(0).strip())
                .toList();
    }
}
