package io.github.expogguf.convert.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.github.expogguf.ExpoException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.safetensors.SafetensorsBytes;
import io.github.expogguf.testing.FolderFixture;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that PEFT wrote beside what PEFT's own merge, the real converter and torch make of them. */
class PeftAdapterTest {

    private static final Path ADAPTERS = Path.of("src", "test", "resources", "folders", "adapters");
    private static final String CONFIG = "adapter_config.json";
    private static final String MODEL = "adapter_model.safetensors";

    @TempDir
    private Path directory;

    static Stream<String> names() throws IOException {
        try (Stream<Path> folders = Files.list(ADAPTERS)) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("expected.txt")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static FolderFixture base(String name) {
        return FolderFixture.of(name.substring(0, name.indexOf('_')));
    }

    private static Ingredients<Path> adapted(String name, Path adapter) {
        FolderFixture base = base(name);
        return Ingredients.adapted(base.sft(), List.of(new Ingredients.Adapter<>(adapter, 1)))
                .withTemplate(base.template());
    }

    @ParameterizedTest
    @MethodSource("names")
    void extrapolatesWhatPeftMerges(String name) throws IOException {
        Ingredients<Path> inputs = adapted(name, ADAPTERS.resolve(name));
        Path merged = directory.resolve("merged.gguf");
        Path extrapolated = directory.resolve("extrapolated.gguf");
        try (Extrapolator models = Extrapolator.open(inputs)) {
            models.write(options(0), merged, OutputOptions.defaults());
            models.write(options(0.5f), extrapolated, OutputOptions.defaults());
        }
        try (GgufModel zero = GgufModel.open(merged);
                GgufModel half = GgufModel.open(extrapolated)) {
            List<String> lines = Files.readAllLines(ADAPTERS.resolve(name).resolve("expected.txt"));
            assertThat(zero.header().tensors()).hasSameSizeAs(lines);
            for (String line : lines) {
                List<String> fields = List.of(line.split("\t"));
                assertThat(sha256(zero, fields.getFirst())).as(line).isEqualTo(fields.get(2));
                assertThat(sha256(half, fields.getFirst())).as(line).isEqualTo(fields.get(3));
            }
            assertThat(half.header()
                            .metadata()
                            .get("expo.adapter.0.files")
                            .orElseThrow()
                            .asStrings())
                    .containsExactly(name + "/" + MODEL, name + "/" + CONFIG);
            assertThat(half.header().metadata().string("general.base_model.1.name"))
                    .contains(name);
        }
        VerificationReport verified = Verifier.verify(extrapolated, inputs, WorkOptions.defaults());
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.recomputed()).isTrue();
    }

    private static PlanOptions options(float alpha) {
        return TypeChoice.parse("F32").in(PlanOptions.builder().alpha(alpha).build());
    }

    private static String sha256(GgufModel model, String name) throws IOException {
        TensorInfo tensor = model.header().tensors().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        return sha256(GgmlFloats.of(model, tensor));
    }

    private static String sha256(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        MessageDigest digest = Sha256.newDigest();
        digest.update(bytes);
        return Sha256.digits(digest);
    }

    @Test
    void scalesArePeftsAndNothingIsDoubted() throws IOException {
        try (Extrapolator models = Extrapolator.open(adapted("qwen3_rslora", ADAPTERS.resolve("qwen3_rslora")))) {
            assertThat(models.adapters())
                    .containsExactly(new AdapterSummary("qwen3_rslora", 1, 4, 4, 16, 1, 4, true, 7, 0));
            assertThat(models.adapters().getFirst().isDoubtful()).isFalse();
        }
    }

    @Test
    void theFileOfTensorsNamesTheAdapterToo() throws IOException {
        ModelHeader base = header("llama");
        try (PeftAdapter folder = PeftAdapter.open(ADAPTERS.resolve("llama_plain"), base);
                PeftAdapter file =
                        PeftAdapter.open(ADAPTERS.resolve("llama_plain").resolve(MODEL), base)) {
            assertThat(file.header().name()).isEqualTo("llama_plain");
            assertThat(file.header().tensors()).isEqualTo(folder.header().tensors());
        }
    }

    @Test
    void noAdapterIsAModel() {
        FolderFixture base = FolderFixture.of("llama");
        for (Path adapter : List.of(
                ADAPTERS.resolve("llama_plain"), ADAPTERS.resolve("llama_plain").resolve(MODEL))) {
            assertThatThrownBy(() -> Extrapolator.open(Ingredients.pair(adapter, base.template())))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessage(adapter
                            + ": a LoRA adapter as PEFT saved it, no model: it goes with its base, as an adapter");
            assertThatThrownBy(() -> Extrapolator.open(Ingredients.pair(base.template(), adapter)))
                    .isInstanceOf(UnsupportedTypeException.class);
        }
    }

    private static ModelHeader header(String name) throws IOException {
        try (GgufModel model = GgufModel.open(FolderFixture.of(name).template())) {
            return model.header();
        }
    }

    @Test
    void refusesDoraByName() throws IOException {
        ModelHeader base = header("llama");

        Path dora = ADAPTERS.resolve("llama_dora");
        assertThatThrownBy(() -> PeftAdapter.open(dora, base))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageStartingWith(dora.resolve(CONFIG) + ": use_dora: DoRA gives each row a length of its own")
                .hasMessageEndingWith("; merge the adapter in PEFT (merge_and_unload), and take the result as the"
                        + " aligned model");
        Path folder = changed("llama_dora", "\"use_dora\": true", "\"use_dora\": false");
        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageStartingWith(folder.resolve(CONFIG) + ": lora_magnitude_vector: DoRA");
    }

    /** As PEFT 0.21 saves them, beside those of the attention. */
    @Test
    void refusesFactorsOfExpertsByName() throws IOException {
        ModelHeader base = header("mixtral");

        Path experts = ADAPTERS.resolve("mixtral_experts");
        assertThatThrownBy(() -> PeftAdapter.open(experts, base))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(
                        experts.resolve(CONFIG)
                                + ": target_parameters: factors of parameters that are no linear layer; merge the adapter in PEFT (merge_and_unload), and take the result as the aligned model");
    }

    private Path changed(String name, String from, String to) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("changed"));
        Files.copy(ADAPTERS.resolve(name).resolve(MODEL), folder.resolve(MODEL));
        String config = Files.readString(ADAPTERS.resolve(name).resolve(CONFIG));
        assertThat(config).contains(from);
        Files.writeString(folder.resolve(CONFIG), config.replace(from, to));
        return folder;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"peft_type\": \"LORA\" | \"peft_type\": \"IA3\" | peft_type is 'IA3', expected 'LORA'",
                "\"trainable_token_indices\": null | \"trainable_token_indices\": [1] | trainable_token_indices: rows",
                "\"target_parameters\": null | \"target_parameters\": [\"w\"] | target_parameters: factors",
                "\"layer_replication\": null | \"layer_replication\": [[0, 2]] | layer_replication: layers",
                "\"lora_bias\": false | \"lora_bias\": true | lora_bias: factors with a bias",
                "\"alora_invocation_tokens\": null | \"alora_invocation_tokens\": [5] | alora_invocation_tokens: active",
                "\"init_lora_weights\": true | \"init_lora_weights\": \"pissa_niter_4\" | init_lora_weights: 'pissa_niter_4'"
            })
    void refusesOtherKindsByName(String from, String to, String words) throws IOException {
        Path folder = changed("llama_plain", from, to);
        ModelHeader base = header("llama");

        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageStartingWith(folder.resolve(CONFIG) + ": " + words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"lora_alpha\": 8 | \"lora_alpha\": \"8\" | lora_alpha is the text '8', expected a number within the 32-bit floats; download",
                "\"lora_alpha\": 8 | \"lora_alpha\": true | lora_alpha is true, expected a number",
                "\"lora_alpha\": 8 | \"lora_alpha\": NaN | lora_alpha is NaN, expected a number",
                "\"lora_alpha\": 8 | \"lora_alpha\": 1e400 | lora_alpha is 1e400, expected a number within the 32-bit floats",
                "\"lora_alpha\": 8 | \"lora_alpha\": 1e300 | lora_alpha is 1e300, expected a number within",
                "\"lora_alpha\": 8 | \"lora_alpha\": 1e-300 | lora_alpha is 1e-300, expected a number within",
                "\"alpha_pattern\": {} | \"alpha_pattern\": {\"q_proj\": 1e39} | alpha_pattern['q_proj'] is 1e39, expected a number",
                "\"alpha_pattern\": {} | \"alpha_pattern\": {\"q_proj\": \"8\"} | alpha_pattern['q_proj'] is the text '8', expected",
                "\"alpha_pattern\": {} | \"alpha_pattern\": [8] | alpha_pattern is an array, expected an object; download",
                "\"rank_pattern\": {} | \"rank_pattern\": [1] | rank_pattern is an array, expected an object; download",
                "\"rank_pattern\": {} | \"rank_pattern\": {\"q_proj\": 4.0} | rank_pattern['q_proj'] is 4.0, expected a whole number of 1",
                "\"modules_to_save\": null | \"modules_to_save\": \"lm_head\" | modules_to_save is the text 'lm_head', expected an array",
                "\"modules_to_save\": null | \"modules_to_save\": [\"x\", 7] | modules_to_save[1] is 7, expected a text; download",
                "\"r\": 4 | \"r\": 4.0 | r is 4.0, expected a whole number of 1 or more; download adapter_config.json again, or correct it there",
                "\"r\": 4 | \"r\": \"4\" | r is the text '4', expected a whole number of 1 or more",
                "\"r\": 4 | \"r\": 0 | r is 0, expected a whole number of 1 or more",
                "\"use_rslora\": false | \"use_rslora\": \"false\" | use_rslora is the text 'false', expected true or false",
                "\"use_dora\": false | \"use_dora\": \"false\" | use_dora is the text 'false', expected true or false",
                "\"layers_to_transform\": null | \"layers_to_transform\": \"1\" | layers_to_transform is the text '1', expected a whole number",
                "\"layers_to_transform\": null | \"layers_to_transform\": [1, -1] | layers_to_transform[1] is -1, expected a whole number of 0",
                "\"layers_pattern\": null | \"layers_pattern\": [\"h\"] | layers_to_transform is null, expected layers, as",
                "\"target_modules\": [ | \"layers_to_transform\": [1], \"target_modules\": \".*\", \"x\": [ | layers_to_transform is an array, expected null beside a text",
                "\"exclude_modules\": null | \"exclude_modules\": {\"a\": 1} | exclude_modules is an object, expected a text, or an array of such",
                "\"lora_alpha\": 8 | \"alpha\": 8 | lora_alpha is missing, expected a number; download",
                "\"rank_pattern\": {} | \"rank_pattern\": {\"(a\": 4} | rank_pattern: '(a' is no regular expression that can be used: ",
                "\"rank_pattern\": {} | \"rank_pattern\": {\"(?P<a>x)?(?(a)y)\": 4} | rank_pattern: '(?P<a>x)?(?(a)y)' is no regular expression that can be used: what begins with '(?(a' is not read; the names of the modules will do in its place",
                "\"rank_pattern\": {} | \"rank_pattern\": {\"(.*.*.*.*)*x\": 4} | rank_pattern: '(.*.*.*.*)*x' is no regular expression that can be used: it takes too long"
            })
    void refusesSettingsThatAreNone(String from, String to, String words) throws IOException {
        Path folder = changed("llama_plain", from, to);
        ModelHeader base = header("llama");

        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith(folder.resolve(CONFIG) + ": " + words);
    }

    @Test
    void saysWhatIsNotThere() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));

        refused(
                empty,
                "no adapter_model.safetensors in this folder, expected a folder that PEFT wrote, or a"
                        + " GGUF of the adapter");
        Files.createFile(empty.resolve("adapter_model.bin"));
        refused(
                empty,
                "no adapter_model.safetensors in this folder, and adapter_model.bin, which only PyTorch reads,"
                        + " is not read");
        Files.copy(ADAPTERS.resolve("llama_plain").resolve(MODEL), empty.resolve(MODEL));
        refused(
                empty,
                "no adapter_config.json, which PEFT writes beside the factors of an adapter and which says how they are"
                        + " scaled; download it, too, into the same folder");
        Path config = Files.createDirectory(directory.resolve("config"));
        Files.copy(ADAPTERS.resolve("llama_plain").resolve(CONFIG), config.resolve(CONFIG));
        refused(
                config,
                "no adapter_model.safetensors in this folder beside adapter_config.json; is the download complete?");
        refused(
                FolderFixture.of("llama").sft(),
                "no adapter_model.safetensors in this folder, which is a model's: it goes in as the aligned model,"
                        + " not as an adapter");
    }

    /** One bit of every byte. */
    @ParameterizedTest
    @ValueSource(strings = {CONFIG, MODEL})
    void aBitThatIsTurnedOverIsRefusedOrHarmless(String file) throws IOException {
        ModelHeader base = header("gemma3");
        Path folder = changed("gemma3_norms", "\"r\": 4", "\"r\": 4");
        byte[] whole = Files.readAllBytes(folder.resolve(file));
        int refused = 0;
        int end = Math.min(whole.length, 1024); // behind it are weights
        for (int at = 0; at < end; at++) {
            byte[] turned = whole.clone();
            turned[at] ^= (byte) (1 << at % Byte.SIZE);
            Files.write(folder.resolve(file), turned);
            try (PeftAdapter adapter = PeftAdapter.open(folder, base)) {
                assertThat(adapter.header().tensors()).isNotEmpty();
            } catch (ExpoException declared) {
                refused++;
            }
        }
        assertThat(refused).isBetween(end / 4, end - 1);
    }

    private static void refused(Path folder, String message) throws IOException {
        ModelHeader base = header("llama");
        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessage(folder + ": " + message);
    }

    @Test
    void listsWhatIsNotInTheModel() throws IOException {
        ModelHeader base = header("phi3");

        assertThatThrownBy(() -> PeftAdapter.open(ADAPTERS.resolve("llama_saved"), base))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageStartingWith(ADAPTERS.resolve("llama_saved") + " is no LoRA adapter for like.gguf:\n  ")
                .hasMessageContaining("module 'model.layers.1.self_attn.q_proj': no tensor of the model is made of it"
                        + " (by the rules for 'phi3')")
                .hasMessageContaining("tensor 'base_model.model.model.layers.1.input_layernorm.weight': no tensor of");
    }

    @Test
    void aRankThatTheFileDoesNotHaveIsRefused() throws IOException {
        Path folder = changed("llama_plain", "\"rank_pattern\": {}", "\"rank_pattern\": {\"q_proj\": 3}");
        ModelHeader base = header("llama");

        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("module 'model.layers.0.self_attn.q_proj': lora_A and lora_B are of rank 4, by"
                        + " adapter_config.json of rank 3");
    }

    /** PEFT 0.21 loads such an adapter without a word, and without these factors. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "llama_plain | exclude_modules | [\"o_proj\", \"v\"] | model.layers.0.self_attn.o_proj | 2",
                "llama_plain | exclude_modules | \".*(?P<part>mlp).*_proj\" | model.layers.0.mlp.down_proj | 6",
                "llama_saved | layers_to_transform | [0, 7] | model.layers.1.self_attn.q_proj | 2",
                "llama_saved | layers_to_transform | 1 | model.layers.0.self_attn.q_proj | 2",
                "llama_plain | modules_to_save | [\"self_attn\"] | model.layers.0.self_attn.k_proj | 8"
            })
    void factorsThatPeftPassesOverAreRefused(String name, String key, String value, String module, int count)
            throws IOException {
        Path folder = changed(name, "\"" + key + "\": null", "\"" + key + "\": " + value);
        ModelHeader base = header("llama");

        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOfSatisfying(
                        ModelMismatchException.class,
                        refusal -> assertThat(refusal.differences())
                                .filteredOn(each -> each.contains("PEFT passes over them"))
                                .hasSize(count)
                                .first()
                                .asString()
                                .isEqualTo("module '" + module + "' has lora_A and lora_B, and by " + key
                                        + " (adapter_config.json) none, so that PEFT passes over them"))
                .hasMessageEndingWith("\nthe two files are not of one training: download adapter_config.json and"
                        + " adapter_model.safetensors again");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"layers_to_transform\": null | \"layers_to_transform\": [7]",
                "\"exclude_modules\": null | \"exclude_modules\": [\"proj\", \"q_pro\"]",
                "\"exclude_modules\": null | \"exclude_modules\": \"q_proj\"",
                "\"exclude_modules\": null | \"exclude_modules\": \"\"",
                "\"modules_to_save\": null | \"modules_to_save\": [\"score\"]"
            })
    void namesThatExcludeNothingChangeNothing(String from, String to) throws IOException {
        Path folder = changed("llama_plain", from, to);
        ModelHeader base = header("llama");

        try (PeftAdapter plain = PeftAdapter.open(ADAPTERS.resolve("llama_plain"), base);
                PeftAdapter same = PeftAdapter.open(folder, base)) {
            assertThat(same.header().tensors()).isEqualTo(plain.header().tensors());
        }
    }

    /** As transformers' load_adapter reads them; PEFT itself passes over all of them, and warns. */
    @Test
    void namesMayBeWithoutTheirFirstPart() throws IOException {
        Path folder = changed("llama_plain", "\"r\": 4", "\"r\": 4");
        SafetensorsBytes.rewriteHeader(folder.resolve(MODEL), header -> header.replace("base_model.model.", ""));
        ModelHeader base = header("llama");

        try (PeftAdapter plain = PeftAdapter.open(ADAPTERS.resolve("llama_plain"), base);
                PeftAdapter same = PeftAdapter.open(folder, base)) {
            assertThat(same.header().tensors()).isEqualTo(plain.header().tensors());
            for (TensorInfo tensor : plain.header().tensors()) {
                assertThat(GgmlFloats.of(same, tensor)).isEqualTo(GgmlFloats.of(plain, tensor));
            }
        }
    }

    private static final String QUERIES = "base_model.model.model.layers.0.self_attn.q_proj";

    private void refusedFor(Path folder, String message) throws IOException {
        ModelHeader base = header("llama");
        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessage(folder + " is no LoRA adapter for like.gguf:\n  " + message
                        + "\nan adapter goes with the very model that it was trained on, by adapter_config.json"
                        + " 'llama'");
    }

    @Test
    void shapesOfOtherModelsAreToldBesideTheRightOnes() throws IOException {
        Path folder =
                changed("llama_plain", "\"rank_pattern\": {}", "\"rank_pattern\": {\"layers.0.self_attn.q_proj\": 8}");
        SafetensorsBytes.rewriteHeader(
                folder.resolve(MODEL),
                header -> header.replace(
                                QUERIES + ".lora_A.weight\":{\"dtype\":\"F32\",\"shape\":[4,32]",
                                QUERIES + ".lora_A.weight\":{\"dtype\":\"F32\",\"shape\":[8,16]")
                        .replace(
                                QUERIES + ".lora_B.weight\":{\"dtype\":\"F32\",\"shape\":[32,4]",
                                QUERIES + ".lora_B.weight\":{\"dtype\":\"F32\",\"shape\":[16,8]"));

        refusedFor(
                folder,
                "module 'model.layers.0.self_attn.q_proj': lora_A is [8, 16] and lora_B [16, 8], expected [8, 32] and"
                        + " [32, 8] for 'blk.0.attn_q.weight'");
    }

    @Test
    void factorsOfTurnedMatricesAreToldBesideTheRightOnes() throws IOException {
        Path folder = changed("llama_plain", "\"r\": 4", "\"r\": 4");
        SafetensorsBytes.rewriteHeader(
                folder.resolve(MODEL),
                header -> header.replace("layers.0.mlp.up_proj", "layers.0.mlp.x")
                        .replace("layers.0.mlp.down_proj", "layers.0.mlp.up_proj")
                        .replace("layers.0.mlp.x", "layers.0.mlp.down_proj"));

        refusedFor(
                folder,
                "module 'model.layers.0.mlp.down_proj': lora_A is [4, 32] and lora_B [64, 4], expected [4, 64] and"
                        + " [32, 4] for 'blk.0.ffn_down.weight'\n  "
                        + "module 'model.layers.0.mlp.up_proj': lora_A is [4, 64] and lora_B [32, 4], expected [4, 32]"
                        + " and [64, 4] for 'blk.0.ffn_up.weight'");
    }

    @Test
    void shapesOfWholeTensorsAreToldBesideTheRightOnes() throws IOException {
        Path folder = changed("llama_saved", "\"r\": 4", "\"r\": 4");
        SafetensorsBytes.rewriteHeader(
                folder.resolve(MODEL),
                header -> header.replace(
                                "model.embed_tokens.weight\":{\"dtype\":\"F32\",\"shape\":[48,32]",
                                "model.embed_tokens.weight\":{\"dtype\":\"F32\",\"shape\":[32,48]")
                        .replace(
                                "lm_head.weight\":{\"dtype\":\"F32\",\"shape\":[48,32]",
                                "lm_head.weight\":{\"dtype\":\"F16\",\"shape\":[96,32]")
                        .replace(
                                "layers.0.input_layernorm.weight\":{\"dtype\":\"F32\",\"shape\":[32]",
                                "layers.0.input_layernorm.weight\":{\"dtype\":\"F16\",\"shape\":[64]"));

        refusedFor(
                folder,
                "tensor 'base_model.model.model.embed_tokens.weight' is [32, 48], expected [48, 32] for"
                        + " 'token_embd.weight'\n  "
                        + "tensor 'base_model.model.lm_head.weight' is [96, 32], expected [48, 32] for 'output.weight': the"
                        + " adapter has other tokens than the model; merge it in PEFT (merge_and_unload), and take the"
                        + " result as the aligned model\n  "
                        + "tensor 'base_model.model.model.layers.0.input_layernorm.weight' is [64], expected [32] for"
                        + " 'blk.0.attn_norm.weight'");
    }

    /** A name may have parts that PEFT leaves out or puts in. */
    @Test
    void tensorsForOnePlaceAreNamed() throws IOException {
        Path folder = changed("llama_plain", "\"r\": 4", "\"r\": 4");
        SafetensorsBytes.rewriteHeader(
                folder.resolve(MODEL),
                header -> header.replace(
                        QUERIES.replace(".0.", ".1.") + ".lora_A.weight", QUERIES + ".lora_A.default.weight"));

        ModelHeader base = header("llama");
        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining(QUERIES + ".lora_A.default.weight'")
                .hasMessageContaining(" are for the same place, expected one of them");
    }

    @Test
    void aHalfThatIsAloneIsNamed() throws IOException {
        Path folder = changed("llama_plain", "\"r\": 4", "\"r\": 4");
        SafetensorsBytes.rewriteHeader(
                folder.resolve(MODEL), header -> header.replace(QUERIES + ".lora_A.weight", "gone.weight"));

        ModelHeader base = header("llama");
        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining(
                        "\n  module 'model.layers.0.self_attn.q_proj' has lora_B, expected lora_A and lora_B:"
                                + " download adapter_model.safetensors again");
    }

    @Test
    void whatIsNoNumberIsNamedAsItsFileHasIt() throws IOException {
        Path folder = changed("llama_plain", "\"r\": 4", "\"r\": 4");
        SafetensorsBytes.overwrite(
                folder.resolve(MODEL), QUERIES + ".lora_A.weight", new byte[] {0, 0, (byte) 0xc0, 0x7f});

        try (Extrapolator models = Extrapolator.open(adapted("llama_plain", folder))) {
            assertThatThrownBy(() -> models.write(options(0), directory.resolve("x.gguf"), OutputOptions.defaults()))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage(folder.resolve(MODEL) + ": tensor '" + QUERIES
                            + ".lora_A.weight': 1 of 128 values are infinite or NaN");
        }
    }

    @Test
    void modulesThatAreSaidToBeSavedHaveToBeThere() throws IOException {
        Path folder =
                changed("llama_plain", "\"modules_to_save\": null", "\"modules_to_save\": [\"lm_head\", \"score\"]");

        refusedFor(
                folder,
                "module 'lm_head' of modules_to_save (adapter_config.json): there is no tensor of it in"
                        + " adapter_model.safetensors");
    }

    /** PEFT sets it to what a layer is, and warns; factors of a linear one are never turned. */
    @Test
    void fanInFanOutChangesNoLinearLayer() throws IOException {
        Path folder = changed("llama_plain", "\"fan_in_fan_out\": false", "\"fan_in_fan_out\": true");
        ModelHeader base = header("llama");

        try (PeftAdapter plain = PeftAdapter.open(ADAPTERS.resolve("llama_plain"), base);
                PeftAdapter same = PeftAdapter.open(folder, base)) {
            assertThat(same.header().tensors()).isEqualTo(plain.header().tensors());
            for (TensorInfo tensor : plain.header().tensors()) {
                assertThat(GgmlFloats.of(same, tensor)).isEqualTo(GgmlFloats.of(plain, tensor));
            }
        }
    }

    /** Of a model without weights, so that what PEFT merges is the difference itself; make_folders.py says how. */
    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void layersThatStoreInputsFirstAreTurned(String flag) throws IOException {
        Path folder = changed("gpt2_turned", "\"fan_in_fan_out\": true", "\"fan_in_fan_out\": " + flag);
        List<String> lines = Files.readAllLines(ADAPTERS.resolve("gpt2_turned").resolve("merged.txt"));
        List<TensorInfo> tensors = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split("\t");
            String[] sizes = fields[1].split("x");
            Shape shape = new Shape(Long.parseLong(sizes[0]), Long.parseLong(sizes[1]));
            tensors.add(new TensorInfo(fields[0], GgmlType.F32, shape, 0));
        }
        Metadata metadata = new Metadata(Map.of("general.architecture", MetadataValue.ofString("gpt2")));

        try (PeftAdapter adapter = PeftAdapter.open(folder, new ModelHeader("base.gguf", metadata, tensors))) {
            assertThat(adapter.header().tensors()).hasSize(2 * tensors.size());
            for (int i = 0; i < tensors.size(); i++) {
                assertThat(sha256(product(adapter, tensors.get(i))))
                        .as(lines.get(i))
                        .isEqualTo(lines.get(i).split("\t")[2]);
            }
        }
    }

    private static float[] product(PeftAdapter adapter, TensorInfo tensor) throws IOException {
        float[] a = factor(adapter, tensor.name() + ".lora_a");
        float[] b = factor(adapter, tensor.name() + ".lora_b");
        int columns = (int) tensor.shape().rowLength();
        int rows = (int) tensor.shape().dimension(1);
        int rank = a.length / columns;
        float scale = (float) adapter.header()
                .metadata()
                .get(PeftAdapter.SCALE + tensor.name())
                .orElseThrow()
                .asDouble();
        float[] product = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                float sum = 0;
                for (int k = 0; k < rank; k++) {
                    sum += b[row * rank + k] * a[k * columns + column];
                }
                product[row * columns + column] = scale * sum;
            }
        }
        return product;
    }

    private static float[] factor(PeftAdapter adapter, String name) throws IOException {
        return GgmlFloats.of(
                adapter,
                adapter.header().tensors().stream()
                        .filter(tensor -> tensor.name().equals(name))
                        .findFirst()
                        .orElseThrow());
    }

    /** Falcon-H1's multipliers stand in the base model's config.json. */
    @Test
    void numbersThatARuleNeedsAreAskedFor() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("falcon"));
        Files.writeString(folder.resolve(CONFIG), "{\"peft_type\":\"LORA\",\"r\":1,\"lora_alpha\":2}");
        String module = "\"base_model.model.model.layers.0.self_attn.q_proj.lora_";
        Files.write(
                folder.resolve(MODEL),
                SafetensorsBytes.file(
                        "{" + module + "A.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}," + module
                                + "B.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[8,16]}}",
                        16));
        Map<String, MetadataValue> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", MetadataValue.ofString("falcon-h1"));
        TensorInfo tensor = new TensorInfo("blk.0.attn_q.weight", GgmlType.F32, new Shape(2, 2), 0);
        ModelHeader base = new ModelHeader("base.gguf", new Metadata(metadata), List.of(tensor));

        assertThatThrownBy(() -> PeftAdapter.open(folder, base))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("tensor 'blk.0.attn_q.weight' is made by 'layers.0.self_attn.q_proj.weight"
                        + " times(config.attention_in_multiplier)', and attention_in_multiplier is not known: it stands"
                        + " in the base model's config.json, which can be put beside adapter_config.json");

        Files.writeString(folder.resolve("config.json"), "{\"attention_in_multiplier\":0.5}");
        try (PeftAdapter adapter = PeftAdapter.open(folder, base)) {
            TensorInfo left = adapter.header().tensors().stream()
                    .filter(each -> each.name().endsWith(".lora_b"))
                    .findFirst()
                    .orElseThrow();
            float[] values = GgmlFloats.of(adapter, left);
            ByteBuffer stored =
                    ByteBuffer.wrap(new byte[] {8, 9, 10, 11, 12, 13, 14, 15}).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(values[0]).isCloseTo(stored.getFloat() / 2, offset(0f));
            assertThat(values[1]).isCloseTo(stored.getFloat() / 2, offset(0f));
        }
    }
}
