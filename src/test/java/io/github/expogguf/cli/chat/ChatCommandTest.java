package io.github.expogguf.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitGuide;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyPair;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions through a pipe, on the pair of the demonstration. */
class ChatCommandTest {

    private static final Path DEMO = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));
    private static final Path SFT = DEMO.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DEMO.resolve("guide-dpo-20-f16.gguf");
    private static final String CHILE = "Which city rules Chile?";
    private static final String SPAIN = "And which city rules Spain?";

    @TempDir
    Path directory;

    /** One thread, because llama.cpp's wait for each other busily, which takes long where others compute, too. */
    private static final List<Object> GREEDILY = List.of("--temp", "0", "--threads", "1");

    private static Ran chat(List<String> lines, Object... options) {
        return run(lines, Stream.of("--sft", SFT, "--aligned", ALIGNED), options);
    }

    private static Ran chatWithFile(List<String> lines, Object... options) {
        return run(lines, Stream.of(SFT), options);
    }

    private static Ran run(List<String> lines, Stream<Object> model, Object... options) {
        Stream<Object> command = Stream.concat(Stream.concat(Stream.of("chat"), model), GREEDILY.stream());
        return Ran.runWithInput(
                String.join("\n", lines) + "\n",
                Stream.concat(command, Stream.of(options)).toArray());
    }

    /** What a written file answers greedily. */
    private String written(FileType type, float alpha, String... conversation) throws IOException {
        Path file = directory.resolve(type + "-" + alpha + ".gguf");
        if (Files.notExists(file)) {
            try (Extrapolator models = Extrapolator.open(SFT, ALIGNED)) {
                PlanOptions options =
                        PlanOptions.builder().alpha(alpha).fileType(type).build();
                models.write(options, file, OutputOptions.defaults().withThreads(1));
            }
        }
        return answer(file, conversation);
    }

    private static String answer(Path file, String... conversation) throws IOException {
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults().withMemoryMapped(false))) {
            return answer(model, conversation);
        }
    }

    private static String answer(LlamaModel model, String... conversation) {
        ChatMessage[] messages = new ChatMessage[conversation.length];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = i % 2 == 0 ? ChatMessage.user(conversation[i]) : ChatMessage.assistant(conversation[i]);
        }
        try (LlamaContext context =
                LlamaContext.open(model, ContextOptions.defaults().withThreads(1))) {
            String prompt = model.applyChatTemplate(List.of(messages), true);
            return context.generate(prompt, GenerationOptions.greedy(100))
                    .text()
                    .strip();
        }
    }

    @Test
    void answersAreThoseOfWrittenFilesAtEveryAlpha() throws IOException {
        String first = written(FileType.F16, 0.3f, CHILE);
        String second = written(FileType.F16, 5, CHILE, first, SPAIN);
        assertThat(written(FileType.F16, 5, CHILE)).isNotEqualTo(first);

        Ran ran = chat(List.of(CHILE, "/alpha 5", SPAIN, "/reset", CHILE, "/alpha 0", "/reset", CHILE));

        assertThat(ran.out().lines())
                .containsExactly(first, second, written(FileType.F16, 5, CHILE), written(FileType.F16, 0, CHILE));
        assertThat(ran.err().lines())
                .containsExactly(
                        "expo-gguf: note: alpha 5",
                        "expo-gguf: note: a new conversation",
                        "expo-gguf: note: alpha 0",
                        "expo-gguf: note: a new conversation");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void comparesAndLeavesTheConversationAsItIs() throws IOException {
        String first = written(FileType.Q8_0, 5, CHILE);
        assertThat(written(FileType.Q8_0, 0, CHILE)).isNotEqualTo(first);

        Ran ran = chat(List.of(CHILE, "/compare 0,5", "/compare", SPAIN, "/alpha"), "--alpha", "5", "--type", "Q8_0");

        assertThat(ran.out().lines())
                .containsExactly(
                        first,
                        "alpha 0:",
                        written(FileType.Q8_0, 0, CHILE),
                        "alpha 5:",
                        first,
                        "alpha 0:",
                        written(FileType.Q8_0, 0, CHILE),
                        "alpha 2.5:",
                        written(FileType.Q8_0, 2.5f, CHILE),
                        "alpha 5:",
                        first,
                        "alpha 10:",
                        written(FileType.Q8_0, 10, CHILE),
                        written(FileType.Q8_0, 5, CHILE, first, SPAIN));
        assertThat(ran.err()).isEqualTo("expo-gguf: note: alpha 5\n");
        assertThat(ran.exitCode()).isZero();
    }

    /** Each answer is that of a written file, and the conversation that of the last alpha. */
    @Test
    void everyMessageIsComparedAndTheConversationGoesOnWithTheLast() throws IOException {
        String first = written(FileType.F16, 5, CHILE);
        String second = written(FileType.F16, 5, CHILE, first, SPAIN);
        String third = written(FileType.F16, 0, CHILE, first, SPAIN, second, CHILE);

        Ran ran = chat(
                List.of(CHILE, SPAIN, "/alpha 0", CHILE, "/compare off", "/reset", CHILE),
                "--compare",
                "0,5",
                "--json");

        assertThat(ran.err().lines())
                .containsExactly(
                        "expo-gguf: note: every message is answered at alpha 0, alpha 5; the conversation goes on with"
                                + " the last of these",
                        "expo-gguf: note: alpha 0",
                        "expo-gguf: note: messages are answered at alpha 0",
                        "expo-gguf: note: a new conversation");
        List<String> answers = ran.json().getAsJsonArray("answers").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(answer -> answer.get("alpha") + " " + answer.get("comparison") + " "
                        + answer.get("answer").getAsString())
                .toList();
        assertThat(answers)
                .containsExactly(
                        "0.0 true " + written(FileType.F16, 0, CHILE),
                        "5.0 false " + first,
                        "0.0 true " + written(FileType.F16, 0, CHILE, first, SPAIN),
                        "5.0 false " + second,
                        "5.0 true " + written(FileType.F16, 5, CHILE, first, SPAIN, second, CHILE),
                        "0.0 false " + third,
                        "0.0 false " + written(FileType.F16, 0, CHILE));
    }

    @Test
    void theAlphaOfAComparedChatMayBeSaid() throws IOException {
        Ran ran = chat(List.of(CHILE), "--compare", "5,0", "--alpha", "0.3");

        assertThat(ran.out().lines())
                .containsExactly(
                        "alpha 5:",
                        written(FileType.F16, 5, CHILE),
                        "alpha 0:",
                        written(FileType.F16, 0, CHILE),
                        "alpha 0.3:",
                        written(FileType.F16, 0.3f, CHILE));
        assertThat(chat(List.of(), "--compare", "0,60", "--alpha", "5").err())
                .contains("expo-gguf: warning: alpha 60 goes too far: 8.89 %");
        assertThat(chat(List.of(), "--compare", "0,60").err())
                .contains("expo-gguf: error: alpha 60 goes too far: 8.89 %");
        assertThat(chat(List.of(CHILE), "--compare", "0,1", "--logits").out().lines())
                .contains("alpha 0:", "alpha 1:");
        assertThat(chatWithFile(List.of(), "--compare", "0,1").err())
                .contains("--compare takes a pair, --sft and --aligned, or a --guide: one model has no alpha");
    }

    /** What a pair answers greedily when it reads the whole conversation anew. */
    private static String ofLogits(float alpha, String... conversation) throws IOException {
        try (LogitPair pair = LogitPair.open(SFT, ALIGNED, alpha, LoadOptions.defaults())) {
            return answer(pair.model(), conversation);
        }
    }

    @Test
    void logitsAnswerAtEveryAlphaInManyTurns() throws IOException {
        String first = ofLogits(8, CHILE);
        String second = ofLogits(6, CHILE, first, SPAIN);
        String third = ofLogits(0, CHILE, first, SPAIN, second, CHILE);
        assertThat(ofLogits(0, CHILE)).isEqualTo(answer(ALIGNED, CHILE)).isNotEqualTo(first);
        assertThat(third).isEqualTo(answer(ALIGNED, CHILE, first, SPAIN, second, CHILE));

        Ran ran =
                chat(List.of(CHILE, "/alpha 6", SPAIN, "/alpha 0", CHILE, "/compare 0,8"), "--logits", "--alpha", "8");

        String last = ofLogits(8, CHILE, first, SPAIN, second, CHILE);
        assertThat(ran.out().lines()).containsExactly(first, second, third, "alpha 0:", third, "alpha 8:", last);
        assertThat(ran.err().lines()).containsExactly("expo-gguf: note: alpha 6", "expo-gguf: note: alpha 0");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void aGuideSteersAModelAtEveryAlpha() throws IOException {
        Path large = DEMO.resolve("guide-dpo-10-f16.gguf");
        String first;
        try (LogitGuide guide = LogitGuide.open(large, SFT, ALIGNED, 8, LoadOptions.defaults())) {
            first = answer(guide.model(), CHILE);
        }
        String plain = answer(large, CHILE);

        Ran ran = run(
                List.of(CHILE, "/alpha 0", "/reset", CHILE, "/save x.gguf"),
                Stream.of(large),
                "--guide",
                SFT + "," + ALIGNED + ",8");

        assertThat(ran.out().lines()).containsExactly(first, plain);
        assertThat(first).isNotEqualTo(plain);
        assertThat(ran.err()).contains("logits make no model that could be saved");
        assertThat(chat(List.of(), "--guide", SFT + "," + ALIGNED).err())
                .contains("--guide steers a model as it is: give that with -m");
    }

    @Test
    void logitsAreNoModelToSave() {
        Path output = directory.resolve("out.gguf");
        Ran ran = chat(List.of("/save " + output, "/save " + output + " Q8_0", CHILE), "--logits");
        assertThat(ran.err()).contains("logits make no model that could be saved; 'expo-gguf extrapolate' writes");
        assertThat(output).doesNotExist();
        assertThat(ran.out()).isNotEmpty();
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(chat(List.of(), "--logits", "--type", "Q8_0").err())
                .contains("--logits computes nothing with weights");
        assertThat(chatWithFile(List.of(), "--logits").err()).contains("--logits takes a pair");
    }

    @Test
    void choosesAlphasAroundTheCurrentOne() {
        assertThat(Chat.around(0.5f)).containsExactly(0f, 0.25f, 0.5f, 1f);
        assertThat(Chat.around(-1)).containsExactly(0f, -0.5f, -1f, -2f);
        assertThat(Chat.around(0)).containsExactly(0f, 0.1f, 0.3f, 0.5f);
        assertThat(Chat.around(3e38f)).containsExactly(0f, 1.5e38f, 3e38f);
    }

    @Test
    void savesWhatItTalksWith() throws IOException {
        Path same = directory.resolve("same.gguf");
        Path small = directory.resolve("with blanks.gguf");

        Ran ran = chat(List.of("/alpha 5", "/save " + same, "/save \"" + small + "\" Q4_K_M"));

        assertThat(answer(same, CHILE)).isEqualTo(written(FileType.F16, 5, CHILE));
        assertThat(Files.mismatch(small, recipe(FileType.Q4_K_M))).isEqualTo(-1);
        assertThat(ran.err()).contains(same + "\n", "bits per weight, alpha 5\n", small + "\n", ", Q4_K_M, alpha 5\n");
        assertThat(ran.out()).isEmpty();
    }

    private Path recipe(FileType type) throws IOException {
        Path file = directory.resolve("recipe.gguf");
        try (Extrapolator models = Extrapolator.open(SFT, ALIGNED)) {
            PlanOptions options = PlanOptions.builder().alpha(5).fileType(type).build();
            models.write(options, file, OutputOptions.defaults().withThreads(1));
        }
        return file;
    }

    @Test
    void replacesAFileOnlyWhenForced() throws IOException {
        Path file = Files.writeString(directory.resolve("out.gguf"), "mine");

        Ran refused = chat(List.of("/save " + file, CHILE));

        assertThat(refused.exitCode()).isEqualTo(5);
        assertThat(refused.err())
                .isEqualTo(
                        "expo-gguf: error: " + file + ": exists already; '/save " + file + " --force' replaces it\n");
        assertThat(refused.out().lines()).hasSize(1); // it went on
        assertThat(file).hasContent("mine");

        assertThat(chat(List.of("/save " + file + " --force")).exitCode()).isZero();
        assertThat(answer(file, CHILE)).isEqualTo(written(FileType.F16, 0.3f, CHILE));
    }

    @Test
    void aFileAnswersAsItIs() throws IOException {
        String first = answer(SFT, CHILE);

        Ran ran = chatWithFile(List.of(CHILE, SPAIN, "/alpha 2", "/compare", "/save x.gguf", "/quit", CHILE));

        assertThat(ran.out().lines()).containsExactly(first, answer(SFT, CHILE, first, SPAIN));
        assertThat(ran.err().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("there is no alpha to change in guide-sft-f16.gguf"),
                        line -> assertThat(line).contains("there is no alpha to change in guide-sft-f16.gguf"),
                        line -> assertThat(line).contains("guide-sft-f16.gguf is a file already"));
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @Test
    void oneModelIsConvertedInMemory() throws IOException {
        Path file = directory.resolve("q8.gguf");

        Ran ran = chatWithFile(List.of(CHILE, "/alpha 1", "/save " + file), "--type", "Q8_0");

        assertThat(ran.out().strip()).isEqualTo(answer(file, CHILE));
        assertThat(ran.err()).contains("there is no alpha to change in guide-sft-f16.gguf", ", Q8_0\n");
    }

    @Test
    void answersFollowAGrammar() {
        Ran ran = chatWithFile(List.of(CHILE, "/temp 2", CHILE), "--grammar", "root ::= \"Lima\" | \"Santiago\"");
        assertThat(ran.out().lines()).hasSize(2).allMatch(line -> line.matches("Lima|Santiago"));
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void samplingFollowsSeedAndTemperature() {
        List<String> lines = List.of("/temp 3", CHILE, "/seed 7", "/reset", CHILE, "/seed 0", "/reset", CHILE);
        List<String> more = List.of("/temp 0", "/reset", CHILE, "/temp", "/seed 4294967295");

        Ran ran = chatWithFile(Stream.concat(lines.stream(), more.stream()).toList(), "--min-p", "0");

        List<String> answers = ran.out().lines().toList();
        assertThat(answers).hasSize(4);
        assertThat(answers.get(1)).isNotEqualTo(answers.get(0));
        assertThat(answers.get(2)).isEqualTo(answers.get(0));
        assertThat(answers.get(3)).isEqualTo(chatWithFile(List.of(CHILE)).out().strip());
        assertThat(ran.err()).contains("note: temperature 3\n", "note: temperature 0\n", "note: seed 4294967295\n");
    }

    @Test
    void forgetsTheOldestTurnsWhenTheContextIsFull() {
        List<String> lines = Stream.generate(() -> CHILE).limit(12).toList(); // more than 30 tokens each

        Ran ran = chatWithFile(lines, "-c", "256");

        assertThat(ran.out().lines()).hasSize(12).allMatch(line -> line.contains("Santiago"));
        assertThat(ran.err())
                .containsPattern(
                        "expo-gguf: note: the context of 256 tokens is full: the oldest \\d turns are forgotten\n");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void refusesAMessageThatDoesNotFit() {
        Ran ran = chatWithFile(List.of(CHILE + " x".repeat(600), CHILE));

        assertThat(ran.err()).containsPattern("the message has [\\d,]+ tokens, expected fewer than 512 \\(the context");
        assertThat(ran.out().lines()).hasSize(1);
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @Test
    void saysWhenAnAnswerIsCutOff() {
        Ran ran = chatWithFile(List.of(CHILE), "-n", "3");

        assertThat(ran.out()).hasSizeLessThan(20);
        assertThat(chatWithFile(List.of(CHILE)).out()).startsWith(ran.out().strip());
        assertThat(ran.err()).isEqualTo("expo-gguf: note: cut off after 3 tokens (-n)\n");
    }

    @Test
    void passesInstructionsOn() throws IOException {
        Ran ran = chatWithFile(List.of("/system", "/system Be short.", CHILE, "/system \"\"", "/reset", CHILE));

        // the template of these models knows user and assistant, and takes everybody else for a user
        List<String> answers = ran.out().lines().toList();
        assertThat(answers).hasSize(2);
        assertThat(answers.get(1)).isEqualTo(answer(SFT, CHILE));
        assertThat(ran.err().lines())
                .containsExactly(
                        "expo-gguf: note: no instructions",
                        "expo-gguf: note: instructions: Be short.",
                        "expo-gguf: note: no instructions",
                        "expo-gguf: note: a new conversation");
        assertThat(chatWithFile(List.of(CHILE), "-sys", "Be short.").out().strip())
                .isEqualTo(answers.get(0));
    }

    @Test
    void unknownCommandsAreAnsweredWithAHintAndTheRestGoesOn() {
        Ran ran = chatWithFile(List.of("/alhpa 3", "/help", "", CHILE));

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).startsWith("expo-gguf: error: there is no /alhpa; did you mean /alpha?");
        assertThat(ran.err()).contains("/save OUT.gguf [TYPE] [--force]", "Ctrl-C stops an answer");
        assertThat(ran.err().lines().filter(line -> !line.contains("error: "))).allMatch(line -> line.length() <= 80);
        assertThat(ran.out().lines()).hasSize(1);
    }

    @Test
    void comparingNeedsAMessage() {
        Ran ran = chat(List.of("/compare", CHILE, "/reset", "/compare"));

        assertThat(ran.err()).containsSubsequence("nothing to compare yet", "nothing to compare yet");
        assertThat(ran.out().lines()).hasSize(1);
    }

    @Test
    void anAlphaThatRuinsTheModelIsTakenBack() throws IOException {
        Ran ran = chat(List.of("/alpha 1e38 --force", CHILE, "/compare 1e38", "/alpha"));

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err()).contains("infinit").endsWith("expo-gguf: note: alpha 0.3\n");
        assertThat(ran.out().lines()).containsExactly(written(FileType.F16, 0.3f, CHILE));
    }

    @Test
    void anAlphaAtWhichModelsAreLostIsRefusedUntilItIsForced() {
        String refusal = "expo-gguf: error: alpha 60 goes too far: 8.89 % of the SFT model's norm; beyond 5 %, which"
                + " alpha 34 reaches, every model that was tried had lost what training gave it; ";

        Ran ran = chat(List.of("/alpha 60", "/alpha", "/alpha 60 --force", "/alpha 30"));

        assertThat(ran.err().lines())
                .containsExactly(
                        refusal + "'/alpha 60 --force' insists",
                        "expo-gguf: note: alpha 0.3",
                        "expo-gguf: note: alpha 60",
                        "expo-gguf: note: alpha 30");
        assertThat(ran.exitCode()).isEqualTo(2);
        Ran refused = chat(List.of(CHILE), "--alpha", "60");
        assertThat(refused.err()).startsWith(refusal + "--max-distance off insists");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(chat(List.of("/alpha"), "--distance", "8.89%").err()).endsWith("note: alpha 60\n");
    }

    @Test
    void whatToTypeToReplaceAFileIsALineOfTheChat() throws IOException {
        Path file = Files.writeString(directory.resolve("it is mine.gguf"), "mine");

        Ran refused = chat(List.of("/save \"" + file + "\" Q8_0"));

        String line = "/save \"" + file + "\" Q8_0 --force";
        assertThat(refused.err()).endsWith(": exists already; '" + line + "' replaces it\n");
        assertThat(chat(List.of(line)).exitCode()).isZero();
        assertThat(answer(file, CHILE)).isNotEmpty();
    }

    @Test
    void jsonHoldsEveryAnswer() throws IOException {
        Ran ran = chat(List.of(CHILE, "/compare 0", "/alpha 5", SPAIN), "--json", "-n", "30");

        JsonObject document = ran.json();
        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/chat/1");
        assertThat(document.get("model").getAsString()).isEqualTo("guide-dpo-20-f16.gguf");
        assertThat(document.getAsJsonObject("inputs").keySet()).containsExactly("sft", "aligned", "weights");
        JsonArray answers = document.getAsJsonArray("answers");
        assertThat(answers).hasSize(3);
        JsonObject compared = answers.get(1).getAsJsonObject();
        assertThat(compared.get("message").getAsString()).isEqualTo(CHILE);
        assertThat(compared.get("alpha").getAsFloat()).isZero();
        assertThat(compared.get("comparison").getAsBoolean()).isTrue();
        assertThat(compared.get("finishReason").getAsString()).isEqualTo("end-of-generation");
        assertThat(answers.get(2).getAsJsonObject().get("alpha").getAsFloat()).isEqualTo(5);
        assertThat(answers.get(0).getAsJsonObject().get("answer").getAsString())
                .isEqualTo(written(FileType.F16, 0.3f, CHILE));
    }

    @Test
    void refusesWhatCannotTalk() throws IOException {
        TinyPair pair = TinyPair.write(directory);

        Ran ran = Ran.run("chat", "--sft", pair.sft(), "--aligned", pair.aligned());

        assertThat(ran.exitCode()).isEqualTo(6);
        assertThat(ran.err())
                .isEqualTo("expo-gguf: error: aligned.gguf: the model has no chat template"
                        + " (tokenizer.chat_template); --chat-template FILE|FAMILY gives it one\n");
        assertThat(chat(List.of(), "--alpha", "1,2").err()).contains("one model answers: give one --alpha");
        assertThat(Ran.run("chat").err())
                .contains("missing required options: '--sft=FILE' (or --checkpoint or MODEL or --model), ");
        assertThat(chatWithFile(List.of(), "-n", "0").exitCode()).isEqualTo(2);
        assertThat(chatWithFile(List.of(), "--top-p", "2").exitCode()).isEqualTo(2);
        assertThat(Ran.run("chat", directory.resolve("none.gguf")).exitCode()).isEqualTo(5);
    }

    @Test
    void emptyAnswerIsSaid() {
        Ran ran = Ran.runWithInput("Hi\n", "chat", "-m", DemoFiles.SFT, "--grammar", "root ::= \"\"");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).isBlank();
        assertThat(ran.err()).contains("note: an empty answer\n");
    }
}
