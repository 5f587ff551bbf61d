package io.github.expogguf.cli.files;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.SplitNames;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Looks at a single file, or at the set of shards that it is of. */
final class FileLook {

    /** What browsers and clients call a file while it is on its way. */
    private static final Pattern ON_ITS_WAY =
            Pattern.compile("(?i).*\\.(incomplete|part|partial|crdownload|download|aria2|tmp|expo-partial)");

    /** What stands beside the weights of a checkpoint. */
    private static final Pattern OF_FOLDER =
            Pattern.compile("(.*\\.index|(generation_|tokenizer_|processor_)?config|tokenizer|special_tokens_map|"
                    + "adapter_config|vocab|added_tokens)\\.json|tokenizer\\.model|merges\\.txt");

    private static final Pattern SAFETENSORS_SHARD = Pattern.compile("(?s).+-\\d{5}-of-(\\d{5})\\.safetensors");

    /** Names of files that hold tensors. */
    private static final Pattern OF_MODEL = Pattern.compile(".*\\.(gguf|safetensors)");

    private static final int LEAST_BYTES = 4; // of the magic
    private static final int MAX_SHARDS = 10_000;
    private static final int SHOWN = 3;

    private FileLook() {}

    static FoundFile of(Path path) throws IOException {
        long bytes = Files.size(path);
        if (!Files.isRegularFile(path)) {
            return FoundFile.of(path, FileKind.OTHER, "no regular file", 0);
        }
        if (bytes == 0) {
            return FoundFile.of(path, FileKind.EMPTY, "an empty file", 0);
        }
        FirstBytes start = FirstBytes.of(path);
        FoundFile found = start.isGguf()
                ? lookAtGguf(path, bytes)
                : start.isSafetensors() ? lookAtSafetensors(path, bytes) : lookAtOther(path, bytes, start);
        boolean isOnItsWay = ON_ITS_WAY.matcher(path.getFileName().toString()).matches()
                || Files.exists(path.resolveSibling(path.getFileName() + ".aria2"));
        return isOnItsWay && found.kind() != FileKind.UNFINISHED
                ? FoundFile.of(
                        path,
                        FileKind.UNFINISHED,
                        found.text() + "; by its name a download that goes on or was stopped",
                        bytes)
                : found;
    }

    private static FoundFile lookAtGguf(Path path, long bytes) throws IOException {
        FoundFile found = readHeader(path, bytes);
        return found.header().isPresent() ? describe(path, found.header().get(), bytes) : found;
    }

    /** A file with its header, or what keeps it from having one. */
    private static FoundFile readHeader(Path path, long bytes) throws IOException {
        try {
            GgufFile file = GgufReader.read(path);
            ModelHeader header = new ModelHeader(path.getFileName().toString(), file.metadata(), file.tensors());
            return FoundFile.of(path, FileKind.MODEL, "", bytes).withHeader(header);
        } catch (GgufFormatException refusal) {
            OptionalLong expected = refusal.expectedBytes();
            return expected.isPresent()
                    ? FoundFile.unfinished(path, "a GGUF file", bytes, expected.getAsLong())
                    : FoundFile.of(path, FileKind.DAMAGED, "a damaged GGUF file: " + refusal.getMessage(), bytes);
        }
    }

    private static FoundFile describe(Path path, ModelHeader header, long bytes) throws IOException {
        Metadata metadata = header.metadata();
        Optional<AdapterSummary> adapter = AdapterSummary.of(header, 1);
        String type = metadata.string("general.type").orElse("model");
        String architecture = metadata.architecture();
        if (adapter.isPresent()) {
            return FoundFile.of(
                    path,
                    FileKind.LORA,
                    "LoRA adapter in GGUF: of " + architecture + ", rank "
                            + adapter.get().maxRank() + ", "
                            + Units.count(header.tensors().size(), "tensor") + ", " + Units.bytes(bytes),
                    bytes);
        }
        if (type.equals("imatrix")) {
            return FoundFile.of(path, FileKind.IMATRIX, "importance matrix in GGUF, " + Units.bytes(bytes), bytes);
        }
        if (type.equals("mmproj") || architecture.equals("clip")) {
            return FoundFile.of(
                    path, FileKind.PROJECTOR, "projector for images or sound (mmproj), " + Units.bytes(bytes), bytes);
        }
        return lookAtModel(path, header, bytes);
    }

    /** One file or a set of shards. */
    private static FoundFile lookAtModel(Path path, ModelHeader first, long bytes) throws IOException {
        long count = first.metadata().integer(SplitNames.COUNT_KEY).orElse(1);
        if (count <= 1) {
            return model(path, List.of(path));
        }
        long number = first.metadata().integer(SplitNames.NUMBER_KEY).orElse(0);
        String shard = "shard " + (number + 1) + " of " + count;
        String name = path.getFileName().toString();
        String prefix = SplitNames.prefix(name);
        if (count > MAX_SHARDS
                || !SplitNames.shardName(prefix, (int) number, (int) count).equals(name)) {
            return FoundFile.of(
                    path,
                    FileKind.DAMAGED,
                    shard + " of a GGUF model, under another name than " + "'NAME"
                            + SplitNames.shardName("", (int) number, (int) Math.min(count, MAX_SHARDS)) + "'",
                    bytes);
        }
        List<Path> files = IntStream.range(0, (int) count)
                .mapToObj(index -> path.resolveSibling(SplitNames.shardName(prefix, index, (int) count)))
                .toList();
        List<String> missing = files.stream()
                .filter(file -> !Files.exists(file))
                .map(file -> file.getFileName().toString())
                .toList();
        if (!missing.isEmpty()) {
            return new FoundFile(
                    path,
                    FileKind.SHARDS_MISSING,
                    shard + " of a GGUF model; missing: " + list(missing),
                    bytes,
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    missing);
        }
        return set(path, files);
    }

    private static FoundFile set(Path path, List<Path> files) throws IOException {
        for (Path file : files) {
            FoundFile shard = lookAtShard(file);
            if (shard.header().isEmpty()) {
                return new FoundFile(
                        path,
                        shard.kind(),
                        "one of " + files.size() + " shards of a GGUF model, of which " + file.getFileName() + " is: "
                                + shard.text(),
                        shard.bytes(),
                        shard.expectedBytes(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
            }
        }
        return model(path, files);
    }

    private static FoundFile lookAtShard(Path file) throws IOException {
        long bytes = Files.size(file);
        FirstBytes start = FirstBytes.of(file);
        if (start.isGguf()) {
            return readHeader(file, bytes);
        }
        return bytes == 0 ? FoundFile.of(file, FileKind.EMPTY, "an empty file", 0) : lookAtOther(file, bytes, start);
    }

    /** Opened as the other commands do it, who refuse more than a file by itself shows. */
    private static FoundFile model(Path path, List<Path> files) throws IOException {
        ModelHeader header;
        long bytes;
        try (GgufModel model = GgufModel.open(path)) {
            header = model.header();
            bytes = model.files().stream().mapToLong(GgufFile::fileBytes).sum();
        } catch (GgufFormatException refusal) {
            return FoundFile.of(path, FileKind.DAMAGED, "a damaged GGUF model: " + refusal.getMessage(), 0);
        }
        if (header.tensors().isEmpty()) {
            return FoundFile.of(path, FileKind.VOCABULARY, "GGUF without tensors, only metadata", bytes);
        }
        Weights weights = Weights.of(header);
        String shards = files.size() == 1 ? "" : " in " + files.size() + " shards";
        return new FoundFile(
                path,
                FileKind.MODEL,
                "GGUF model" + shards + ": " + weights.architecture() + ", " + weights.size() + ", " + weights.type()
                        + ", " + Units.bytes(bytes),
                bytes,
                OptionalLong.empty(),
                Optional.of(weights),
                Optional.of(header),
                List.of());
    }

    private static FoundFile lookAtSafetensors(Path path, long bytes) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.of(path);
        if (bytes < header.expectedBytes()) {
            return FoundFile.unfinished(path, "a safetensors file", bytes, header.expectedBytes());
        }
        if (header.isAdapter()) {
            boolean isWhole = Files.exists(path.resolveSibling(ModelFolder.ADAPTER_CONFIG));
            return FoundFile.of(
                    path,
                    isWhole ? FileKind.PEFT_FILE : FileKind.PEFT_WITHOUT_CONFIG,
                    "PEFT adapter in safetensors" + (isWhole ? "" : " without " + ModelFolder.ADAPTER_CONFIG) + ", "
                            + Units.bytes(bytes),
                    bytes);
        }
        Matcher shard = SAFETENSORS_SHARD.matcher(path.getFileName().toString());
        if (shard.matches() && !shard.group(1).equals("00001")) {
            return FoundFile.of(
                    path,
                    FileKind.PART_OF_FOLDER,
                    "one of " + Integer.parseInt(shard.group(1)) + " safetensors files of a Hugging Face model, "
                            + Units.bytes(bytes),
                    bytes);
        }
        long count =
                header.byType().values().stream().mapToLong(Long::longValue).sum();
        Weights weights = new Weights("", count, Weights.most(header.byType()), false);
        return new FoundFile(
                path,
                FileKind.SAFETENSORS,
                "safetensors file: " + weights.size() + ", " + weights.type() + ", " + Units.bytes(bytes),
                bytes,
                OptionalLong.empty(),
                Optional.of(weights),
                Optional.empty(),
                List.of());
    }

    private static FoundFile lookAtOther(Path path, long bytes, FirstBytes start) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        if (start.isLfsPointer()) {
            return FoundFile.of(
                    path,
                    FileKind.LFS_POINTER,
                    "Git LFS pointer"
                            + start.lfsBytes().stream()
                                    .mapToObj(size -> " to a file of " + Units.bytes(size) + ", which is not here")
                                    .collect(Collectors.joining()),
                    bytes);
        }
        if (start.isWebPage()) {
            return FoundFile.of(path, FileKind.WEB_PAGE, "web page (HTML or XML), " + Units.bytes(bytes), bytes);
        }
        if (start.isPyTorch(name)) {
            return FoundFile.of(path, FileKind.PYTORCH, "PyTorch checkpoint, " + Units.bytes(bytes), bytes);
        }
        if (start.isOldImatrix()) {
            return FoundFile.of(
                    path, FileKind.IMATRIX, "importance matrix of before GGUF, " + Units.bytes(bytes), bytes);
        }
        if (start.isArchive()) {
            return FoundFile.of(
                    path, FileKind.ARCHIVE, "an archive (zip, tar, gzip, ...), " + Units.bytes(bytes), bytes);
        }
        if (bytes < LEAST_BYTES && OF_MODEL.matcher(name).matches()) {
            return FoundFile.of(
                    path,
                    FileKind.UNFINISHED,
                    Units.count(bytes, "byte") + ", fewer than any model begins with",
                    bytes);
        }
        boolean isOfFolder = OF_FOLDER.matcher(name).matches();
        return FoundFile.of(
                path,
                isOfFolder ? FileKind.PART_OF_FOLDER : start.isText() ? FileKind.TEXT : FileKind.OTHER,
                isOfFolder
                        ? "a part of a Hugging Face model, without weights"
                        : start.isText()
                                ? "text that begins with " + Escape.quote(start.firstLine())
                                : "neither GGUF nor safetensors: begins with " + Escape.quote(start.magic()),
                bytes);
    }

    /** As in {@code a, b, c and 9 more}. */
    static String list(List<String> names) {
        return names.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (names.size() <= SHOWN ? "" : " and " + (names.size() - SHOWN) + " more");
    }
}
