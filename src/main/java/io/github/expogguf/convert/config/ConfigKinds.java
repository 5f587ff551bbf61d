package io.github.expogguf.convert.config;

import io.github.expogguf.safetensors.JsonKind;
import io.github.expogguf.safetensors.JsonMembers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds what config.json says to the kinds that transformers has it in (5.18, whose configurations are checked alike),
 * as far as it is read here, or any model says it: a number in quotes would be none.
 */
public final class ConfigKinds {

    private static final String WAY_OUT = "; download config.json again, as it was published with these weights";

    private static final List<String> NUMBERS =
            List.of("rms_norm_eps", "layer_norm_eps", "norm_eps", "rope_theta", "partial_rotary_factor");

    /** Of some architectures one for each layer. */
    private static final List<String> COUNTS = List.of(
            "hidden_size",
            "vocab_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "num_experts_per_tok");

    private ConfigKinds() {}

    /**
     * Checks all of it.
     *
     * @throws io.github.expogguf.SafetensorsFormatException that names the first value of another kind
     */
    public static void require(Path path, Map<String, @Nullable Object> config) {
        JsonMembers top = new JsonMembers(path, "", config, WAY_OUT);
        top.requireArray("architectures", JsonKind.TEXT, false);
        requireModel(top);
        for (String name : FlatConfig.NESTED) {
            top.require(name, JsonKind.OBJECT);
            if (config.get(name) instanceof Map<?, ?> nested) {
                requireModel(new JsonMembers(path, name + ".", nested, WAY_OUT));
            }
        }
    }

    private static void requireModel(JsonMembers members) {
        members.require("model_type", JsonKind.TEXT);
        members.require("tie_word_embeddings", JsonKind.FLAG);
        COUNTS.forEach(name -> members.requireArray(name, JsonKind.INDEX, true));
        NUMBERS.forEach(name -> members.require(name, JsonKind.NUMBER));
        members.require("dtype", JsonKind.TEXT, JsonKind.OBJECT); // of the parts of a model that sees
        members.require("torch_dtype", JsonKind.TEXT, JsonKind.OBJECT);
        FlatConfig.ROTARY.forEach(name -> members.require(name, JsonKind.OBJECT));
    }
}
