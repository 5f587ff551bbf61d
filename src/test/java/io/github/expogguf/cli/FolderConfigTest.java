package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.FolderFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.provider.ValueSource;

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

    private Path copyOf(Path folder) throws IOException {
        Path copy = Files.createDirectory(directory.resolve(folder.getFileName().toString()));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
        }
        return copy;
    }

    /** Changes the header of safetensors, and not its length. */
    private static void replace(Path folder, String text, String other) throws IOException {
        Path file = folder.resolve("model.safetensors");
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(bytes).contains(text);
        assertThat(other).hasSameSizeAs(text);
        Files.writeString(file, bytes.replace(text, other), StandardCharsets.ISO_8859_1);
    }

    /** Leaves so many of the 48 rows of embeddings and output. */
    private static void cutTokens(Path folder, int rows) throws IOException {
        Path file = folder.resolve("model.safetensors");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(bytes.getLong());
        JsonObject header = JsonParser.parseString(
                        new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8))
                .getAsJsonObject();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Map.Entry<String, JsonElement> each : header.entrySet()) {
            if (each.getKey().equals("__metadata__")) {
                continue;
            }
            JsonObject tensor = each.getValue().getAsJsonObject();
            int from = tensor.getAsJsonArray("data_offsets").get(0).getAsInt();
            int to = tensor.getAsJsonArray("data_offsets").get(1).getAsInt();
            int count = to - from;
            if (tensor.getAsJsonArray("shape").toString().equals("[48,32]")) {
                tensor.add("shape", JsonParser.parseString("[" + rows + ",32]"));
                count = count / 48 * rows;
            }
            int start = data.size();
            data.write(bytes.array(), Long.BYTES + length + from, count);
            tensor.add("data_offsets", JsonParser.parseString("[" + start + "," + data.size() + "]"));
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        Files.write(
                file,
                ByteBuffer.allocate(Long.BYTES + text.length + data.size())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(text.length)
                        .put(text)
                        .put(data.toByteArray())
                        .array());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "aligned"})
    void aFolderWithoutItsConfigIsToldSo(String side) throws IOException {
        FolderFixture pair = FolderFixture.of("llama");
        Path copy = copyOf(side.equals("sft") ? pair.sft() : pair.aligned());
        Files.delete(copy.resolve("config.json"));
        Path sft = side.equals("sft") ? copy : pair.sft();
        Path aligned = side.equals("sft") ? pair.aligned() : copy;

        Ran ran = Ran.run("plan", "--sft", sft, "--aligned", aligned, "--like", pair.template());
        Ran doctor = Ran.run("doctor", sft, aligned, pair.template());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains(
                        "warning: " + side + " has no config.json, so that nothing proves its heads, rotary embeddings"
                                + " and epsilons to be those of the template: download it, too\n");
        assertThat(doctor.out().replaceAll("\\s+", " "))
                .contains("folder of a Hugging Face model without config.json, which says heads, rotary embeddings and"
                        + " epsilons (download it, too): 21,664 weights")
                .contains(" are a pair")
                .doesNotContain("architecture unknown", "not a pair");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "aligned"})
    void weightsOfEightBitsWithoutTheirScalesAreNamed(String side) throws IOException {
        FolderFixture pair = FolderFixture.of("llama_fp8");
        Path copy = copyOf(side.equals("sft") ? pair.sft() : pair.aligned());
        replace(copy, "down_proj.weight_scale", "down_proj.weight_other");
        Path sft = side.equals("sft") ? copy : pair.sft();
        Path aligned = side.equals("sft") ? pair.aligned() : copy;

        Ran ran = Ran.run("plan", "--sft", sft, "--aligned", aligned, "--like", pair.template());

        assertThat(ran.exitCode()).isEqualTo(ExitCode.BAD_INPUT.code());
        String name = "model.layers.0.mlp.down_proj.";
        assertThat(ran.err())
                .contains(side + ": tensor '" + name + "weight' of type F8_E4M3 has no scales beside it, expected '"
                        + name + "weight_scale_inv' or '" + name + "weight_scale' or '" + name + "qscale_weight'. By"
                        + " themselves they are of another size than the weights of ")
                .contains("; take the folder with its scales, or the one that it was quantized from")
                .doesNotContain("relative distance");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "aligned"})
    void anotherSizeOfTheVocabularyIsNamed(String side) throws IOException {
        FolderFixture pair = FolderFixture.of("llama");
        Path copy = copyOf(side.equals("sft") ? pair.sft() : pair.aligned());
        JsonObject config = config(copy);
        config.addProperty("vocab_size", 24);
        Files.writeString(copy.resolve("config.json"), config.toString());
        cutTokens(copy, 24);
        Path sft = side.equals("sft") ? copy : pair.sft();
        Path aligned = side.equals("sft") ? pair.aligned() : copy;

        Ran ran = Ran.run("plan", "--sft", sft, "--aligned", aligned, "--like", pair.template());

        assertThat(ran.exitCode()).isEqualTo(ExitCode.MISMATCH.code());
        assertThat(ran.err())
                .containsPattern("tensor 'token_embd.weight' .*; vocab_size of config.json is 24, and "
                        + (side.equals("sft") ? "aligned" : "like.gguf") + " has 48 tokens");
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
            boolean isWhole = value.isJsonPrimitive()
                    && value.getAsString().matches("[0-9]{1,6}")
                    && !key.matches("hidden_size|vocab_size|head_dim|num_.*"); // which transformers takes as they are
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
