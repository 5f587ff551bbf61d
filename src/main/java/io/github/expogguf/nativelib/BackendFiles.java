package io.github.expogguf.nativelib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The libraries of one backend: one, or one for each kind of processor ({@code libggml-cpu-haswell.so}).
 *
 * @param name {@code cpu}, {@code vulkan} and so on
 */
record BackendFiles(String name, List<Path> files) {

    /**
     * The order in which ggml loads them (ggml_backend_load_all_from_path, ggml-backend-reg.cpp 0.25.1): of two
     * backends that know the same GPU, the first has it.
     */
    private static final List<String> ORDER = List.of(
            "blas",
            "zendnn",
            "cann",
            "cuda",
            "hip",
            "metal",
            "rpc",
            "sycl",
            "vulkan",
            "virtgpu",
            "opencl",
            "hexagon",
            "musa",
            "openvino",
            "cpu");

    private static final Pattern FILE = Pattern.compile("(?:lib)?ggml-([a-z0-9]+)(?:-[\\w-]+)?[.](?:so|dll|dylib)");
    private static final String BASE = "base"; // libggml-base.so is none

    BackendFiles {
        files = List.copyOf(files);
    }

    /** Those that lie in directories, in the order in which they are to be loaded. */
    static List<BackendFiles> find(List<Path> directories) throws IOException {
        TreeMap<String, List<Path>> found =
                new TreeMap<>(Comparator.comparingInt(BackendFiles::place).thenComparing(Comparator.naturalOrder()));
        for (Path directory : directories) {
            try (Stream<Path> entries = Files.list(directory)) {
                for (Path file : entries.sorted().toList()) {
                    Matcher name = FILE.matcher(file.getFileName().toString());
                    if (name.matches() && !name.group(1).equals(BASE)) {
                        found.computeIfAbsent(name.group(1), _ -> new ArrayList<>())
                                .add(file);
                    }
                }
            }
        }
        return found.entrySet().stream()
                .map(entry -> new BackendFiles(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static int place(String name) {
        int place = ORDER.indexOf(name);
        return place < 0 ? ORDER.indexOf("cpu") : place; // one that is not known: before or beside the processor's
    }
}
