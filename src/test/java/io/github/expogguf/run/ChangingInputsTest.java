package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TrustFigures;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody else truncates, overwrites, replaces or removes an input while it is read; a run names the file and what
 * changed.
 */
@Tag("trust")
class ChangingInputsTest {

    private static int runs;

    @TempDir
    private Path directory;

    private Path sft;
    private Path aligned;
    private Path output;

    /** What somebody does to a file, and the words for it. */
    private enum Change {
        EMPTIED("it has 0 bytes, and had ", 0),
        HALVED("it has 2042", 0.5),
        ALL_BUT_THE_LAST_BYTE("bytes, and had ", 1) {
            @Override
            void make(Path file) throws IOException {
                resize(file, Files.size(file) - 1);
            }
        },
        LENGTHENED("bytes, and had ", 2),
        REPLACED("another file has its name now", 0) {
            @Override
            void make(Path file) throws IOException {
                Path other = Files.writeString(file.resolveSibling("other"), "another file");
                Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
            }
        },
        REPLACED_BY_ITS_COPY("another file has its name now", 0) {
            @Override
            void make(Path file) throws IOException {
                FileTime time = Files.getLastModifiedTime(file);
                Path copy = Files.copy(file, file.resolveSibling("copy"));
                Files.setLastModifiedTime(copy, time);
                Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
            }
        },
        REMOVED("it is gone", 0) {
            @Override
            void make(Path file) throws IOException {
                Files.delete(file);
            }
        },
        OVERWRITTEN_WITH_ZEROS("it was written to", 0) {
            @Override
            void make(Path file) throws IOException {
                fill(file, (byte) 0);
            }
        },
        OVERWRITTEN_WITH_NAN("it was written to", 0) {
            @Override
            void make(Path file) throws IOException {
                fill(file, (byte) 0xff);
            }
        };

        private final String words;
        private final double length;

        Change(String words, double length) {
            this.words = words;
            this.length = length;
        }

        void make(Path file) throws IOException {
            resize(file, (long) (length * Files.size(file)));
        }

        private static void resize(Path file, long length) throws IOException {
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                open.setLength(length);
            }
        }

        private static void fill(Path file, byte value) throws IOException {
            byte[] bytes = new byte[(int) Files.size(file)];
            Arrays.fill(bytes, value);
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                open.write(bytes);
            }
        }
    }

    /** When it happens: as soon as a stage has got this far. */
    private record Moment(Progress.Stage stage, double share) {}

    private record Case(Change change, Moment moment, boolean toSft) {}

    private static final List<Moment> MOMENTS = List.of(
            new Moment(Progress.Stage.COMPARE, 0),
            new Moment(Progress.Stage.EXTRAPOLATE, 0),
            new Moment(Progress.Stage.EXTRAPOLATE, 0.5));

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Change change : Change.values()) {
            for (Moment moment : MOMENTS) {
                cases.add(new Case(change, moment, cases.size() % 2 == 0));
            }
        }
        return cases;
    }

    private static List<Case> casesInTheMiddle() {
        return cases().stream().filter(when -> when.moment.share > 0).toList();
    }

    @BeforeEach
    void copyPair() throws IOException {
        sft = Files.copy(DemoFiles.SFT, directory.resolve("sft.gguf"));
        aligned = Files.copy(DemoFiles.ALIGNED, directory.resolve("aligned.gguf"));
        output = directory.resolve("out.gguf");
    }

    private WorkOptions changing(Case when) {
        AtomicBoolean done = new AtomicBoolean();
        return WorkOptions.defaults().withThreads(2).withListener(progress -> {
            boolean now =
                    progress.stage() == when.moment.stage && progress.done() >= when.moment.share * progress.total();
            if (now && done.compareAndSet(false, true)) {
                inAnotherThread(() -> when.change.make(victim(when)));
            }
        });
    }

    private Path victim(Case when) {
        return when.toSft ? sft : aligned;
    }

    /** Something that somebody does to a file. */
    private interface Deed {
        void make() throws IOException;
    }

    private static void inAnotherThread(Deed deed) {
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                deed.make();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static PlanOptions recipe() {
        return PlanOptions.builder().alpha(0.5f).fileType(FileType.Q4_0).build();
    }

    private void assertNames(Throwable failure, Case when) {
        runs++;
        assertThat(failure)
                .isInstanceOf(FileSystemException.class)
                .hasMessageStartingWith(victim(when).toString())
                .hasMessageContaining("changed while it was in use: ")
                .hasMessageContaining(when.change.words);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void extrapolateNamesTheFileAndLeavesNothing(Case when) throws IOException {
        byte[] other = Files.readAllBytes(when.toSft ? aligned : sft);
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            assertNames(
                    catchThrowable(() -> pair.write(
                            recipe(), output, OutputOptions.defaults().withWork(changing(when)))),
                    when);
        }
        assertThat(when.toSft ? aligned : sft).hasBinaryContent(other);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.filter(file -> !file.equals(sft) && !file.equals(aligned)))
                    .isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void liveModelNamesTheFile(Case when) throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            assertNames(
                    catchThrowable(
                            () -> LiveModel.open(pair, recipe(), changing(when)).close()),
                    when);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("casesInTheMiddle")
    void verifyNamesTheInput(Case when) throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            pair.write(recipe(), output, OutputOptions.defaults());
        }
        Ingredients<Path> inputs = Ingredients.pair(sft, aligned);
        assertNames(catchThrowable(() -> Verifier.verify(output, inputs, changing(when))), when);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void verifyNamesTheFileItVerifies(Change change) {
        Case when = new Case(change, new Moment(Progress.Stage.VERIFY, 0.25), false);

        assertNames(catchThrowable(() -> Verifier.verify(aligned, changing(when))), when);
    }

    private static Stream<Change> changes() {
        return Stream.of(Change.values());
    }

    /**
     * Native code reads here, so the moment is up to chance; a file that was changed in time is refused, and nothing
     * dies.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void loadingNamesTheFileOrIsDone(Change change) throws InterruptedException {
        Thread somebody = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(change.ordinal());
                change.make(aligned);
            } catch (IOException | InterruptedException failure) {
                throw new IllegalStateException(failure);
            }
        });
        Throwable failure = catchThrowable(
                () -> LlamaModel.load(aligned, LoadOptions.defaults()).close());
        somebody.join();
        runs++;
        if (failure != null) {
            assertThat(failure)
                    .isInstanceOfAny(IOException.class, GgufFormatException.class)
                    .hasMessageContaining("aligned.gguf");
        }
    }

    @AfterAll
    static void printFigures() {
        TrustFigures.print(
                "inputs changed by another thread while they were read",
                runs + " runs, " + Change.values().length + " kinds of change");
    }
}
