package io.github.expogguf.search.votes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VoteLogTest {

    private static final Map<String, String> INPUTS = Map.of("sft", "a");
    private static final Vote FIRST = Vote.of(0, 0.1f, Verdict.RIGHT, "Wer \"bist\" du?\nSag!", -1);
    private static final Vote SECOND = Vote.identical(2.5f, 0.1f, "", 7);

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("votes.log");
    }

    private void write(Vote... votes) throws IOException {
        try (VoteLog log = VoteLog.open(file, INPUTS)) {
            for (Vote vote : votes) {
                log.append(vote);
            }
        }
    }

    @Test
    void votesComeBack() throws IOException {
        write(FIRST, SECOND);

        try (VoteLog log = VoteLog.open(file, INPUTS)) {
            assertThat(log.votes()).containsExactly(FIRST, SECOND);
        }
        assertThat(VoteLog.input(file, "sft")).contains("a");
        assertThat(Files.readAllLines(file).get(1))
                .isEqualTo("{\"left\":0.0,\"right\":0.1,\"verdict\":\"right\",\"heard\":true,"
                        + "\"prompt\":\"Wer \\\"bist\\\" du?\\nSag!\",\"seed\":4294967295}");
    }

    @Test
    void lineThatWasNotFinishedIsDropped() throws IOException {
        write(FIRST);
        Files.writeString(file, "{\"left\": 0.0, \"ri", StandardOpenOption.APPEND);

        write(SECOND);

        try (VoteLog log = VoteLog.open(file, INPUTS)) {
            assertThat(log.votes()).containsExactly(FIRST, SECOND);
        }
    }

    @Test
    void blankLinesAtTheEndAreNone() throws IOException {
        write(FIRST);
        Files.writeString(file, "\n \r\n\n", StandardOpenOption.APPEND);
        write(SECOND);
        Files.writeString(file, "\n", StandardOpenOption.APPEND);

        try (VoteLog log = VoteLog.open(file, INPUTS)) {
            assertThat(log.votes()).containsExactly(FIRST, SECOND);
        }
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    @Test
    void logOfOtherInputsIsRefused() throws IOException {
        write(FIRST);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> VoteLog.open(file, Map.of("sft", "b")))
                .withMessage(file + ": is the log of another listening test: sft was 'a', is 'b'"
                        + " (the same inputs and options go on with it; another file begins anew)");
    }

    @Test
    void otherFilesAreRefusedAndKept() throws IOException {
        Files.writeString(file, "Dear diary\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> VoteLog.open(file, INPUTS))
                .withMessage(file + ": is not the log of a listening test");
        assertThat(file).hasContent("Dear diary\n");
    }

    @Test
    void lineThatIsNoVoteIsNamed() throws IOException {
        write(FIRST);
        Files.writeString(file, "{\"left\": 0.0}\n", StandardOpenOption.APPEND);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> VoteLog.open(file, INPUTS))
                .withMessageStartingWith(file + ":3: not a vote of this listening test: expected a number");
    }

    @Test
    void oneListenerAtATimeWritesIt() throws IOException {
        try (VoteLog _ = VoteLog.open(file, INPUTS)) {
            assertThatIOException()
                    .isThrownBy(() -> VoteLog.open(file, INPUTS))
                    .withMessage(file + ": another listening test is writing it; give each a log of its own");
        }
    }
}
