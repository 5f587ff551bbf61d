package io.github.expogguf.bench;

import example.ServeChats;
import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.work.Threads;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Times clients that chat with a service at the same time ({@link ServeChats}, in this process, through HTTP) beside
 * the same chats one after another on one thread, in turn, and asks the service for its health meanwhile. Arguments:
 * MODEL, and number of clients, chats and rounds.
 */
public final class Service {

    private static final int QUESTIONS_PER_CHAT = 6;
    private static final long HEALTH_PAUSE_MILLIS = 5;
    private static final List<String> COUNTRIES =
            List.of("Chile", "Peru", "Spain", "France", "Japan", "Kenya", "Norway", "Egypt");

    private final Path file;
    private final int clients;
    private final List<List<String>> chats = new ArrayList<>();

    private Service(Path file, int clients, int chats) {
        this.file = file;
        this.clients = clients;
        for (int chat = 0; chat < chats; chat++) {
            List<String> questions = new ArrayList<>();
            for (int i = 0; i < QUESTIONS_PER_CHAT; i++) {
                questions.add("Which city rules " + COUNTRIES.get((chat + i) % COUNTRIES.size()) + "?");
            }
            this.chats.add(questions);
        }
    }

    /** Seconds, the slowest reply to a question for health, and what was said. */
    private record Run(double seconds, double worstHealthMillis, List<String> answers) {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        Path model = Path.of(arguments.length > 0 ? arguments[0] : "src/demo/guide-sft-f16.gguf");
        int clients = number(arguments, 1, 8);
        int chats = number(arguments, 2, 16);
        int rounds = number(arguments, 3, 7);
        Service service = new Service(model, clients, chats);
        System.out.printf(
                "%d clients, %d chats of %d questions, %d cores%n",
                clients, chats, QUESTIONS_PER_CHAT, Threads.ofThisMachine());
        System.out.println("round  one after another  service   ratio  worst /health");
        List<Double> ratios = new ArrayList<>();
        double worst = 0;
        for (int round = 0; round <= rounds; round++) { // the first warms up
            Run alone = service.oneAfterAnother();
            Run served = service.served();
            if (!alone.answers.equals(served.answers)) {
                throw new AssertionError("the service says something else");
            }
            double ratio = served.seconds / alone.seconds;
            System.out.printf(
                    "%5s  %15.3f s  %5.3f s  %6.2f  %10.1f ms%n",
                    round == 0 ? "warm" : round, alone.seconds, served.seconds, ratio, served.worstHealthMillis);
            if (round > 0) {
                ratios.add(ratio);
                worst = Math.max(worst, served.worstHealthMillis);
            }
        }
        ratios.sort(null);
        System.out.printf(
                "the service takes %.2f times as long (median), its worst /health %.1f ms%n",
                ratios.get(ratios.size() / 2), worst);
    }

    private static int number(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private Run oneAfterAnother() throws IOException {
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults())) {
            ContextOptions one =
                    ContextOptions.defaults().withContextTokens(512).withThreads(1);
            List<String> answers = new ArrayList<>();
            long start = System.nanoTime();
            for (List<String> questions : chats) {
                try (ChatSession session = ChatSession.open(model, one)) {
                    List<ChatMessage> conversation = new ArrayList<>();
                    for (String question : questions) {
                        conversation.add(ChatMessage.user(question));
                        int[] prompt = model.chatPrompt(conversation, true).tokens();
                        String answer = session.answer(prompt, GenerationOptions.greedy(64), (_, _) -> true)
                                .text()
                                .strip();
                        answers.add(answer);
                        conversation.add(ChatMessage.assistant(answer));
                    }
                }
            }
            return new Run(seconds(start), 0, answers);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private Run served() throws Exception {
        try (ServeChats service = new ServeChats(file, 0);
                HttpClient http = HttpClient.newHttpClient();
                ExecutorService callers = Executors.newFixedThreadPool(clients + 1)) {
            URI root = URI.create("http://localhost:" + service.port());
            Future<Double> health = callers.submit(() -> worstHealth(http, root.resolve("/health")));
            List<Future<List<String>>> all = new ArrayList<>();
            long start = System.nanoTime();
            for (int client = 0; client < clients; client++) {
                int first = client;
                all.add(callers.submit(() -> chat(http, root.resolve("/chat"), first)));
            }
            String[][] answers = new String[chats.size()][];
            for (int client = 0; client < clients; client++) {
                List<String> said = all.get(client).get();
                for (int i = 0; client + i * clients < chats.size(); i++) {
                    answers[client + i * clients] = said.subList(i * QUESTIONS_PER_CHAT, (i + 1) * QUESTIONS_PER_CHAT)
                            .toArray(String[]::new);
                }
            }
            double seconds = seconds(start);
            callers.shutdownNow();
            return new Run(
                    seconds,
                    health.get(),
                    Arrays.stream(answers).flatMap(Arrays::stream).toList());
        }
    }

    /** Every so-many-th chat, one after another. */
    private List<String> chat(HttpClient http, URI uri, int first) throws IOException, InterruptedException {
        List<String> answers = new ArrayList<>();
        for (int chat = first; chat < chats.size(); chat += clients) {
            List<String> conversation = new ArrayList<>();
            for (String question : chats.get(chat)) {
                conversation.add(question);
                HttpRequest request = HttpRequest.newBuilder(uri)
                        .POST(BodyPublishers.ofString(String.join("\n\n", conversation)))
                        .build();
                String answer =
                        http.send(request, BodyHandlers.ofString()).body().strip();
                answers.add(answer);
                conversation.add(answer);
            }
        }
        return answers;
    }

    /** Asks until it is interrupted; the slowest reply in milliseconds. */
    private static double worstHealth(HttpClient http, URI uri) throws IOException {
        double worst = 0;
        try {
            while (true) {
                long start = System.nanoTime();
                http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
                worst = Math.max(worst, seconds(start) * 1e3);
                TimeUnit.MILLISECONDS.sleep(HEALTH_PAUSE_MILLIS);
            }
        } catch (InterruptedException _) {
            return worst;
        }
    }
}
