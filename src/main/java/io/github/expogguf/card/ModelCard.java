package io.github.expogguf.card;

import io.github.expogguf.VerificationException;
import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.metadata.RealisedMetadata;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A model card for outputs of expo-gguf: Markdown with the front matter that Hugging Face reads. */
public final class ModelCard {

    private static final double LOST = 0.1; // of the way back

    /** Values that are told one by one; arrays of a value per tensor are not. */
    private static final int MAX_VALUES = 60;

    private static final String CAVEATS = """

            ## Before you use it

            - Extrapolated models write longer answers than the aligned one; published pairs grew by 4 to 30 %.
            - Step-by-step reasoning may suffer: GSM8K fell by up to 7.7 points with published pairs, and rose with others.
            - Too large an alpha makes a model repeat itself or drift. What this alpha was chosen by stands above; if nothing
              stands there, nobody measured it here.
            - It inherits the licences of the models it was made from, and what they were aligned to.
            """;

    private static final String CAVEATS_OF_PREDICTION = """

            ## Before you use it

            - Nobody trained this model: training may not have gone straight on to its step, and nothing here measured
              whether it is better than the last checkpoint.
            - It inherits the licences of the models it was made from, and what they were aligned to.
            """;

    private final StringBuilder text = new StringBuilder();
    private final List<Output> outputs = new ArrayList<>();

    /** What a card says of one file or set of shards. */
    private record Output(
            String file, long bytes, int shards, long weights, long tensorBytes, Metadata metadata, Recipe recipe) {

        static Output read(Path path) throws IOException {
            try (GgufModel model = GgufModel.open(path)) {
                Metadata metadata = model.header().metadata();
                Recipe recipe = Recipe.read(metadata)
                        .orElseThrow(() -> new IllegalArgumentException(
                                path + " carries no recipe (expo.*), so that there is nothing to tell"));
                long bytes = 0;
                for (GgufFile file : model.files()) {
                    bytes += Files.size(file.path());
                }
                List<TensorInfo> tensors = model.header().tensors();
                return new Output(
                        model.files().getFirst().path().getFileName().toString(),
                        bytes,
                        model.files().size(),
                        tensors.stream()
                                .mapToLong(tensor -> tensor.shape().elementCount())
                                .sum(),
                        tensors.stream().mapToLong(TensorInfo::byteCount).sum(),
                        metadata,
                        recipe);
            }
        }

        boolean isExtrapolated() {
            return recipe.alpha().isPresent();
        }

        boolean isPredicted() {
            return recipe.models().trajectory().isPresent();
        }

        /** Of the deltas; 0 for all of them. */
        int rank() {
            return recipe.optionsWithoutImatrix().rank();
        }

        /** The name ends as that of every extrapolated model; this one has a step. */
        String title(String name) {
            return step().isEmpty()
                    ? name
                    : name.replaceFirst(" ExPO$", "") + ", step " + Numbers.brief(step().getAsDouble());
        }

        private OptionalDouble step() {
            return recipe.optionsWithoutImatrix().toStep();
        }

        /** Alpha, or the step and how much of the way to it. */
        String alpha() {
            String alpha = recipe.alpha().map(Numbers::decimal).orElse("");
            if (step().isEmpty()) {
                return alpha;
            }
            return "step " + Numbers.brief(step().getAsDouble()) + (alpha.equals("1") ? "" : ", alpha " + alpha);
        }

        /** With its standard error; empty if the file does not say. */
        String realised() {
            OptionalDouble alpha = number(RealisedMetadata.ALPHA);
            OptionalDouble error = number(RealisedMetadata.STANDARD_ERROR);
            if (alpha.isEmpty()) {
                return "";
            }
            String number = Numbers.fixed(alpha.getAsDouble(), 3);
            return (error.isEmpty() ? number : number + " ± " + Numbers.fixed(error.getAsDouble(), 3))
                    + (isAlignmentLost() ? ", lost" : "");
        }

        /** Where alpha leads on, and the weights went back; as {@link RealisedAlpha#isLost}. */
        boolean isAlignmentLost() {
            double realised = number(RealisedMetadata.ALPHA).orElse(0);
            double error = number(RealisedMetadata.STANDARD_ERROR).orElse(0);
            return !recipe.hasAlphaRules()
                    && recipe.alpha().filter(alpha -> alpha > 0).isPresent()
                    && realised + 3 * error < -LOST;
        }

        /** With rules, what should have arrived is not alpha. */
        boolean isMostlyLost() {
            OptionalDouble realised = number(RealisedMetadata.ALPHA);
            return realised.isPresent()
                    && recipe.alpha().isPresent()
                    && !recipe.hasAlphaRules()
                    && realised.getAsDouble() / recipe.alpha().get() < RealisedAlpha.ENOUGH;
        }

        private OptionalDouble number(String key) {
            return metadata.get(key)
                    .filter(value -> value.type().isFloat() && Double.isFinite(value.asDouble()))
                    .map(value -> OptionalDouble.of(value.asDouble()))
                    .orElse(OptionalDouble.empty());
        }

        String type() {
            return metadata.integer("general.file_type").stream()
                    .boxed()
                    .flatMap(id -> FileType.byId(id).stream())
                    .map(Enum::name)
                    .findFirst()
                    .orElse("");
        }
    }

    private ModelCard() {}

    /**
     * {@return the card of one or more outputs that were made from the same models}
     *
     * @param files a file each, or any shard of a set
     * @throws IllegalArgumentException if a file carries no recipe, or there is none
     * @throws VerificationException    if a recipe cannot be read
     * @throws IOException              if a file cannot be read
     */
    public static String of(List<Path> files) throws IOException {
        Elements.require(files, "files");
        if (files.isEmpty()) {
            throw new IllegalArgumentException("a model card of no file");
        }
        ModelCard card = new ModelCard();
        for (Path file : files) {
            card.outputs.add(Output.read(file));
        }
        return card.write();
    }

    private String write() {
        Output first = outputs.getFirst();
        text.append(FrontMatter.of(first.metadata(), first.isExtrapolated(), first.isPredicted()));
        String name = first.metadata().string("general.name").orElse(first.file());
        text.append("\n# ").append(Markdown.text(first.title(name))).append("\n\n");
        text.append(kind(first));
        files();
        lineage();
        outputs.forEach(this::making);
        outputs.forEach(output -> figures("Why this alpha", output, RecipeKeys.EVIDENCE));
        if (first.isExtrapolated()) {
            text.append(first.isPredicted() ? CAVEATS_OF_PREDICTION : CAVEATS);
        }
        return text.toString();
    }

    private static String kind(Output output) {
        if (output.isPredicted()) {
            return "A model predicted for a later step of a training run, from its checkpoints, on the one direction"
                    + " and the straight line that their weights follow"
                    + " ([arXiv 2605.21468](https://arxiv.org/abs/2605.21468)), in the GGUF format for llama.cpp.\n";
        }
        return output.isExtrapolated()
                ? "An extrapolated model: "
                        + Markdown.code(output.metadata()
                                .string(RecipeKeys.PREFIX + "formula")
                                .orElse("aligned + alpha * delta"))
                        + ", known as ExPO"
                        + " ([arXiv 2404.16792](https://arxiv.org/abs/2404.16792)), in the GGUF format for llama.cpp.\n"
                : "A quantized model in the GGUF format for llama.cpp.\n";
    }

    private void files() {
        text.append("\n## Files\n\n");
        text.append(Markdown.row("file", "type", "alpha", "realised alpha", "size", "bits per weight", "weights"));
        text.append(Markdown.row("---", "---", "---", "---", "---", "---", "---"));
        for (Output output : outputs) {
            text.append(Markdown.row(
                    Markdown.code(output.file()) + (output.shards() > 1 ? ", " + output.shards() + " shards" : ""),
                    output.type(),
                    output.alpha() + (output.rank() > 0 ? ", rank " + output.rank() : ""),
                    output.realised(),
                    Numbers.bytes(output.bytes()),
                    Numbers.fixed(8.0 * output.tensorBytes() / output.weights(), 2),
                    Numbers.grouped(output.weights())));
        }
        if (outputs.stream().anyMatch(Output::isMostlyLost)) {
            text.append(
                    "\nRealised alpha is how far the written weights really went along the difference of the models. Where it is"
                            + " far below alpha, rounding to the type took most of the step back.\n");
        }
        if (outputs.stream().anyMatch(Output::isAlignmentLost)) {
            text.append(
                    "\nWhere it is lost, rounding took of the alignment, too: the weights lie on the way back to the SFT"
                            + " model.\n");
        }
    }

    private void lineage() {
        text.append("\n## Made from\n\n");
        text.append(Markdown.row("model", "file", "SHA-256"));
        text.append(Markdown.row("---", "---", "---"));
        Recipe recipe = outputs.getFirst().recipe();
        recipe.models()
                .checkpoints()
                .forEach(checkpoint -> parents(
                        "checkpoint of step " + Numbers.brief(checkpoint.step()),
                        checkpoint.model().files(),
                        checkpoint.model().digests()));
        if (recipe.models().trajectory().isEmpty()) {
            parents(recipe.alpha().isPresent() ? "aligned" : "model", recipe.alignedFiles(), recipe.alignedDigests());
            parents("SFT", recipe.sftFiles(), recipe.sftDigests());
        }
        recipe.models()
                .adapters()
                .forEach(adapter -> parents(
                        "adapter", adapter.model().files(), adapter.model().digests()));
        recipe.models().deltas().forEach(delta -> {
            parents(
                    "SFT of a further difference",
                    delta.sft().files(),
                    delta.sft().digests());
            parents(
                    "aligned of a further difference",
                    delta.aligned().files(),
                    delta.aligned().digests());
        });
        recipe.imatrixDigest()
                .ifPresent(digest -> parents(
                        "importance matrix", List.of(recipe.imatrixFile().orElse("unnamed")), List.of(digest)));
        Metadata metadata = outputs.getFirst().metadata();
        String names = IntStream.range(0, 2)
                .mapToObj(i -> metadata.string("general.base_model." + i + ".name"))
                .flatMap(Optional::stream)
                .map(Markdown::text)
                .collect(Collectors.joining(", "));
        text.append(names.isEmpty() ? "" : "\nBase models by name: " + names + "\n");
        String repositories = Stream.of("aligned", "sft")
                .flatMap(role -> metadata.string(RecipeKeys.REPOSITORY + role).stream())
                .map(Markdown::code)
                .collect(Collectors.joining(", aligned from "));
        text.append(repositories.isEmpty() ? "" : "\nRepositories, as the preset names them: " + repositories + "\n");
    }

    private void parents(String role, List<String> files, List<String> digests) {
        String template = new RecordedModel(files, digests).template().orElse("");
        for (int i = 0; i < files.size(); i++) {
            String digest = i < digests.size() ? digests.get(i) : "";
            String what = files.get(i).equals(template) ? role + ", tokenizer and layout" : role;
            text.append(Markdown.row(what, Markdown.code(files.get(i)), Markdown.code(digest)));
        }
    }

    private void making(Output output) {
        Recipe recipe = output.recipe();
        text.append("\n## How ").append(Markdown.code(output.file())).append(" was made\n\n");
        text.append("expo-gguf ")
                .append(Markdown.text(recipe.version()))
                .append(" with llama.cpp ")
                .append(Markdown.text(recipe.llamaCppVersion()));
        if (output.isPredicted()) {
            recipe.optionsWithoutImatrix()
                    .toStep()
                    .ifPresent(step -> text.append("; the model of step ").append(Numbers.brief(step)));
        } else {
            recipe.alpha()
                    .ifPresent(alpha -> text.append("; alpha ")
                            .append(Numbers.decimal(alpha))
                            .append(
                                    output.rank() > 0 // of which task arithmetic knows nothing
                                            ? ", rank " + output.rank()
                                            : " (weight " + Numbers.decimal((float) (1.0 + alpha))
                                                    + " of the delta in mergekit's task arithmetic)"));
        }
        text.append(". The first command writes the same tensors again, the second proves them byte by byte:\n\n");
        text.append(Markdown.block(
                List.of(CommandLines.make(recipe, output.file()), CommandLines.verify(recipe, output.file()))));
    }

    /** What the metadata says under a prefix, value by value. */
    private void figures(String title, Output output, String prefix) {
        List<String> rows = output.metadata().asMap().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix)
                        && !entry.getKey().startsWith(RecipeKeys.REPOSITORY)
                        && isShort(entry.getValue()))
                .limit(MAX_VALUES)
                .map(entry -> Markdown.row(
                        Markdown.text(entry.getKey().substring(prefix.length()).replace('_', ' ')),
                        shown(entry.getValue())))
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        text.append("\n## ")
                .append(title)
                .append(", ")
                .append(Markdown.code(output.file()))
                .append("\n\n");
        text.append(Markdown.row("figure", "value")).append(Markdown.row("---", "---"));
        rows.forEach(text::append);
    }

    private static boolean isShort(MetadataValue value) {
        return value.type() != MetadataType.ARRAY
                || (value.elementCount() <= 32 && value.elementType() != MetadataType.ARRAY);
    }

    private static String shown(MetadataValue value) {
        if (value.type() == MetadataType.ARRAY) {
            return value.stream().map(ModelCard::shown).collect(Collectors.joining(", "));
        }
        if (value.type().isFloat()) {
            double number = value.asDouble();
            return Double.isFinite(number) ? Numbers.significant(number, 4) : "-"; // as of one preference alone
        }
        return Markdown.text(value.type() == MetadataType.STRING ? value.asString() : value.toString());
    }
}
