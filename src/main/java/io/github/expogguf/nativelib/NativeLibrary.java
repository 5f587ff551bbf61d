package io.github.expogguf.nativelib;

import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_tensor;
import io.github.expogguf.bindings.ggml_type_traits;
import io.github.expogguf.bindings.gguf_init_params;
import io.github.expogguf.bindings.llama_batch;
import io.github.expogguf.bindings.llama_chat_message;
import io.github.expogguf.bindings.llama_context_params;
import io.github.expogguf.bindings.llama_model_kv_override;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.bindings.llama_sampler_chain_params;
import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The llama.cpp libraries of this JVM: found, checked and loaded once. Where they are looked for, in this order: the
 * directory given to {@link #load(String, Path)}, the system property {@code expo.gguf.lib.path}, the environment
 * variables {@code EXPO_GGUF_LIB_PATH} and {@code LLAMA_CPP_LIB_PATH}, the libraries bundled with the classes. A place
 * that is named and cannot be used is an error; no later one takes over.
 */
public final class NativeLibrary {

    private static @Nullable NativeLibrary loaded;
    private static @Nullable NativeLibraryException failure;
    private static final AtomicBoolean toldOfDenial = new AtomicBoolean();

    private final Path directory;
    private final String origin;
    private @Nullable LlamaVersion version; // null until it is checked
    private @Nullable List<ComputeBackend> backends; // null until they are loaded

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
            loaded = loadFrom(null, ProcessOptions.ofProperties());
        }
        return loaded;
    }

    /**
     * Loads the libraries of a directory that the user can name, before any other call has loaded others.
     *
     * @param name      what the user calls it, for messages
     * @param directory null if the user names none, and the other places are meant; holds the ggml-base, ggml and llama
     *                  libraries of a supported version of llama.cpp, and its backends
     * @throws NativeLibraryException if they cannot be used
     * @throws IllegalStateException  if libraries of another directory are loaded already
     */
    public static NativeLibrary load(String name, @Nullable Path directory) {
        return load(name, directory, ProcessOptions.ofProperties());
    }

    /** Same, with a say in what that changes for the process, if it is the first call. */
    public static synchronized NativeLibrary load(String name, @Nullable Path directory, ProcessOptions process) {
        Path wanted = directory == null ? null : directory.toAbsolutePath().normalize();
        if (loaded == null) {
            loaded = loadFrom(new LibrarySearch.Place(name, wanted == null ? "" : wanted.toString()), process);
        } else if (wanted != null && !loaded.directory.equals(wanted)) {
            throw new IllegalStateException(
                    "llama.cpp is loaded from " + loaded.directory + " already and cannot be loaded from " + wanted);
        }
        return loaded;
    }

    /**
     * Same as {@link #load()}, but empty where no place is named and there are none to use: none are bundled for this
     * platform, or this Java denies native access, of which a log line tells once. Those that are there and do not work
     * are an error here, too.
     */
    public static Optional<NativeLibrary> loadIfAny() {
        return ifAny(NativeLibrary::load);
    }

    /** Same, from a directory that the user can name. */
    public static Optional<NativeLibrary> loadIfAny(String name, @Nullable Path directory) {
        return ifAny(() -> load(name, directory));
    }

    private static Optional<NativeLibrary> ifAny(Supplier<NativeLibrary> load) {
        try {
            return Optional.of(load.get());
        } catch (NativeLibraryException e) {
            if (!isNone(e)) {
                throw e;
            }
            if (isDenied(e) && !toldOfDenial.getAndSet(true)) {
                System.getLogger(NativeLog.LOGGER)
                        .log(System.Logger.Level.INFO, "llama.cpp's libraries are not used: " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    /**
     * Same as {@link #load()}; where there are none to use, the message begins with what needs them.
     *
     * @param need as in {@code Q4_K needs llama.cpp's libraries}
     */
    public static NativeLibrary loadFor(String need) {
        try {
            return load();
        } catch (NativeLibraryException e) {
            throw isNone(e) ? new NativeLibraryException(need + "; " + e.getMessage(), e) : e;
        }
    }

    private static boolean isNone(NativeLibraryException e) {
        return e.getCause() instanceof BundledLibraries.NoneException || isDenied(e);
    }

    private static boolean isDenied(NativeLibraryException e) {
        return e.getCause() instanceof DeniedException denied && !denied.named;
    }

    /** Why libraries that are bundled are not used, where it is because this Java denies native access. */
    public static Optional<String> denial() {
        try {
            load();
            return Optional.empty();
        } catch (NativeLibraryException e) {
            return isDenied(e) ? Optional.of(e.getMessage()) : Optional.empty();
        }
    }

    @SuppressWarnings("StaticAssignmentOfThrowable") // the next call has to fail in the same way
    private static NativeLibrary loadFrom(LibrarySearch.@Nullable Place given, ProcessOptions process) {
        if (failure != null) {
            throw failure; // native code may be there in part; it cannot be unloaded
        }
        Platform platform = Platform.host();
        LibrarySearch search = new LibrarySearch(given, System::getProperty, System::getenv);
        try {
            NativeLibrary library = find(search.chosen(), platform);
            LibraryFiles files = LibraryFiles.find(library.directory, platform);
            if (!process.backtraces()) {
                Backtraces.turnOff();
            }
            files.load(() -> checkGgml(process));
            library.checkLlama();
            NativeLog.install();
            return library;
        } catch (BundledLibraries.NoneException e) { // nothing was loaded; a directory may be named later
            throw new NativeLibraryException(search.report(platform, system(), String.valueOf(e.getMessage())), e);
        } catch (DeniedException e) {
            throw new NativeLibraryException(String.valueOf(e.getMessage()), e);
        } catch (IOException | RuntimeException | LinkageError e) {
            failure = new NativeLibraryException(search.report(platform, system(), String.valueOf(e.getMessage())), e);
            throw failure;
        }
    }

    /** Before anything else needs it: the JVM's own words name neither the option nor who has to set it. */
    @SuppressWarnings({"restricted", "ReturnValueIgnored", "CheckReturnValue"}) // restricted as all that follows is
    private static void requireAccess(LibrarySearch.Place place) throws DeniedException {
        try {
            MemorySegment _ = MemorySegment.NULL.reinterpret(0);
        } catch (IllegalCallerException e) {
            throw new DeniedException(place.isNamed(), e);
        }
    }

    /** This Java denies native access. */
    private static final class DeniedException extends IOException {

        private static final long serialVersionUID = 1L;

        private final boolean named; // whether the libraries of a place that is named were to be loaded

        private DeniedException(boolean named, IllegalCallerException cause) {
            super(
                    "this Java was told to deny native access (--illegal-native-access=deny); start it with"
                            + " --enable-native-access="
                            + (NativeLibrary.class.getModule().isNamed()
                                    ? NativeLibrary.class.getModule().getName()
                                    : "ALL-UNNAMED"),
                    cause);
            this.named = named;
        }
    }

    private static String system() {
        return Stream.of("os.name", "os.version", "os.arch")
                .map(System::getProperty)
                .collect(Collectors.joining(" "));
    }

    private static NativeLibrary find(LibrarySearch.Place place, Platform platform) throws IOException {
        if (place.isNamed()) {
            requireAccess(place);
            return new NativeLibrary(place.directory().toAbsolutePath().normalize(), place.name());
        }
        BundledLibraries bundled = BundledLibraries.with(NativeLibrary.class, platform);
        FileList list = bundled.list();
        requireAccess(place);
        Path directory = bundled.directory(list, () -> CachePlaces.find(platform, System::getProperty, System::getenv));
        return new NativeLibrary(directory, LibrarySearch.BUNDLED + ", from " + list.origin());
    }

    private static void checkGgml(ProcessOptions process) {
        String version = versionOf(Llama::ggml_version);
        refuse(LibraryCheck.ggmlDifferences(SupportedVersions.all(), version));
        if (process.crashHandlers()) {
            NativeAbort.install();
        }
        refuse(LibraryCheck.typeDifferences(ofGgml(version).getFirst().types(), TypeTraits::ofLibrary));
    }

    private void checkLlama() {
        List<LlamaVersion> supported = ofGgml(ggmlVersion());
        refuse(LibraryCheck.llamaDifferences(supported, llamaVersion()));
        version = supported.stream()
                .filter(each -> each.isLlamaCpp(llamaVersion()))
                .findFirst()
                .orElseThrow();
        refuse(LibraryCheck.structDifferences(version, List.of(ggml_type_traits.layout(), gguf_init_params.layout())));
    }

    private LlamaVersion version() {
        return Objects.requireNonNull(version, "not checked");
    }

    private static List<LlamaVersion> ofGgml(String ggml) {
        return SupportedVersions.all().stream()
                .filter(version -> version.isGgml(ggml))
                .toList();
    }

    /** What inference hands over, and quantizing does not: the layouts take a while to be made. */
    private static List<GroupLayout> inferenceStructs() {
        return List.of(
                llama_model_params.layout(),
                llama_context_params.layout(),
                llama_batch.layout(),
                llama_chat_message.layout(),
                llama_sampler_chain_params.layout(),
                llama_model_kv_override.layout(),
                ggml_tensor.layout());
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
     * The version of llama.cpp that computes, in the words of its releases ({@code v0.5.0}): that of the libraries once
     * they are loaded, and until then the pinned one. Any thread may call.
     */
    public static synchronized String release() {
        return "v" + inUse().llamaCpp();
    }

    static synchronized LlamaVersion inUse() {
        return loaded == null ? SupportedVersions.pinned() : loaded.version();
    }

    /**
     * Loads what computes (the best of the CPU variants beside the libraries, and GPUs where the build has them) and
     * initialises llama.cpp, once. Inference needs this; quantizing does not. Any thread may call.
     *
     * @return all backends that are there, loaded or not
     * @throws NativeLibraryException if there is no device
     */
    public synchronized List<ComputeBackend> startBackends() {
        if (backends == null) {
            refuse(LibraryCheck.structDifferences(version(), inferenceStructs()));
            BindingCheck.requireNoneForEverybody(); // what is loaded here is linked now
            List<ComputeBackend> found = loadBackends();
            if (Llama.ggml_backend_dev_count() == 0) {
                throw new NativeLibraryException(
                        directory + " holds no backend that works on this processor: " + words(found));
            }
            Llama.llama_backend_init();
            backends = found;
        }
        return backends;
    }

    private List<ComputeBackend> loadBackends() {
        List<Path> directories = new ArrayList<>(List.of(directory));
        List<ComputeBackend> found = new ArrayList<>();
        if (origin.startsWith(LibrarySearch.BUNDLED)) { // those of a directory that is named have their own beside them
            Platform platform = Platform.host();
            BundledLibraries.backends(NativeLibrary.class, platform).forEach((name, bundle) -> {
                try {
                    directories.add(bundle.directory(
                            bundle.list(), () -> CachePlaces.find(platform, System::getProperty, System::getenv)));
                } catch (IOException e) {
                    found.add(new ComputeBackend(
                            name, Optional.empty(), false, 0, Optional.of(String.valueOf(e.getMessage()))));
                }
            });
        }
        try {
            found.addAll(Backends.load(directories));
        } catch (IOException e) {
            throw new NativeLibraryException(directories + " cannot be searched for backends: " + e, e);
        }
        return List.copyOf(found);
    }

    private static String words(List<ComputeBackend> found) {
        return found.isEmpty()
                ? "there is none"
                : found.stream().map(ComputeBackend::toString).collect(Collectors.joining("; "));
    }

    /**
     * What there is to compute on, the processor and GPUs, with what is free of their memory now.
     *
     * @throws NativeLibraryException if there is no device
     */
    public List<ComputeDevice> devices() {
        startBackends();
        return Backends.devices();
    }
}
