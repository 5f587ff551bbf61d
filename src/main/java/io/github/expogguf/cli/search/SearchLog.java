package io.github.expogguf.cli.search;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.Evaluation;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a search has evaluated, in a file of JSON lines: the inputs that the scores depend on, then an evaluation a
 * line. A line is on the disk before the next evaluation begins, so a search that was killed loses the one it was at.
 */
final class SearchLog implements AutoCloseable {

    private static final String VERSION_KEY = "expo-gguf search log";
    private static final int VERSION = 1;

    private final FileChannel channel;
    private final List<Evaluation> evaluations;

    private SearchLog(FileChannel channel, List<Evaluation> evaluations) {
        this.channel = channel;
        this.evaluations = evaluations;
    }

    /**
     * Opens a log to go on with it, or begins one. A last line that was not finished is dropped.
     *
     * @param inputs  what the scores depend on, by name
     * @param prompts what is asked at every alpha, in order
     * @throws IllegalArgumentException if the log is of other inputs, or no log
     */
    static SearchLog open(Path file, Map<String, String> inputs, List<Prompt> prompts) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            lock(channel, file);
            byte[] bytes = Files.readAllBytes(file);
            int finished = finishedBytes(bytes);
            String header = header(inputs) + "\n";
            if (finished == 0 && !header.startsWith(new String(bytes, StandardCharsets.UTF_8))) {
                throw notALog(file);
            }
            List<String> lines = new String(bytes, 0, finished, StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            List<Evaluation> evaluations = read(file, lines, inputs, prompts);
            channel.truncate(finished);
            channel.position(finished);
            if (lines.isEmpty()) {
                write(channel, header);
            }
            return new SearchLog(channel, evaluations);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Up to the end of the last line that has one. */
    private static int finishedBytes(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private static void lock(FileChannel channel, Path file) throws IOException {
        try {
            FileLock lock = channel.tryLock(); // released with the channel
            if (lock != null) {
                return;
            }
        } catch (OverlappingFileLockException _) {
            // the same, within this process
        }
        throw new IOException(file + ": another search is writing it");
    }

    /** One of the inputs that a log was begun with; empty if there is no log, or none of this name. */
    static Optional<String> input(Path file, String name) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            JsonObject header = JsonParser.parseString(reader.readLine()).getAsJsonObject();
            return Optional.ofNullable(header.getAsJsonObject("inputs").get(name))
                    .map(JsonElement::getAsString);
        } catch (RuntimeException | CharacterCodingException notALog) { // which opening it will say
            return Optional.empty();
        }
    }

    /** The evaluations that were there when it was opened. */
    List<Evaluation> evaluations() {
        return evaluations;
    }

    /** Adds an evaluation; it is on the disk when this returns. */
    void append(Evaluation evaluation) throws IOException {
        write(channel, line(evaluation) + "\n");
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
    }

    private static String header(Map<String, String> inputs) {
        JsonObject values = new JsonObject();
        inputs.forEach(values::addProperty);
        JsonObject header = new JsonObject();
        header.addProperty(VERSION_KEY, VERSION);
        header.add("inputs", values);
        return header.toString();
    }

    private static String line(Evaluation evaluation) {
        JsonArray scores = new JsonArray();
        evaluation.scores().forEach(scores::add);
        JsonObject guards = new JsonObject();
        evaluation.guards().forEach((name, value) -> guards.add(name, Json.number(value)));
        JsonArray answers = new JsonArray();
        for (Answer answer : evaluation.answers()) {
            JsonObject object = new JsonObject();
            object.addProperty("text", answer.text());
            object.addProperty("tokens", answer.tokens());
            object.addProperty("cutOff", answer.isCutOff());
            answers.add(object);
        }
        JsonObject line = new JsonObject();
        line.addProperty("alpha", evaluation.alpha());
        line.add("scores", scores);
        line.add("guards", guards);
        line.add("answers", answers);
        return line.toString();
    }

    private static List<Evaluation> read(
            Path file, List<String> lines, Map<String, String> inputs, List<Prompt> prompts) {
        List<Evaluation> evaluations = new ArrayList<>();
        if (!lines.isEmpty()) {
            checkInputs(file, lines.getFirst(), inputs);
        }
        for (int i = 1; i < lines.size(); i++) {
            try {
                evaluations.add(evaluation(JsonParser.parseString(lines.get(i)).getAsJsonObject(), prompts));
            } catch (RuntimeException malformed) { // of gson, by what is missing or of another type
                throw new IllegalArgumentException(
                        file + ":" + (i + 1) + ": not an evaluation of this search: " + malformed.getMessage(),
                        malformed);
            }
        }
        return evaluations;
    }

    private static void checkInputs(Path file, String header, Map<String, String> inputs) {
        Map<String, String> written = new LinkedHashMap<>();
        try {
            JsonObject object = JsonParser.parseString(header).getAsJsonObject();
            if (object.get(VERSION_KEY).getAsInt() != VERSION) {
                throw notALog(file);
            }
            object.getAsJsonObject("inputs").asMap().forEach((key, value) -> written.put(key, value.getAsString()));
        } catch (RuntimeException _) { // of gson, or ours
            throw notALog(file);
        }
        Set<String> keys = new LinkedHashSet<>(written.keySet());
        keys.addAll(inputs.keySet());
        String differences = keys.stream()
                .filter(key -> !String.valueOf(written.get(key)).equals(String.valueOf(inputs.get(key))))
                .map(key -> key + " was " + shown(written.get(key)) + ", is " + shown(inputs.get(key)))
                .collect(Collectors.joining("; "));
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(file + ": is the log of another search: " + differences);
        }
    }

    private static String shown(@Nullable String value) {
        return value == null ? "not set" : "'" + value + "'";
    }

    private static IllegalArgumentException notALog(Path file) {
        return new IllegalArgumentException(file + ": is not the log of a search");
    }

    private static Evaluation evaluation(JsonObject line, List<Prompt> prompts) {
        List<Double> scores = line.getAsJsonArray("scores").asList().stream()
                .map(JsonElement::getAsDouble)
                .toList();
        Map<String, Double> guards = new LinkedHashMap<>();
        line.getAsJsonObject("guards").asMap().forEach((name, value) -> guards.put(name, value.getAsDouble()));
        JsonArray texts = line.getAsJsonArray("answers");
        if (!texts.isEmpty() && texts.size() != prompts.size()) {
            throw new IllegalArgumentException(texts.size() + " answers to " + prompts.size() + " prompts");
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            JsonObject answer = texts.get(i).getAsJsonObject();
            answers.add(new Answer(
                    prompts.get(i),
                    answer.get("text").getAsString(),
                    answer.get("tokens").getAsInt(),
                    answer.get("cutOff").getAsBoolean()));
        }
        return new Evaluation(line.get("alpha").getAsFloat(), scores, guards, answers);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
