package io.github.expogguf.infer.jinja;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.github.expogguf.infer.jinja.Rendering.Refusal;
import io.github.expogguf.infer.jinja.Rendering.Request;
import io.github.expogguf.infer.jinja.Rendering.Text;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * Another implementation of Jinja in a process of its own, which reads a request per line and writes an answer per
 * line. One thread at a time.
 */
final class Oracle implements AutoCloseable {

    private static final Path SCRIPTS = Path.of("src/test/resources/jinja");
    private static final Path HUGGING_FACE = Path.of("native/build/huggingface-jinja");
    /** The python3 on the PATH may be another than the one that Debian's python3-jinja2 belongs to. */
    private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3", "python");

    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private final Process process;
    private final BufferedReader answers;
    private final Writer requests;
    private final String name;

    private Oracle(Process process, BufferedReader answers, String name) {
        this.process = process;
        this.answers = answers;
        this.requests = process.outputWriter(UTF_8);
        this.name = name;
    }

    /** Python's jinja2; where no Python has it, the test is skipped, or fails in continuous integration. */
    static Oracle jinja2() throws IOException {
        for (String python : PYTHONS) {
            Oracle oracle = start(python, SCRIPTS.resolve("jinja2_oracle.py").toString());
            if (oracle != null) {
                return oracle;
            }
        }
        throw missing("no Python with jinja2 (tried " + String.join(", ", PYTHONS) + "; Debian: python3-jinja2)");
    }

    /** npm's @huggingface/jinja, likewise. */
    static Oracle huggingFace() throws IOException {
        requireFetched(HUGGING_FACE);
        Oracle oracle = start("node", SCRIPTS.resolve("huggingface_oracle.cjs").toString(), HUGGING_FACE.toString());
        if (oracle == null) {
            throw missing("no node that runs " + HUGGING_FACE);
        }
        return oracle;
    }

    /** Skips the test, or fails in continuous integration, where a fetched directory is not there. */
    static void requireFetched(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw missing("no " + directory + " (make native-oracles fetches it)");
        }
    }

    private static RuntimeException missing(String what) {
        if (System.getenv("CI") != null) {
            throw new AssertionError(what + ", and CI is set");
        }
        return Assumptions.abort("skipped: " + what);
    }

    /** Starts it, or gives null where the program is not there or ends without introducing itself. */
    private static Oracle start(String... command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            return null;
        }
        BufferedReader answers = process.inputReader(UTF_8);
        String name = answers.readLine();
        return name == null ? null : new Oracle(process, answers, name);
    }

    /** The name and version of the implementation, and of what runs it. */
    String name() {
        return name;
    }

    Rendering render(Request request) {
        return render(List.of(request)).getFirst();
    }

    /** Renders them all; the answers are in the order of the requests. */
    List<Rendering> render(List<Request> all) {
        Thread writer = Thread.ofVirtual().start(() -> write(all));
        List<Rendering> renderings = new ArrayList<>();
        try {
            for (Request request : all) {
                String line = answers.readLine();
                if (line == null) {
                    throw new IllegalStateException(name + " ended at the template: " + request.template());
                }
                renderings.add(read(line));
            }
            writer.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return renderings;
    }

    private void write(List<Request> all) {
        try {
            for (Request request : all) {
                String now = request.now().toLocalDateTime().format(DateTimeFormatter.ISO_LOCAL_DATE_TIME);
                requests.write(ascii(GSON.toJson(
                        Map.of("template", request.template(), "variables", request.variables(), "now", now))));
                requests.write('\n');
            }
            requests.flush();
        } catch (IOException e) {
            // it has ended: the reader says so, with the template
        }
    }

    private static Rendering read(String line) {
        Answer answer = GSON.fromJson(line, Answer.class);
        return answer.text != null ? new Text(answer.text) : new Refusal(answer.error, answer.message);
    }

    private record Answer(String text, String error, String message) {}

    /** Node.js ends a line at U+2028, too. */
    private static String ascii(String json) {
        StringBuilder result = new StringBuilder(json.length());
        json.chars().forEach(c -> {
            if (c < 0x7f) {
                result.append((char) c);
            } else {
                result.append(String.format("\\u%04x", c));
            }
        });
        return result.toString();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
