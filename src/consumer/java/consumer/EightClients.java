package consumer;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Clients of a service that embeds expo-gguf ({@code ServeChats} of the examples), in another process: {@code URL
 * QUESTION}. All ask twice, at a time, and print what they are told.
 */
public final class EightClients {

    private static final int CLIENTS = 8;

    private EightClients() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        URI chat = URI.create(arguments[0]);
        String question = arguments[1];
        try (HttpClient http = HttpClient.newHttpClient();
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                answers.add(clients.submit(() -> {
                    String first = ask(http, chat, question);
                    return first + ask(http, chat, question + "\n\n" + first + "\n\n" + question);
                }));
            }
            for (Future<String> answer : answers) {
                System.out.println(answer.get().strip().replace("\n", " | "));
            }
            System.out.print("health: "
                    + http.send(HttpRequest.newBuilder(chat.resolve("/health")).build(), BodyHandlers.ofString())
                            .body());
        }
    }

    private static String ask(HttpClient http, URI chat, String conversation) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(chat)
                .POST(BodyPublishers.ofString(conversation))
                .build();
        return http.send(request, BodyHandlers.ofString()).body().strip() + "\n";
    }
}
