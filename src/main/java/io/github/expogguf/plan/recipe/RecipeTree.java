package io.github.expogguf.plan.recipe;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Similar;
import io.github.expogguf.text.json.JsonNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** From the keys of a {@link WrittenRecipe} to options. */
final class RecipeTree {

    private static final String AUTO = "auto";
    private static final String STOCHASTIC = "stochastic";
    private static final List<String> ROUNDINGS = List.of(AUTO, "nearest", STOCHASTIC);

    private static final List<String> KEYS = List.of(
            "alpha",
            "type",
            "rules",
            "profile",
            "tensor-types",
            "output-tensor-type",
            "token-embedding-type",
            "pure",
            "leave-output-tensor",
            "override-kv",
            "accept-difference",
            "drop-mtp",
            "rank",
            "to",
            "rounding",
            "rounding-seed",
            "imatrix",
            "chat-template");

    private final Path directory;
    private final List<Float> alphas = new ArrayList<>();
    private final List<TypeChoice> types = new ArrayList<>();
    private final List<TensorAlphaRule> rules = new ArrayList<>();
    private final List<TensorAlphaRule> profileRules = new ArrayList<>();
    private final PlanOptions.Builder options = PlanOptions.builder();
    private Optional<Path> imatrix = Optional.empty();
    private String rounding = AUTO;
    private Optional<Long> seed = Optional.empty();

    private RecipeTree(Path directory) {
        this.directory = directory;
    }

    static RecipeTree read(Map<String, ?> tree, Path directory) throws IOException {
        RecipeTree reader = new RecipeTree(directory);
        for (Map.Entry<String, ?> entry : tree.entrySet()) {
            try {
                reader.take(entry.getKey(), entry.getValue());
            } catch (IllegalArgumentException wrong) {
                throw new RecipeKeyException(entry.getKey(), wrong);
            }
        }
        return reader;
    }

    List<Float> alphas() {
        return alphas;
    }

    List<TypeChoice> types() {
        return types;
    }

    Optional<Path> imatrix() {
        return imatrix;
    }

    private void take(String key, @Nullable Object value) throws IOException {
        switch (key) {
            case "alpha" -> alphas.addAll(each(list(value), Numbers::parseFinite));
            case "type" -> types.addAll(each(list(value), TypeChoice::parse));
            case "rules" -> rules.addAll(each(assignments(value), TensorAlphaRule::parse));
            case "profile" ->
                each(list(value), RuleProfile::parse).forEach(profile -> profileRules.addAll(profile.rules()));
            case "tensor-types" -> options.tensorTypes(each(assignments(value), TensorTypeRule::parseInLowerCase));
            case "output-tensor-type" -> options.outputTensorType(GgmlType.parse(text(value)));
            case "token-embedding-type" -> options.tokenEmbeddingType(GgmlType.parse(text(value)));
            case "pure" -> options.pure(truth(value));
            case "leave-output-tensor" -> options.leaveOutputTensor(truth(value));
            case "override-kv" -> options.overrides(each(assignments(value), KeyValueOverride::parse));
            case "accept-difference" -> options.acceptedDifferences(new LinkedHashSet<>(list(value)));
            case "drop-mtp" -> options.dropMtp(truth(value));
            case "rank" -> options.rank(rank(text(value)));
            case "to" -> options.toStep(step(text(value))).alpha(0);
            case "rounding" -> rounding = rounding(text(value));
            case "rounding-seed" -> seed = Optional.of(seed(text(value)));
            case "chat-template" -> options.chatTemplate(OutputTemplate.read(directory.resolve(text(value))));
            case "imatrix" -> imatrix = Optional.of(directory.resolve(text(value)));
            default ->
                throw new IllegalArgumentException(
                        "no such key; there are " + String.join(", ", KEYS) + Similar.hint(key, KEYS));
        }
    }

    /** @throws IllegalArgumentException if keys do not go with each other */
    PlanOptions options() {
        List<TensorAlphaRule> all = new ArrayList<>(rules);
        all.addAll(profileRules);
        if (seed.isPresent() && !rounding.equals(STOCHASTIC)) {
            throw new IllegalArgumentException("'rounding-seed' is of use with 'rounding: stochastic' only");
        }
        switch (rounding) {
            case AUTO -> options.roundingByTensor();
            case STOCHASTIC -> options.rounding(new Rounding.Stochastic(seed.orElse(0L)));
            default -> options.rounding(Rounding.NEAREST);
        }
        return options.alphaRules(all).build();
    }

    private static <T> List<T> each(List<String> texts, Function<String, T> parse) {
        return texts.stream()
                .map(text -> Numbers.parsed(text, () -> parse.apply(text)))
                .toList();
    }

    private static String text(@Nullable Object value) {
        return text(value, "expected one value");
    }

    private static String text(@Nullable Object value, String expected) {
        return switch (value) {
            case String text -> text;
            case JsonNumber number -> number.text();
            case Number number -> number.toString();
            case Boolean truth -> truth.toString();
            case null, default -> throw new IllegalArgumentException(expected);
        };
    }

    /** One value is a list of one. */
    private static List<String> list(@Nullable Object value) {
        if (!(value instanceof List<?> list)) {
            return List.of(text(value));
        }
        return list.stream()
                .map(member -> text(member, "expected a list of values"))
                .toList();
    }

    /** {@code NAME=VALUE} of each, in order; keys with values, or a list of such texts. */
    private static List<String> assignments(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return list(value);
        }
        return map.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                .toList();
    }

    private static String rounding(String text) {
        if (!ROUNDINGS.contains(text)) {
            throw new IllegalArgumentException(
                    Escape.quote(text) + " is none of " + String.join(", ", ROUNDINGS) + Similar.hint(text, ROUNDINGS));
        }
        return text;
    }

    private static long seed(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not a whole number, as in 8", wrong);
        }
    }

    private static int rank(String text) {
        int rank;
        try {
            rank = Integer.parseInt(text);
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(Escape.quote(text) + " is not a whole number, as in 8", wrong);
        }
        PlanOptions.builder().rank(rank).build(); // refuses it here, where the key is known
        return rank;
    }

    private static double step(String text) {
        double step = Numbers.parsed(text, () -> Double.parseDouble(text));
        Numbers.requireFinite(step, "step");
        Numbers.requireLargeEnough(text, step);
        return step;
    }

    private static boolean truth(@Nullable Object value) {
        return switch (text(value)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(Escape.quote(text(value)) + " is neither true nor false");
        };
    }
}
