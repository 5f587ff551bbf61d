package io.github.expogguf.search;

import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.log.LogFile;
import io.github.expogguf.text.Elements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

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

    private final LogFile log;
    private final List<Evaluation> evaluations;

    private SearchLog(LogFile log, List<Evaluation> evaluations) {
        this.log = log;
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
        Elements.require(inputs, "inputs");
        Elements.require(prompts, "prompts");
        LogFile log = LogFile.open(file, SearchLogLines.KIND, inputs);
        try {
            return new SearchLog(log, read(file, log.lines(), prompts));
        } catch (Throwable e) {
            log.close();
            throw e;
        }
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
        return LogFile.input(file, SearchLogLines.KIND, name);
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
     * {@return the evaluator of profiles, whose evaluations are added here as they are done} Ends with the log.
     *
     * @param evaluator what measures a profile at an alpha
     */
    public ProfileEvaluator keepingProfiles(ProfileEvaluator evaluator) {
        Objects.requireNonNull(evaluator, "evaluator");
        return (profile, alpha) -> {
            Evaluation evaluation = evaluator.evaluate(profile, alpha);
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
        log.append(SearchLogLines.evaluation(evaluation));
    }

    private static List<Evaluation> read(Path file, List<String> lines, List<Prompt> prompts) {
        List<Evaluation> evaluations = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            try {
                Evaluation read = SearchLogLines.evaluation(lines.get(i), prompts);
                evaluations.add(read);
                int expected = evaluations.getFirst().scores().size();
                if (read.scores().size() != expected) {
                    throw new IllegalArgumentException(
                            read.scores().size() + " scores, expected " + expected + " as in " + file + ":2");
                }
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(
                        file + ":" + (i + 1) + ": not an evaluation of this search: " + malformed.getMessage(),
                        malformed);
            }
        }
        return evaluations;
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
