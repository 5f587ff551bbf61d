package io.github.expogguf.convert.config;

import io.github.expogguf.convert.rule.Scope;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hyper-parameters that config.json says, too: what two models of the same shape may still differ in. */
public final class ConfigValues {

    private static final String SCALING = "rope.scaling.factor";
    private static final String NORMALISED = ".expert_weights_norm";

    /**
     * A value of config.json, as metadata have it.
     *
     * @param name under which it stands in config.json, for people
     */
    public record Said(MetadataValue value, String name) {}

    private final Metadata template;
    private final Map<String, @Nullable Object> config;
    private final Map<String, Said> others = new LinkedHashMap<>();

    private ConfigValues(Metadata template, Map<String, @Nullable Object> config) {
        this.template = template;
        this.config = FlatConfig.of(config);
    }

    /** The keys that config.json has another value of than a template, or that the template does not have. */
    public static Map<String, Said> others(Metadata template, Map<String, @Nullable Object> config) {
        ConfigValues values = new ConfigValues(template, config);
        if (!config.isEmpty()) {
            ConfigRules.ALL.of(template.architecture()).forEach(values::compare);
        }
        return values.others;
    }

    /** Whether config.json says that the output is the matrix of the embeddings, whatever else is saved. */
    public static boolean isOutputTied(Map<String, @Nullable Object> config) {
        return Boolean.TRUE.equals(FlatConfig.of(config).get("tie_word_embeddings"));
    }

    /** Why a template is of another architecture than is made of config.json's model type; empty if it is not. */
    public static Optional<String> otherArchitecture(Metadata template, Map<String, @Nullable Object> config) {
        String architecture = template.architecture();
        for (Map<?, ?> each : new Map<?, ?>[] {config, FlatConfig.of(config)}) {
            Set<String> made =
                    each.get("model_type") instanceof String type ? ConfigRules.ALL.architectures(type) : Set.of();
            if (made.isEmpty() || made.contains(architecture)) {
                return Optional.empty();
            }
        }
        String type = String.valueOf(FlatConfig.of(config).get("model_type"));
        return Optional.of("model_type is " + type + ", of which a GGUF of the architecture "
                + String.join(" or ", ConfigRules.ALL.architectures(type)) + " is made");
    }

    private void compare(String suffix, ConfigRules.Rule rule) {
        String key = template.architecture() + "." + suffix;
        Optional<MetadataValue> known = template.get(key);
        OptionalDouble number = rule.expression()
                .map(expression -> expression.value(Scope.of(new ModelNumbers(template, config), Map.of())))
                .orElse(OptionalDouble.empty());
        if (number.isPresent() && (known.isPresent() || !rule.isForAll())) {
            add(key, known, number.getAsDouble(), name(rule));
            if (suffix.equals(SCALING)) {
                addScaling(name(rule));
            }
        }
    }

    private void add(String key, Optional<MetadataValue> known, double value, String name) {
        boolean isTruth =
                known.map(MetadataValue::type).map(MetadataType.BOOL::equals).orElse(key.endsWith(NORMALISED));
        boolean isInteger = known.isPresent()
                && known.get().isInteger()
                && value == (int) value; // what is none stays as it is said
        if (known.isPresent() ? !isOther(known.get(), value) : key.endsWith(NORMALISED) && value == 0) {
            return; // converters write what is true alone
        }
        others.put(
                key,
                new Said(
                        isTruth
                                ? MetadataValue.ofBoolean(value != 0)
                                : isInteger
                                        ? MetadataValue.ofInteger(known.get().type(), (long) value)
                                        : MetadataValue.ofFloat32((float) value),
                        name));
    }

    /** Whether one number counts for all layers, and it is another one. */
    private static boolean isOther(MetadataValue known, double value) {
        if (known.type() == MetadataType.BOOL) {
            return known.asBoolean() != (value != 0);
        }
        return known.isInteger()
                ? known.asLong() > 0 && known.asLong() != value
                : known.type() == MetadataType.FLOAT32 && (float) known.asDouble() != (float) value;
    }

    /** The kind of scaling goes with its factor. */
    private void addScaling(String name) {
        String key = template.architecture() + ".rope.scaling.type";
        String type = config.get("rope.yarn") != null ? "yarn" : config.get("rope.linear") != null ? "linear" : "none";
        if (!template.string(key).equals(Optional.of(type))) {
            others.put(key, new Said(MetadataValue.ofString(type), name));
        }
    }

    private String name(ConfigRules.Rule rule) {
        return rule.names().stream()
                .filter(name -> config.get(name) != null)
                .findFirst()
                .orElse("no " + rule.names().getFirst())
                .replaceAll("^(no )?rope\\..*", "$1rope_parameters");
    }
}
