package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

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

    private Map<String, String> downloads() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("mistral-7b-sft-beta", FOLDERS.resolve("sft").toString());
        files.put("zephyr-7b-beta", FOLDERS.resolve("aligned").toString());
        files.put("like", FOLDERS.resolve("like.gguf").toString());
        files.put("like/*.gguf", FOLDERS.resolve("like.gguf").toString());
        files.put("zephyr-expo/", directory + "/");
        return files;
    }

    @Test
    void theBlocksOfCommandsWork() throws IOException {
        List<List<String>> commands = commands("^expo-gguf ([a-z].*)$", downloads());

        assertThat(commands).hasSize(3);
        for (List<String> command : commands) {
            List<String> words = new ArrayList<>(command);
            if (words.getFirst().equals("chat")) {
                words.addAll(List.of("--chat-template", "chatml", "-n", "4")); // the small model has no template
            }
            Ran ran = Ran.runWithInput("Hello\n/compare 0,0.2\n", words.toArray());
            assertThat(ran.exitCode())
                    .as("%s: %s%s", words, ran.out(), ran.err())
                    .isZero();
        }
        assertThat(directory.resolve("Modelfile")).exists();
        assertThat(directory.resolve("README.md")).exists();
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
