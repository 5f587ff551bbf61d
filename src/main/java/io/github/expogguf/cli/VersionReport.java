package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.report.VectorModule;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.PinnedVersion;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.text.Words;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code version} says.
 *
 * @param library      the libraries, where they could be loaded
 * @param libraryError why they could not
 * @param backends     what computes, also where it could not be loaded
 * @param devices      what it computes on
 * @param vectorModule where the SIMD code stands
 */
record VersionReport(
        Optional<NativeLibrary> library,
        Optional<String> libraryError,
        List<ComputeBackend> backends,
        List<ComputeDevice> devices,
        VectorModule vectorModule) {

    private static final int TITLE = 15;

    static VersionReport collect(NativeFlags options) {
        VectorModule vectorModule = VectorModule.find();
        Optional<NativeLibrary> library = Optional.empty();
        try {
            NativeLibrary loaded = options.load();
            library = Optional.of(loaded);
            return new VersionReport(library, Optional.empty(), loaded.startBackends(), loaded.devices(), vectorModule);
        } catch (NativeLibraryException failure) {
            String error = Failures.describe(failure);
            return new VersionReport(library, Optional.of(error), List.of(), List.of(), vectorModule);
        }
    }

    /** @param columns of the terminal */
    void print(PrintStream out, int columns) {
        printList(out, columns, "expo-gguf", List.of(Versions.EXPO_GGUF));
        List<String> pinned =
                new ArrayList<>(List.of(PinnedVersion.LLAMA_CPP + ", ggml " + PinnedVersion.GGML + " (pinned)"));
        PinnedVersion.older().forEach(version -> pinned.add(version + " (works, too)"));
        printList(out, columns, "llama.cpp", pinned);
        printList(
                out,
                columns,
                "libraries",
                library.map(VersionReport::describe).orElse(List.of("none could be loaded")));
        printList(
                out,
                columns,
                "backends",
                backends.stream().map(VersionReport::describe).toList());
        printList(
                out,
                columns,
                "devices",
                devices.stream().map(VersionReport::describe).toList());
        printList(out, columns, "vector module", List.of(vectorModule.text()));
        printList(
                out,
                columns,
                "java",
                List.of(
                        System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor"),
                        System.getProperty("java.home")));
        printList(
                out,
                columns,
                "system",
                List.of(System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch") + ", "
                        + Units.count(Runtime.getRuntime().availableProcessors(), "core")));
        libraryError.ifPresent(error -> {
            out.println();
            error.lines().forEach(line -> Columns.printFinding(out, line));
        });
    }

    private static void printList(PrintStream out, int columns, String title, List<String> values) {
        String start = title;
        for (String value : values) {
            for (String line : Columns.ofWords(Printable.message(value), columns - TITLE)) {
                out.println(start + " ".repeat(TITLE - start.length()) + line);
                start = "";
            }
        }
    }

    private static String describe(ComputeBackend backend) {
        String from = backend.file()
                .map(file -> Path.of(file).getFileName().toString())
                .orElse("built in");
        return backend + (backend.reason().isPresent() ? "" : ", " + from);
    }

    private static String describe(ComputeDevice device) {
        return device
                + (device.totalBytes() == 0
                        ? ""
                        : ", " + Units.bytes(device.totalBytes()) + ", " + Units.bytes(device.freeBytes()) + " free");
    }

    private static List<String> describe(NativeLibrary loaded) {
        return List.of(
                "llama.cpp " + loaded.llamaVersion() + ", ggml " + loaded.ggmlVersion(),
                loaded.origin(),
                loaded.directory().toString());
    }

    JsonObject json() {
        JsonObject pinned = new JsonObject();
        pinned.addProperty("llamaCpp", PinnedVersion.LLAMA_CPP);
        pinned.addProperty("ggml", PinnedVersion.GGML);
        pinned.add("older", Json.strings(PinnedVersion.older()));

        JsonObject libraries = new JsonObject();
        libraries.addProperty("loaded", library.isPresent());
        libraries.addProperty(
                "llamaCpp", library.map(NativeLibrary::llamaVersion).orElse(null));
        libraries.addProperty("ggml", library.map(NativeLibrary::ggmlVersion).orElse(null));
        libraries.addProperty(
                "directory",
                library.map(loaded -> loaded.directory().toString()).orElse(null));
        libraries.addProperty(
                "origin", library.map(loaded -> loaded.origin().toString()).orElse(null));
        libraries.addProperty("error", libraryError.orElse(null));

        JsonObject document = Json.document("version");
        document.addProperty("version", Versions.EXPO_GGUF);
        document.add("pinned", pinned);
        document.add("libraries", libraries);
        document.add("backends", array(backends.stream().map(VersionReport::json)));
        document.add("devices", array(devices.stream().map(VersionReport::json)));
        document.addProperty("vectorModule", Words.hyphened(vectorModule));
        document.addProperty("java", System.getProperty("java.runtime.version"));
        document.addProperty("javaHome", System.getProperty("java.home"));
        document.addProperty("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        document.addProperty("architecture", System.getProperty("os.arch"));
        document.addProperty("cores", Runtime.getRuntime().availableProcessors());
        return document;
    }

    private static JsonArray array(Stream<JsonObject> objects) {
        JsonArray array = new JsonArray();
        objects.forEach(array::add);
        return array;
    }

    private static JsonObject json(ComputeBackend backend) {
        JsonObject object = new JsonObject();
        object.addProperty("name", backend.name());
        object.addProperty("file", backend.file().orElse(null));
        object.addProperty("loaded", backend.loaded());
        object.addProperty("devices", backend.devices());
        object.addProperty("reason", backend.reason().orElse(null));
        return object;
    }

    private static JsonObject json(ComputeDevice device) {
        JsonObject object = new JsonObject();
        object.addProperty("name", device.name());
        object.addProperty("description", device.description());
        object.addProperty("kind", Words.hyphened(device.kind()));
        object.addProperty("totalBytes", device.totalBytes());
        object.addProperty("freeBytes", device.freeBytes());
        return object;
    }
}
