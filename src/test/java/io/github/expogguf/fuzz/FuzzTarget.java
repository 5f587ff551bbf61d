package io.github.expogguf.fuzz;

import io.github.expogguf.score.JsonLinesFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What is fuzzed. */
public enum FuzzTarget {
    /** GGUF headers, by our reader and ggml's. */
    HEADER(HeaderFuzz.class, HeaderFuzz::fuzzerTestOneInput),
    /** Importance matrices of both formats. */
    IMATRIX(ImatrixFuzz.class, ImatrixFuzz::fuzzerTestOneInput),
    /** Chat templates. */
    TEMPLATE(TemplateFuzz.class, TemplateFuzz::fuzzerTestOneInput),
    /** Printing of metadata and tensors. */
    INSPECT(InspectFuzz.class, InspectFuzz::fuzzerTestOneInput),
    /** Files of prompts and preferences. */
    LINES(JsonLinesFuzz.class, JsonLinesFuzz::fuzzerTestOneInput),
    /** LoRA adapters. */
    ADAPTER(AdapterFuzz.class, AdapterFuzz::fuzzerTestOneInput),
    /** Folders of Hugging Face and of PEFT. */
    CHECKPOINT(CheckpointFuzz.class, CheckpointFuzz::fuzzerTestOneInput),
    /** Recipes in YAML and in models. */
    RECIPE(RecipeFuzz.class, RecipeFuzz::fuzzerTestOneInput),
    /** The command from file to file. */
    COMMAND(CommandFuzz.class, CommandFuzz::fuzzerTestOneInput);

    private static final Path FILES = Path.of("src", "fuzz");

    private final Class<?> type;
    private final Consumer<byte[]> method;

    FuzzTarget(Class<?> type, Consumer<byte[]> method) {
        this.type = type;
        this.method = method;
    }

    /** The class whose {@code fuzzerTestOneInput} a fuzzer calls. */
    Class<?> type() {
        return type;
    }

    /** Runs the target on one input; throws where a promise is broken. */
    void run(byte[] data) {
        method.accept(data);
    }

    /** As in {@code header}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Small good files to begin with. */
    Path seeds() {
        return FILES.resolve("seeds").resolve(label());
    }

    /** Every input that ever broke a promise. */
    Path findings() {
        return FILES.resolve("findings").resolve(label());
    }

    /** Seeds and findings. */
    List<Path> inputs() throws IOException {
        try (Stream<Path> seeds = list(seeds());
                Stream<Path> findings = list(findings())) {
            return Stream.concat(seeds, findings).sorted().toList();
        }
    }

    private static Stream<Path> list(Path directory) throws IOException {
        return Files.isDirectory(directory) ? Files.list(directory) : Stream.empty();
    }
}
