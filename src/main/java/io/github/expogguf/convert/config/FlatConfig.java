package io.github.expogguf.convert.config;

import io.github.expogguf.text.json.JsonNumber;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What config.json says, wherever a version of transformers puts it; how, stands at the top of config.txt. */
public final class FlatConfig {

    static final List<String> NESTED = List.of("language_config", "llm_config", "text_config");
    static final List<String> ROTARY = List.of("rope_scaling", "rope_parameters");

    /** Model types whose configuration has as many key-value heads as heads by default (transformers 5.18). */
    private static final Set<String> ONE_HEAD_EACH = Set.of(
            "llama",
            "granite",
            "granitemoe",
            "granitemoehybrid",
            "phi3",
            "olmo2",
            "olmo3",
            "olmoe",
            "cohere",
            "cohere2");

    /** llama_expert_gating_func_type in llama-hparams.h, v0.5.0. */
    private static final Map<String, JsonNumber> GATING =
            Map.of("softmax", new JsonNumber("1"), "sigmoid", new JsonNumber("2"));

    private FlatConfig() {}

    public static Map<String, @Nullable Object> of(Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>(config);
        NESTED.forEach(name -> map(config, name).ifPresent(text -> putAll(text, flat)));
        for (String name : ROTARY) {
            map(flat, name).ifPresent(rotary -> putRotary(rotary, flat));
        }
        if (flat.get("num_key_value_heads") == null
                && flat.get("model_type") instanceof String type
                && ONE_HEAD_EACH.contains(type)) {
            flat.put("num_key_value_heads", flat.get("num_attention_heads"));
        }
        if (flat.get("scoring_func") instanceof String function) {
            flat.put("gating", GATING.get(function));
        }
        return flat;
    }

    /** Of a flat one, what it says of the rotary embeddings; those of full attention, where kinds of layers differ. */
    static Optional<Map<?, ?>> rotary(Map<String, @Nullable Object> flat) {
        return ROTARY.reversed().stream()
                .flatMap(name -> map(flat, name).stream())
                .findFirst()
                .map(FlatConfig::ofFullAttention);
    }

    private static Map<?, ?> ofFullAttention(Map<?, ?> rotary) {
        return map(rotary, "full_attention").orElse(rotary);
    }

    private static void putRotary(Map<?, ?> rotary, Map<String, @Nullable Object> flat) {
        map(rotary, "sliding_attention").ifPresent(sliding -> flat.put("rope_theta_swa", sliding.get("rope_theta")));
        Map<?, ?> full = ofFullAttention(rotary);
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
