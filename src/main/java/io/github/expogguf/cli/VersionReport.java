package io.github.expogguf.cli;

import com.google.gson.JsonObject;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.PinnedVersion;
import io.github.expogguf.plan.recipe.Versions;
import java.io.PrintStream;
import java.lang.module.ModuleFinder;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code version} says.
 *
 * @param library      the libraries, where they could be loaded
 * @param libraryError why they could not
 * @param vectorModule where the SIMD code stands
 */
record VersionReport(Optional<NativeLibrary> library, Optional<String> libraryError, VectorModule vectorModule) {

    /** The JDK's incubator module for SIMD code. This command does not need it and is started without. */
    private enum VectorModule {
        ON("on"),
        AVAILABLE("available; commands that compute are started with it"),
        MISSING("missing in this Java; plain code serves");

        private static final String NAME = "jdk.incubator.vector";

        private final String text;

        VectorModule(String text) {
            this.text = text;
        }

        static VectorModule find() {
            try {
                Class.forName(NAME + ".FloatVector", false, VersionReport.class.getClassLoader());
                return ON;
            } catch (ClassNotFoundException _) {
                return ModuleFinder.ofSystem().find(NAME).isPresent() ? AVAILABLE : MISSING;
            }
        }
    }

    static VersionReport collect(NativeFlags options) {
        VectorModule vectorModule = VectorModule.find();
        try {
            return new VersionReport(Optional.of(options.load()), Optional.empty(), vectorModule);
        } catch (NativeLibraryException failure) {
            return new VersionReport(Optional.empty(), Optional.of(Failures.describe(failure)), vectorModule);
        }
    }

    void print(PrintStream out) {
        out.println("expo-gguf      " + Versions.EXPO_GGUF);
        out.println("llama.cpp      " + PinnedVersion.LLAMA_CPP + ", ggml " + PinnedVersion.GGML + " (pinned)");
        PinnedVersion.older().forEach(version -> out.println("               " + version + " (works, too)"));
        out.println("libraries      " + library.map(VersionReport::describe).orElse("none could be loaded"));
        out.println("vector module  " + vectorModule.text);
        out.println("java           " + System.getProperty("java.runtime.version") + ", "
                + System.getProperty("java.vendor") + ", " + System.getProperty("java.home"));
        out.println("system         " + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + System.getProperty("os.arch") + ", "
                + Units.plural(Runtime.getRuntime().availableProcessors(), "core"));
        libraryError.ifPresent(error -> out.println(System.lineSeparator() + error));
    }

    private static String describe(NativeLibrary loaded) {
        return "llama.cpp " + loaded.llamaVersion() + ", ggml " + loaded.ggmlVersion() + ", " + loaded.origin()
                + ", in " + loaded.directory();
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
        document.addProperty("vectorModule", vectorModule.name().toLowerCase(Locale.ROOT));
        document.addProperty("java", System.getProperty("java.runtime.version"));
        document.addProperty("javaHome", System.getProperty("java.home"));
        document.addProperty("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        document.addProperty("architecture", System.getProperty("os.arch"));
        document.addProperty("cores", Runtime.getRuntime().availableProcessors());
        return document;
    }
}
