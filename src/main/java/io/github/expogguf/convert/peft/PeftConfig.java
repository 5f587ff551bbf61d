package io.github.expogguf.convert.peft;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.safetensors.JsonFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What {@code adapter_config.json} says, as PEFT reads it (0.21, {@code LoraConfig}). */
final class PeftConfig {

    /** Adapters whose weights are no base and products beside it. */
    private static final Map<String, String> REFUSED = refused();

    /** Initialisations that change the base, too, each time the adapter is loaded. */
    private static final String CHANGES_BASE = "(pissa|corda|olora|loftq|lora_ga).*";

    private static final int MAX_PATTERN_CHARACTERS = 1000;

    private static final String UNUSABLE = " is no number that can be used";

    private final Path path;
    private final Map<String, @Nullable Object> values;

    private PeftConfig(Path path, Map<String, @Nullable Object> values) {
        this.path = path;
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
        if (!(type instanceof String text) || !text.equals("LORA")) {
            String found = type instanceof String other ? Escape.quote(other) : "missing";
            throw new UnsupportedTypeException(path + ": peft_type is " + found + ", expected 'LORA'");
        }
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

    /** A refusal of a setting by its name. */
    UnsupportedTypeException refuse(String key, String reason) {
        return new UnsupportedTypeException(path + ": " + key + ": " + reason
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
        return values.get("modules_to_save") instanceof Collection<?> names
                ? names.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList()
                : List.of();
    }

    /** As {@code get_pattern_key} in PEFT's other.py. */
    private double ofModule(String patterns, String otherwise, String module) {
        if (values.get(patterns) instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (matches((String) entry.getKey(), module)) {
                    return number(patterns, entry.getValue());
                }
            }
        }
        return number(otherwise, values.get(otherwise));
    }

    private boolean matches(String pattern, String module) {
        try {
            if (pattern.length() > MAX_PATTERN_CHARACTERS) {
                throw new PatternSyntaxException("too long", "", -1);
            }
            return BoundedMatch.matches("(.*\\.)?(" + pattern + ")", module);
        } catch (PatternSyntaxException bad) {
            throw problem("the pattern " + Escape.quote(pattern) + " is no regular expression that can be used: "
                    + Escape.text(bad.getDescription()));
        }
    }

    private double number(String key, @Nullable Object value) {
        try {
            if (value instanceof JsonNumber number) {
                double result = number.value().doubleValue();
                if (Float.isFinite((float) result) && ((float) result != 0 || result == 0)) {
                    return result;
                }
                throw problem(key + UNUSABLE + ": " + Escape.quote(number.text())
                        + " is beyond the 32-bit floats that adapters are scaled in");
            }
        } catch (ArithmeticException _) {
            // beyond the doubles
        }
        throw problem(key + (value == null ? " is missing" : UNUSABLE));
    }

    private SafetensorsFormatException problem(String text) {
        return new SafetensorsFormatException(path, -1, text);
    }
}
