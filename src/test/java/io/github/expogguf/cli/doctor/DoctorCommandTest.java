package io.github.expogguf.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {

    @TempDir
    Path directory;

    private static Ran doctor(Object... words) {
        return Ran.run(Stream.concat(Stream.of("doctor"), Stream.of(words)).toArray());
    }

    /** The first command of this program that it says to type, with another output. */
    private List<Object> next(Ran ran) {
        return words(lines(ran).stream()
                .filter(line -> line.startsWith("expo-gguf "))
                .findFirst()
                .orElseThrow());
    }

    private static List<String> lines(Ran ran) {
        return ran.json().getAsJsonArray("next").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    private List<Object> words(String line) {
        List<Object> words =
                new ArrayList<>(List.of((Object[]) line.replace("'", "").split(" ")));
        assertThat(words.removeFirst()).isEqualTo("expo-gguf");
        int output = words.indexOf("-o");
        if (output >= 0) {
            words.set(output + 1, directory.resolve("next.gguf"));
        }
        return words;
    }

    private static JsonObject pair(Ran ran) {
        return ran.json().getAsJsonObject("pair");
    }

    private Path quantized(Path model, String name) {
        Path output = directory.resolve(name);
        assertThat(Ran.run("quantize", "-m", model, "--type", "Q4_K_M", "-o", output)
                        .exitCode())
                .isZero();
        return output;
    }

    @Test
    void saysWhatTheMachineHas() {
        Ran ran = doctor();

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines())
                .allMatch(line -> line.length() <= 80)
                .anyMatch(line -> line.startsWith("java       " + System.getProperty("java.runtime.version")))
                .anyMatch(line -> line.startsWith("libraries  llama.cpp "))
                .anyMatch(line -> line.startsWith("device     CPU: "))
                .anyMatch(line -> line.matches("memory     [0-9.]+ [MGT]B, [0-9]+ cores?"))
                .anyMatch(line -> line.startsWith("disk       "))
                .contains("  expo-gguf demo");
        assertThat(String.join("", ran.out().lines().toList())).contains("can be written");
    }

    @Test
    void theCommandForAPairWorksAsItStands() {
        Ran ran = doctor(DemoFiles.SFT, DemoFiles.ALIGNED);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("  GGUF model: llama, 2.03 million weights, F16, 4.08 MB\n")
                .contains("guide-sft-f16.gguf (SFT) and guide-dpo-20-f16.gguf (aligned) are a pair\n");
        assertThat(ran.out()).contains("\nNext:\n  mkdir expo").containsPattern("--modelfile -o expo\\S*/\n");
        Ran made =
                Ran.run(next(doctor(DemoFiles.SFT, DemoFiles.ALIGNED, "--json")).toArray());
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(List.of("next.gguf", "README.md", "Modelfile"))
                .allSatisfy(name -> assertThat(directory.resolve(name)).exists());
    }

    @Test
    void twoFilesOfFourBitsAreToldWhatToTakeInstead() {
        Path sft = quantized(DemoFiles.SFT, "sft-q4.gguf");
        Path aligned = quantized(DemoFiles.ALIGNED, "dpo-q4.gguf");

        Ran ran = doctor(sft, aligned);

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(String.join(" ", ran.out().lines().toList()))
                .contains("sft-q4.gguf is in Q4_K_M, dpo-q4.gguf is in Q4_K_M")
                .contains("cannot work well. Download the models in F16, BF16, F32 or Q8_0 instead.")
                .contains("Or download the folders with their .safetensors; dpo-q4.gguf then serves as --like");
        List<Object> words = next(doctor(sft, aligned, "--json"));
        words.addAll(List.of("--temp", "0"));
        assertThat(words).contains("--logits");
        Ran asked = Ran.runWithInput("Which city rules Chile?\n", words.toArray());
        assertThat(asked.exitCode()).as(asked.err()).isZero();
        assertThat(asked.out()).isNotBlank();
    }

    @Test
    void anAdapterMakesTheSecondModel() {
        Path lora = directory.resolve("lora.gguf");
        assertThat(Ran.run(
                                "export-lora",
                                "--sft",
                                DemoFiles.SFT,
                                "--aligned",
                                DemoFiles.ALIGNED,
                                "--rank",
                                "2",
                                "-o",
                                lora)
                        .exitCode())
                .isZero();

        Ran ran = doctor(lora, DemoFiles.SFT, "--json");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.json()
                        .getAsJsonArray("files")
                        .get(0)
                        .getAsJsonObject()
                        .get("kind")
                        .getAsString())
                .isEqualTo("lora");
        assertThat(next(ran)).containsSubsequence("--sft", DemoFiles.SFT.toString(), "--adapter", lora.toString());
        assertThat(Ran.run(next(ran).toArray()).exitCode()).isZero();
    }

    @Test
    void aFolderOfPeftIsAnAdapter() {
        Path folder = Path.of("src/test/resources/folders/adapters/llama_plain");
        Path base = Path.of("src/test/resources/folders/llama/like.gguf");
        Ran ran = doctor(folder, base, "--json");

        assertThat(next(ran)).containsSubsequence("--sft", base.toString(), "--adapter", folder.toString());
    }

    @Test
    void whatIsNoPairIsToldInTheWordsOfThePairing() {
        Path other = directory.resolve("other.gguf");
        assertThat(Ran.run(
                                "quantize",
                                "-m",
                                DemoFiles.ALIGNED,
                                "--type",
                                "F16",
                                "--override-kv",
                                "llama.block_count=int:4",
                                "-o",
                                other)
                        .exitCode())
                .isZero();

        Ran ran = doctor(DemoFiles.SFT, other, "--json");

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(pair(ran).get("isPair").getAsBoolean()).isFalse();
        Ran planned = Ran.run("plan", "--sft", DemoFiles.SFT, "--aligned", other);
        assertThat(planned.exitCode()).isEqualTo(4);
        assertThat(pair(ran).getAsJsonArray("differences"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(planned.err()).contains(line.getAsString()));
        assertThat(doctor(DemoFiles.SFT, DemoFiles.SFT).out()).contains("  the two are the same file\n");
    }

    @Test
    void aPublishedPairIsKnownByItsNamesInAnyOrder() throws IOException {
        TinyPair pair = TinyPair.write(directory);
        Path sft = Files.move(pair.sft(), directory.resolve("mistral-7b-sft-beta.gguf"));
        Path aligned = Files.move(pair.aligned(), directory.resolve("zephyr-7b-beta.gguf"));

        Ran ran = doctor(aligned, sft, "--json");

        assertThat(pair(ran).get("preset").getAsString()).isEqualTo("zephyr-7b-beta");
        assertThat(next(ran))
                .containsSubsequence(
                        "--preset", "zephyr-7b-beta", "--sft", sft.toString(), "--aligned", aligned.toString());
        Ran alone = doctor(aligned);
        assertThat(String.join(" ", alone.out().lines().toList()))
                .contains("HuggingFaceH4/mistral-7b-sft-beta.")
                .contains("hf download HuggingFaceH4/mistral-7b-sft-beta --include '*.json' \\ ")
                .contains("--include '*.safetensors' --local-dir mistral-7b-sft-beta");
    }

    @Test
    void foldersNeedATemplateThatAnyGgufOfTheModelIs() {
        Path folders = Path.of("src/test/resources/folders/llama");
        Path sft = folders.resolve("sft");
        Path aligned = folders.resolve("aligned");
        Path like = folders.resolve("like.gguf");

        Ran alone = doctor(sft, aligned);
        assertThat(alone.exitCode()).isZero();
        assertThat(String.join(" ", alone.out().lines().toList()))
                .contains("sft (SFT) and aligned (aligned) may be a pair")
                .contains("download any GGUF of the aligned model, too")
                .contains("hf download OWNER/REPO --include '*Q4_K_M.gguf' --local-dir like");

        Ran ran = doctor(sft, aligned, like, "--json");
        assertThat(next(ran))
                .containsSubsequence(
                        "--sft", sft.toString(), "--aligned", aligned.toString(), "--like", like.toString());
        assertThat(pair(ran).get("compared").getAsBoolean()).isTrue();
        Ran made = Ran.run(next(ran).toArray());
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(doctor(sft, aligned, like).out()).contains("sft (SFT) and aligned (aligned) are a pair\n");
        Ran files = doctor(sft.resolve("model.safetensors"), aligned.resolve("model.safetensors"), like);
        assertThat(files.out().replaceAll("\\s+", " "))
                .contains("sft/model.safetensors (SFT) and aligned/model.safetensors (aligned) are a pair");
    }

    @Test
    void whatFollowsWithoutATokenizerIsSaid() {
        Path folders = Path.of("src/test/resources/folders");

        assertThat(doctor(folders.resolve("llama/sft")).out().replaceAll("\\s+", " "))
                .contains(
                        "without tokenizer.json, which says which tokens the rows are of: where this is the SFT model,"
                                + " they are compared with those of the same numbers")
                .contains("download it, too");
        assertThat(doctor(folders.resolve("tokens/sft")).out()).doesNotContain("tokenizer.json");
    }

    /** Mistral publishes its weights a second time, under its own names. */
    @Test
    void weightsThatAreThereTwiceAreCountedOnce() throws IOException {
        Path from = Path.of("src/test/resources/folders/llama/aligned");
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(from.resolve(name), directory.resolve(name));
        }
        String once = doctor(directory).out();
        Files.copy(from.resolve("model.safetensors"), directory.resolve("consolidated.safetensors"));

        assertThat(once).contains("in 1 safetensors file\n");
        assertThat(doctor(directory).out()).isEqualTo(once);
    }

    @Test
    void aFolderOfFilesStandsForThem() throws IOException {
        TinyPair.write(directory);
        TinyPair.model(directory.resolve("later.gguf"), "token_embd.weight", 0.02f);

        Ran ran = doctor(directory, "--json");

        assertThat(ran.json().getAsJsonArray("files")).hasSize(3);
        assertThat(ran.json().getAsJsonArray("next"))
                .hasSize(3)
                .allMatch(line -> line.getAsString().startsWith("expo-gguf doctor "));
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void whatCannotBeUsedIsSaidWithExitCodeAndWayOut() throws IOException {
        Path half = Files.write(
                directory.resolve("half.gguf"), Arrays.copyOf(Files.readAllBytes(DemoFiles.SFT), 1_000_000));

        Ran ran = doctor(half, DemoFiles.ALIGNED);

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.out().lines()).contains("  is the download complete?");
        assertThat(String.join(" ", ran.out().lines().toList()))
                .contains("1.00 MB of 4.08 MB")
                .contains("expo-gguf doctor " + half);
        assertThat(doctor(directory.resolve("none.gguf")).exitCode()).isEqualTo(5);
    }

    @Test
    void aCopyIsNoPair() throws IOException {
        Path copy = Files.copy(DemoFiles.SFT, directory.resolve("copy.gguf"));

        Ran ran = doctor(DemoFiles.SFT, copy);

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(String.join(" ", ran.out().lines().toList()))
                .contains("guide-sft-f16.gguf (SFT) and copy.gguf (aligned) are not a pair:")
                .contains("the SFT model and the aligned model are the same to the byte")
                .doesNotContain("Next:");
    }

    @Test
    void whatWouldBeRefusedIsSaidInItsPlace() {
        Path adapter = Path.of("src/test/resources/folders/adapters/llama_plain");

        Ran ran = doctor(DemoFiles.SFT, adapter);

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(String.join(" ", ran.out().lines().toList()))
                .contains("llama_plain is no LoRA adapter for guide-sft-f16.gguf:")
                .doesNotContain("Next:");
    }

    @Test
    void anAdapterGoesWithTheFolderAndAGgufLendsItTheLayout() {
        Path folders = Path.of("src/test/resources/folders");
        Path sft = folders.resolve("llama/sft");
        Path like = folders.resolve("llama/like.gguf");
        Path adapter = folders.resolve("adapters/llama_plain");

        for (List<Path> order : List.of(List.of(sft, adapter, like), List.of(like, sft, adapter))) {
            Ran ran = doctor(Stream.concat(order.stream(), Stream.of("--json")).toArray());
            assertThat(ran.exitCode()).as(ran.out()).isZero();
            assertThat(lines(ran).getLast())
                    .startsWith(
                            "expo-gguf extrapolate --sft " + sft + " --adapter " + adapter + " --like " + like + " ")
                    .doesNotContain("--aligned");
            List<Object> words = next(ran);
            words.add("--force");
            Ran made = Ran.run(words.toArray());
            assertThat(made.exitCode()).as(made.err()).isZero();
        }
    }

    @Test
    void anAdapterOfAnotherModelLeavesThePairAlone() {
        Path adapter = Path.of("src/test/resources/folders/adapters/llama_plain");

        Ran ran = doctor(DemoFiles.SFT, DemoFiles.ALIGNED, adapter);

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.out())
                .contains("guide-sft-f16.gguf (SFT) and guide-dpo-20-f16.gguf (aligned) are a pair\n")
                .contains(
                        "\nno LoRA adapter for guide-sft-f16.gguf:\n  module 'model.layers.0.mlp.down_proj': lora_A is ")
                .containsPattern("\n  and \\d+ more\nWhat follows is without llama_plain.\n\nNext:\n")
                .contains("extrapolate --sft ")
                .doesNotContain("--adapter");
        assertThat(ran.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void anAdapterOfAModelOfFourBitsIsWrittenWithRoomForItsSteps() {
        Path folders = Path.of("src/test/resources/folders");
        Path base = directory.resolve("base-q4.gguf");
        Ran.run(
                "quantize",
                "-m",
                folders.resolve("llama/like.gguf"),
                "--type",
                "Q4_0",
                "--allow-requantize",
                "-o",
                base);

        Ran ran = doctor(base, folders.resolve("adapters/llama_plain"), "--json");

        assertThat(ran.exitCode()).as(ran.out()).isZero();
        assertThat(ran.json().getAsJsonArray("remarks").get(0).getAsString())
                .startsWith("base-q4.gguf is in Q4_0: what rounding to so few bits took from it is not in the result");
        Ran made = Ran.run(next(ran).toArray());
        assertThat(made.exitCode()).as(made.err()).isZero();
    }

    /** Of all pairs and some threes of what is here, each command that is printed does what it says. */
    @Test
    void everyCommandThatIsPrintedWorks() throws IOException {
        Path folders = Path.of("src/test/resources/folders");
        Path lora = directory.resolve("lo=ra.gguf");
        Ran.run("export-lora", "--sft", DemoFiles.SFT, "--aligned", DemoFiles.ALIGNED, "--rank", "2", "-o", lora);
        List<Path> files = List.of(
                DemoFiles.SFT,
                DemoFiles.ALIGNED,
                Files.copy(DemoFiles.SFT, directory.resolve("copy.gguf")),
                quantized(DemoFiles.SFT, "sft-q4.gguf"),
                quantized(DemoFiles.ALIGNED, "dpo-q4.gguf"),
                lora,
                folders.resolve("llama/sft"),
                folders.resolve("llama/aligned"),
                folders.resolve("llama/like.gguf"),
                folders.resolve("qwen2/like.gguf"),
                folders.resolve("adapters/llama_plain"),
                folders.resolve("adapters/llama_dora"));
        List<List<Path>> sets = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            for (int j = i + 1; j < files.size(); j++) {
                sets.add(List.of(files.get(i), files.get(j)));
            }
            sets.add(List.of(files.get(i), files.get(5), files.get(8)));
            sets.add(List.of(files.get(i), files.get(6), files.get(8)));
            sets.add(List.of(files.get(i), files.get(0), files.get(1)));
        }
        int extrapolated = 0;
        Set<String> tried = new HashSet<>();
        for (List<Path> set : sets) {
            Ran ran = doctor(Stream.concat(set.stream(), Stream.of("--json")).toArray());
            for (String line : lines(ran)) {
                if (!tried.add(line) || line.startsWith("mkdir ") || line.startsWith("hf ")) {
                    continue; // of other files, too
                }
                List<Object> words = words(line);
                if (words.getFirst().equals("extrapolate") || words.getFirst().equals("chat")) {
                    if (words.getFirst().equals("chat")) {
                        words.addAll(List.of("--temp", "0", "-n", "4"));
                    } else {
                        words.add("--force");
                        extrapolated++;
                    }
                    Ran made = Ran.runWithInput("Hi\n", words.toArray());
                    assertThat(made.exitCode()).as(line + "\n" + made.err()).isZero();
                } else if (words.getFirst().equals("doctor")) {
                    assertThat(ran.exitCode() == 0 ? Ran.run(words.toArray()).exitCode() : 0)
                            .as(line)
                            .isZero();
                }
            }
        }
        assertThat(extrapolated).isGreaterThan(8);
    }

    @Test
    void namesDoNotSteerTheTerminal() throws IOException {
        Path file = Files.writeString(directory.resolve("\033[2Jm.gguf"), "\033[31mred");

        assertThat(doctor(file).out()).doesNotContain("\033").contains("m.gguf");
    }

    @Test
    void linesOfACommandFit() {
        List<String> words = List.of("expo-gguf", "x", "--sft", "a b.gguf", "--aligned", "c.gguf", "-o", "d.gguf");

        assertThat(Advice.lines(words, 40))
                .containsExactly("expo-gguf x --sft 'a b.gguf' \\", "    --aligned c.gguf -o d.gguf");
        assertThat(Advice.lines(words, 100)).containsExactly("expo-gguf x --sft 'a b.gguf' --aligned c.gguf -o d.gguf");
    }
}
