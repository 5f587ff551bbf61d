package io.github.expogguf.cli.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server says to whom; requests are written by hand, since clients do not let one lie about hosts. */
class ListenServerTest {

    private static final int PATIENCE_MILLIS = 30_000;

    private HeardPair pair;
    private URI address;

    @BeforeEach
    void serve() throws Exception {
        pair = new HeardPair(HeardPair.prompts(3), List.of());
        address = URI.create(pair.server.address());
        while (pair.session.state().question() == null) {
            Thread.sleep(10);
        }
    }

    @AfterEach
    void close() {
        pair.close();
    }

    private String host() {
        return "127.0.0.1:" + address.getPort();
    }

    private String ask(String line, String body, String... headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", address.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            String head = line + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body;
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.UTF_8));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String vote(String... headers) throws IOException {
        int number = pair.session.state().question().number();
        return ask("POST " + address.getPath() + "vote", "{\"number\":" + number + ",\"verdict\":\"left\"}", headers);
    }

    @Test
    void pageComesWithAStrictPolicy() throws IOException {
        assertThat(ask("GET " + address.getPath(), "", "Host: " + host()))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase(
                        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'")
                .containsIgnoringCase("X-Content-Type-Options: nosniff")
                .containsIgnoringCase("Referrer-Policy: no-referrer")
                .contains("<title>Which answer is better?");
    }

    /** What is above the other on a telephone is neither left nor right. */
    @Test
    void pageIsForTelephonesAndReadersOfScreensToo() throws IOException {
        String page = ask("GET " + address.getPath(), "", "Host: " + host());

        assertThat(page)
                .contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .contains("<hgroup>\n<h1>Which answer is better?</h1>\n<p id=\"models\"")
                .contains(">First is better <", ">Second is better <")
                .contains("<svg id=\"curve\"", "role=\"img\" aria-labelledby=\"curve-name\"", "<tbody id=\"numbers\">");
        assertThat(page.replaceAll("<[^>]*>", " ")).doesNotContainPattern("(?i)\\b(left|right)\\b");
    }

    @Test
    void whoDoesNotKnowTheTokenFindsNothing() throws IOException {
        String wrong = address.getPath().substring(0, address.getPath().length() - 2) + "_/";
        for (String path : List.of("/", "/favicon.ico", "/listen.js", wrong, wrong + "state")) {
            assertThat(ask("GET " + path, "", "Host: " + host())).as(path).startsWith("HTTP/1.1 404");
        }
        assertThat(ask("POST " + wrong + "vote", "{}", "Host: " + host(), "Origin: http://" + host()))
                .startsWith("HTTP/1.1 404");
    }

    @Test
    void nameThatPointsHereIsNoAddress() throws IOException {
        assertThat(ask("GET " + address.getPath(), "", "Host: evil.example:" + address.getPort()))
                .startsWith("HTTP/1.1 404");
        assertThat(ask("GET " + address.getPath(), "", "Host: localhost:" + address.getPort()))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void onlyThePageItselfVotes() throws IOException {
        assertThat(vote("Host: " + host())).startsWith("HTTP/1.1 403");
        assertThat(vote("Host: " + host(), "Origin: https://evil.example")).startsWith("HTTP/1.1 403");
        assertThat(vote("Host: " + host(), "Origin: null")).startsWith("HTTP/1.1 403");
        assertThat(pair.session.listening().heard()).isZero();

        assertThat(vote("Host: " + host(), "Origin: http://" + host())).startsWith("HTTP/1.1 200");
        assertThat(pair.session.listening().heard()).isEqualTo(1);
    }

    @Test
    void voteIsCountedOnce() throws IOException {
        String[] headers = {"Host: " + host(), "Origin: http://" + host()};
        String body = "{\"number\":" + pair.session.state().question().number() + ",\"verdict\":\"same\"}";
        for (int i = 0; i < 3; i++) {
            assertThat(ask("POST " + address.getPath() + "vote", body, headers)).startsWith("HTTP/1.1 200");
        }
        assertThat(pair.session.listening().heard()).isEqualTo(1);
    }

    @Test
    void nonsenseIsRefused() throws IOException {
        String[] headers = {"Host: " + host(), "Origin: http://" + host()};
        for (String body : List.of(
                "", "x", "[]", "{}", "{\"number\":\"a\",\"verdict\":\"left\"}", "{\"number\":0,\"verdict\":\"up\"}")) {
            assertThat(ask("POST " + address.getPath() + "vote", body, headers))
                    .as(body)
                    .startsWith("HTTP/1.1 400");
        }
        assertThat(ask("POST " + address.getPath() + "prompt", "{\"text\":\" \"}", headers))
                .startsWith("HTTP/1.1 400");
        assertThat(ask("POST " + address.getPath() + "else", "{}", headers)).startsWith("HTTP/1.1 404");
        assertThat(ask("DELETE " + address.getPath(), "", headers)).startsWith("HTTP/1.1 405");
        assertThat(ask("POST " + address.getPath() + "prompt", " ".repeat(300_000), headers))
                .startsWith("HTTP/1.1 413");
    }

    @Test
    void halfARequestKeepsNobodyElseWaiting() throws IOException {
        List<Socket> halves = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                Socket half = new Socket("127.0.0.1", address.getPort());
                halves.add(half);
                half.getOutputStream().write("GET / HT".getBytes(StandardCharsets.UTF_8));
            }
            for (int i = 0; i < 8; i++) {
                assertThat(ask("GET " + address.getPath() + "state", "", "Host: " + host()))
                        .startsWith("HTTP/1.1 200");
            }
        } finally {
            for (Socket half : halves) {
                half.close();
            }
        }
    }

    @Test
    void stateDoesNotTellWhichAlphasAreCompared() throws IOException {
        String state = ask("GET " + address.getPath() + "state", "", "Host: " + host());

        assertThat(state).contains("\"question\":{\"number\":0,\"prompt\":");
        assertThat(state.substring(state.indexOf("\"question\""))).doesNotContain("\"alpha\"", "low", "high");
    }

    @Test
    void browsersAreOpenedAsTheirSystemsDo() {
        assertThat(Browser.command("linux", "http://x/")).containsExactly("xdg-open", "http://x/");
        assertThat(Browser.command("mac os x", "http://x/")).containsExactly("open", "http://x/");
        assertThat(Browser.command("windows 11", "http://x/"))
                .containsExactly("rundll32", "url.dll,FileProtocolHandler", "http://x/");
    }
}
