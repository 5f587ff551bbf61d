package io.github.expogguf.search;

import io.github.expogguf.CancelledException;
import io.github.expogguf.score.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a search has evaluated, in a file of JSON lines: the inputs that the scores depend on, then an evaluation a
 * line. A line is on the disk before the next evaluation begins, so a search that was killed loses the one it was at,
 * and goes on from the others:
 *
 * <pre>{@code
 * try (SearchLog log = SearchLog.open(file, inputs, measurements.asked())) {
 *     evaluator.continueFrom(log.evaluations());
 *     SearchResult result =
 *             AlphaSearch.run(options, log.keeping(evaluator), log.evaluations(), AlphaSearch.Listener.none());
 * }
 * }</pre>
 *
 * The logs of the command {@code search} are such files. One log serves one search at a time, on one thread; a second
 * one that opens it is refused, of whatever process.
 */
public final class SearchLog implements AutoCloseable {

    private final FileChannel channel;
    private final List<Evaluation> evaluations;

    private SearchLog(FileChannel channel, List<Evaluation> evaluations) {
        this.channel = channel;
        this.evaluations = evaluations;
    }

    /**
     * Opens a log to go on with it, or begins one. A last line that was not finished is dropped.
     *
     * @param file    a file
     * @param inputs  what the scores depend on, by name: which models, which prompts, how they were sampled; not where
     *                is searched, so that a log serves a wider search, too
     * @param prompts what is asked at every alpha, in order, as {@link Measurements#asked} has it
     * @return the log, to be closed by the caller
     * @throws IllegalArgumentException if the log is of other inputs, or no log; names the inputs that differ, or the
     *                                  line
     * @throws IOException              if it cannot be read or written, or another search is writing it
     */
    public static SearchLog open(Path file, Map<String, String> inputs, List<Prompt> prompts) throws IOException {
        Objects.requireNonNull(inputs, "inputs");
        Objects.requireNonNull(prompts, "prompts");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            lock(channel, file);
            byte[] bytes = read(channel, file);
            int finished = finishedBytes(bytes);
            String header = SearchLogLines.header(inputs) + "\n";
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

    /** As many bytes as it has, since a device may have no end. */
    private static byte[] read(FileChannel channel, Path file) throws IOException {
        if (channel.size() > Integer.MAX_VALUE) {
            throw new IOException(file + ": a log of " + channel.size() + " bytes, which is too large");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes((int) channel.size());
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

    /**
     * {@return one of the inputs that a log was begun with; empty if there is no log, or none of this name}
     *
     * @param file a file
     * @param name as in {@link #open}
     * @throws IOException if a file cannot be read
     */
    public static Optional<String> input(Path file, String name) throws IOException {
        Objects.requireNonNull(name, "name");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String header = reader.readLine();
            return header == null
                    ? Optional.empty()
                    : Optional.ofNullable(SearchLogLines.inputs(header).get(name));
        } catch (IllegalArgumentException | CharacterCodingException notALog) { // which opening it will say
            return Optional.empty();
        }
    }

    /** {@return the evaluations that were there when it was opened} */
    public List<Evaluation> evaluations() {
        return evaluations;
    }

    /**
     * {@return the evaluator, whose evaluations are added here as they are done} Ends with the log.
     *
     * @param evaluator what measures an alpha
     */
    public Evaluator keeping(Evaluator evaluator) {
        Objects.requireNonNull(evaluator, "evaluator");
        return alpha -> {
            Evaluation evaluation = evaluator.evaluate(alpha);
            append(evaluation);
            return evaluation;
        };
    }

    /**
     * Adds an evaluation; it is on the disk when this returns.
     *
     * @param evaluation what was measured of one alpha
     * @throws IOException if it cannot be written
     */
    public void append(Evaluation evaluation) throws IOException {
        Objects.requireNonNull(evaluation, "evaluation");
        write(channel, SearchLogLines.evaluation(evaluation) + "\n");
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (ClosedByInterruptException _) { // what there is of the line is dropped when the log is opened again
            throw new CancelledException("interrupted");
        }
    }

    private static List<Evaluation> read(
            Path file, List<String> lines, Map<String, String> inputs, List<Prompt> prompts) {
        List<Evaluation> evaluations = new ArrayList<>();
        if (!lines.isEmpty()) {
            checkInputs(file, lines.getFirst(), inputs);
        }
        for (int i = 1; i < lines.size(); i++) {
            try {
                evaluations.add(SearchLogLines.evaluation(lines.get(i), prompts));
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(
                        file + ":" + (i + 1) + ": not an evaluation of this search: " + malformed.getMessage(),
                        malformed);
            }
        }
        return evaluations;
    }

    private static void checkInputs(Path file, String header, Map<String, String> inputs) {
        Map<String, String> written;
        try {
            written = SearchLogLines.inputs(header);
        } catch (IllegalArgumentException _) {
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

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
