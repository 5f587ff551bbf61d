package io.github.expogguf.testing;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A page in a headless Chromium, driven by real mouse and key events over the DevTools protocol. */
public final class ChromiumPage implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private WebSocket socket;

    private ChromiumPage(Process process) {
        this.process = process;
    }

    /** Where it is; empty if it is not on the PATH. */
    public static Optional<Path> find() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(place -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    public static ChromiumPage open(Path chromium, Path profile) throws Exception {
        Process process = new ProcessBuilder(
                        chromium.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        ChromiumPage page = new ChromiumPage(process);
        try {
            page.connect(profile.resolve("DevToolsActivePort"));
            return page;
        } catch (Throwable failure) {
            page.close();
            throw failure;
        }
    }

    private void connect(Path portFile) throws Exception {
        String address = "";
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS); address.isEmpty(); ) {
            if (System.nanoTime() > end) {
                throw new IOException("chromium does not start");
            }
            Thread.sleep(50);
            if (Files.exists(portFile) && Files.readAllLines(portFile).size() > 1) {
                address = target(Files.readAllLines(portFile).getFirst());
            }
        }
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(address), new Listener())
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        for (String domain : List.of("Page", "Runtime", "Log", "Audits")) {
            send(domain + ".enable", "{}");
        }
    }

    private String target(String port) throws Exception {
        HttpRequest list = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        for (JsonElement target : JsonParser.parseString(
                        client.send(list, BodyHandlers.ofString()).body())
                .getAsJsonArray()) {
            if (target.getAsJsonObject().get("type").getAsString().equals("page")) {
                return target.getAsJsonObject().get("webSocketDebuggerUrl").getAsString();
            }
        }
        return "";
    }

    /** Answers by their number; warnings and errors of the page are kept. */
    private final class Listener implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                JsonObject object = JsonParser.parseString(message.toString()).getAsJsonObject();
                message.setLength(0);
                if (object.has("id")) {
                    answers.remove(object.get("id").getAsInt()).complete(object);
                } else if (object.get("method")
                        .getAsString()
                        .matches("Log.entryAdded|Audits.issueAdded|" + "Runtime.exceptionThrown")) {
                    complaints.add(object.toString());
                }
            }
            from.request(1);
            return null;
        }
    }

    private JsonObject send(String method, String parameters) throws Exception {
        int number = numbers.incrementAndGet();
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(number, answer);
        JsonObject message = new JsonObject();
        message.addProperty("id", number);
        message.addProperty("method", method);
        message.add("params", JsonParser.parseString(parameters));
        socket.sendText(message.toString(), true);
        JsonObject object = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (object.has("error")) {
            throw new IOException(method + ": " + object.get("error"));
        }
        return object.getAsJsonObject("result");
    }

    public void go(String address) throws Exception {
        send("Page.navigate", "{\"url\": \"" + address + "\"}");
    }

    /** Shows nothing, and forgets what was complained of. */
    public void clear() throws Exception {
        go("about:blank");
        await("location.href === 'about:blank'");
        complaints.clear();
    }

    public void size(int width, int height, String scheme) throws Exception {
        send(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\": " + width + ", \"height\": " + height + ", \"deviceScaleFactor\": 1, \"mobile\": false}");
        send(
                "Emulation.setEmulatedMedia",
                "{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"" + scheme + "\"}]}");
    }

    /** What an expression is, as text. */
    public String value(String expression) throws Exception {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("expression", "String(" + expression + ")");
        JsonObject result = send("Runtime.evaluate", parameters.toString());
        return result.getAsJsonObject("result").get("value").getAsString();
    }

    /** The smallest contrast of a text that is shown with what it stands on, by WCAG 2: 21 is black on white. */
    public double faintest() throws Exception {
        return Double.parseDouble(value("""
                (() => {
                  const channels = color => color.match(/[0-9.]+/g).map(Number);
                  const lightness = color => {
                    const [r, g, b] = channels(color).map(c => c / 255)
                      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                  };
                  const ground = element => {
                    const color = getComputedStyle(element).backgroundColor;
                    return channels(color)[3] === 0 ? ground(element.parentElement) : color;
                  };
                  const contrasts = [...document.querySelectorAll('body *')]
                    .filter(e => e.getClientRects().length > 0
                      && [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()))
                    .map(e => {
                      const style = getComputedStyle(e);
                      const ink = lightness(e instanceof SVGElement ? style.fill : style.color);
                      const paper = lightness(ground(e));
                      return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
                    });
                  return Math.min(...contrasts);
                })()"""));
    }

    /** Waits until an expression is true. */
    public void await(String expression) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!value(expression).equals("true")) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "never true: " + expression + "; the page says " + value("document.body.innerText"));
            }
            Thread.sleep(30);
        }
    }

    /** The left button of the mouse, in the middle of what a selector finds. */
    public void click(String selector) throws Exception {
        String at =
                "(() => { const e = document.querySelector('" + selector + "'); e.scrollIntoView({block: 'center'});"
                        + " const r = e.getBoundingClientRect(); return (r.left + r.width / 2) + ' ' + (r.top + r.height / 2); })()";
        String[] place = value(at).split(" ");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    "{\"type\": \"" + type + "\", \"x\": " + place[0] + ", \"y\": " + place[1]
                            + ", \"button\": \"left\", \"clickCount\": 1}");
        }
    }

    public void key(String key) throws Exception {
        String text = key.length() == 1 ? ", \"text\": \"" + key + "\"" : "";
        send("Input.dispatchKeyEvent", "{\"type\": \"keyDown\", \"key\": \"" + key + "\"" + text + "}");
        send("Input.dispatchKeyEvent", "{\"type\": \"keyUp\", \"key\": \"" + key + "\"}");
    }

    public void type(String text) throws Exception {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("text", text);
        send("Input.insertText", parameters.toString());
    }

    public byte[] screenshot() throws Exception {
        JsonObject picture = send("Page.captureScreenshot", "{\"captureBeyondViewport\": true}");
        return Base64.getDecoder().decode(picture.get("data").getAsString());
    }

    /** Warnings, errors and violations of the policy. */
    public List<String> complaints() {
        return complaints;
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
        client.shutdownNow();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
