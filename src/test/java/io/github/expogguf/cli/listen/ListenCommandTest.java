package io.github.expogguf.cli.listen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.text.Numbers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
        out.reset();
        CompletableFuture<Integer> command = CompletableFuture.supplyAsync(
                () -> Ran.runPrintingTo(out, err, words(more).toArray()));
        String address = address(command);
        for (int vote = 0; vote < votes; ) {
            JsonObject state = get(address + "state");
            if (state.get("question").isJsonNull()) {
                Thread.sleep(20);
                continue;
            }
            JsonObject question = state.getAsJsonObject("question");
            int left = length(question, "left");
            int right = length(question, "right");
            String verdict = left > right ? "left" : left < right ? "right" : "same";
            post(address, "vote", "{\"number\": " + question.get("number") + ", \"verdict\": \"" + verdict + "\"}");
            vote++;
        }
        post(address, "finish", "{}");
        return command.get(120, TimeUnit.SECONDS);
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
        assertThat(Files.readAllLines(log)).hasSizeGreaterThanOrEqualTo(7);

        assertThat(listen(2, "--json", json, "--write", output))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        JsonObject document = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/listen/1");
        assertThat(document.get("votes").getAsInt()).as("goes on").isEqualTo(8);
        assertThat(document.getAsJsonArray("curve")).hasSize(13);
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
        assertThat(Ran.run(words("--max-alpha", "0").toArray()).exitCode()).isEqualTo(2);
    }

    @Test
    void logitsAreHeardInPlaceOfWeights() throws Exception {
        Path json = directory.resolve("listen.json");
        assertThat(listenTo(5, "--logits", "--max-alpha", "8", "--json", json))
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
