package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.FolderFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What config.json says, beside the metadata of a template. */
class FolderConfigTest {

    @TempDir
    private Path directory;

    static Stream<String> names() throws IOException {
        return FolderFixture.names();
    }

    /** The pair with another config.json of the aligned model, or of the SFT model. */
    private Ran plan(FolderFixture pair, String changed, JsonObject config) throws IOException {
        Path copy = directory.resolve(changed);
        Files.createDirectory(copy);
        Path original = changed.equals("sft") ? pair.sft() : pair.aligned();
        try (Stream<Path> files = Files.list(original)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
        }
        Files.writeString(copy.resolve("config.json"), config.toString());
        return Ran.run(
                "plan",
                "--sft",
                changed.equals("sft") ? copy : pair.sft(),
                "--aligned",
                changed.equals("sft") ? pair.aligned() : copy,
                "--like",
                pair.template());
    }

    private static JsonObject config(Path folder) throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve("config.json")))
                .getAsJsonObject();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama | num_key_value_heads | 4 | llama.attention.head_count_kv is 2",
                "llama | num_hidden_layers | 3 | llama.block_count is 2",
                "llama | head_dim | 16 | llama.attention.key_length is 8",
                "llama | rope_parameters | {'rope_type':'linear','factor':2,'rope_theta':1e4} | rope.scaling.factor",
                "llama | rope_scaling | {'type':'yarn','factor':4} | llama.rope.scaling.type",
                "llama | model_type | 'granite' | architecture granite",
                "mixtral | num_experts_per_tok | 1 | llama.expert_used_count is 2",
                "mistral | rms_norm_eps | 0.001 | llama.attention.layer_norm_rms_epsilon",
                "qwen3_moe | num_experts_per_tok | 3 | qwen3moe.expert_used_count is 2",
                "gemma2 | final_logit_softcapping | 20 | gemma2.final_logit_softcapping is 30",
                "gemma2 | attn_logit_softcapping | 20 | gemma2.attn_logit_softcapping is 50",
                "gemma2 | sliding_window | 32 | gemma2.attention.sliding_window is 64",
                "gemma3 | final_logit_softcapping | 30 | gemma3.final_logit_softcapping is nothing",
                "granite | residual_multiplier | 3 | granite.residual_scale",
                "granite | embedding_multiplier | null | granite.embedding_scale",
                "granite | attention_multiplier | 0.25 | granite.attention.scale",
                "granite | logits_scaling | 3 | granite.logit_scale",
                "cohere | logit_scale | 1 | command-r.logit_scale is 0.0625",
                "gpt_oss | sliding_window | 7 | gpt-oss.attention.sliding_window",
                "deepseek_v3 | routed_scaling_factor | 1 | deepseek2.expert_weights_scale is 2.5",
                "deepseek_v3 | norm_topk_prob | false | deepseek2.expert_weights_norm is true",
                "deepseek_v3 | scoring_func | 'sigmoid' | deepseek2.expert_gating_func is nothing",
                "deepseek_v2 | norm_topk_prob | true | deepseek2.expert_weights_norm is",
                "glm4_moe | norm_topk_prob | false | glm4moe.expert_weights_norm is true",
                "llama | num_key_value_heads | null | llama.attention.head_count_kv is 2",
                "granite | num_key_value_heads | null | granite.attention.head_count_kv is",
                "llama_rope | rope_parameters | {'rope_type':'llama3','factor':4,'rope_theta':5e5,"
                        + "'original_max_position_embeddings':64} | rope_freqs.weight has 8 at 1 in the template, and by"
                        + " config.json 4",
                "llama_rope | rope_parameters | {'rope_type':'llama3','factor':8,'rope_theta':5e5,"
                        + "'original_max_position_embeddings':4096} | rope_freqs.weight has 8 at 1 in the template, and"
                        + " by config.json 1",
                "llama_rope | rope_parameters | {'rope_type':'default','rope_theta':5e5} | by config.json there is none",
                "llama | rope_parameters | {'rope_type':'llama3','factor':4,'rope_theta':1e4} | is not in the template",
                "glm4 | partial_rotary_factor | 1 | glm4.rope.dimension_count is 8",
            })
    void aTemplateOfOtherValuesIsNamed(String name, String key, String value, String told) throws IOException {
        FolderFixture pair = FolderFixture.of(name);
        JsonObject config = config(pair.aligned());
        if (key.equals("rope_scaling") || key.equals("partial_rotary_factor")) {
            config.remove("rope_parameters");
        }
        config.add(key, JsonParser.parseString(value.replace('\'', '"')));
        Ran ran = plan(pair, "other", config);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.MISMATCH.code());
        assertThat(ran.err()).contains(told).contains("like.gguf").contains("config.json");
    }

    @ParameterizedTest
    @CsvSource({"llama,num_key_value_heads,llama.attention.head_count_kv", "granite,logits_scaling,granite.logit_scale"
    })
    void anSftModelOfOtherValuesIsNoPair(String name, String key, String told) throws IOException {
        FolderFixture pair = FolderFixture.of(name);
        JsonObject config = config(pair.sft());
        config.addProperty(key, 1);
        Ran ran = plan(pair, "sft", config);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.MISMATCH.code());
        assertThat(ran.err()).contains(told);
    }

    /** No tensor of the SFT model's folder tells them, and the aligned model's would be taken. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama_rope | {'rope_type':'llama3','factor':4,'rope_theta':5e5,'original_max_position_embeddings':64}"
                        + " | rope_freqs.weight has 8 at 1 in the aligned model, and by config.json 4",
                "llama_rope | {'rope_type':'default','rope_theta':5e5} | rope_freqs.weight is in the aligned model,"
                        + " and by config.json there is none",
                "llama | {'rope_type':'llama3','factor':4,'rope_theta':1e4} | is not in the aligned model",
            })
    void anSftModelOfOtherRotaryFactorsIsNoPair(String name, String rotary, String told) throws IOException {
        FolderFixture pair = FolderFixture.of(name);
        JsonObject config = config(pair.sft());
        config.add("rope_parameters", JsonParser.parseString(rotary.replace('\'', '"')));
        Ran ran = plan(pair, "sft", config);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.MISMATCH.code());
        assertThat(ran.err()).contains("sft and aligned are not a pair: ", told);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "aligned | eos_token_id | 5     | eos_token_id is 5, and 2 in the template",
                "aligned | eos_token_id | [5,7] | eos_token_id is 5 or 7, and 2 in the template",
                "aligned | eos_token_id | [5,2] | ",
                "aligned | eos_token_id | null  | ",
                "sft     | eos_token_id | 5     | eos_token_id is 5, and 2 in the template",
                "sft     | bos_token_id | 3     | bos_token_id is 3, and 1 in the template",
            })
    void otherTokensAreNoted(String side, String key, String value, @Nullable String told) throws IOException {
        FolderFixture pair = FolderFixture.of("llama");
        JsonObject config = config(side.equals("sft") ? pair.sft() : pair.aligned());
        config.add(key, JsonParser.parseString(value));
        Ran ran = plan(pair, side, config);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.OK.code());
        String note = "expo-gguf: note: by config.json of " + side + " ";
        if (told == null) {
            assertThat(ran.err()).doesNotContain(note);
        } else {
            assertThat(ran.err()).contains(note + told + ", which the output has\n");
        }
    }

    /** As transformers 4 wrote them, and by hand. */
    @ParameterizedTest
    @MethodSource("names")
    void olderFormsSayTheSame(String name) throws IOException {
        FolderFixture pair = FolderFixture.of(name);
        JsonObject config = config(pair.aligned());
        JsonObject text = config.has("text_config") ? config.getAsJsonObject("text_config") : config;
        if (text.has("rope_parameters") && text.get("rope_parameters").isJsonObject()) {
            asBefore(text, text.remove("rope_parameters").getAsJsonObject());
        }
        for (String key : List.copyOf(text.keySet())) {
            JsonElement value = text.get(key);
            boolean isWhole = value.isJsonPrimitive() && value.getAsString().matches("[0-9]{1,6}");
            text.add(key, isWhole ? new JsonPrimitive(value.getAsInt() + 0.0) : value);
        }
        text.addProperty("torch_dtype", "bfloat16");
        Ran ran = plan(pair, "other", config);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.OK.code());
    }

    private static void asBefore(JsonObject config, JsonObject rotary) {
        if (rotary.has("full_attention")) {
            config.add("rope_theta", rotary.getAsJsonObject("full_attention").get("rope_theta"));
            config.add(
                    "rope_local_base_freq",
                    rotary.getAsJsonObject("sliding_attention").get("rope_theta"));
            config.add("rope_scaling", JsonNull.INSTANCE);
            return;
        }
        for (Map.Entry<String, JsonElement> each : Map.copyOf(rotary.asMap()).entrySet()) {
            if (List.of("rope_theta", "partial_rotary_factor").contains(each.getKey())) {
                config.add(each.getKey(), each.getValue());
                rotary.remove(each.getKey());
            }
        }
        boolean isDefault = rotary.get("rope_type").getAsString().equals("default");
        config.add("rope_scaling", isDefault ? JsonNull.INSTANCE : rotary);
    }
}
