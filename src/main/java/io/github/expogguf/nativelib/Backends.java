package io.github.expogguf.nativelib;

import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.bindings.Llama;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Loads the backends beside the libraries one by one, as ggml does with all of them at once, but hears why one cannot
 * be loaded, which ggml keeps to itself then.
 */
final class Backends {

    /** The best of several libraries is that which gives itself the most points; 0 is for another processor. */
    private static final String SCORE = "ggml_backend_score";

    private static final String OUT_OF_TREE = "GGML_BACKEND_PATH";

    /** ggml's part of the words: which function, which file. */
    private static final Pattern PREFIX = Pattern.compile("^load_backend: (failed to load \\S+: )?");

    private final Set<Long> registered = new HashSet<>(); // addresses of those that files brought
    private final List<ComputeBackend> all = new ArrayList<>();

    private Backends() {}

    /** Loads those of directories, and lists them with those that are built in. */
    static List<ComputeBackend> load(List<Path> directories) throws IOException {
        Backends backends = new Backends();
        for (BackendFiles each : BackendFiles.find(directories)) {
            backends.load(each.name(), best(each.files()));
        }
        String further = System.getenv(OUT_OF_TREE);
        if (further != null && !further.isEmpty()) {
            backends.load(OUT_OF_TREE, Path.of(further));
        }
        backends.addBuiltIn();
        return List.copyOf(backends.all);
    }

    private void load(String name, Path file) {
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture words = NativeLog.captureEverything()) {
            MemorySegment backend = Llama.ggml_backend_load(arena.allocateFrom(file.toString()));
            boolean loaded = backend.address() != 0;
            int devices = loaded ? Math.toIntExact(Llama.ggml_backend_reg_dev_count(backend)) : 0;
            registered.add(backend.address());
            Optional<String> reason = devices > 0 ? Optional.empty() : Optional.of(reason(words));
            ComputeBackend result = new ComputeBackend(name, Optional.of(file.toString()), loaded, devices, reason);
            all.add(result);
            if (devices == 0) {
                System.getLogger(NativeLog.LOGGER).log(System.Logger.Level.INFO, "backend " + result);
            }
        }
    }

    private static String reason(NativeLog.Capture words) {
        return words.lines().stream()
                .map(line -> PREFIX.matcher(line).replaceFirst(""))
                .filter(line -> !line.startsWith("loaded "))
                .findFirst()
                .map(line -> line.replaceFirst("[.]$", ""))
                .orElse("it gave no reason");
    }

    private void addBuiltIn() {
        LongStream.range(0, Llama.ggml_backend_reg_count())
                .mapToObj(Llama::ggml_backend_reg_get)
                .filter(backend -> !registered.contains(backend.address()))
                .forEach(backend -> all.add(new ComputeBackend(
                        Llama.ggml_backend_reg_name(backend).getString(0).toLowerCase(Locale.ROOT),
                        Optional.empty(),
                        true,
                        Math.toIntExact(Llama.ggml_backend_reg_dev_count(backend)),
                        Optional.empty())));
    }

    /** The library that suits this processor best; where none does, the first, whose loading will say so. */
    private static Path best(List<Path> files) {
        Path best = files.getFirst();
        int most = 0;
        for (Path file : files.size() == 1 ? List.<Path>of() : files) {
            int score = score(file);
            if (score > most) {
                most = score;
                best = file;
            }
        }
        return best;
    }

    @SuppressWarnings("restricted") // downcalls are what this package is about
    private static int score(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            @Nullable
            MemorySegment function = SymbolLookup.libraryLookup(file.toAbsolutePath(), arena)
                    .find(SCORE)
                    .orElse(null);
            return function == null
                    ? 1 // for every processor, so that any with points comes first
                    : (int) Linker.nativeLinker()
                            .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT))
                            .invokeExact();
        } catch (IllegalArgumentException _) {
            return 0; // it cannot be opened
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The devices of all that was loaded, with what is free of their memory now. */
    static List<ComputeDevice> devices() {
        return LongStream.range(0, Llama.ggml_backend_dev_count())
                .mapToObj(Llama::ggml_backend_dev_get)
                .map(Backends::device)
                .toList();
    }

    private static ComputeDevice device(MemorySegment device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            Llama.ggml_backend_dev_memory(device, free, total);
            return new ComputeDevice(
                    Llama.ggml_backend_dev_name(device).getString(0),
                    Llama.ggml_backend_dev_description(device).getString(0).strip(),
                    kind(Llama.ggml_backend_dev_type(device)),
                    Math.max(0, total.get(ValueLayout.JAVA_LONG, 0)),
                    Math.max(0, free.get(ValueLayout.JAVA_LONG, 0)));
        }
    }

    private static ComputeDevice.Kind kind(int type) {
        if (type == Llama.GGML_BACKEND_DEVICE_TYPE_CPU()) {
            return ComputeDevice.Kind.CPU;
        } else if (type == Llama.GGML_BACKEND_DEVICE_TYPE_GPU()) {
            return ComputeDevice.Kind.GPU;
        } else if (type == Llama.GGML_BACKEND_DEVICE_TYPE_IGPU()) {
            return ComputeDevice.Kind.INTEGRATED_GPU;
        } else if (type == Llama.GGML_BACKEND_DEVICE_TYPE_ACCEL()) {
            return ComputeDevice.Kind.ACCELERATOR;
        }
        return ComputeDevice.Kind.OTHER;
    }
}
