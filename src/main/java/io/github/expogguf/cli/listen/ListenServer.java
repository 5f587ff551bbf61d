package io.github.expogguf.cli.listen;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.expogguf.cli.terminal.Page;
import io.github.expogguf.search.votes.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Serves the page to this machine. Who does not know the token of the address is told that there is nothing; a name
 * that somebody pointed at this machine (DNS rebinding) is no address of it, and only the page itself may say something
 * (its origin), so that no other page of the browser votes.
 */
final class ListenServer implements AutoCloseable {

    private static final int TOKEN_BYTES = 24;
    private static final int MOST_BYTES = 256 << 10; // of what the page says
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpServer server;
    private final ExecutorService threads;
    private final String token;
    private final ListenSession session;
    private final Supplier<JsonObject> state;

    private ListenServer(HttpServer server, ListenSession session, Supplier<JsonObject> state) {
        this.server = server;
        this.session = session;
        this.state = state;
        this.threads = Executors.newThreadPerTaskExecutor( // who sends half a request keeps a thread
                Thread.ofVirtual().name("expo-gguf-page").factory());
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        this.token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /**
     * Takes the port; nobody is answered before {@link #start}.
     *
     * @param port  0 for any that is free
     * @param state what the page shows
     */
    static ListenServer open(int port, ListenSession session, Supplier<JsonObject> state) throws IOException {
        InetAddress here = InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(here, port), 0);
        } catch (SocketException refused) {
            throw new IOException(
                    "--port " + port + ": " + refused.getMessage() + " on 127.0.0.1; --port 0 takes one that is free",
                    refused);
        }
        ListenServer page = new ListenServer(server, session, state);
        server.createContext("/", page::handle);
        server.setExecutor(page.threads);
        return page;
    }

    /** Serves from now on. */
    void start() {
        server.start();
    }

    /** Where the page is. */
    String address() {
        return "http://127.0.0.1:" + port() + "/" + token + "/";
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Security-Policy", POLICY);
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            headers.set("Cross-Origin-Opener-Policy", "same-origin");
            headers.set("Cache-Control", "no-store");
            answer(exchange);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getRawPath().split("/", 3); // "", token, name
        if (path.length < 3 || !isToken(path[1]) || !isHost(only(exchange, "Host"))) {
            refuse(exchange, 404);
            return;
        }
        switch (exchange.getRequestMethod()) {
            case "GET" -> get(exchange, path[2]);
            case "POST" -> post(exchange, path[2]);
            default -> refuse(exchange, 405);
        }
    }

    /** Takes as long for every wrong one. */
    private boolean isToken(String given) {
        return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private boolean isHost(String host) {
        return host.equals("127.0.0.1:" + port()) || host.equals("localhost:" + port());
    }

    /** The only value of a header; empty if there is none, or several. */
    private static String only(HttpExchange exchange, String header) {
        List<String> values = exchange.getRequestHeaders().getOrDefault(header, List.of());
        return values.size() == 1 ? values.getFirst() : "";
    }

    private void get(HttpExchange exchange, String name) throws IOException {
        switch (name) {
            case "" -> send(exchange, 200, "text/html", Page.resource(ListenServer.class, "listen.html"));
            case "page.css" -> send(exchange, 200, "text/css", Page.styleOfAll());
            case "listen.css" -> send(exchange, 200, "text/css", Page.resource(ListenServer.class, name));
            case "listen.js" -> send(exchange, 200, "text/javascript", Page.resource(ListenServer.class, name));
            case "state" -> sendState(exchange);
            default -> refuse(exchange, 404);
        }
    }

    private void post(HttpExchange exchange, String name) throws IOException {
        if (!only(exchange, "Origin").equals("http://" + only(exchange, "Host"))) {
            refuse(exchange, 403);
            return;
        }
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (body.length > MOST_BYTES) {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream()); // a browser hears no answer before
            refuse(exchange, 413, "longer than " + (MOST_BYTES >> 10) + " KiB");
            return;
        }
        try {
            JsonObject said = JsonParser.parseString(new String(body, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            switch (name) {
                case "vote" ->
                    session.vote(
                            said.get("number").getAsInt(),
                            verdict(said.get("verdict").getAsString()));
                case "prompt" -> session.type(said.get("text").getAsString());
                case "finish" -> session.finish();
                default -> {
                    refuse(exchange, 404);
                    return;
                }
            }
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | UnsupportedOperationException
                | NullPointerException malformed) {
            refuse(exchange, 400, String.valueOf(malformed.getMessage()));
            return;
        }
        sendState(exchange);
    }

    private static Verdict verdict(String word) {
        return Verdict.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static void refuse(HttpExchange exchange, int status) throws IOException {
        refuse(exchange, status, "");
    }

    private static void refuse(HttpExchange exchange, int status, String reason) throws IOException {
        send(exchange, status, "text/plain", reason);
    }

    private void sendState(HttpExchange exchange) throws IOException {
        send(exchange, 200, "application/json", state.get().toString());
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        if (content.length > 0) {
            exchange.getResponseBody().write(content);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
