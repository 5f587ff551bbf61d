package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.files.FolderTemplate;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.convert.config.ConfigTokens;
import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.FolderConversion;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.CheckpointTokens;
import io.github.expogguf.safetensors.JsonFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.ShortNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why the tensors of a Hugging Face folder are taken for those of a GGUF. */
final class FolderText {

    private static final String INDENT = "  ";
    private static final String TITLE = "folder  ";
    private static final int OF_OTHER_WEIGHTS = 3; // tensors; one or two are repaired in many files

    private FolderText() {}

    /** Rules with how many tensors each explains, and how far these are from the template at most. */
    static List<String> lines(List<FolderConversion> folders, int columns) {
        ShortNames names = names(folders);
        return folders.stream()
                .flatMap(folder -> lines(folder, names.of(folder.path()), columns).stream())
                .toList();
    }

    private static ShortNames names(List<FolderConversion> folders) {
        return ShortNames.of(folders.stream().map(FolderConversion::path).toList());
    }

    private static List<String> lines(FolderConversion folder, String name, int columns) {
        List<String> lines = new ArrayList<>();
        List<String> title = Columns.ofWords(
                Printable.message(name) + ": " + Units.count(folder.tensors().size(), "tensor")
                        + " found by name, shape and values;",
                columns - TITLE.length());
        for (int i = 0; i < title.size(); i++) {
            lines.add((i == 0 ? TITLE : " ".repeat(TITLE.length())) + title.get(i));
        }
        String heading =
                "tensors, relative distance at most (from the template, of an SFT folder from the aligned model),"
                        + " and the rule";
        Columns.ofWords(heading, columns - TITLE.length())
                .forEach(line -> lines.add(" ".repeat(TITLE.length()) + line));
        byRule(folder).forEach((rule, tensors) -> {
            String start = INDENT + String.format(Locale.ROOT, "%4d  %s  ", tensors.size(), distance(tensors));
            List<String> wrapped = Columns.ofWords(Printable.message(rule), columns - start.length());
            for (int i = 0; i < wrapped.size(); i++) {
                lines.add((i == 0 ? start : " ".repeat(start.length())) + wrapped.get(i));
            }
        });
        unused(folder).forEach((reason, names) -> {
            String text = Units.count(names.size(), "tensor") + " not used"
                    + (reason.isEmpty() ? ", for no known reason" : ", " + reason) + ": " + names.getFirst()
                    + (names.size() > 1 ? ", ..." : "");
            Columns.ofWords(Printable.message(text), columns - INDENT.length())
                    .forEach(line -> lines.add(INDENT + line));
        });
        return lines;
    }

    /** A template whose weights are others rounded is that of a relative, which the distance alone does not tell. */
    static List<Remark> remarks(List<FolderConversion> folders) throws IOException {
        List<Remark> remarks = new ArrayList<>();
        ShortNames names = names(folders);
        for (FolderConversion folder : folders) {
            Checkpoint.passedOver(folder.path())
                    .ifPresent(index -> remarks.add(new Remark(
                            Remark.Weight.NOTE,
                            "of " + names.of(folder.path())
                                    + " model.safetensors is read, as transformers does, and not"
                                    + " the files of the index beside it: "
                                    + Escape.shellWord(index.toString()) + " in the place of the folder reads these")));
            long others = folder.tensors().stream()
                    .filter(tensor -> tensor.reversed() > 0)
                    .count();
            if (others >= OF_OTHER_WEIGHTS) {
                String name = names.of(folder.path());
                remarks.add(new Remark(
                        Remark.Weight.WARNING,
                        "the template was not made of the weights of " + name + ": in " + others
                                + " tensors values are in another order, which rounding never does. Metadata, tokenizer"
                                + " and chat template are those of a relative of the model; give --like a GGUF that was made"
                                + " of " + name + " itself, or make one with llama.cpp's"
                                + " convert_hf_to_gguf.py"));
            }
        }
        return remarks;
    }

    /** The output has the template's tokenizer; whoever trained a folder with other tokens should hear of it. */
    static List<Remark> ofTokens(Extrapolator models, List<Plan> plans) throws IOException {
        List<Remark> remarks = new ArrayList<>();
        ShortNames names = names(models.conversions());
        Metadata metadata = plans.getFirst().aligned().metadata();
        for (FolderConversion folder : models.conversions()) {
            Path path = folder.path();
            Path config = file(path, Checkpoint.CONFIG);
            if (!isAligned(path, models)
                    && OwnTokens.areListed(metadata)
                    && !Files.exists(file(path, CheckpointTokens.FILE))) {
                remarks.add(new Remark(
                        Remark.Weight.NOTE,
                        names.of(path)
                                + " has no tokenizer.json, which would say which tokens its rows are of: they are"
                                + " compared with those of the same numbers. Download it, too"));
            }
            if (!Files.exists(config)) {
                remarks.add(new Remark(
                        Remark.Weight.WARNING,
                        names.of(path) + " has no config.json, so that nothing proves its heads, rotary embeddings and"
                                + " epsilons to be those of the template: download it, too"));
            } else {
                ConfigTokens.others(metadata, JsonFile.read(config))
                        .forEach(other -> remarks.add(new Remark(
                                Remark.Weight.NOTE,
                                "by config.json of " + names.of(path) + " " + other + ", which the output has")));
            }
        }
        return remarks;
    }

    private static Path file(Path folderOrFile, String name) {
        return Files.isDirectory(folderOrFile) ? folderOrFile.resolve(name) : folderOrFile.resolveSibling(name);
    }

    /** Whether a folder or file is the model whose rows are those of the template's tokens. */
    private static boolean isAligned(Path folderOrFile, Extrapolator models) {
        Path first = models.files().aligned().getFirst();
        return Checkpoint.isNamed(first)
                && file(folderOrFile, CheckpointTokens.FILE).equals(first.resolveSibling(CheckpointTokens.FILE));
    }

    /** Where the GGUF that lends the metadata has no chat template, and the folder of the weights has one. */
    static Optional<Remark> ofChatTemplate(Extrapolator models, List<Plan> plans) {
        Path aligned = models.files().aligned().getFirst();
        return plans.stream()
                        .allMatch(plan -> OutputTemplate.sha256(plan.metadata()).isPresent())
                ? Optional.empty()
                : models.conversions().stream()
                        .map(FolderConversion::path)
                        .filter(aligned::startsWith)
                        .findFirst()
                        .flatMap(FolderTemplate::find)
                        .map(file -> new Remark(
                                Remark.Weight.NOTE,
                                "the GGUF of --like has no chat template, and so the output has none;"
                                        + " --chat-template " + Escape.shellWord(file.toString())
                                        + " writes the folder's"));
    }

    /** The same rule in every block is one. */
    private static Map<String, List<FolderConversion.Tensor>> byRule(FolderConversion folder) {
        return folder.tensors().stream()
                .collect(Collectors.groupingBy(
                        tensor -> withoutBlock(tensor.name()) + " < " + withoutBlock(tensor.rule()),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    private static String withoutBlock(String name) {
        return name.replaceAll("(?<=\\.)[0-9]+(?=\\.)", "N");
    }

    private static String distance(List<FolderConversion.Tensor> tensors) {
        double largest = tensors.stream()
                .mapToDouble(FolderConversion.Tensor::distance)
                .max()
                .orElse(0);
        return Numbers.fixed(largest, 4);
    }

    private static Map<String, List<String>> unused(FolderConversion folder) {
        return folder.unused().entrySet().stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue,
                        LinkedHashMap::new,
                        Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
    }

    static JsonArray json(List<FolderConversion> folders) {
        JsonArray array = new JsonArray();
        folders.forEach(folder -> array.add(json(folder)));
        return array;
    }

    private static JsonObject json(FolderConversion folder) {
        JsonArray tensors = new JsonArray();
        folder.tensors().forEach(tensor -> tensors.add(json(tensor)));
        JsonObject unused = new JsonObject();
        folder.unused().forEach(unused::addProperty);
        JsonObject object = new JsonObject();
        object.addProperty("name", folder.name());
        object.addProperty("path", folder.path().toString());
        object.add("tensors", tensors);
        object.add("unused", unused);
        return object;
    }

    private static JsonObject json(FolderConversion.Tensor tensor) {
        JsonObject object = new JsonObject();
        object.addProperty("name", tensor.name());
        object.addProperty("rule", tensor.rule());
        object.add("sources", Json.strings(tensor.sources()));
        object.addProperty("type", tensor.type().toString());
        object.addProperty("templateType", tensor.templateType().toString());
        object.addProperty("distance", tensor.distance());
        object.addProperty("cosine", tensor.cosine());
        object.addProperty("reversed", tensor.reversed());
        return object;
    }
}
