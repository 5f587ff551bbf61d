package io.github.expogguf.search.votes;

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
 * Votes in a file of JSON lines: what they depend on, then a vote a line. A line is on the disk before the next is
 * asked for, so that nothing that a person said is lost:
 *
 * <pre>{@code
 * try (VoteLog log = VoteLog.open(file, inputs)) {
 *     List<Vote> votes = new ArrayList<>(log.votes());
 *     Vote vote = ask(Listening.of(options, votes).next(List.of()));
 *     log.append(vote);
 * }
 * }</pre>
 *
 * The logs of the command are such files. One log serves one listener at a time, on one thread; a second one that opens
 * it is refused, of whatever process.
 */
public final class VoteLog implements AutoCloseable {

    private final LogFile log;
    private final List<Vote> votes;

    private VoteLog(LogFile log, List<Vote> votes) {
        this.log = log;
        this.votes = votes;
    }

    /**
     * {@return the log, opened to go on with it, or begun} A last line that was not finished is dropped.
     *
     * @param file   the log; made if it is not there
     * @param inputs what was heard depends on, by name: which models, which prompts, how they were sampled
     * @throws IllegalArgumentException if the log is of other inputs, or no log; names the inputs that differ, or the
     *                                  line
     * @throws IOException              if it cannot be read or written, or somebody else is writing it
     */
    public static VoteLog open(Path file, Map<String, String> inputs) throws IOException {
        Elements.require(inputs, "inputs");
        LogFile log = LogFile.open(file, VoteLogLines.KIND, inputs);
        try {
            return new VoteLog(log, read(file, log.lines()));
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
        return LogFile.input(file, VoteLogLines.KIND, name);
    }

    private static List<Vote> read(Path file, List<String> lines) {
        List<Vote> votes = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            try {
                votes.add(VoteLogLines.vote(lines.get(i)));
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(
                        file + ":" + (i + 1) + ": not a vote of this listening test: " + malformed.getMessage(),
                        malformed);
            }
        }
        return List.copyOf(votes);
    }

    /** {@return the votes that were there when it was opened} */
    public List<Vote> votes() {
        return votes;
    }

    /**
     * Adds a vote; it is on the disk when this returns.
     *
     * @param vote the vote
     * @throws IOException if it cannot be written
     */
    public void append(Vote vote) throws IOException {
        Objects.requireNonNull(vote, "vote");
        log.append(VoteLogLines.line(vote));
    }

    /**
     * Lets others write it.
     *
     * @throws IOException if it cannot be closed
     */
    @Override
    public void close() throws IOException {
        log.close();
    }
}
