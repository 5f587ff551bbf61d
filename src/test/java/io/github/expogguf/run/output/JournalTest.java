package io.github.expogguf.run.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.OutputInUseException;
import io.github.expogguf.run.output.Journal.Slots;
import io.github.expogguf.run.output.RunKey.Line;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    private static final RunKey KEY = new RunKey(List.of(new Line("the version", "1"), new Line("alpha", "0.5")));

    @TempDir
    Path directory;

    private Path target;
    private Path path;

    @BeforeEach
    void choosePlace() {
        target = directory.resolve("out.gguf");
        path = directory.resolve(".out.gguf.expo-journal");
    }

    private Journal lock() throws IOException {
        return Journal.lock(SystemFiles.INSTANCE, target);
    }

    @Test
    void tellsALaterRunWhatWasRecorded() throws IOException {
        try (Journal journal = lock()) {
            assertThat(journal.found()).isFalse();
            journal.begin(KEY, 3);
            journal.recordChunk(2, 0);
            journal.recordChunk(0, 0xFFFF_FFFF);
            journal.keep(true);
        }
        try (Journal journal = lock()) {
            assertThat(journal.found()).isTrue();
            assertThat(journal.key()).contains(KEY.text());
            Slots slots = journal.slots(3);
            assertThat(slots.hasHeader()).isFalse();
            assertThat(slots.chunkCount()).isEqualTo(2);
            assertThat(slots.present().stream()).containsExactly(1, 3);
            assertThat(slots.checksums()).containsExactly(0, 0xFFFF_FFFF, 0, 0);
            journal.recordHeader(7);
            assertThat(journal.slots(3).hasHeader()).isTrue();
            journal.begin(KEY, 3);
            assertThat(journal.slots(3).present().isEmpty()).isTrue();
        }
        assertThat(path).exists();
    }

    @Test
    void goesWhenItIsClosedUnlessItWasFoundOrKept() throws IOException {
        lock().close();
        assertThat(directory).isEmptyDirectory();
        Files.createFile(path);
        lock().close();
        assertThat(path).exists();
        try (Journal journal = lock()) {
            journal.keep(false);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void hasNoKeyUntilAllOfItIsWritten() throws IOException {
        try (Journal journal = lock()) {
            journal.begin(KEY, 3);
            journal.keep(true);
        }
        byte[] whole = Files.readAllBytes(path);
        int keyBytes = 8 + KEY.text().length();
        for (int length = 0; length <= keyBytes; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            try (Journal journal = lock()) {
                assertThat(journal.key().isPresent()).isEqualTo(length == keyBytes);
                if (length == keyBytes) {
                    assertThat(journal.slots(3).present().isEmpty()).isTrue();
                }
            }
        }
    }

    @Test
    void isHeldByOneAtATime() throws IOException {
        try (Journal _ = lock()) {
            assertThatThrownBy(this::lock)
                    .isInstanceOf(OutputInUseException.class)
                    .hasMessage(target + ": another run is writing this file");
        }
        lock().close();
    }

    /** The other run ended, and a third began, between our opening the file and our locking it. */
    @Test
    void looksAgainWhenTheJournalItOpenedIsAnothersNoMore() throws IOException {
        Files.writeString(path, "of a run that ends just now");
        Path third = Files.writeString(directory.resolve("third"), "of a run that begins just now");
        AtomicInteger locks = new AtomicInteger();
        FileSystem fileSystem = FaultyFiles.withSomethingBeforeLocks(() -> {
            if (locks.getAndIncrement() == 0) {
                move(third, path);
            }
        });
        try (Journal journal = Journal.lock(fileSystem, target)) {
            assertThat(locks).hasValue(2);
            journal.begin(KEY, 1);
            assertThat(Files.readString(path, StandardCharsets.ISO_8859_1)).contains("alpha\t0.5");
            journal.keep(false);
        }
        assertThat(directory).isEmptyDirectory();
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aKeyNamesWhatDiffers() {
        assertThat(KEY.difference(KEY.text())).isEmpty();
        assertThat(KEY.difference("the version\t1\nalpha\t0.25\n")).contains("alpha is 0.5, was 0.25");
        assertThat(KEY.difference("the version\t1\nbeta\t0.5\n")).contains("it had beta in the place of alpha");
        assertThat(KEY.difference("the version\t1\n")).contains("it said nothing of alpha");
        assertThat(KEY.difference(KEY.text() + "beta\t1\n")).contains("it had beta, which this run has not");
        assertThatThrownBy(() -> new Line("two\nlines", "")).isInstanceOf(IllegalArgumentException.class);
    }
}
