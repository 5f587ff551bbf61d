package io.github.expogguf.plan.mixture;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.KeyValueOverride;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The few hyper-parameters that the choice of types depends on, read as llama.cpp v0.5.0 reads them before it quantizes
 * ({@code llama_model_base::load_hparams} and the {@code load_arch_hparams} of the architectures).
 *
 * @param architecture      {@code general.architecture}
 * @param layerCount        {@code n_layer_all}; 0 where the file does not say
 * @param expertCount       {@code n_expert}; 0 for dense models
 * @param queryGroupSize    attention heads of layer 0 that share one key/value head ({@code n_gqa}); 0 without
 *                          attention
 * @param seventyBillion    whether llama.cpp takes this for a model of its class {@code LLM_TYPE_70B}
 */
record HyperParameters(
        String architecture, int layerCount, int expertCount, int queryGroupSize, boolean seventyBillion) {

    /** Layers of the models of class 70B; Llama must also have fewer key/value heads than heads, and not 8 experts. */
    private static final Map<String, Integer> SEVENTY_BILLION_LAYERS =
            Map.of("llama", 80, "llama-embed", 80, "qwen2", 80, "deci", 80, "olmo", 80, "jais2", 68);

    private static final Set<String> LLAMA = Set.of("llama", "llama-embed");

    static HyperParameters of(Metadata metadata, List<KeyValueOverride> overrides) {
        return new Lookup(metadata, overrides).read();
    }

    /** Reads scalars with the overrides of the user in front; arrays are never overridden ({@code get_key_or_arr}). */
    private record Lookup(Metadata metadata, List<KeyValueOverride> overrides, String architecture) {

        /** More than any model has, so that arithmetic on counts never overflows. */
        private static final long LARGEST_COUNT = 1 << 20;

        Lookup(Metadata metadata, List<KeyValueOverride> overrides) {
            this(metadata, overrides, architecture(metadata, overrides));
        }

        private static String architecture(Metadata metadata, List<KeyValueOverride> overrides) {
            return override(overrides, "general.architecture")
                    .filter(value -> value.type() == MetadataType.STRING)
                    .map(MetadataValue::asString)
                    .orElse(metadata.architecture());
        }

        private static Optional<MetadataValue> override(List<KeyValueOverride> overrides, String key) {
            return overrides.stream()
                    .filter(override -> override.key().equals(key))
                    .map(KeyValueOverride::value)
                    .findFirst();
        }

        HyperParameters read() {
            int blocks = count("block_count");
            int predictedBlocks = count("nextn_predict_layers");
            int experts = count("expert_count");
            int heads = firstHeadCount("attention.head_count").orElse(0);
            int keyValueHeads = firstHeadCount("attention.head_count_kv").orElse(heads);
            boolean seventyBillion = SEVENTY_BILLION_LAYERS.getOrDefault(architecture, -1) == blocks - predictedBlocks
                    && (!LLAMA.contains(architecture) || (experts != 8 && heads != keyValueHeads));
            return new HyperParameters(
                    architecture,
                    layerCount(blocks, predictedBlocks),
                    experts,
                    keyValueHeads == 0 ? 0 : heads / keyValueHeads,
                    seventyBillion);
        }

        private int layerCount(int blocks, int predictedBlocks) {
            return switch (architecture) {
                case "graniteswitch" -> blocks - predictedBlocks + 1; // the last has the router's keys and values
                case "nanbeige" -> count("num_loops") > 1 ? (blocks - predictedBlocks) * count("num_loops") : blocks;
                default -> blocks;
            };
        }

        private int count(String name) {
            String key = architecture + "." + name;
            OptionalLong overridden = override(overrides, key)
                    .filter(MetadataValue::isInteger)
                    .map(value -> OptionalLong.of(value.asLong()))
                    .orElse(OptionalLong.empty());
            return clamp(
                    overridden.isPresent()
                            ? overridden.getAsLong()
                            : metadata.integer(key).orElse(0));
        }

        private Optional<Integer> firstHeadCount(String name) {
            Optional<MetadataValue> value = metadata.get(architecture + "." + name);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            if (value.get().type() != MetadataType.ARRAY) {
                return Optional.of(count(name));
            }
            boolean readable =
                    value.get().elementType().isInteger() && value.get().elementCount() > 0;
            return Optional.of(readable ? clamp(value.get().elements(1).getFirst()) : 0);
        }

        private static int clamp(MetadataValue value) {
            return value.isInteger() ? clamp(value.asLong()) : 0;
        }

        private static int clamp(long count) {
            return (int) Math.clamp(count, 0, LARGEST_COUNT);
        }
    }
}
