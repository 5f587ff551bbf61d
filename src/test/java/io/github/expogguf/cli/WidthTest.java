package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** No line of a report is longer than 80 columns, but for a path that alone is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WidthTest {

    private static final Path FOLDERS = Path.of("src/test/resources/folders");
    private static final Path SFT = DemoFiles.SFT;
    private static final Path ALIGNED = DemoFiles.ALIGNED;

    /** As people name their files, without a path. */
    private static final String LONG = "a-model-with-a-name-of-many-words-Instruct-v0.3-DPO-7.24B-finetuned-f16";

    private static final String KEY = "someone.attention.sliding_window.of_every_second_block.scale";

    @TempDir
    static Path directory;

    @BeforeAll
    static void writeFiles() throws IOException {
        Path gptOss = FOLDERS.resolve("gpt_oss");
        for (String type : List.of("MXFP4_MOE", "BF16")) {
            done("quantize", "-m", gptOss.resolve("aligned"), "--like", gptOss.resolve("like.gguf"), "--type", type)
                    .accept(file(type + ".gguf"));
        }
        done("extrapolate", "--sft", SFT, "--aligned", ALIGNED, "--type", "Q4_K_M")
                .accept(file("out.gguf"));
        done("quantize", "-m", SFT, "--type", "F16", "--split-max-size", "1M").accept(file("split.gguf"));
        done("export-lora", "--sft", SFT, "--aligned", ALIGNED, "--rank", "2").accept(file("lora.gguf"));
        done(
                        "extrapolate",
                        "--checkpoint",
                        "10=" + SFT,
                        "--checkpoint",
                        "20=" + ALIGNED,
                        "--checkpoint",
                        "100=" + DemoFiles.DPO_100,
                        "--to",
                        "200")
                .accept(file("predicted.gguf"));
        done(
                        "quantize",
                        "-m",
                        SFT,
                        "--type",
                        "Q8_0",
                        "--override-kv",
                        KEY + ".count=int:1234567",
                        "--override-kv",
                        KEY + ".truth=bool:true",
                        "--override-kv",
                        KEY + ".name=str:a name of some words",
                        "--override-kv",
                        KEY + ".text=str:" + "words of a long text ".repeat(5))
                .accept(file("keys.gguf"));
        Files.copy(SFT, file(LONG + "-sft.gguf"));
        Files.copy(ALIGNED, file(LONG + "-aligned.gguf"));
        Files.writeString(file("text.txt"), "Which city rules Chile? ".repeat(60));
        try (Stream<String> lines = Files.lines(DemoFiles.DIRECTORY.resolve("preferences.jsonl"))) {
            Files.write(file("preferences.jsonl"), lines.limit(12).toList());
        }
    }

    /** Writes a file for the commands below. */
    private interface Writing {
        void accept(Path output);
    }

    private static Writing done(Object... words) {
        return output -> {
            Ran ran = Ran.run(
                    Stream.concat(Stream.of(words), Stream.of("-o", output)).toArray());
            assertThat(ran.exitCode()).as(ran.err()).isZero();
            assertFits(ran);
        };
    }

    private static Path file(String name) {
        return directory.resolve(name);
    }

    private static void assertFits(Ran ran) {
        assertFits(ran.out(), 80);
    }

    private static void assertFits(String out, int columns) {
        assertThat(out.lines()).allSatisfy(line -> {
            if (line.strip().contains(" ")) {
                assertThat(line).hasSizeLessThanOrEqualTo(columns);
            }
        });
    }

    static Stream<String> commands() {
        List<String> names = new ArrayList<>(List.of(""));
        names.addAll(Commands.addTo(
                        new CommandLine(new RootCommand(new Console(System.out, System.err), (_, _, _) -> 0)),
                        new String[0])
                .getSubcommands()
                .keySet());
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpFits(String command) {
        Ran ran = command.isEmpty() ? Ran.run("--help") : Ran.run(command, "--help");

        assertThat(ran.exitCode()).isZero();
        assertFits(ran);
    }

    private static List<Object> of(Object... words) {
        return List.of(words);
    }

    private static List<Object> ofPair(List<Object> pair, Object... words) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(pair);
        return all;
    }

    private static List<Object> folder(String name, Object... words) {
        Path folder = FOLDERS.resolve(name);
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(
                "--sft",
                folder.resolve("sft"),
                "--aligned",
                folder.resolve("aligned"),
                "--like",
                folder.resolve("like.gguf")));
        return all;
    }

    static Stream<List<Object>> reports() throws IOException {
        List<List<Object>> all = new ArrayList<>();
        try (Stream<Path> folders = Files.list(FOLDERS)) {
            folders.map(folder -> folder.resolve("like.gguf"))
                    .filter(Files::exists)
                    .sorted()
                    .forEach(like -> all.add(of("inspect", like)));
        }
        for (String name : List.of("llama", "gpt_oss", "granitemoehybrid", "qwen3_next", "deepseek_v3", "gemma4_moe")) {
            all.add(folder(name, "plan", "--type", "Q8_0"));
            all.add(folder(name, "compare"));
            all.add(folder(name, "compare", "--tensors"));
        }
        for (String name : List.of("out.gguf", "lora.gguf", "predicted.gguf", "split-00001-of-00005.gguf")) {
            all.add(of("inspect", file(name)));
            all.add(of("inspect", "--full", "--no-tensors", file(name)));
        }
        for (String name : List.of("out.gguf", "predicted.gguf", "split-00001-of-00005.gguf")) {
            all.add(of("verify", file(name)));
        }
        all.add(of("plan", "--sft", file("MXFP4_MOE.gguf"), "--aligned", file("BF16.gguf"), "--type", "Q4_K_M"));
        all.add(of("plan", "--sft", file("MXFP4_MOE.gguf"), "--aligned", file("BF16.gguf")));
        all.add(of("plan", "--sft", SFT, "--adapter", file("lora.gguf"), "--profile", "depth", "--rank", "2"));
        all.add(of("compare", "--sft", SFT, "--aligned", ALIGNED, "--tensors"));
        all.add(of(
                "eval", "--sft", SFT, "--aligned", ALIGNED, "-a", "0,5", "--preferences", file("preferences.jsonl")));
        all.add(of("search", "--sft", SFT, "--aligned", ALIGNED, "--preferences", file("preferences.jsonl")));
        all.add(of("prompt", "-m", SFT, "--tokens", "Which city rules Chile?"));
        all.add(of("presets"));
        all.add(of("doctor", SFT, ALIGNED, file("lora.gguf")));
        all.add(of("version"));
        all.add(of("inspect", file("keys.gguf")));
        List<Object> pair = of("--sft", file(LONG + "-sft.gguf"), "--aligned", file(LONG + "-aligned.gguf"));
        all.add(ofPair(pair, "compare"));
        all.add(ofPair(pair, "plan", "--target-size", "1.3M"));
        all.add(ofPair(pair, "eval", "-a", "0,5", "--text", file("text.txt")));
        all.add(ofPair(pair, "eval", "-a", "5", "--text", file("text.txt")));
        all.add(ofPair(
                pair,
                "generate",
                "-n",
                "2",
                "--prompts",
                file("preferences.jsonl"),
                "-o",
                file(LONG + "-answers.jsonl")));
        all.add(ofPair(pair, "imatrix", "--text", file("text.txt"), "-o", file(LONG + "-imatrix.gguf")));
        all.add(ofPair(pair, "export-lora", "--rank", "2", "-o", file(LONG + "-lora.gguf")));
        all.add(ofPair(pair, "extrapolate", "--target-size", "1.3M", "-o", file(LONG + "-sized.gguf")));
        all.add(ofPair(
                pair,
                "extrapolate",
                "--type",
                "Q4_K_M",
                "--reuse",
                file("out.gguf"),
                "-a",
                "0.5",
                "-o",
                file(LONG + "-reused.gguf")));
        return all.stream();
    }

    static Stream<List<Object>> narrowReports() {
        return Stream.of(
                of("presets"),
                of("doctor", SFT, ALIGNED),
                of("version"),
                of("inspect", file("keys.gguf")),
                of("inspect", file("out.gguf")),
                of("inspect", file("predicted.gguf")),
                of("inspect", file("lora.gguf")),
                of("verify", file("out.gguf")),
                of("eval", "--sft", SFT, "--aligned", ALIGNED, "-a", "0,5", "--preferences", file("preferences.jsonl")),
                of("eval", "--sft", SFT, "--aligned", ALIGNED, "-a", "5", "--text", file("text.txt")),
                of("prompt", "-m", SFT, "--tokens", "Which city rules Chile?"),
                of("inspect", SFT),
                of("export-lora", "--sft", SFT, "--aligned", ALIGNED, "--rank", "2", "-o", file("narrow-lora.gguf")),
                of(
                        "extrapolate",
                        "--sft",
                        SFT,
                        "--aligned",
                        ALIGNED,
                        "--target-size",
                        "1.3M",
                        "-o",
                        file("narrow-sized.gguf")),
                of("compare", "--sft", SFT, "--aligned", ALIGNED, "--tensors"),
                folder("qwen3_next", "plan", "--type", "Q8_0"),
                folder("qwen3_next", "compare"),
                of("plan", "--sft", SFT, "--aligned", ALIGNED, "--target-bpw", "4.5"),
                of(
                        "search",
                        "--sft",
                        SFT,
                        "--aligned",
                        ALIGNED,
                        "--preferences",
                        file("preferences.jsonl"),
                        "--try-profile",
                        "no-norms",
                        "--max-evaluations",
                        "4"));
    }

    @ParameterizedTest
    @MethodSource("narrowReports")
    void reportsFitANarrowTerminal(List<Object> words) throws IOException, InterruptedException {
        ChildJvm ran = ChildJvm.run(
                Map.of("COLUMNS", "60"),
                List.of(),
                Main.class,
                words.stream().map(Object::toString).toArray(String[]::new));

        assertThat(ran.exitCode()).as(ran.errors()).isZero();
        assertFits(ran.output(), 60);
    }

    @ParameterizedTest
    @MethodSource("reports")
    void reportsFit(List<Object> words) {
        Ran ran = Ran.run(words.toArray());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertFits(ran);
    }
}
