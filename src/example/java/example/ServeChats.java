package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.expogguf.ExpoException;
import io.github.expogguf.infer.ChatAnswer;
import io.github.expogguf.infer.ChatServer;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/**
 * Serves a model to many clients. {@code POST /chat} takes a conversation, the user's and the model's messages in turn
 * with an empty line between them, and streams the answer; {@code GET /health} says that the service lives. Arguments:
 * MODEL, PORT.
 */
public final class ServeChats implements AutoCloseable {

    private final LlamaModel model;
    private final ChatServer chats;
    private final HttpServer http;

    /** @param port 0 for any that is free */
    public ServeChats(Path file, int port) throws IOException {
        model = LlamaModel.load(file, LoadOptions.defaults());
        chats = ChatServer.open(
                model, ContextOptions.defaults().withSequences(8).withContextTokens(512));
        // sends pieces at once instead of waiting for more; read when the first server is made
        System.setProperty("sun.net.httpserver.nodelay", "true");
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        http.createContext("/chat", this::chat);
        http.createContext("/health", exchange -> reply(exchange, 200, "fine\n"));
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.start();
    }

    private void chat(HttpExchange exchange) throws IOException {
        List<ChatMessage> conversation = new ArrayList<>();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        for (String text : body.strip().split("\n\n")) {
            boolean isUser = conversation.size() % 2 == 0;
            conversation.add(isUser ? ChatMessage.user(text) : ChatMessage.assistant(text));
        }
        // a client that goes away ends its answer: writing fails, and the answer is closed
        try (ChatAnswer answer = chats.answer(conversation, GenerationOptions.greedy(64))) {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream response = exchange.getResponseBody()) {
                while (answer.hasNext()) {
                    response.write(answer.next().getBytes(StandardCharsets.UTF_8));
                    response.flush();
                }
            }
        } catch (ExpoException refused) { // as a conversation that is too long
            reply(exchange, 400, refused.getMessage() + "\n");
        }
    }

    private static void reply(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream response = exchange.getResponseBody()) {
            response.write(bytes);
        }
    }

    /** Where it listens. */
    public int port() {
        return http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
        chats.close();
        model.close();
    }

    /** See the class. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (ServeChats service = new ServeChats(Path.of(arguments[0]), Integer.parseInt(arguments[1]))) {
            System.out.println("http://localhost:" + service.port() + "/chat");
            new CountDownLatch(1).await(); // until the process is ended
        }
    }
}
