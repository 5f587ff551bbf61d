package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.safetensors.SafetensorsBytes;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hugging Face folders in the commands; the values are tested where they are computed. */
class FoldersCommandTest {

    @TempDir
    private Path directory;

    private static Path fixture(String name) {
        try {
            return Path.of(Objects.requireNonNull(FoldersCommandTest.class.getResource("/folders/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path copy(String name) throws IOException {
        Path from = fixture(name);
        Path to = directory.resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    private static Ran run(ExitCode expected, Object... words) {
        Ran ran = Ran.run(words);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(expected.code());
        return ran;
    }

    private static Object[] pair(String command, Path sft, Path folder) {
        return new Object[] {
            command, "--sft", sft, "--aligned", folder.resolve("aligned"), "--like", folder.resolve("like.gguf")
        };
    }

    @Test
    void writesVerifiesAndNamesFolders() throws IOException {
        Path pair = copy("llama_shards");
        Path output = directory.resolve("out.gguf");
        Path card = directory.resolve("README.md");
        run(ExitCode.OK, with(pair("extrapolate", pair.resolve("sft"), pair), "--card", "-o", output));

        assertThat(run(ExitCode.OK, "inspect", output).out())
                .contains("\"aligned/model-00001-of-00004.safetensors\"", "\"sft/model-00001-of-00004.safetensors\"");
        assertThat(Files.readString(card))
                .contains("--sft sft --aligned aligned --like like.gguf", "`aligned/model-00001-of-00004.safetensors`");
        run(ExitCode.OK, with(pair("verify", pair.resolve("sft"), pair), output));
    }

    private static Object[] with(Object[] words, Object... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }

    @Test
    void planShowsTheEvidence() {
        Path pair = fixture("llama");
        Object[] words = pair("plan", pair.resolve("sft"), pair);
        Ran plan = run(ExitCode.OK, words);
        assertThat(plan.out())
                .contains("folder  aligned: 21 tensors")
                .contains("blk.N.attn_q.weight < layers.N.self_attn.q_proj.weight split(0,");
        assertThat(plan.out().lines().dropWhile(line -> !line.startsWith("folder")))
                .allMatch(line -> line.length() <= 80);
        JsonObject tensor = run(ExitCode.OK, with(words, "--json"))
                .json()
                .getAsJsonArray("folders")
                .get(1)
                .getAsJsonObject()
                .getAsJsonArray("tensors")
                .get(0)
                .getAsJsonObject();
        assertThat(tensor.get("name").getAsString()).isEqualTo("output.weight");
        assertThat(tensor.getAsJsonArray("sources").get(0).getAsString()).isEqualTo("lm_head.weight");
        assertThat(tensor.get("distance").getAsDouble()).isBetween(1e-6, 0.05);
        assertThat(tensor.get("cosine").getAsDouble()).isBetween(0.99, 1.0);
    }

    @Test
    void templatesAreAskedForAndRefused() {
        Path pair = fixture("llama");
        Path sft = pair.resolve("sft");
        assertThat(run(ExitCode.USAGE, "plan", "--sft", sft, "--aligned", pair.resolve("aligned"))
                        .err())
                .contains("add --like MODEL.gguf, any GGUF of the same model;");
        Path adapter = Path.of("src/test/resources/folders/adapters/llama_plain");
        assertThat(run(ExitCode.USAGE, "plan", "--sft", sft, "--adapter", adapter)
                        .err())
                .contains("add --like MODEL.gguf, any GGUF of the SFT model, to which the adapter is added;");
        Path template = pair.resolve("like.gguf");
        assertThat(run(ExitCode.USAGE, "plan", "--sft", sft, "--aligned", template, "--like", template)
                        .err())
                .contains("--like is for an aligned model in safetensors");
    }

    @Test
    void whatIsNoModelIsNotCalledAGguf() throws IOException {
        Path pair = fixture("llama");
        Object[] words = {"plan", "--sft", pair.resolve("sft"), "--like", pair.resolve("like.gguf"), "--aligned"};
        assertThat(run(ExitCode.IO, with(words, "aligmed")).err()).endsWith("aligmed: no such file\n");
        Path pointer = Files.writeString(
                directory.resolve("model.gguf"), "version https://git-lfs.github.com/spec/v1\nsize 5\n");
        assertThat(run(ExitCode.BAD_INPUT, with(words, pointer)).err())
                .contains("a Git LFS pointer", "git lfs pull")
                .doesNotContain("is a GGUF");
        Path empty = Files.createFile(directory.resolve("model.safetensors"));
        assertThat(run(ExitCode.BAD_INPUT, with(words, empty)).err()).containsOnlyOnce("is the download complete?");
        Files.copy(pointer, empty, StandardCopyOption.REPLACE_EXISTING);
        assertThat(run(ExitCode.BAD_INPUT, with(words, empty)).err()).containsOnlyOnce("git lfs pull");
    }

    @Test
    void evidenceTellsFilesOfOneNameApart() throws IOException {
        Path pair = fixture("llama");
        Object[] words = {
            "plan",
            "--sft",
            pair.resolve("sft/model.safetensors"),
            "--aligned",
            pair.resolve("aligned/model.safetensors"),
            "--like",
            pair.resolve("like.gguf")
        };
        assertThat(run(ExitCode.OK, words).out())
                .contains("folder  aligned/model.safetensors: 21 tensors", "folder  sft/model.safetensors: 21 tensors");
        assertThat(run(ExitCode.OK, with(words, "--json")).json().getAsJsonArray("folders"))
                .extracting(folder -> folder.getAsJsonObject().get("path").getAsString())
                .containsExactly(words[4].toString(), words[2].toString());
    }

    @Test
    void anotherModelIsNoTemplateAndNoPair() {
        Path pair = fixture("llama");
        assertThat(run(ExitCode.MISMATCH, pair("plan", fixture("mistral").resolve("sft"), pair))
                        .err())
                .contains("sft does not hold the weights of aligned", "closest is", "at most 0.45");
    }

    @Test
    void differentHyperParametersAreNamed() throws IOException {
        Path pair = copy("llama");
        Object[] words = pair("plan", pair.resolve("sft"), pair);
        edit(pair.resolve("sft/config.json"), "10000.0", "20000.0");
        assertThat(run(ExitCode.MISMATCH, words).err()).contains("llama.rope.freq_base");
        edit(pair.resolve("aligned/config.json"), "10000.0", "20000.0");
        assertThat(run(ExitCode.MISMATCH, words).err())
                .contains("like.gguf is no template for aligned", "llama.rope.freq_base");
    }

    @Test
    void missingTensorsAreNamedWithWhatIsThere() throws IOException {
        Path pair = copy("llama");
        Path file = pair.resolve("aligned/model.safetensors");
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        Files.write(
                file,
                bytes.replace("layers.1.mlp.up_proj", "layers.1.mlp.ub_proj").getBytes(StandardCharsets.ISO_8859_1));
        assertThat(run(ExitCode.MISMATCH, pair("plan", pair.resolve("sft"), pair))
                        .err())
                .contains("1 of 21 tensors are not explained", "'blk.1.ffn_up.weight'", "layers.1.mlp.up_proj.weight");
    }

    /** The folder and its own GGUF are no pair, though no file of theirs is the same. */
    @Test
    void theSameModelAsFolderAndGgufIsNoPair() {
        Path pair = fixture("llama");
        Path aligned = pair.resolve("aligned");
        Path gguf = directory.resolve("aligned.gguf");
        run(ExitCode.OK, "quantize", "-m", aligned, "--like", pair.resolve("like.gguf"), "--type", "F32", "-o", gguf);
        Path output = directory.resolve("out.gguf");
        assertThat(run(ExitCode.MISMATCH, "extrapolate", "--sft", aligned, "--aligned", gguf, "-o", output)
                        .err())
                .contains("the same in every weight: there is nothing to extrapolate");
        assertThat(output).doesNotExist();
        run(ExitCode.OK, "extrapolate", "--sft", pair.resolve("sft"), "--aligned", gguf, "-o", output);
    }

    /** Of 16 bits each, of which F16 lacks the smallest magnitudes of BF16. */
    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q8_0"})
    void theSameModelAsFolderAndRoundedGgufIsNoPair(String type) {
        Path pair = fixture("llama");
        Path gguf = directory.resolve("aligned.gguf");
        run(
                ExitCode.OK,
                "quantize",
                "-m",
                pair.resolve("aligned"),
                "--like",
                pair.resolve("like.gguf"),
                "--type",
                type,
                "-o",
                gguf);
        Path output = directory.resolve("out.gguf");
        run(ExitCode.MISMATCH, "extrapolate", "--sft", pair.resolve("aligned"), "--aligned", gguf, "-o", output);
        run(ExitCode.MISMATCH, "doctor", pair.resolve("aligned"), gguf);
        assertThat(output).doesNotExist();
        run(ExitCode.OK, "extrapolate", "--sft", pair.resolve("sft"), "--aligned", gguf, "-o", output);
    }

    /** It decides values of some architectures. */
    @Test
    void configIsAnInputLikeTheWeights() throws IOException {
        Path pair = copy("llama");
        Path config = pair.resolve("aligned/config.json");
        String before = Files.readString(config);
        run(
                ExitCode.USAGE,
                with(pair("extrapolate", pair.resolve("sft"), pair), "--force", "--type", "Q8_0", "-o", config));
        assertThat(config).hasContent(before);
        Path output = directory.resolve("out.gguf");
        run(ExitCode.OK, with(pair("extrapolate", pair.resolve("sft"), pair), "--type", "Q8_0", "-o", output));
        Files.writeString(config, before + "\n");
        Ran verified = run(ExitCode.VERIFICATION, with(pair("verify", pair.resolve("sft"), pair), output));
        assertThat(verified.out()).contains("aligned").contains("SHA-256");
    }

    @Test
    void notANumberIsNoOtherModel() throws IOException {
        Path pair = copy("llama");
        Path sft = pair.resolve("sft");
        for (Path folder : List.of(pair.resolve("aligned"), sft)) {
            Path file = folder.resolve("model.safetensors");
            byte[] before = Files.readAllBytes(file);
            SafetensorsBytes.overwrite(file, "model.layers.1.mlp.up_proj.weight", new byte[] {(byte) 0xc0, 0x7f});
            assertThat(run(ExitCode.BAD_INPUT, pair("plan", sft, pair)).err())
                    .contains(
                            folder.getFileName() + ": tensor 'model.layers.1.mlp.up_proj.weight' holds infinities",
                            "row 0 of 'blk.1.ffn_up.weight'");
            Files.write(file, before);
        }
    }

    @Test
    void scalesThatAreNoNumbersAreNamed() throws IOException {
        Path pair = copy("llama_fp8_tensor");
        String scale = "model.layers.0.mlp.down_proj.weight_scale";
        SafetensorsBytes.rewriteHeader(
                pair.resolve("aligned/model.safetensors"),
                header -> header.replaceFirst("(?<=\"" + scale + "\":\\{\"dtype\":\")F32", "I32"));
        assertThat(run(ExitCode.BAD_INPUT, pair("plan", pair.resolve("sft"), pair))
                        .err())
                .contains("model.safetensors: tensor '" + scale + "'", "is of type I32");
    }

    /** No file of the two is the same. */
    @Test
    void theSameWeightsSavedAgainAreNoPair() throws IOException {
        Path pair = copy("llama");
        Path again = pair.resolve("again");
        Files.createDirectory(again);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(pair.resolve("aligned").resolve(name), again.resolve(name));
        }
        SafetensorsBytes.rewriteHeader(
                again.resolve("model.safetensors"),
                header -> header.replaceFirst("\"format\":\"pt\"", "\"format\":\"pt\",\"step\":\"200\""));
        Path output = directory.resolve("out.gguf");
        assertThat(run(ExitCode.MISMATCH, with(pair("extrapolate", again, pair), "-o", output))
                        .err())
                .contains("the same in every weight: there is nothing to extrapolate");
        assertThat(output).doesNotExist();
    }

    @Test
    void configOfAnAdapterIsAnInputLikeItsFactors() throws IOException {
        Path model = copy("llama");
        Path adapter = Files.createDirectory(directory.resolve("lora"));
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(fixture("adapters/llama_plain").resolve(name), adapter.resolve(name));
        }
        Path config = adapter.resolve("adapter_config.json");
        String before = Files.readString(config);
        Object[] models = {
            "--sft", model.resolve("sft"), "--adapter", adapter, "--like", model.resolve("like.gguf"),
        };
        run(ExitCode.USAGE, with(with(new Object[] {"extrapolate"}, models), "--force", "-o", config));
        assertThat(config).hasContent(before);
        Path output = directory.resolve("out.gguf");
        run(ExitCode.OK, with(with(new Object[] {"extrapolate"}, models), "--type", "Q8_0", "-o", output));
        assertThat(run(ExitCode.OK, "inspect", output).out()).contains("\"lora/adapter_config.json\"");
        run(ExitCode.OK, with(with(new Object[] {"verify"}, models), output));
        Files.writeString(config, before + "\n");
        assertThat(run(ExitCode.VERIFICATION, with(with(new Object[] {"verify"}, models), output))
                        .out())
                .contains("lora", "SHA-256");
    }

    @Test
    void theTemplateOfARelativeIsNamed() {
        Path pair = fixture("llama");
        Object[] words = {"plan", "-m", pair.resolve("sft"), "--like", pair.resolve("like.gguf")};
        assertThat(run(ExitCode.OK, words).err())
                .contains("warning: the template was not made of the weights of sft: in 16 tensors");
        words[2] = pair.resolve("aligned");
        assertThat(run(ExitCode.OK, words).err()).doesNotContain("warning");
        assertThat(run(ExitCode.OK, pair("plan", pair.resolve("sft"), pair)).err())
                .doesNotContain("was not made of");
    }

    @Test
    void exchangedNormsAreNamed() throws IOException {
        Path pair = copy("llama");
        SafetensorsBytes.rewriteHeader(
                pair.resolve("sft/model.safetensors"),
                header -> header.replace("layers.0.input_layernorm", "layers.9.input_layernorm")
                        .replace("layers.1.input_layernorm", "layers.0.input_layernorm")
                        .replace("layers.9.input_layernorm", "layers.1.input_layernorm"));
        assertThat(run(ExitCode.MISMATCH, pair("plan", pair.resolve("sft"), pair))
                        .err())
                .contains("'blk.0.attn_norm.weight' and 'blk.1.attn_norm.weight' are exchanged: relative distance");
    }

    /** The weights are the model's; that another template, or another model, is needed would lead nowhere. */
    @Test
    void wrongScalesAreNoOtherModel() throws IOException {
        Path pair = copy("llama_fp8");
        Path file = pair.resolve("sft/model.safetensors");
        String scale = "model.layers.0.self_attn.q_proj.weight_scale";
        byte[] before = Files.readAllBytes(file);
        for (byte[] value : List.of(new byte[2], new byte[] {(byte) 0x80, (byte) 0xbf})) {
            SafetensorsBytes.overwrite(file, scale, repeated(value, 32));
            assertThat(run(ExitCode.MISMATCH, pair("plan", pair.resolve("sft"), pair))
                            .err())
                    .contains("tensor 'blk.0.attn_q.weight'", "but for their scales the weights are these: download")
                    .doesNotContain("template must be", "are no pair");
            Files.write(file, before);
        }
    }

    private static byte[] repeated(byte[] value, int times) {
        byte[] bytes = new byte[value.length * times];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = value[i % value.length];
        }
        return bytes;
    }

    /** The message says what to fetch, once, and what doctor knows of the folder does not say it again. */
    @Test
    void filesOfAFolderThatAreNoneNameOneWayOut() throws IOException {
        Path pair = copy("llama_shards");
        Path sft = pair.resolve("sft");
        for (String name : List.of("config.json", "model.safetensors.index.json")) {
            Path file = sft.resolve(name);
            String before = Files.readString(file);
            for (String text : List.of(
                    "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 12\n",
                    "<!DOCTYPE html><html>sign in</html>",
                    "Entry not found",
                    before.substring(0, before.length() / 2))) {
                Files.writeString(file, text);
                assertThat(run(ExitCode.BAD_INPUT, pair("plan", sft, pair)).err())
                        .startsWith("expo-gguf: error: " + file + ": ")
                        .containsOnlyOnce("download ")
                        .hasLineCount(1);
            }
            Files.writeString(file, before);
        }
        Path index = sft.resolve("model.safetensors.index.json");
        edit(index, "model-00002-of-00004.safetensors", "nix.safetensors");
        assertThat(run(ExitCode.BAD_INPUT, pair("plan", sft, pair)).err())
                .startsWith("expo-gguf: error: " + index + ": has 'model.")
                .containsOnlyOnce("download")
                .doesNotContain("missing files", "?; ");
    }

    /** What is known of the folder ends the message on its file, without the folder's name. */
    @Test
    void aShardThatIsMissingIsNamedAlone() throws IOException {
        Path pair = copy("llama_shards");
        Path sft = pair.resolve("sft");
        Path shard = sft.resolve("model-00002-of-00004.safetensors");
        Files.delete(shard);

        assertThat(run(ExitCode.BAD_INPUT, pair("plan", sft, pair)).err())
                .startsWith("expo-gguf: error: " + shard + ": is missing, which ")
                .endsWith("; it belongs in the same folder; download the missing files, too\n");
    }

    private static void edit(Path file, String before, String after) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(before);
        Files.writeString(file, text.replace(before, after));
    }
}
