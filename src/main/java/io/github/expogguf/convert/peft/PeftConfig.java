package io.github.expogguf.convert.peft;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.safetensors.JsonFile;
import io.github.expogguf.safetensors.JsonKind;
import io.github.expogguf.safetensors.JsonMembers;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What {@code adapter_config.json} says, as PEFT reads it (0.21, {@code LoraConfig}). */
final class PeftConfig {

    static final String FILE = "adapter_config.json";

    private static final String WAY_OUT = "; download " + FILE + " again, or correct it there";

    /** Adapters whose weights are no base and products beside it. */
    private static final Map<String, String> REFUSED = refused();

    /** Initialisations that change the base, too, each time the adapter is loaded. */
    private static final String CHANGES_BASE = "(pissa|corda|olora|loftq|lora_ga).*";

    private static final int MAX_PATTERN_CHARACTERS = 1000;

    private final JsonMembers members;
    private final Map<?, ?> values;

    private PeftConfig(Path path, Map<String, @Nullable Object> values) {
        this.members = new JsonMembers(path, "", values, WAY_OUT);
        this.values = values;
    }

    private static Map<String, String> refused() {
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put("use_dora", "DoRA gives each row a length of its own, which no product of factors has");
        refused.put("trainable_token_indices", "rows of the embedding that are trained beside the factors");
        refused.put("target_parameters", "factors of parameters that are no linear layer");
        refused.put("layer_replication", "layers of the base that are repeated");
        refused.put("lora_bias", "factors with a bias");
        refused.put("alora_invocation_tokens", "active after its invocation tokens only");
        refused.put("use_qalora", "factors for groups of columns");
        refused.put("use_bdlora", "factors in blocks");
        refused.put("arrow_config", "adapters that a router chooses from");
        refused.put("kasa_config", "factors with singular values between them");
        refused.put("monteclora_config", "factors that are drawn at random");
        return refused;
    }

    /**
     * Reads and checks it.
     *
     * @throws UnsupportedTypeException   if the adapter is of another kind; the message names the setting
     * @throws SafetensorsFormatException if a value is none
     */
    static PeftConfig read(Path path) throws IOException {
        PeftConfig config = new PeftConfig(path, JsonFile.read(path));
        config.check();
        return config;
    }

    private void check() {
        Object type = values.get("peft_type");
        if (!"LORA".equals(type)) {
            String found =
                    type == null ? "missing" : type instanceof String other ? Escape.quote(other) : JsonWords.of(type);
            throw new UnsupportedTypeException(members.path() + ": peft_type is " + found + ", expected 'LORA'");
        }
        checkKinds();
        REFUSED.forEach((key, reason) -> {
            if (isSet(key)) {
                throw refuse(key, reason);
            }
        });
        if (values.get("init_lora_weights") instanceof String how
                && how.toLowerCase(Locale.ROOT).matches("(?s)" + CHANGES_BASE)) {
            throw refuse(
                    "init_lora_weights",
                    Escape.quote(how) + " changes the base model, too (PEFT's path_initial_model_for_weight_conversion"
                            + " writes an adapter that does not)");
        }
    }

    /** Python takes a text for true, and its characters for names. */
    private void checkKinds() {
        for (String key : List.of("use_dora", "lora_bias", "use_qalora", "use_rslora")) {
            members.require(key, JsonKind.FLAG);
        }
        members.require("init_lora_weights", JsonKind.FLAG, JsonKind.TEXT);
        members.require("r", JsonKind.COUNT);
        members.require("lora_alpha", JsonKind.NUMBER);
        members.requireObject("rank_pattern", JsonKind.COUNT);
        members.requireObject("alpha_pattern", JsonKind.NUMBER);
        members.requireArray("modules_to_save", JsonKind.TEXT, false);
        for (String key : List.of("target_modules", "exclude_modules", "layers_pattern")) {
            members.requireArray(key, JsonKind.TEXT, true);
        }
        members.requireArray("layers_to_transform", JsonKind.INDEX, true);
        for (String key : List.of("layers_to_transform", "layers_pattern")) {
            if (has(key) && text("target_modules").isPresent()) {
                throw members.wrong(key, values.get(key), "null beside a text as target_modules, as PEFT has it");
            }
        }
        if (!has("layers_to_transform") && texts("layers_pattern").stream().anyMatch(name -> !name.isEmpty())) {
            throw members.wrong("layers_to_transform", null, "layers, as layers_pattern says what they are called");
        }
    }

    /** A refusal of a setting by its name. */
    UnsupportedTypeException refuse(String key, String reason) {
        return new UnsupportedTypeException(members.path() + ": " + key + ": " + reason
                + "; merge the adapter in PEFT (merge_and_unload), and take the result as the aligned model");
    }

    private boolean isSet(String key) {
        return switch (values.get(key)) {
            case null -> false;
            case Boolean flag -> flag;
            case Collection<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    /** {@code lora_alpha}, of modules that no pattern matches. */
    double alpha() {
        return number("lora_alpha", values.get("lora_alpha"));
    }

    /** The rank of a module's factors, as {@code lora_A} should have it. */
    double rank(String module) {
        return ofModule("rank_pattern", "r", module);
    }

    /** What the product of a module's factors is multiplied with. */
    double scale(String module) {
        double rank = rank(module);
        return ofModule("alpha_pattern", "lora_alpha", module) / (isSet("use_rslora") ? Math.sqrt(rank) : rank);
    }

    /** Ends of the names of modules that are there as a whole, beside the factors. */
    List<String> savedModules() {
        return texts("modules_to_save");
    }

    /** The model that it was trained on, where that is said. */
    Optional<String> base() {
        return values.get("base_model_name_or_path") instanceof String name && !name.isBlank()
                ? Optional.of(name)
                : Optional.empty();
    }

    /** The texts of a key, one or several; none where it is not there. */
    List<String> texts(String key) {
        return values.get(key) instanceof Collection<?> several
                ? several.stream().map(String.class::cast).toList()
                : text(key).stream().toList();
    }

    /** The text of a key that is one and no array. */
    Optional<String> text(String key) {
        return values.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** Whether a key is there, and not null. */
    boolean has(String key) {
        return values.get(key) != null;
    }

    /** The layers of {@code layers_to_transform}, as they are written; none for all of them. */
    List<String> layers() {
        Object layers = values.get("layers_to_transform");
        return layers instanceof Collection<?> several
                ? several.stream().map(each -> ((JsonNumber) each).text()).toList()
                : layers instanceof JsonNumber one ? List.of(one.text()) : List.of();
    }

    /** As {@code get_pattern_key} in PEFT's other.py. */
    private double ofModule(String patterns, String otherwise, String module) {
        if (values.get(patterns) instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (matches(patterns, "(.*\\.)?(", (String) entry.getKey(), ")", module)) {
                    return number(patterns, entry.getValue());
                }
            }
        }
        return number(otherwise, values.get(otherwise));
    }

    /**
     * Whether all of a name matches an expression of Python's.
     *
     * @param key    that the expression is of
     * @param before an expression of Java's
     * @param after  the same
     */
    boolean matches(String key, String before, String pattern, String after, String name) {
        return applied(key, pattern, java -> BoundedMatch.matches(before + java + after, name));
    }

    /** The number of a layer behind what matches an expression, at the first place where a number is. */
    Optional<String> layer(String key, String before, String pattern, String module) {
        return applied(
                key, pattern, java -> BoundedMatch.start(before + java + "\\.(?<layer>[0-9]+)\\.", module, "layer"));
    }

    private <T> T applied(String key, String pattern, Function<String, T> use) {
        try {
            if (pattern.length() > MAX_PATTERN_CHARACTERS) {
                throw new PatternSyntaxException(
                        pattern.length() + " characters, expected at most " + MAX_PATTERN_CHARACTERS, "", -1);
            }
            return use.apply(new PythonPattern(pattern).inJava());
        } catch (PatternSyntaxException bad) {
            throw new SafetensorsFormatException(
                    members.path(),
                    -1,
                    key + ": " + Escape.quote(pattern) + " is no regular expression that can be used: "
                            + Escape.text(bad.getDescription()) + "; the names of the modules will do in its place");
        }
    }

    private double number(String key, @Nullable Object value) {
        if (value instanceof JsonNumber number) {
            return Double.parseDouble(number.text());
        }
        throw new SafetensorsFormatException(members.path(), -1, key + " is missing, expected a number" + WAY_OUT);
    }
}
