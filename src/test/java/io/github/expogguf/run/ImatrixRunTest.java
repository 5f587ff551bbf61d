package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.ImatrixRun.CalibrationText;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.Unfinished;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs, and runs that are interrupted. */
class ImatrixRunTest {

    private static final TinyModel TINY = TinyModels.llama(Sizes.of(1, 64, 96, 4, 2));
    private static final PlanOptions RECIPE = PlanOptions.builder().alpha(0.5f).build();
    private static final ImatrixOptions SMALL =
            ImatrixOptions.builder().chunkTokens(32).batchTokens(64).threads(1).build();
    private static final CalibrationText TEXT =
            new CalibrationText("text.txt", DemoFiles.calibrationText().substring(0, 600));

    @TempDir
    private Path directory;

    private Path sft;
    private Path aligned;
    private Path output;
    private Path partial;

    @BeforeEach
    void writePair() throws IOException {
        TensorValues values = TensorValues.random(1);
        sft = TINY.write(directory.resolve("sft.gguf"), values);
        aligned = TINY.write(directory.resolve("aligned.gguf"), TensorValues.near(values, 2));
        output = directory.resolve("imatrix.gguf");
        partial = directory.resolve(".imatrix.gguf.expo-partial");
    }

    private void write(PlanOptions recipe, CalibrationText text, OutputOptions how) throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            ImatrixRun.write(pair, recipe, text, SMALL, LoadOptions.defaults(), output, how);
        }
    }

    private void interrupt(OutputOptions how) {
        Cancellation cancellation = new Cancellation();
        assertThatThrownBy(() ->
                        write(RECIPE, TEXT, how.withCancellation(cancellation).withListener(progress -> {
                            if (progress.stage() == Progress.Stage.IMATRIX) {
                                cancellation.cancel();
                            }
                        })))
                .isInstanceOf(CancelledException.class);
        assertThat(output).doesNotExist();
    }

    @Test
    void goesOnWithWhatAnInterruptedRunHasLeft() throws IOException {
        write(RECIPE, TEXT, OutputOptions.defaults());
        byte[] expected = Files.readAllBytes(output);
        Files.delete(output);
        OutputOptions resuming = OutputOptions.defaults().withUnfinished(Unfinished.RESUME);

        interrupt(resuming);
        assertThat(partial).exists();
        assertThatThrownBy(() -> write(RECIPE, TEXT, OutputOptions.defaults()))
                .isInstanceOfSatisfying(
                        UnfinishedOutputException.class,
                        refused -> assertThat(refused.isResumable()).isTrue());
        assertThatThrownBy(() -> write(PlanOptions.builder().alpha(0.6f).build(), TEXT, resuming))
                .isInstanceOf(UnfinishedOutputException.class)
                .hasMessageContaining("it is of another run: alpha is 0.6, was 0.5");
        assertThatThrownBy(() -> write(RECIPE, new CalibrationText("text.txt", TEXT.text() + "x"), resuming))
                .isInstanceOf(UnfinishedOutputException.class)
                .hasMessageContaining("the SHA-256 of the text is ");
        assertThat(partial).exists();

        List<Long> read = new ArrayList<>();
        write(RECIPE, TEXT, resuming.withListener(progress -> {
            if (progress.stage() == Progress.Stage.IMATRIX) {
                read.add(progress.done());
            }
        }));
        assertThat(read.getFirst()).isEqualTo(4); // chunks; two were read before
        assertThat(output).hasBinaryContent(expected);
        assertThat(partial).doesNotExist();
    }

    @Test
    void leavesNothingUnlessItResumes() throws IOException {
        interrupt(OutputOptions.defaults());
        assertThat(partial).doesNotExist();
        Files.writeString(partial, "something else");
        OutputOptions discarding = OutputOptions.defaults().withUnfinished(Unfinished.DISCARD);
        assertThatThrownBy(() -> write(RECIPE, TEXT, OutputOptions.defaults().withUnfinished(Unfinished.RESUME)))
                .hasMessageContaining(partial.getFileName().toString());
        write(RECIPE, TEXT, discarding);
        assertThat(partial).doesNotExist();
        assertThat(ImatrixReader.read(output).tensors()).hasSize(7);
    }

    /** Of types and of other importance nothing depends. */
    @Test
    void isOfTheModelBeforeItIsQuantized() throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            String plain = sha256(pair, RECIPE);
            assertThat(sha256(pair, RECIPE.toBuilder().fileType(FileType.Q4_0).build()))
                    .isEqualTo(plain);
            assertThat(sha256(pair, RECIPE.withAlpha(1))).isNotEqualTo(plain);
        }
    }

    private static String sha256(Extrapolator pair, PlanOptions recipe) throws IOException {
        return ImatrixRun.compute(pair, recipe, TEXT, SMALL, LoadOptions.defaults(), WorkOptions.defaults())
                .sha256();
    }
}
