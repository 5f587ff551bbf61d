package io.github.expogguf.cli.listen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Main;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.FewerBlocks;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.text.Numbers;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A whole listening test with the miniature pair; the page is played by a client that likes long answers. */
class ListenCommandTest {

    private static final Pattern ADDRESS = Pattern.compile("the page is at (http://127\\.0\\.0\\.1:\\d+/\\S+/)");

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final HttpClient client = HttpClient.newHttpClient();
    private Path log;

    @BeforeEach
    void name() {
        log = directory.resolve("votes.log");
    }

    private List<Object> words(Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "listen",
                "--sft",
                DemoFiles.SFT,
                "--aligned",
                DemoFiles.ALIGNED,
                "--prompts",
                DemoFiles.DIRECTORY.resolve("prompts.jsonl"),
                "-t",
                "1",
                "-n",
                "24",
                "-q",
                "--no-open",
                "--log",
                log));
        words.addAll(List.of(more));
        return words;
    }

    /** Runs the command with weights of Q8_0, gives a number of votes, and finishes. */
    private int listen(int votes, Object... more) throws Exception {
        return listenTo(
                votes,
                Stream.concat(Stream.of("--type", "Q8_0"), Stream.of(more)).toArray());
    }

    private int listenTo(int votes, Object... more) throws Exception {
        CompletableFuture<Integer> command = start(more);
        String address = address(command);
        vote(address, votes);
        post(address, "finish", "{}");
        return command.get(120, TimeUnit.SECONDS);
    }

    private CompletableFuture<Integer> start(Object... more) {
        return start(words(more));
    }

    private CompletableFuture<Integer> start(List<Object> words) {
        out.reset();
        return CompletableFuture.supplyAsync(() -> Ran.runPrintingTo(out, err, words.toArray()));
    }

    private void vote(String address, int votes) throws Exception {
        for (int vote = 0; vote < votes; vote++) {
            JsonObject question =
                    await(address, state -> !state.get("question").isJsonNull()).getAsJsonObject("question");
            int left = length(question, "left");
            int right = length(question, "right");
            String verdict = left > right ? "left" : left < right ? "right" : "same";
            post(address, "vote", "{\"number\": " + question.get("number") + ", \"verdict\": \"" + verdict + "\"}");
        }
    }

    private JsonObject await(String address, Predicate<JsonObject> condition) throws Exception {
        JsonObject state = get(address + "state");
        while (!condition.test(state)) {
            Thread.sleep(20);
            state = get(address + "state");
        }
        return state;
    }

    private static int length(JsonObject question, String side) {
        return question.getAsJsonObject(side).get("text").getAsString().length();
    }

    private String address(CompletableFuture<Integer> command) throws Exception {
        while (!command.isDone()) {
            Matcher matcher = ADDRESS.matcher(out.toString(StandardCharsets.UTF_8));
            if (matcher.find()) {
                return matcher.group(1);
            }
            Thread.sleep(20);
        }
        throw new AssertionError(command.get() + ": " + err.toString(StandardCharsets.UTF_8));
    }

    private JsonObject get(String address) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).build();
        return JsonParser.parseString(
                        client.send(request, BodyHandlers.ofString()).body())
                .getAsJsonObject();
    }

    private void post(String address, String what, String body) throws IOException, InterruptedException {
        URI uri = URI.create(address + what);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Origin", "http://" + uri.getAuthority())
                .POST(BodyPublishers.ofString(body))
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    @Test
    void votesLeadToAModelWithItsEvidence() throws Exception {
        Path json = directory.resolve("listen.json");
        Path output = directory.resolve("best.gguf");

        assertThat(listen(6)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("best: alpha ", "6 votes");
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).hasSizeGreaterThanOrEqualTo(7);
        assertThat(lines.get(1))
                .as("0 and the one nearest to 1.2 %%")
                .contains(":8.6,")
                .contains(":0.0,");

        assertThat(listen(2, "--json-file", json, "--write", output))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        JsonObject document = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/listen/1");
        assertThat(document.get("votes").getAsInt()).as("goes on").isEqualTo(8);
        assertThat(document.getAsJsonArray("curve")).hasSize(13);
        assertThat(document.getAsJsonArray("curve")
                        .get(12)
                        .getAsJsonObject()
                        .get("alpha")
                        .getAsFloat())
                .as("about 2 %% away")
                .isEqualTo(13f);
        try (GgufModel model = GgufModel.open(output)) {
            Metadata metadata = model.header().metadata();
            assertThat(metadata.get("expo.search.kind")).contains(MetadataValue.ofString("votes"));
            assertThat(metadata.get("expo.search.votes")).contains(MetadataValue.ofUint32(8));
        }
    }

    @Test
    void logOfOtherModelsIsRefused() throws Exception {
        assertThat(listen(1)).isZero();

        Ran ran = Ran.run(words("--type", "Q8_0", "--temp", "0").toArray());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("is the log of another listening test: sampling was");
    }

    @Test
    void wrongOptionsAreRefusedBeforeAnyWork() {
        assertThat(Ran.run(words("--port", "70000").toArray()).err()).contains("'70000' is not a port, 0 to 65535");
        assertThat(Ran.run(words("--type", "F16,Q8_0").toArray()).err()).contains("the models that are heard have one");
        Ran noAlpha = Ran.run(words("--max-alpha", "0").toArray());
        assertThat(noAlpha.exitCode()).isEqualTo(2);
        assertThat(noAlpha.err()).contains("--max-alpha is 0, expected more than 0");
    }

    @Test
    void logOfOtherPenaltiesIsRefused() throws Exception {
        assertThat(listen(1)).isZero();

        Ran ran = Ran.run(words("--type", "Q8_0", "--repeat-penalty", "1.1").toArray());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .contains("is the log of another listening test: sampling was", "repeat-penalty 1.1, repeat-last-n 64");
    }

    @Test
    void seedThatWasDrawnIsThatOfTheLog() throws Exception {
        assertThat(listen(1, "--seed", "-1")).isZero();
        assertThat(listen(1, "--seed", "-1"))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("2 votes");
    }

    @Test
    void portInUseIsNamedBeforeTheModelsAreLoaded() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Ran ran = Ran.run(words("--port", taken.getLocalPort()).toArray());
            assertThat(ran.exitCode()).isEqualTo(5);
            assertThat(ran.err())
                    .startsWith("expo-gguf: error: --port " + taken.getLocalPort() + ": ")
                    .contains(" on 127.0.0.1; --port 0 takes one that is free");
        }
    }

    @Test
    void equalModelsAreRefused() throws IOException {
        List<Object> words = words();
        Path renamed = directory.resolve("renamed.gguf");
        Ran.run("quantize", "-m", DemoFiles.SFT, "--override-kv", "general.name=str:other", "-o", renamed);
        words.set(words.indexOf(DemoFiles.ALIGNED), renamed);

        Ran ran = Ran.run(words.toArray());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("the two models are the same in every tensor");
    }

    @Test
    void promptThatIsTooLongIsLeftOut() throws Exception {
        CompletableFuture<Integer> command = start("--type", "Q8_0", "-c", "256");
        String address = address(command);
        String models = get(address + "state").get("models").getAsString();
        assertThat(models)
                .isEqualTo("SFT " + DemoFiles.SFT.getFileName() + " \u00b7 aligned " + DemoFiles.ALIGNED.getFileName()
                        + " \u00b7 weights --type Q8_0");

        post(address, "prompt", "{\"text\": \"" + "Why is the sky blue? ".repeat(200) + "\"}");
        JsonObject state =
                await(address, now -> !now.get("unasked").getAsString().isEmpty());
        assertThat(state.get("unasked").getAsString())
                .matches(
                        "not asked: '.*'?\\.*: the prompt has \\d+ tokens, expected at most 256 \\(the size of the context\\)");
        vote(address, 1);
        post(address, "finish", "{}");

        assertThat(command.get(120, TimeUnit.SECONDS)).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("warning: not asked: 'Why is the sky blue?");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("1 vote");
    }

    @Test
    void answersThatNeverDifferEndWithoutAnAlpha() throws Exception {
        Path prompt = directory.resolve("one.jsonl");
        Files.writeString(prompt, "{\"prompt\": \"Why is the sky blue?\"}");
        Path output = directory.resolve("best.gguf");
        Object[] options = {"--type", "Q8_0", "--temp", "0", "--max-alpha", "0.001", "--write", output};
        List<Object> words = words(options);
        words.set(words.indexOf("--prompts") + 1, prompt);
        CompletableFuture<Integer> command = start(words);
        String address = address(command);

        JsonObject state = await(address, now -> !now.get("alike").getAsString().isEmpty());
        assertThat(state.get("waiting").getAsBoolean()).isTrue();
        post(address, "finish", "{}");

        assertThat(command.get(120, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("no alpha was chosen: nobody voted; 12 pairs the same to the letter")
                .doesNotContain("best:");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("warning: answers do not differ", "nobody voted, so that " + output + " is not written");
        assertThat(Files.readAllLines(log)).hasSize(13);
        assertThat(output).doesNotExist();
    }

    /** What is shown where nothing is written makes the model. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the line is for a POSIX shell")
    void lineAtTheEndWritesTheModel() throws Exception {
        assertThat(listen(1)).isZero();
        String vote = Files.readAllLines(log).getLast();
        boolean isLeftAligned = vote.contains("\"left\":0.0");
        String better =
                vote.replaceFirst("\"verdict\":\"\\w+\"", "\"verdict\":\"" + (isLeftAligned ? "right" : "left") + "\"");
        Files.writeString(log, (better + "\n").repeat(20), StandardOpenOption.APPEND);

        assertThat(listen(0)).isZero();

        Matcher line = Pattern.compile("write with: expo-gguf (.*) -o BEST.gguf\\R")
                .matcher(out.toString(StandardCharsets.UTF_8));
        assertThat(line.find()).as(out.toString(StandardCharsets.UTF_8)).isTrue();
        assertThat(line.group(1))
                .startsWith("extrapolate --sft " + DemoFiles.SFT + " --aligned " + DemoFiles.ALIGNED + " --alpha ")
                .endsWith(" --type Q8_0");
        Path output = directory.resolve("best.gguf");
        List<Object> words = new ArrayList<>(List.of(line.group(1).split(" ")));
        words.addAll(List.of("-o", output));
        Ran written = Ran.run(words.toArray());
        assertThat(written.exitCode()).as(written.err()).isZero();
        assertThat(output).exists();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process cannot be asked to end there")
    void votesThatAreLostAreSpokenOf() throws Exception {
        List<Object> words = words("--type", "Q8_0");
        int place = words.indexOf("--log");
        words.remove(place);
        words.remove(place);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        words.forEach(word -> command.add(word.toString()));
        Path errors = directory.resolve("errors");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            Matcher matcher = ADDRESS.matcher(lines.readLine());
            assertThat(matcher.find()).isTrue();
            vote(matcher.group(1), 2);

            process.destroy();

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(errors))
                    .contains("note: 2 votes lost; --log FILE keeps votes, so that the same command goes on");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void logitsAreHeardInPlaceOfWeights() throws Exception {
        Path json = directory.resolve("listen.json");
        assertThat(listenTo(5, "--logits", "--max-alpha", "8", "--json-file", json))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        JsonObject document = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(document.getAsJsonObject("inputs").get("logits").getAsString())
                .isEqualTo("(1 + alpha) * aligned - alpha * sft");
        assertThat(document.getAsJsonArray("curve").asList())
                .last()
                .extracting(point -> point.getAsJsonObject().get("alpha").getAsFloat())
                .isEqualTo(8f);
        float best = document.get("best").getAsFloat();
        String use = "use with: expo-gguf chat --logits --alpha " + Numbers.brief(best) + " --sft " + DemoFiles.SFT;
        assertThat(out.toString(StandardCharsets.UTF_8).contains(use)).isEqualTo(best != 0);
    }

    @Test
    void alphaZeroOfLogitsIsTheAlignedModel() throws IOException {
        GenerationOptions generation = GenerationOptions.greedy(24)
                .withSampling(SamplingOptions.seeded(0).withTemperature(0.8f));
        ComputeOptions how = ComputeOptions.defaults().withThreads(1);
        List<Prompt> asked =
                PromptFile.read(DemoFiles.DIRECTORY.resolve("prompts.jsonl")).subList(0, 4);
        try (LlamaModel aligned = LlamaModel.load(DemoFiles.ALIGNED, LoadOptions.defaults());
                LogitPair pair = LogitPair.open(DemoFiles.SFT, DemoFiles.ALIGNED, 3, LoadOptions.defaults())) {
            LiveAnswers answers = new LiveAnswers(pair, generation, how);
            for (int seed = 0; seed < asked.size(); seed++) {
                List<Prompt> one = asked.subList(seed, seed + 1);
                GenerationOptions seeded =
                        generation.withSampling(generation.sampling().withSeed(seed));
                assertThat(answers.answer(0, one.getFirst(), seed))
                        .isEqualTo(Answers.generate(aligned, one, seeded, how).getFirst());
            }
        }
    }

    @Test
    void aSmallPairThatSteersAModelIsHeard() throws Exception {
        Path json = directory.resolve("listen.json");
        Path small = Files.createDirectories(directory.resolve("small"));
        Path sft = FewerBlocks.write(DemoFiles.SFT, small, 2);
        Path aligned = FewerBlocks.write(DemoFiles.ALIGNED, small, 2);
        String guide = sft + "," + aligned;
        CompletableFuture<Integer> command = start(List.of(
                "listen",
                "-m",
                DemoFiles.DPO_100,
                "--guide",
                guide,
                "--max-alpha",
                8,
                "--prompts",
                DemoFiles.DIRECTORY.resolve("prompts.jsonl"),
                "-t",
                1,
                "-n",
                24,
                "-q",
                "--no-open",
                "--json-file",
                json));
        String address = address(command);
        vote(address, 4);
        post(address, "finish", "{}");

        assertThat(command.get(120, TimeUnit.SECONDS))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        JsonObject document = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(document.getAsJsonObject("inputs").get("logits").getAsString())
                .isEqualTo("model + alpha * (aligned - sft)");
        float best = document.get("best").getAsFloat();
        String use =
                "use with: expo-gguf chat -m " + DemoFiles.DPO_100 + " --guide " + guide + "," + Numbers.brief(best);
        assertThat(out.toString(StandardCharsets.UTF_8).contains(use)).isEqualTo(best != 0);
    }

    @Test
    void theSameFileTwiceIsNoticedAtOnce() throws IOException {
        Path copy = Files.copy(DemoFiles.SFT, directory.resolve("copy.gguf"));
        Ran ran =
                Ran.run("listen", "--logits", "--sft", DemoFiles.SFT, "--aligned", copy, "--max-alpha", 8, "--no-open");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("the two models of the pair are the same file to the byte");
    }

    @Test
    void logitsRefuseWhatIsOfWeights() {
        for (Object[] wrong : new Object[][] {
            {"--max-alpha", "8", "--write", directory.resolve("x.gguf"), "--logits makes no model that --write"},
            {"--max-alpha", "8", "--type", "Q8_0", "--logits computes nothing with weights"},
            {"--logits has no distance that says where models collapse: give --max-alpha"}
        }) {
            List<Object> words = new ArrayList<>(words("--logits"));
            words.addAll(List.of(wrong).subList(0, wrong.length - 1));
            Ran ran = Ran.run(words.toArray());
            assertThat(ran.exitCode()).isEqualTo(2);
            assertThat(ran.err()).contains(wrong[wrong.length - 1].toString());
        }
    }
}
