package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.OutputInUseException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeAbort;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.output.FaultyFiles;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that were interrupted, and what another makes of what they left. */
@Tag("trust")
class ResumeTest {

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(1, 256, 512, 4, 2)).withMatrices(GgmlType.F16);
    private static final PlanOptions OPTIONS = KillProbe.OPTIONS;
    private static final OutputOptions RESUME = OutputOptions.defaults().withResume(true);

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static byte[] good;

    private Path sft;
    private Path aligned;
    private Path output;
    private Path partial;
    private Path journal;

    @BeforeAll
    static void writeModels() throws IOException {
        Path from = MODEL.write(shared.resolve("sft.gguf"), TensorValues.random(1));
        Path to = MODEL.write(shared.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        try (Extrapolator pair = Extrapolator.open(from, to)) {
            pair.write(OPTIONS, shared.resolve("good.gguf"), OutputOptions.defaults());
        }
        good = Files.readAllBytes(shared.resolve("good.gguf"));
    }

    @BeforeEach
    void copyModels() throws IOException {
        Path inputs = Files.createDirectory(directory.resolve("inputs"));
        sft = Files.copy(shared.resolve("sft.gguf"), inputs.resolve("sft.gguf"));
        aligned = Files.copy(shared.resolve("aligned.gguf"), inputs.resolve("aligned.gguf"));
        Path outputs = Files.createDirectory(directory.resolve("outputs"));
        output = outputs.resolve("out.gguf");
        partial = outputs.resolve(".out.gguf.expo-partial");
        journal = outputs.resolve(".out.gguf.expo-journal");
    }

    private ExpoReport write(PlanOptions options, OutputOptions how) throws IOException {
        return write(options, how, SystemFiles.INSTANCE);
    }

    private ExpoReport write(PlanOptions options, OutputOptions how, FileSystem fileSystem) throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            return pair.writeAll(List.of(new Extrapolator.Output(options, output)), how, fileSystem)
                    .getFirst();
        }
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(output.getParent())) {
            return files.sorted().toList();
        }
    }

    /** Leaves a run that was cancelled when it had computed more than half. */
    private CancelledException interrupt() {
        Cancellation cancellation = new Cancellation();
        OutputOptions how = RESUME.withCancellation(cancellation).withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > progress.total() / 2) {
                cancellation.cancel();
            }
        });
        return catchThrowableOfType(CancelledException.class, () -> write(OPTIONS, how));
    }

    @Test
    void goesOnWhereACancelledRunStopped() throws IOException {
        CancelledException cancelled = interrupt();
        assertThat(cancelled.isResumable()).isTrue();
        assertThat(cancelled).hasMessage("cancelled; what was written is kept in " + partial);
        assertThat(left()).containsExactly(journal, partial);

        List<Progress> seen = new ArrayList<>();
        ExpoReport report = write(OPTIONS, RESUME.withListener(seen::add));

        assertThat(report.keptBytes()).isBetween(report.outputBytes() / 2, report.outputBytes() - 1);
        assertThat(seen).extracting(Progress::stage).first().isEqualTo(Progress.Stage.RESUME);
        Progress start = seen.stream()
                .filter(progress -> progress.stage() == Progress.Stage.EXTRAPOLATE)
                .findFirst()
                .orElseThrow();
        assertThat(start.done()).isBetween(start.total() / 2, start.total() - 1);
        assertThat(output).hasBinaryContent(good);
        assertThat(left()).containsExactly(output);
    }

    @Test
    void startsAnewWhereThereIsNothingToResume() throws IOException {
        assertThat(write(OPTIONS, RESUME).keptBytes()).isZero();
        assertThat(output).hasBinaryContent(good);
        assertThat(left()).containsExactly(output);
    }

    @Test
    void reportsWhatADeadRunHasLeftWithSizeAndAge() throws IOException {
        interrupt();
        Files.setLastModifiedTime(partial, FileTime.from(Instant.now().minus(Duration.ofMinutes(185))));
        UnfinishedOutputException refused = catchThrowableOfType(
                UnfinishedOutputException.class,
                () -> write(OPTIONS, OutputOptions.defaults().withForce(true)));
        assertThat(refused.isResumable()).isTrue();
        assertThat(refused.getFile()).isEqualTo(partial.toString());
        assertThat(refused.getReason())
                .matches(
                        "a run that ended too early left this file of %,d bytes, last written 3 hours ago, \\d\\d %% done"
                                .formatted(Files.size(partial)));
        assertThat(left()).containsExactly(journal, partial);
    }

    @Test
    void discardsWhenAsked() throws IOException {
        interrupt();
        ExpoReport report = write(OPTIONS, OutputOptions.defaults().withUnfinished(Unfinished.DISCARD));
        assertThat(report.keptBytes()).isZero();
        assertThat(output).hasBinaryContent(good);
        assertThat(left()).containsExactly(output);
    }

    private void assertRefused(PlanOptions options, String difference) throws IOException {
        byte[] before = Files.readAllBytes(partial);
        for (OutputOptions how : List.of(RESUME, OutputOptions.defaults())) {
            UnfinishedOutputException refused =
                    catchThrowableOfType(UnfinishedOutputException.class, () -> write(options, how));
            assertThat(refused.isResumable()).isFalse();
            assertThat(refused.getReason()).contains("; it is of another run: " + difference);
        }
        assertThat(partial).hasBinaryContent(before);
        assertThat(write(options, OutputOptions.defaults().withUnfinished(Unfinished.DISCARD))
                        .keptBytes())
                .isZero();
        assertThat(left()).containsExactly(output);
    }

    @Test
    void refusesOtherOptionsAndNamesTheDifference() throws IOException {
        interrupt();
        assertRefused(OPTIONS.withAlpha(0.25f), "alpha is 0.25, was 0.5");
    }

    @Test
    void refusesAnotherTypeAndNamesTheDifference() throws IOException {
        interrupt();
        assertRefused(
                PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build(),
                "the list of options is --type Q8_0, was --type Q4_K_M");
    }

    private ExpoReport predict(double between, OutputOptions how) throws IOException {
        try (Extrapolator run = Extrapolator.open(Ingredients.checkpoints(List.of(
                new Ingredients.Checkpoint<>(0, sft),
                new Ingredients.Checkpoint<>(between, aligned),
                new Ingredients.Checkpoint<>(20, aligned))))) {
            return run.write(PlanOptions.builder().toStep(30).build(), output, how);
        }
    }

    @Test
    void refusesOtherStepsOfCheckpointsAndNamesThem() {
        Cancellation cancellation = new Cancellation();
        OutputOptions how = RESUME.withCancellation(cancellation).withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > progress.total() / 2) {
                cancellation.cancel();
            }
        });
        assertThat(catchThrowableOfType(CancelledException.class, () -> predict(10, how))
                        .isResumable())
                .isTrue();
        assertThat(catchThrowableOfType(UnfinishedOutputException.class, () -> predict(11, RESUME))
                        .getReason())
                .contains("; it is of another run: the list of checkpoints is 0=sft.gguf, 11=aligned.gguf,"
                        + " 20=aligned.gguf, was 0=sft.gguf, 10=aligned.gguf, 20=aligned.gguf");
    }

    @Test
    void refusesAnInputThatWasWrittenToAndNamesIt() throws IOException {
        interrupt();
        Files.setLastModifiedTime(aligned, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));
        assertRefused(
                OPTIONS,
                "the time of the last change of the aligned file 'aligned.gguf' is 2026-01-02T03:04:05Z, was ");
    }

    @Test
    void refusesAnInputThatWasReplacedAndNamesIt() throws IOException {
        interrupt();
        Path copy = Files.copy(sft, sft.resolveSibling("copy"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(copy, sft, StandardCopyOption.ATOMIC_MOVE);
        assertRefused(OPTIONS, "the inode of the SFT file 'sft.gguf' is ");
    }

    @Test
    void refusesAnotherImportanceMatrixAndNamesIt() throws IOException {
        PlanOptions weighed = PlanOptions.builder()
                .alpha(0.5f)
                .fileType(FileType.Q4_K_M)
                .imatrix(MODEL.imatrix(1))
                .build();
        FaultyFiles files = new FaultyFiles(FaultyFiles.Fault.KILL, 20);
        assertThatThrownBy(() -> write(weighed, RESUME, files)).isInstanceOf(IOException.class);
        PlanOptions other = PlanOptions.builder()
                .alpha(0.5f)
                .fileType(FileType.Q4_K_M)
                .imatrix(MODEL.imatrix(2))
                .build();
        assertRefused(other, "the SHA-256 of the importance matrix is ");
    }

    @Test
    void computesAgainWhatIsDamaged() throws IOException {
        interrupt();
        long kept =
                keptBytesIn(Files.copy(partial, directory.resolve("a")), Files.copy(journal, directory.resolve("b")));
        GgufFile layout = GgufReader.read(shared.resolve("good.gguf"));
        TensorInfo first = layout.tensors().getFirst();
        overwrite(partial, layout.fileOffset(first) + 100, new byte[] {1, 2, 3});
        ExpoReport report = write(OPTIONS, RESUME);
        assertThat(report.keptBytes()).isPositive().isLessThan(kept);
        assertThat(output).hasBinaryContent(good);
    }

    /** What a run would keep of these files; afterwards they are in the place of the output again. */
    private long keptBytesIn(Path partialCopy, Path journalCopy) throws IOException {
        long kept = write(OPTIONS, RESUME).keptBytes();
        Files.delete(output);
        Files.move(partialCopy, partial);
        Files.move(journalCopy, journal);
        return kept;
    }

    @Test
    void computesAgainWhatTheJournalDoesNotRecord() throws IOException {
        interrupt();
        long size = Files.size(journal);
        for (long slot = size - 8; slot > size / 2; slot -= 16) {
            overwrite(journal, slot, new byte[] {0, 0, 0, 1});
        }
        write(OPTIONS, RESUME);
        assertThat(output).hasBinaryContent(good);
    }

    @Test
    void clearsWhatLiesBetweenTheTensors() throws IOException {
        TinyModel odd = MODEL.with("table", GgmlType.I8, 33);
        odd.write(sft, TensorValues.random(1));
        odd.write(aligned, TensorValues.near(TensorValues.random(1), 2));
        write(OPTIONS, OutputOptions.defaults());
        byte[] expected = Files.readAllBytes(output);
        GgufFile layout = GgufReader.read(output);
        Files.delete(output);
        interrupt();
        TensorInfo table = layout.tensors().getLast();
        overwrite(partial, layout.fileOffset(table) + 33, new byte[] {7, 7, 7});

        assertThat(write(OPTIONS, RESUME).keptBytes()).isPositive();

        assertThat(output).hasBinaryContent(expected);
    }

    @Test
    void startsAnewWhereTheJournalCannotBeRead() throws IOException {
        for (byte[] bytes :
                List.of(new byte[0], new byte[7], new byte[4096], new byte[] {8, 0, 0, 0, 1, 1, 1, 1, 65})) {
            interrupt();
            Files.write(journal, bytes);
            assertThat(write(OPTIONS, RESUME).keptBytes()).isZero();
            assertThat(output).hasBinaryContent(good);
            assertThat(left()).containsExactly(output);
            Files.delete(output);
        }
    }

    private static void overwrite(Path file, long offset, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    @Test
    void ignoresAJournalAloneUnlessItIsInUse() throws IOException {
        Files.write(journal, new byte[100]);
        write(OPTIONS, OutputOptions.defaults());
        assertThat(left()).containsExactly(output);
    }

    @Test
    void keepsNothingForAFailureThatWouldComeAgain() throws IOException {
        assertThatThrownBy(() -> write(
                        PlanOptions.builder().alpha(1e7f).fileType(FileType.F16).build(), RESUME))
                .isInstanceOf(NonFiniteException.class);
        assertThat(left()).isEmpty();
    }

    @Test
    void keepsNothingWhenAnInputChanges() throws IOException {
        OutputOptions how = RESUME.withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() == 0) {
                try {
                    Files.write(aligned, new byte[1], StandardOpenOption.APPEND);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        assertThatThrownBy(() -> write(OPTIONS, how))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(UnfinishedOutputException.class)
                .hasMessageContaining("aligned.gguf");
        assertThat(left()).isEmpty();
    }

    @Test
    void refusesASecondRunOnTheSameOutputInThisProcess() throws IOException {
        Path alias = Files.createSymbolicLink(directory.resolve("alias"), output.getParent());
        List<Throwable> refused = new ArrayList<>();
        OutputOptions second = OutputOptions.defaults().withForce(true).withUnfinished(Unfinished.DISCARD);
        OutputOptions how = OutputOptions.defaults().withListener(progress -> {
            if (progress.stage() == Progress.Stage.VERIFY && progress.done() == 0) {
                try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                    for (Path path : List.of(output, alias.resolve("out.gguf"))) {
                        refused.add(catchThrowableOfType(
                                OutputInUseException.class, () -> pair.write(OPTIONS, path, second)));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        write(OPTIONS, how);
        assertThat(refused)
                .hasSize(2)
                .allSatisfy(e -> assertThat(e).hasMessageContaining("out.gguf: another run is writing this file"));
        assertThat(output).hasBinaryContent(good);
        assertThat(left()).containsExactly(output);
        write(OPTIONS, second);
    }

    private Process start(boolean abort, Unfinished unfinished) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KillProbe.class.getName(),
                        sft.toString(),
                        aligned.toString(),
                        output.toString(),
                        Boolean.toString(abort),
                        unfinished.name())
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    @Test
    void aKilledProcessIsFoundLockedWhileItLivesAndResumedWhenItIsDead() throws Exception {
        Process process = start(false, Unfinished.REFUSE);
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("halfway");
            assertThatThrownBy(() -> write(OPTIONS, RESUME.withForce(true)))
                    .isInstanceOf(OutputInUseException.class)
                    .hasMessage(output + ": another run is writing this file");
            assertThat(left()).containsExactly(journal, partial);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThatThrownBy(() -> write(OPTIONS, OutputOptions.defaults()))
                .isInstanceOf(UnfinishedOutputException.class);
        assertThat(write(OPTIONS, RESUME).keptBytes()).isGreaterThan(good.length / 2);
        assertThat(output).hasBinaryContent(good);
        assertThat(left()).containsExactly(output);
    }

    @ParameterizedTest
    @EnumSource(names = {"REFUSE", "RESUME"})
    void aNativeAbortLeavesNothingUnlessItIsToBeResumed(Unfinished unfinished) throws Exception {
        Process process = start(true, unfinished);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(NativeAbort.EXIT_CODE);
        if (unfinished == Unfinished.REFUSE) {
            assertThat(left()).isEmpty();
        } else {
            assertThat(left()).containsExactly(journal, partial);
            assertThat(write(OPTIONS, RESUME).keptBytes()).isGreaterThan(good.length / 2);
            assertThat(output).hasBinaryContent(good);
        }
    }
}
