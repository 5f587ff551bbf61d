package io.github.expogguf.convert.config;

import io.github.expogguf.text.json.JsonNumber;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What config.json says, wherever a version of transformers puts it; how, stands at the top of config.txt. */
final class FlatConfig {

    private static final List<String> NESTED = List.of("language_config", "llm_config", "text_config");
    private static final List<String> ROTARY = List.of("rope_scaling", "rope_parameters");

    private FlatConfig() {}

    static Map<String, @Nullable Object> of(Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>(config);
        NESTED.forEach(name -> map(config, name).ifPresent(text -> putAll(text, flat)));
        for (String name : ROTARY) {
            map(flat, name).ifPresent(rotary -> putRotary(rotary, flat));
        }
        return flat;
    }

    private static void putRotary(Map<?, ?> rotary, Map<String, @Nullable Object> flat) {
        map(rotary, "sliding_attention").ifPresent(sliding -> flat.put("rope_theta_swa", sliding.get("rope_theta")));
        Map<?, ?> full = map(rotary, "full_attention").orElse(rotary);
        for (String name : List.of("rope_theta", "partial_rotary_factor")) {
            if (full.get(name) != null) {
                flat.put(name, full.get(name));
            }
        }
        Object type = full.get("rope_type") != null ? full.get("rope_type") : full.get("type");
        if (type instanceof String kind
                && List.of("linear", "yarn").contains(kind)
                && full.get("factor") instanceof JsonNumber factor) {
            flat.put("rope." + kind, factor);
            Object original = full.get("original_max_position_embeddings");
            if (kind.equals("yarn")) {
                flat.put("rope.original", original != null ? original : flat.get("original_max_position_embeddings"));
            }
        }
    }

    private static void putAll(Map<?, ?> from, Map<String, @Nullable Object> flat) {
        from.forEach((name, value) -> {
            if (value != null) {
                flat.put(String.valueOf(name), value);
            }
        });
    }

    private static Optional<Map<?, ?>> map(Map<?, ?> from, String name) {
        return from.get(name) instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
    }
}
