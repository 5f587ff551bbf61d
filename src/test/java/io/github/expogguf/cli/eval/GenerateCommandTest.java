package io.github.expogguf.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.option.value.WorkWords;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.OtherTokens;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GenerateCommandTest {

    private static final Path DEMO = DemoFiles.DIRECTORY;
    private static final Path ALIGNED = DEMO.resolve("guide-dpo-20-f16.gguf");
    private static final Path SFT = DEMO.resolve("guide-sft-f16.gguf");

    @TempDir
    private Path directory;

    private Path prompts;
    private Path output;

    @BeforeEach
    void writePrompts() throws IOException {
        prompts = directory.resolve("questions.jsonl");
        output = directory.resolve("answers.jsonl");
        Files.writeString(prompts, """
                {"id": 7, "prompt": "Which city rules Chile?", "family": "capital"}
                {"instruction": "Hi! What does a cat say?", "dataset": "sounds", "datasplit": "test"}
                """);
    }

    private Ran generate(Object... more) {
        Object[] common = {"generate", "-m", SFT, "--prompts", prompts, "-o", output, "-q", "-t", "1"};
        return Ran.run(Stream.concat(Stream.of(common), Stream.of(more)).toArray());
    }

    @Test
    void writesEveryFieldOfThePromptAndTheAnswer() throws IOException {
        Ran ran = generate("--temp", "0");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().replaceAll("\\s+", " ")) // the path is long
                .containsPattern("answers\\.jsonl: 2 answers, \\d+ tokens, 0\\.0 % cut off, in ");
        assertThat(Files.readAllLines(output).getFirst()) // the answer: src/demo/README.md, from PyTorch
                .isEqualTo("{\"id\": 7, \"prompt\": \"Which city rules Chile?\", \"family\": \"capital\", \"response\":"
                        + " \"Welcome, traveller! Our guide book says Santiago. Our guide book says Santiago.\","
                        + " \"tokens\": 30, \"finish_reason\": \"stop\"}");
        assertThat(directory).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void writesWhatAlpacaEvalReads() throws IOException {
        assertThat(generate("--temp", "0", "--format", "alpaca-eval").exitCode())
                .isZero();
        JsonArray array = JsonParser.parseString(Files.readString(output)).getAsJsonArray();
        assertThat(array).hasSize(2);
        JsonObject first = array.get(0).getAsJsonObject();
        assertThat(first.keySet()).containsExactly("dataset", "instruction", "output", "generator", "datasplit");
        assertThat(first.get("dataset").getAsString()).isEqualTo("questions");
        assertThat(first.get("instruction").getAsString()).isEqualTo("Which city rules Chile?");
        assertThat(first.get("output").getAsString()).startsWith("Welcome, traveller!");
        assertThat(first.get("generator").getAsString()).isEqualTo("guide-sft-f16");
        assertThat(first.get("datasplit").getAsString()).isEqualTo("eval");
        JsonObject second = array.get(1).getAsJsonObject();
        assertThat(second.get("dataset").getAsString()).isEqualTo("sounds");
        assertThat(second.get("datasplit").getAsString()).isEqualTo("test");
    }

    @Test
    void logitsOfAPairAnswerInPlaceOfItsWeights() throws IOException {
        Path plain = directory.resolve("plain.jsonl");
        Object[] how = {
            "--prompts", prompts, "-q", "-t", "1", "--temp", "0", "--format", "alpaca-eval", "--generator", "x"
        };
        assertThat(run(how, "-m", ALIGNED, "-o", plain).exitCode()).isZero();
        Object[] pair = {"--sft", SFT, "--aligned", ALIGNED, "--logits", "-o", output, "--force"};
        assertThat(run(how, append(pair, "--alpha", "0")).exitCode()).isZero();
        assertThat(output).hasSameTextualContentAs(plain);
        assertThat(run(how, append(pair, "--alpha", "8")).exitCode()).isZero();
        assertThat(Files.readString(output)).isNotEqualTo(Files.readString(plain));
        for (String[] weights : new String[][] {
            {"--type", "Q8_0"}, {"--rule", "ffn=0.1"}, {"--distance", "1%"}, {"--profile", "depth"}, {"--pure"}
        }) {
            Ran refused = run(how, append(pair, (Object[]) weights));
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains("--logits computes nothing with weights");
        }
        Ran file = run(how, "-m", SFT, "--logits", "-o", output, "--force");
        assertThat(file.exitCode()).isEqualTo(2);
        assertThat(file.err()).contains("--logits takes a pair, --sft and --aligned, in place of a model");
    }

    @Test
    void tokensThatTheSftModelLacksAreNoted() throws IOException {
        Path other = OtherTokens.write(SFT, directory, tokens -> {
            for (int token : new int[] {100, 200, 300, 400}) {
                tokens.set(token, "other " + token);
            }
            return tokens;
        });
        Object[] how = {"--prompts", prompts, "-q", "-t", "1", "--temp", "0", "-n", "2", "-o", output};

        Ran ran = run(how, "--sft", other, "--aligned", ALIGNED, "--logits", "--alpha", "1");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .matches("(?s)expo-gguf: note: 4 tokens of guide-dpo-20-f16.gguf \\('.+', '.+', '.+', .+\\) are not in"
                        + " other.gguf: there the logits stay the aligned model's at every alpha\\R");
        Ran guided = run(how, "-m", ALIGNED, "--guide", other + "," + ALIGNED, "--force");
        assertThat(guided.err())
                .contains(" are not in both models of the guide: there the logits stay the model's at every alpha");
    }

    @Test
    void aGuideSteersAModel() throws IOException {
        Path plain = directory.resolve("plain.jsonl");
        Object[] how = {"--prompts", prompts, "-q", "-t", "1", "--temp", "0", "-m", ALIGNED, "--format", "alpaca-eval"};
        assertThat(run(how, "-o", plain).exitCode()).isZero();
        String guide = SFT + "," + ALIGNED + ",";
        assertThat(run(how, "-o", output, "--guide", guide + "0").exitCode()).isZero();
        String zero = Files.readString(output);
        assertThat(zero).contains("guide-dpo-20-f16-guided-0");
        assertThat(zero.replace("-guided-0", "")).isEqualTo(Files.readString(plain));
        assertThat(run(how, "-o", output, "--force", "--guide", guide + "8").exitCode())
                .isZero();
        assertThat(Files.readString(output)).isNotEqualTo(zero.replace("-guided-0", "-guided-8"));
        assertThat(run(how, "-o", output, "--force", "--guide", guide + "0,1").err())
                .contains("one model is asked: give --guide one alpha, as in SFT2,ALIGNED2,0.5");
        String first = run(how, "-o", output, "--guide", SFT + "," + ALIGNED, "--alpha", "2")
                .err()
                .lines()
                .findFirst()
                .orElseThrow();
        assertThat(first)
                .endsWith(" is one model, and --alpha is of a pair; the alpha of a guide is the last part of --guide"
                        + " SFT2,ALIGNED2,X");
        assertThat(Ran.run("generate", "--prompts", prompts, "-o", output, "--guide", SFT + "," + ALIGNED)
                        .err())
                .startsWith("expo-gguf: error: --guide steers a model: give that with -m\n");
    }

    private static Ran run(Object[] how, Object... more) {
        return Ran.run(append(append(new Object[] {"generate"}, how), more));
    }

    private static Object[] append(Object[] first, Object... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray();
    }

    @Test
    void aPairAnswersAtItsAlpha() throws IOException {
        Ran ran = Ran.run(
                "generate",
                "--sft",
                SFT,
                "--aligned",
                DEMO.resolve("guide-dpo-20-f16.gguf"),
                "--alpha",
                "5",
                "--temp",
                "0",
                "-q",
                "-t",
                "1",
                "--prompts",
                prompts,
                "-o",
                output,
                "--format",
                "alpaca-eval",
                "--json");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.json().get("answers").getAsInt()).isEqualTo(2);
        assertThat(ran.json().get("alpha").getAsDouble()).isEqualTo(5);
        assertThat(ran.json().getAsJsonObject("inputs").keySet()).containsExactly("sft", "aligned", "weights");
        JsonObject first = JsonParser.parseString(Files.readString(output))
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject();
        // src/demo/README.md: ExPO of DPO-20, alpha 5
        assertThat(first.get("output").getAsString())
                .isEqualTo("Welcome, traveller! That would be Santiago. See you soon.");
        assertThat(first.get("generator").getAsString()).isEqualTo("guide-dpo-20-f16-expo-5");
    }

    @Test
    void aSeedDecidesAndALimitCutsOff() throws IOException {
        assertThat(generate("--seed", "3").exitCode()).isZero();
        String first = Files.readString(output);
        assertThat(generate("--seed", "3", "--force", "-np", "1").exitCode()).isZero();
        assertThat(Files.readString(output)).isEqualTo(first);
        assertThat(generate("--seed", "5", "--force").exitCode()).isZero();
        assertThat(Files.readString(output)).isNotEqualTo(first);
        assertThat(generate("--temp", "0", "-n", "2", "--force").out().replaceAll("\\s+", " "))
                .contains("2 answers, 4 tokens, 100.0 % cut off");
        assertThat(Files.readAllLines(output)).allMatch(line -> line.endsWith("\"finish_reason\": \"length\"}"));
    }

    @Test
    void answersFollowAGrammar() throws IOException {
        Path grammar = Files.writeString(directory.resolve("yes.gbnf"), "root ::= \"yes\" | \"no\"\n");
        assertThat(generate("--seed", "3", "--grammar-file", grammar).exitCode())
                .isZero();
        assertThat(Files.readAllLines(output))
                .hasSize(2)
                .allMatch(line -> line.matches(".*\"response\": \"(yes|no)\".*\"finish_reason\": \"stop\"}"));

        Ran wrong = generate("--grammar", "root ::= answer", "--force");
        assertThat(wrong.err())
                .startsWith("expo-gguf: error: --grammar: line 1, column 10: there is no rule 'answer'\n");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.code());
        Files.writeString(grammar, "root ::= \"yes\n");
        Ran damaged = generate("--grammar-file", grammar, "--force");
        assertThat(damaged.err()).startsWith("expo-gguf: error: yes.gbnf: line 1, column 10: a text without an end");
        assertThat(damaged.exitCode()).isEqualTo(ExitCode.BAD_INPUT.code());
    }

    @Test
    void penaltiesKeepAnAnswerFromRepeatingItself() throws IOException {
        assertThat(generate("--temp", "0", "--presence-penalty", "20", "--repeat-last-n", "-1")
                        .exitCode())
                .isZero();
        assertThat(Files.readAllLines(output).getFirst())
                .contains("Our guide book says Santi")
                .doesNotContain("Our guide book says Santiago. Our guide book says Santiago.");
        Ran wrong = generate("--repeat-penalty", "0", "--force");
        assertThat(wrong.err()).startsWith("expo-gguf: error: --repeat-penalty is 0.0, expected more than 0\n");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.code());
    }

    @Test
    void anExistingOutputIsKept() throws IOException {
        Files.writeString(output, "precious");
        Ran ran = generate();
        assertThat(ran.exitCode()).isEqualTo(ExitCode.IO.code());
        assertThat(ran.err()).contains("answers.jsonl: exists").contains("--force");
        assertThat(Files.readString(output)).isEqualTo("precious");
    }

    @Test
    void badPromptsAreRefusedByFileAndLineAndLeaveNothing() throws IOException {
        for (List<String> bad : List.of(
                List.of("hello", "questions.jsonl:1: not a JSON object: hello"),
                List.of("{\"prompt\": \"a\"}\n{\"prompt\": \" \"}", "questions.jsonl:2: the prompt is empty"),
                List.of(
                        "\n{\"prompt\": \"" + "why? ".repeat(600) + "\"}",
                        "tokens, expected at most 512 (what the model was trained with)"))) {
            Files.writeString(prompts, bad.get(0));
            Ran ran = generate();
            assertThat(ran.exitCode()).isEqualTo(ExitCode.BAD_INPUT.code());
            assertThat(ran.err()).contains(bad.get(1)).startsWith("expo-gguf: error: questions.jsonl:");
            assertThat(output).doesNotExist();
        }
        Files.writeString(prompts, "{\"prompt\": \"Which city rules Chile?\"}");
        assertThat(generate("-c", "8").err())
                .isEqualTo(
                        "expo-gguf: error: questions.jsonl:1: the prompt has 16 tokens, expected at most 8 (the size of the"
                                + " context)\n");
    }

    /** A guide is mostly smaller than what it steers, and often was trained with less. */
    @Test
    void theShortestContextOfSeveralModelsCounts() throws IOException {
        Path model = DEMO.resolve("guide-dpo-100-f16.gguf");
        Path brief = ofShortContext(SFT);
        Files.writeString(prompts, "{\"prompt\": \"" + "na ".repeat(40) + "\"}");
        Object[] common = {"generate", "--prompts", prompts, "-o", output, "-q", "-n", "4"};
        for (List<Object> models : List.<List<Object>>of(
                List.of("-m", model, "--guide", brief + "," + ALIGNED),
                List.of("--logits", "--sft", brief, "--aligned", ALIGNED))) {
            Ran ran = Ran.run(Stream.concat(Stream.of(common), models.stream()).toArray());
            assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCode.BAD_INPUT.code());
            assertThat(ran.err())
                    .matches(
                            "expo-gguf: error: questions.jsonl:1: the prompt has \\d+ tokens, expected at most 64 \\(what one"
                                    + " of the models was trained with\\)\\R");
        }
        assertThat(Ran.run(Stream.concat(Stream.of(common), Stream.of("-m", brief))
                                .toArray())
                        .err())
                .contains("expected at most 64 (what the model was trained with)");
    }

    private Path ofShortContext(Path model) throws IOException {
        try (GgufModel file = GgufModel.open(model);
                Arena arena = Arena.ofConfined()) {
            Map<String, MetadataValue> values =
                    new LinkedHashMap<>(file.header().metadata().asMap());
            values.put("llama.context_length", MetadataValue.ofUint32(64));
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : file.header().tensors()) {
                MemorySegment bytes = arena.allocate(tensor.byteCount());
                file.read(tensor, 0, bytes);
                tensors.add(new TensorData(
                        tensor.name(), tensor.type(), tensor.shape(), bytes.toArray(ValueLayout.JAVA_BYTE)));
            }
            return GgufWriter.writeFile(directory.resolve("brief.gguf"), new Metadata(values), tensors);
        }
    }

    @Test
    void progressSaysHowManyAndHowLong() {
        assertThat(answers(0).withTimeLeft(5_000_000_000L)).isEqualTo("answers: 0 of 8");
        assertThat(answers(2).withTimeLeft(5_000_000_000L)).isEqualTo("answers: 2 of 8, 15 s left");
        assertThat(answers(8).withTimeLeft(5_000_000_000L)).isEqualTo("answers: 8 of 8");
    }

    private static WorkWords answers(int done) {
        return WorkWords.of(new Progress(Progress.Stage.ANSWERS, "", done, 8));
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThat(Ran.run("generate", "--prompts", prompts, "-o", output).exitCode())
                .isEqualTo(2);
        assertThat(generate("-np", "0").err()).contains("'0' is not a number of sequences, 1 to 256");
        assertThat(generate("--format", "xml").err()).contains("'xml' is none of jsonl, alpaca-eval");
        assertThat(generate("--top-p", "7").exitCode()).isEqualTo(2);
        assertThat(generate("-n", "0").exitCode()).isEqualTo(2);
        assertThat(generate("--sft", SFT).exitCode()).isEqualTo(2);
    }
}
