package io.github.expogguf.cli.files;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.SplitNames;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.CheckpointTokens;
import io.github.expogguf.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Looks at a folder as Hugging Face's clients download it. */
final class ModelFolder {

    private static final String EXTENSION = ".safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    static final String ADAPTER_CONFIG = "adapter_config.json";
    private static final String ADAPTER_MODEL = "adapter_model.safetensors";
    private static final String WITHOUT_CONFIG =
            " without config.json, which says heads, rotary embeddings and epsilons (download it, too): ";
    private static final long MAX_JSON_BYTES = 64 << 20;

    private final Path folder;
    private final List<Path> files;
    private final Map<String, Long> byType = new HashMap<>();
    private long bytes;

    ModelFolder(Path folder) throws IOException {
        this.folder = folder;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.sorted().toList();
        }
    }

    /** The models of a folder of GGUF files: each file, of a set the first that is there. */
    List<Path> ggufs() {
        Map<String, Path> first = new LinkedHashMap<>();
        for (Path file : files) {
            String name = name(file);
            if (name.endsWith(".gguf")) {
                first.putIfAbsent(SplitNames.prefix(name), file);
            }
        }
        return List.copyOf(first.values());
    }

    boolean isCheckpoint() {
        return has("config.json")
                || has(INDEX)
                || files.stream().anyMatch(file -> name(file).endsWith(EXTENSION));
    }

    FoundFile look() throws IOException {
        if (has(ADAPTER_CONFIG)) {
            return has("config.json") || has(ADAPTER_MODEL) || has(ADAPTER_MODEL + ".index.json") || hasPickle()
                    ? FoundFile.of(folder, FileKind.PEFT_FOLDER, "folder of a PEFT adapter" + adapter(), 0)
                    : withoutFactors();
        }
        if (has(ADAPTER_MODEL) && !has("config.json")) {
            return FoundFile.of(
                    folder,
                    FileKind.PEFT_WITHOUT_CONFIG,
                    "folder of a PEFT adapter without " + ADAPTER_CONFIG,
                    Files.size(folder.resolve(ADAPTER_MODEL)));
        }
        if (!isCheckpoint() && ggufs().isEmpty() && hasPickle()) {
            return pickle();
        }
        if (!isCheckpoint()) {
            return ggufs().isEmpty()
                    ? FoundFile.of(folder, FileKind.EMPTY_FOLDER, "a folder without a model", 0)
                    : FoundFile.of(folder, FileKind.GGUF_FOLDER, "a folder with GGUF files", 0);
        }
        List<Path> shards =
                files.stream().filter(file -> name(file).endsWith(EXTENSION)).toList();
        for (Path shard : shards) {
            FoundFile found = FileLook.of(shard);
            if (!found.kind().isUsable()
                    && found.kind() != FileKind.PART_OF_FOLDER
                    && found.kind() != FileKind.PEFT_WITHOUT_CONFIG) { // beside a whole model
                return new FoundFile(
                        folder,
                        found.kind(),
                        "folder of a Hugging Face model, in it " + name(shard) + ": " + found.text(),
                        found.bytes(),
                        found.expectedBytes(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
            }
            bytes += found.bytes();
        }
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            return new FoundFile(
                    folder,
                    FileKind.SHARDS_MISSING,
                    "folder of a Hugging Face model" + (architecture().isEmpty() ? "" : " (" + architecture() + ")")
                            + " without " + FileLook.list(missing),
                    bytes,
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    missing);
        }
        if (shards.isEmpty()) {
            return hasPickle()
                    ? pickle()
                    : FoundFile.of(
                            folder, FileKind.SHARDS_MISSING, "folder of a Hugging Face model without .safetensors", 0);
        }
        List<Path> read;
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            read = checkpoint.files().stream().map(SafetensorsFile::path).toList();
        } catch (SafetensorsFormatException refusal) {
            return FoundFile.of(
                    folder, FileKind.DAMAGED, "a damaged folder of a Hugging Face model: " + refusal.getMessage(), 0);
        }
        bytes = 0;
        for (Path shard : read) {
            bytes += Files.size(shard);
            SafetensorsHeader.of(shard).byType().forEach((type, count) -> byType.merge(type, count, Long::sum));
        }
        Weights weights = weights();
        return new FoundFile(
                folder,
                FileKind.FOLDER,
                "folder of a Hugging Face model" + (weights.architecture().isEmpty() ? WITHOUT_CONFIG : ": ")
                        + weights.architecture() + (weights.architecture().isEmpty() ? "" : ", ") + weights.size()
                        + ", "
                        + weights.type() + ", " + Units.bytes(bytes) + " in "
                        + Units.count(read.size(), "safetensors file"),
                bytes,
                OptionalLong.empty(),
                Optional.of(weights),
                Optional.empty(),
                has(CheckpointTokens.FILE) ? List.of() : List.of(CheckpointTokens.FILE));
    }

    private FoundFile withoutFactors() {
        return new FoundFile(
                folder,
                FileKind.SHARDS_MISSING,
                "folder of a PEFT adapter without " + ADAPTER_MODEL + adapter(),
                0,
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(ADAPTER_MODEL));
    }

    private boolean hasPickle() {
        return files.stream().anyMatch(file -> name(file).matches(".*\\.(bin|pt|pth)"));
    }

    private FoundFile pickle() {
        return FoundFile.of(folder, FileKind.PYTORCH, "folder with a PyTorch checkpoint, no .safetensors", 0);
    }

    private Weights weights() {
        long count = byType.values().stream().mapToLong(Long::longValue).sum();
        return new Weights(architecture(), count, Weights.most(byType), false);
    }

    private String architecture() {
        return json("config.json").flatMap(ModelFolder::firstArchitecture).orElse("");
    }

    private static Optional<String> firstArchitecture(JsonObject config) {
        JsonElement names = config.get("architectures");
        JsonElement name =
                names != null && names.isJsonArray() && !names.getAsJsonArray().isEmpty()
                        ? names.getAsJsonArray().get(0)
                        : config.get("model_type");
        return Optional.ofNullable(name).filter(JsonElement::isJsonPrimitive).map(JsonElement::getAsString);
    }

    private String adapter() {
        return json(ADAPTER_CONFIG)
                .map(config -> {
                    List<String> parts = new ArrayList<>();
                    Stream.of("peft_type", "r", "base_model_name_or_path")
                            .filter(key -> config.has(key) && config.get(key).isJsonPrimitive())
                            .forEach(key -> parts.add((key.equals("r") ? "rank " : key.startsWith("base") ? "of " : "")
                                    + config.get(key).getAsString()));
                    return parts.isEmpty() ? "" : ": " + String.join(", ", parts);
                })
                .orElse("");
    }

    /** What is wrong with an index is told when it is opened. */
    private List<String> missing() throws IOException {
        try {
            return Checkpoint.missing(folder);
        } catch (SafetensorsFormatException _) {
            return List.of();
        }
    }

    private Optional<JsonObject> json(String name) {
        Path file = folder.resolve(name);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_JSON_BYTES) {
                return Optional.empty();
            }
            JsonElement json = JsonParser.parseString(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            return Optional.of(json).filter(JsonElement::isJsonObject).map(JsonElement::getAsJsonObject);
        } catch (IOException | JsonParseException | StackOverflowError _) {
            return Optional.empty();
        }
    }

    private boolean has(String name) {
        return files.stream().anyMatch(file -> name(file).equals(name));
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
