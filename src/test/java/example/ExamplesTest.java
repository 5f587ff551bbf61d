package example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every program that the documents show. */
class ExamplesTest {

    private static final String SFT = "src/demo/guide-sft-f16.gguf";
    private static final String ALIGNED = "src/demo/guide-dpo-20-f16.gguf";

    @TempDir
    private Path directory;

    private interface Example {
        void main(String... arguments) throws IOException;
    }

    private interface Service {
        void main(String... arguments) throws IOException, InterruptedException;
    }

    private static String printed(Example example, String... arguments) throws IOException {
        PrintStream stdout = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            example.main(arguments);
        } finally {
            System.setOut(stdout);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void asksInTenLinesAndFourImports() throws IOException {
        Path output = directory.resolve("out.gguf");
        assertThat(printed(TenLines::main, SFT, ALIGNED, output.toString())).contains("Santiago");

        List<String> lines = Files.readAllLines(Path.of("src/example/java/example/TenLines.java"));
        assertThat(lines).filteredOn(line -> line.startsWith("import ")).hasSizeLessThanOrEqualTo(4);
        assertThat(lines)
                .as("lines of the body")
                .filteredOn(line -> line.startsWith("        ") && !line.isBlank())
                .hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void extrapolatesAndAsks() throws IOException {
        Path output = directory.resolve("out.gguf");
        assertThat(printed(ExtrapolateAndAsk::main, SFT, ALIGNED, "5", output.toString(), "Which city rules Chile?"))
                .startsWith("30 tensors extrapolated")
                .contains("Santiago");
    }

    @Test
    void writesWithProgress() throws IOException {
        Path output = directory.resolve("out.gguf");
        String printed = printed(WriteWithProgress::main, SFT, ALIGNED, output.toString());
        assertThat(printed)
                .startsWith(Files.size(output) + " bytes")
                .contains("EXTRAPOLATE", "VERIFY")
                .doesNotContain("cancelled");
    }

    @Test
    void scoresAlphas() throws IOException {
        assertThat(printed(ScoreAlphas::main, SFT, ALIGNED)).matches("scores \\[-\\d+\\.0], margins \\[\\d+\\.\\d+]\n");
    }

    @Test
    void asksLogits() throws IOException {
        String printed = printed(AskLogits::main, SFT, ALIGNED, "Which city rules Chile?");
        assertThat(printed).matches("alpha 0\\.0: .+\nalpha 0\\.3: .+\nalpha 8\\.0: .+\n");
        List<String> answers = printed.lines()
                .map(line -> line.substring("alpha 0.0: ".length()))
                .toList();
        assertThat(answers.getFirst()).isNotEqualTo(answers.getLast());
    }

    @Test
    void searchesAlpha() throws IOException {
        assertThat(printed(SearchProfiles::main, SFT, ALIGNED))
                .matches("(?s)no-norms: .*\ngradient: .*\nbest: [^ ]+, alpha \\d\\.0\n");
        assertThat(printed(SearchAlpha::main, SFT, ALIGNED)).matches("alpha \\d+\\.\\d+: [01]\\.\\d+\n");
    }

    @Test
    void continuesASearch() throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), """
                {"prompt": "Which city rules Chile?"}
                {"prompt": "Which city rules Peru?"}
                """);
        Path log = directory.resolve("search.log");
        String[] arguments = {SFT, ALIGNED, prompts.toString(), log.toString()};
        String first = printed(ContinueSearch::main, arguments);
        assertThat(first).matches("0 alphas are known\n(alpha [015]\\.0: -\\d+\\.\\d+\n){3}");

        List<String> lines = Files.readAllLines(log);
        Files.write(log, lines.subList(0, 3)); // as if it had been stopped
        assertThat(printed(ContinueSearch::main, arguments)).isEqualTo(first.replace("0 alphas", "2 alphas"));
        assertThat(Files.readAllLines(log)).isEqualTo(lines);
    }

    @Test
    void repeatsARecipe() throws IOException {
        Path first = directory.resolve("first.gguf");
        Path again = directory.resolve("again.gguf");
        printed(WriteWithProgress::main, SFT, ALIGNED, first.toString());
        assertThat(printed(RepeatRecipe::main, SFT, ALIGNED, first.toString(), again.toString()))
                .isEqualTo("alpha 0.3 again\n");
        assertThat(Files.mismatch(first, again)).isEqualTo(-1);
    }

    @Test
    void holdsAConversation() throws IOException {
        assertThat(printed(HoldConversation::main, SFT, "Which city rules Chile?", "Which city rules Peru?"))
                .containsSubsequence("Santiago", "Lima", "\n4 messages\n");
    }

    @Test
    void findsTheNearestText() throws IOException {
        String asked = "Which city rules Chile?";
        assertThat(printed(FindNearest::main, SFT, asked, asked, "Hi! What does a cat say?"))
                .matches("1[.]00 Which city rules Chile[?]\\R[0-]*[.]\\d\\d Hi! What does a cat say[?]\\R");
    }

    @Test
    void answersInForm() throws IOException {
        assertThat(printed(AnswerInForm::main, SFT, "Which city rules Chile?"))
                .matches("\r0 of (?<total>\\d+)(\r\\d+ of \\k<total>)*\r\\k<total> of \\k<total>\n"
                        + "\\{\"city\": \"[A-Z][a-z]{1,15}\"}\n");
    }

    @Test
    void followsARecipe() throws IOException {
        Path recipe = Files.writeString(
                directory.resolve("recipe.json"),
                "{\"alpha\": [0.3, 1], \"type\": \"Q8_0\", \"rules\": {\"norm\": \"copy\"}}");
        assertThat(printed(FollowRecipe::main, SFT, ALIGNED, recipe.toString(), directory.toString()))
                .isEqualTo("alpha-0.3.gguf\nalpha-1.0.gguf\n");
    }

    @Test
    void predictsAStep() throws IOException {
        Path output = directory.resolve("out.gguf");
        assertThat(printed(PredictStep::main, SFT, "src/demo/guide-dpo-10-f16.gguf", ALIGNED, output.toString()))
                .matches("\\d\\d % in one direction\\R");
        assertThat(output).exists();
    }

    @Test
    void servesChats() throws Exception {
        Path sft = Path.of(SFT);
        try (ServeChats service = new ServeChats(sft, 0);
                HttpClient http = HttpClient.newHttpClient()) {
            String root = "http://localhost:" + service.port();
            List<CompletableFuture<HttpResponse<String>>> answers = Stream.of("Chile", "Peru", "Spain")
                    .map(country -> post(http, root, "Which city rules " + country + "?"))
                    .toList();
            assertThat(answers.get(0).join().body()).contains("Santiago");
            assertThat(answers.get(1).join().body()).contains("Lima");
            assertThat(answers.get(2).join().body()).contains("Madrid");
            assertThat(post(http, root, "Which city rules Chile?\n\nSantiago.\n\nWhich city rules Peru?")
                            .join()
                            .body())
                    .contains("Lima");
            HttpResponse<String> refused = post(http, root, "word ".repeat(600)).join();
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("expected 1 to 512");
            URI health = URI.create(root + "/health");
            assertThat(http.send(HttpRequest.newBuilder(health).build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("fine\n");
        }
        Thread main = Thread.currentThread(); // the program runs until its process is ended
        main.interrupt();
        Service program = ServeChats::main;
        assertThatThrownBy(() -> program.main(SFT, "0")).isInstanceOf(CancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private static CompletableFuture<HttpResponse<String>> post(HttpClient http, String root, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + "/chat"))
                .POST(BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }

    @Test
    void everyExampleIsRun() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/example/java/example"))) {
            List<String> names = files.map(file -> file.getFileName().toString().replace(".java", "::main"))
                    .toList();
            assertThat(names).isNotEmpty();
            assertThat(Files.readString(Path.of("src/test/java/example/ExamplesTest.java")))
                    .contains(names);
        }
    }
}
