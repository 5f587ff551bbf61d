package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.Converters.TypeChoice;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.recipe.RepeatedRecipe;
import io.github.expogguf.score.TextFile;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.TypeConversionException;

/** {@code --recipe}: a YAML file, or a GGUF file that carries the recipe that it was made by. */
final class RecipeFile {

    private final Path path;
    private final List<Float> alphas = new ArrayList<>();
    private final List<TypeChoice> types = new ArrayList<>();
    private final List<TensorAlphaRule> rules = new ArrayList<>();
    private final List<TensorAlphaRule> profileRules = new ArrayList<>();
    private final PlanOptions.Builder options = PlanOptions.builder();
    private Optional<Path> imatrix = Optional.empty();
    private RoundingFlags.Kind rounding = RoundingFlags.Kind.auto;
    private Optional<Long> seed = Optional.empty();

    private RecipeFile(Path path) {
        this.path = path;
    }

    /** @throws IllegalArgumentException if it is no recipe; names line and key */
    static RecipeStart read(Path path) throws IOException {
        return isGguf(path) ? RecipeStart.repeat(RepeatedRecipe.read(path)) : new RecipeFile(path).ofYaml();
    }

    private static boolean isGguf(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(4), "GGUF".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private RecipeStart ofYaml() throws IOException {
        for (YamlText.Entry entry : YamlText.read(path.getFileName().toString(), TextFile.read(path))) {
            try {
                take(entry);
            } catch (TypeConversionException | IllegalArgumentException wrong) {
                throw entry.problem(Failures.message(wrong));
            }
        }
        rules.addAll(profileRules);
        if (seed.isPresent() && rounding != RoundingFlags.Kind.stochastic) {
            throw new IllegalArgumentException(
                    path.getFileName() + ": 'seed' is of use with 'rounding: stochastic' only");
        }
        switch (rounding) {
            case auto -> options.roundingByTensor();
            case nearest -> options.rounding(Rounding.NEAREST);
            case stochastic -> options.rounding(new Rounding.Stochastic(seed.orElse(0L)));
        }
        return new RecipeStart(
                alphas.isEmpty() ? Optional.empty() : Optional.of(alphas),
                types.isEmpty() ? Optional.empty() : Optional.of(types),
                options.alphaRules(rules).build(),
                imatrix,
                Optional.empty());
    }

    private void take(YamlText.Entry entry) throws IOException {
        switch (entry.key()) {
            case "alpha" -> entry.list().forEach(text -> alphas.add(new Converters.ToAlpha().convert(text)));
            case "type" -> entry.list().forEach(text -> types.add(new Converters.ToFileType().convert(text)));
            case "rules" -> entry.assignments().forEach(text -> rules.add(Converters.tensorAlphaRule(text)));
            case "profile" ->
                entry.list()
                        .forEach(text -> profileRules.addAll(
                                new Converters.ToProfile().convert(text).rules()));
            case "tensor-types" ->
                options.tensorTypes(entry.assignments().stream()
                        .map(Converters::tensorTypeRule)
                        .toList());
            case "output-tensor-type" -> options.outputTensorType(tensorType(entry));
            case "token-embedding-type" -> options.tokenEmbeddingType(tensorType(entry));
            case "pure" -> options.pure(truth(entry));
            case "leave-output-tensor" -> options.leaveOutputTensor(truth(entry));
            case "override-kv" ->
                options.overrides(entry.assignments().stream()
                        .map(new Converters.ToOverride()::convert)
                        .toList());
            case "accept-difference" -> options.acceptedDifferences(new LinkedHashSet<>(entry.list()));
            case "drop-mtp" -> options.dropMtp(truth(entry));
            case "rounding" -> rounding = rounding(entry.text());
            case "seed" -> seed = Optional.of(seed(entry.text()));
            case "chat-template" -> options.chatTemplate(OutputTemplateFlag.read(path.resolveSibling(entry.text())));
            case "imatrix" -> imatrix = Optional.of(path.resolveSibling(entry.text()));
            default ->
                throw new IllegalArgumentException("no such key; there are alpha, type, rules, profile,"
                        + " tensor-types, output-tensor-type, token-embedding-type, pure, leave-output-tensor, override-kv,"
                        + " accept-difference, drop-mtp, rounding, seed, imatrix, chat-template");
        }
    }

    private static GgmlType tensorType(YamlText.Entry entry) {
        return new Converters.ToTensorType().convert(entry.text());
    }

    private static RoundingFlags.Kind rounding(String text) {
        return Arrays.stream(RoundingFlags.Kind.values())
                .filter(kind -> kind.name().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        Escape.quote(text) + " is none of " + Arrays.toString(RoundingFlags.Kind.values())));
    }

    private static long seed(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not a whole number", e);
        }
    }

    private static boolean truth(YamlText.Entry entry) {
        return switch (entry.text()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(Escape.quote(entry.text()) + " is neither true nor false");
        };
    }
}
