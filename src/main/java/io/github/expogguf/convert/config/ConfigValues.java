package io.github.expogguf.convert.config;

import io.github.expogguf.convert.rule.NumberSource;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Hyper-parameters that config.json says under a name of its own (transformers 5.18, llama.cpp's
 * {@code conversion/base.py}): what two models of the same shape may still differ in.
 */
public final class ConfigValues {

    private static final Map<String, String> NAMES = names();

    /** By llama.cpp's converter (conversion/chatglm.py) always 1e-5, whatever rms_norm_eps is. */
    private static final String OTHER_EPSILON = "chatglm.attention.layer_norm_rms_epsilon";

    private ConfigValues() {}

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("num_attention_heads", "attention.head_count");
        names.put("rope_theta", "rope.freq_base");
        names.put("rms_norm_eps", "attention.layer_norm_rms_epsilon");
        names.put("layer_norm_eps", "attention.layer_norm_epsilon");
        return names;
    }

    /** The keys of a template that config.json has another value of, with that value in the template's type. */
    public static Map<String, MetadataValue> others(Metadata template, Map<String, @Nullable Object> config) {
        NumberSource numbers = new ModelNumbers(template, flat(config));
        Map<String, MetadataValue> others = new LinkedHashMap<>();
        NAMES.forEach((name, suffix) -> {
            String key = template.architecture() + "." + suffix;
            MetadataValue known = template.get(key).orElse(null);
            OptionalDouble number = numbers.number("config." + name, 0);
            if (known != null && number.isPresent() && !key.equals(OTHER_EPSILON)) {
                other(known, number.getAsDouble(), key, others);
            }
        });
        return others;
    }

    private static void other(MetadataValue known, double value, String key, Map<String, MetadataValue> others) {
        if (known.type() == MetadataType.FLOAT32 && (float) known.asDouble() != (float) value) {
            others.put(key, MetadataValue.ofFloat32((float) value));
        } else if (known.isInteger() && known.asLong() > 0 && known.asLong() != value) {
            others.put(key, MetadataValue.ofInteger(known.type(), Math.round(value)));
        }
    }

    /** The rotary base stands in a map of its own since transformers 5. */
    private static Map<String, @Nullable Object> flat(Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>(config);
        Object text = config.get("text_config");
        addAll(text instanceof Map<?, ?> map ? map.get("rope_parameters") : null, flat);
        addAll(config.get("rope_parameters"), flat);
        return flat;
    }

    private static void addAll(@Nullable Object parameters, Map<String, @Nullable Object> flat) {
        if (parameters instanceof Map<?, ?> map) {
            map.forEach((key, value) -> flat.putIfAbsent(String.valueOf(key), value));
        }
    }
}
