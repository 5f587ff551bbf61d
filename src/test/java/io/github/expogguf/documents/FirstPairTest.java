package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.CommandProcess;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goes the way from two repositories to a model that the README's first page tells, with small files in the place of
 * the downloads, and holds its figures to what the commands print of files of that size.
 */
class FirstPairTest {

    private static final Path FOLDERS = Path.of("src/test/resources/folders/llama");
    private static final long TOKENS = 32_000;

    @TempDir
    Path directory;

    private static String section() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        return readme.substring(readme.indexOf("## Your first pair"), readme.indexOf("## From a clone"));
    }

    private static String text() throws IOException {
        return section().replaceAll("\\s+", " ");
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    /** Of Mistral 7B, without weights. */
    private Path mistral(String name) {
        TinyModel model = TinyModels.llama(TinyModels.Sizes.of(32, 4096, 14336, 32, 8))
                .withMatrices(GgmlType.BF16)
                .mapTensors(tensor -> tensor.name().matches("(token_embd|output)\\.weight")
                        ? new TensorSpec(tensor.name(), tensor.type(), new Shape(4096, TOKENS))
                        : tensor);
        return model.writeSparse(directory.resolve(name));
    }

    /** With another first weight; two models that are the same to the byte are read to their ends. */
    private static Path differing(Path file) throws IOException {
        long first = GgufReader.read(file).dataOffset();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), first);
        }
        return file;
    }

    @Test
    void sizesAndTimeAreThoseThatCommandsPrint() throws IOException {
        Path sft = mistral("mistral-7b-sft-beta.gguf");
        Path aligned = differing(mistral("zephyr-7b-beta.gguf"));

        String looked = Ran.run("doctor", sft).out();
        String planned = Ran.run("plan", "--sft", sft, "--aligned", aligned, "--type", "Q4_K_M", "-t", "2")
                .out();

        assertThat(text())
                .contains(found("(\\S+ billion) weights", looked) + " weights")
                .contains(found(", (\\S+ GB)\n", looked) + " in BF16")
                .contains(found("(?m)^size +(\\S+ GB)", planned));
        if (Runtime.getRuntime().availableProcessors() == 2) {
            assertThat(text()).contains(found("(?m)^time +(about .*)$", planned));
        }
    }

    @Test
    void thePairIsAPublishedOneWithItsAlphaAndFigures() throws IOException {
        PublishedPair pair = PublishedPair.parse(found("--preset (\\S+)", text()));

        assertThat(text())
                .contains("hf download " + pair.sft() + " ", "hf download " + pair.aligned() + " ")
                .contains("--compare 0," + pair.alpha().orElseThrow() + " ");
        PublishedPair.Change change = pair.lengthControlledWinRate().orElseThrow();
        assertThat(text()).contains("from " + change.before() + " to " + change.after() + " in BF16");
        assertThat(Ran.run("presets").out()).contains(pair.sft(), pair.aligned());
    }

    /** The commands with what stands in for the downloads. */
    private List<List<String>> commands(String from, Map<String, String> files) throws IOException {
        return Pattern.compile("(?m)" + from)
                .matcher(section().replace("\\\n", " "))
                .results()
                .map((MatchResult result) -> words(result.group(1), files))
                .toList();
    }

    private static List<String> words(String line, Map<String, String> files) {
        List<String> words = new ArrayList<>();
        for (String word : line.strip().split("\\s+")) {
            boolean isName = !words.isEmpty() && words.getLast().equals("--preset");
            words.add(isName ? word : files.getOrDefault(word, word));
        }
        return words;
    }

    /** The lines of the blocks of commands, with what a shell would make of their words. */
    private List<List<String>> steps() throws IOException {
        List<List<String>> steps = new ArrayList<>();
        for (String block : section().split("(?m)^```sh\n")) {
            if (block.contains("\n```\n")) {
                block.substring(0, block.indexOf("```"))
                        .replace("\\\n", " ")
                        .lines()
                        .forEach(line ->
                                steps.add(List.of(line.replace("'", "").strip().split("\\s+"))));
            }
        }
        return steps;
    }

    /** Where the folders of the downloads are. */
    private List<Ran> run(List<List<String>> commands) throws IOException {
        List<Ran> results = new ArrayList<>();
        try (CommandProcess process = CommandProcess.start(directory)) {
            for (List<String> words : commands) {
                results.add(process.runWithInput(
                        "Hello\nWho are you?\n", words.subList(1, words.size()).toArray()));
            }
        }
        return results;
    }

    /** The way that the page goes, word by word, up to where other programs take the file. */
    @Test
    void thePageLeadsFromTwoDownloadsToAModelThatAnswers() throws IOException {
        DownloadedPair.write(directory, true);
        List<List<String>> steps = steps();
        List<String> programs = steps.stream().map(List::getFirst).toList();
        assertThat(programs)
                .containsExactly(
                        "hf",
                        "hf",
                        "hf",
                        "expo-gguf",
                        "mkdir",
                        "expo-gguf",
                        "expo-gguf",
                        "expo-gguf",
                        "ollama",
                        "ollama",
                        "lms");
        assertThat(steps.stream().filter(step -> step.getFirst().equals("hf")).map(List::getLast))
                .allSatisfy(folder -> assertThat(directory.resolve(folder)).isDirectory());
        List<List<String>> commands = steps.stream()
                .filter(step -> step.getFirst().equals("expo-gguf"))
                .map(step -> step.stream()
                        .map(word -> word.replace("like/*.gguf", DownloadedPair.LIKE))
                        .toList())
                .toList();

        List<String> planned = new ArrayList<>(commands.get(1));
        planned.set(1, "plan");
        planned.removeAll(List.of("--card", "--modelfile"));
        List<Ran> first = new ArrayList<>(run(commands.subList(0, 1)));
        Files.createDirectory(directory.resolve(steps.get(4).getLast()));
        first.addAll(run(List.of(planned.subList(0, planned.indexOf("-o")), commands.get(1))));
        Path written = only(directory.resolve("expo"));
        List<Ran> talks = run(commands.subList(2, 4).stream()
                .map(words -> words.stream()
                        .map(word -> word.equals("expo/*.gguf") ? written.toString() : word)
                        .toList())
                .toList());

        assertThat(Stream.concat(first.stream(), talks.stream()))
                .allSatisfy(ran -> assertThat(ran.exitCode()).as(ran.err()).isZero())
                .allSatisfy(ran -> assertThat(ran.out().lines()).allMatch(line -> line.length() <= 80))
                .allSatisfy(ran -> assertThat(ran.err()).doesNotContain("warning"));
        assertThat(first.get(0).out().replaceAll("[\\s\\\\]+", " "))
                .contains("are a pair, published as zephyr-7b-beta with alpha 0.1")
                .endsWith("Next: " + String.join(" ", steps.get(4)) + " " + String.join(" ", commands.get(1)) + " ");
        assertThat(first.get(1).out()).contains("time    about ", "folder  zephyr-7b-beta: ");
        assertThat(first.get(2).out()).contains("realised alpha", "expo/README.md", "expo/Modelfile");
        assertThat(talks.get(0).out()).isNotBlank();
        assertThat(talks.get(1).out().lines())
                .filteredOn(line -> line.startsWith("alpha "))
                .containsExactly("alpha 0:", "alpha 0.1:", "alpha 0:", "alpha 0.1:");
        assertThat(directory.resolve(steps.get(8).getLast())).content().contains("FROM ./" + written.getFileName());
        assertThat(directory.resolve("expo/README.md"))
                .content()
                .contains(
                        "| aligned | `zephyr-7b-beta/config.json` |",
                        "| aligned, tokenizer and layout | `zephyr-7b-beta.Q4_K_M.gguf` |",
                        "\nBase models by name: Model, mistral-7b-sft-beta\n",
                        "\nbase_model:\n- \"" + PublishedPair.ZEPHYR_7B_BETA.aligned() + "\"\n- \""
                                + PublishedPair.ZEPHYR_7B_BETA.sft() + "\"\n",
                        "| source | arXiv 2404.16792, Table 1,");
    }

    private static Path only(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> models =
                    files.filter(file -> file.toString().endsWith(".gguf")).toList();
            assertThat(models).hasSize(1);
            return models.getFirst();
        }
    }

    /** GGUF files of the year in which the pair was published have none, and the folder has. */
    @Test
    void aTemplateWithoutAChatTemplateIsNoDeadEnd() throws IOException {
        DownloadedPair.write(directory, false);
        String file = "zephyr-7b-beta/tokenizer_config.json";
        List<String> pair = List.of(
                "--sft",
                DownloadedPair.SFT,
                "--aligned",
                DownloadedPair.ALIGNED,
                "--like",
                DownloadedPair.LIKE,
                "--type",
                "Q4_K_M");
        List<String> other = List.of("--chat-template", file);

        List<Ran> ran = run(List.of(
                List.of("expo-gguf", "doctor", DownloadedPair.SFT, DownloadedPair.ALIGNED, "like"),
                words("chat", pair, List.of()),
                words("chat", pair, other),
                words("extrapolate", pair, List.of("--modelfile", "-o", "without.gguf")),
                words(
                        "extrapolate",
                        pair,
                        Stream.concat(other.stream(), Stream.of("-o", "with.gguf"))
                                .toList()),
                List.of("expo-gguf", "chat", "with.gguf")));

        assertThat(ran.get(0).out().replaceAll("[\\s\\\\]+", " ")).contains("--chat-template " + file + " --type");
        assertThat(ran.get(1).exitCode()).isEqualTo(6);
        assertThat(ran.get(1).err()).contains("--chat-template FILE|FAMILY gives it one; " + file + " has one");
        assertThat(ran.get(3).err())
                .contains("note: the GGUF of --like has no chat template, and so the output has none; --chat-template "
                        + file + " writes the folder's");
        assertThat(directory.resolve("Modelfile")).content().contains("# The model has no chat template");
        assertThat(ran.get(4).err()).doesNotContain("no chat template");
        for (int talk : List.of(2, 5)) {
            assertThat(ran.get(talk).exitCode()).as(ran.get(talk).err()).isZero();
            assertThat(ran.get(talk).out()).isNotBlank();
        }
    }

    private static List<String> words(String command, List<String> pair, List<String> more) {
        return Stream.of(List.of("expo-gguf", command), pair, more)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void everyRowOfTheTableWorks() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("SFT.gguf", DemoFiles.SFT.toString());
        files.put("DPO.gguf", DemoFiles.ALIGNED.toString());
        files.put("SFT-Q4.gguf", quantized(DemoFiles.SFT, "SFT-Q4.gguf"));
        files.put("DPO-Q4.gguf", quantized(DemoFiles.ALIGNED, "DPO-Q4.gguf"));
        files.put("SFT-FOLDER", FOLDERS.resolve("sft").toString());
        files.put("ALIGNED-FOLDER", FOLDERS.resolve("aligned").toString());
        files.put("ANY.gguf", FOLDERS.resolve("like.gguf").toString());
        files.put("ALIGNED.gguf", converted());
        files.put("LORA.gguf", adapter());
        files.put("FILES", DemoFiles.SFT.toString());
        files.put("OUT.gguf", directory.resolve("out.gguf").toString());

        List<List<String>> commands = commands("^\\|[^|]*\\| `expo-gguf ([a-z][^`]*)`", files);

        assertThat(commands).hasSize(6);
        for (List<String> words : commands) {
            Files.deleteIfExists(directory.resolve("out.gguf"));
            Ran ran = Ran.runWithInput("Which city rules Chile?\n", words.toArray());
            assertThat(ran.exitCode())
                    .as("%s: %s%s", words, ran.out(), ran.err())
                    .isZero();
        }
    }

    private String quantized(Path model, String name) {
        return made(name, "quantize", "-m", model, "--type", "Q4_K_M");
    }

    private String converted() {
        return made(
                "aligned.gguf",
                "quantize",
                "-m",
                FOLDERS.resolve("aligned"),
                "--like",
                FOLDERS.resolve("like.gguf"),
                "--type",
                "F32");
    }

    private String adapter() {
        return made("lora.gguf", "export-lora", "--sft", DemoFiles.SFT, "--aligned", DemoFiles.ALIGNED, "--rank", "2");
    }

    private String made(String name, Object... words) {
        Path output = directory.resolve(name);
        Object[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "-o";
        all[words.length + 1] = output;
        Ran ran = Ran.run(all);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return output.toString();
    }
}
