package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.CancelledException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that round stochastically, from quantized inputs of the trained pair into the same type. */
class StochasticRunTest {

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static Path sft;
    private static Path aligned;

    @BeforeAll
    static void quantizeInputs() throws IOException {
        sft = quantize(DemoFiles.SFT, "sft.gguf");
        aligned = quantize(DemoFiles.ALIGNED, "aligned.gguf");
    }

    private static Path quantize(Path model, String name) throws IOException {
        Path output = shared.resolve(name);
        try (Extrapolator one = Extrapolator.open(model)) {
            PlanOptions options =
                    PlanOptions.builder().fileType(FileType.Q4_K_M).build();
            one.write(options, output, OutputOptions.defaults());
        }
        return output;
    }

    private static PlanOptions options(long seed) {
        return PlanOptions.builder()
                .alpha(0.3f)
                .fileType(FileType.Q4_K_M)
                .rounding(new Rounding.Stochastic(seed))
                .build();
    }

    private ExpoReport write(PlanOptions options, String name, OutputOptions how) throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            return pair.write(options, directory.resolve(name), how);
        }
    }

    private byte[] bytes(PlanOptions options, String name, int threads) throws IOException {
        write(options, name, OutputOptions.defaults().withThreads(threads));
        return Files.readAllBytes(directory.resolve(name));
    }

    @Test
    void letsAlphaArriveThatWouldBeLost() throws IOException {
        assertThat(write(options(1), "out.gguf", OutputOptions.defaults())
                        .realised()
                        .orElseThrow()
                        .realised())
                .isBetween(0.28, 0.31);
    }

    @Test
    void isTheSameForASeedAndAnotherForAnother() throws IOException {
        byte[] one = bytes(options(1), "one.gguf", 1);
        assertThat(bytes(options(1), "same.gguf", 3)).isEqualTo(one);
        assertThat(bytes(options(2), "other.gguf", 1)).isNotEqualTo(one);
    }

    @Test
    void isComputedAgainByVerifyFromWhatTheFileSays() throws IOException {
        Path file =
                write(options(7), "out.gguf", OutputOptions.defaults()).files().getFirst();
        try (GgufModel written = GgufModel.open(file)) {
            Recipe recipe = Recipe.read(written.header().metadata()).orElseThrow();
            assertThat(recipe.rules()).contains("--rounding stochastic", "--rounding-seed 7");
            assertThat(recipe.options().rounding()).contains(new Rounding.Stochastic(7));
        }
        Ingredients<Path> inputs = Ingredients.pair(sft, aligned);
        VerificationReport report = Verifier.verify(file, inputs, WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @Test
    void goesOnAfterAnInterruptionToTheSameFile() throws IOException {
        byte[] whole = bytes(options(3), "whole.gguf", 2);
        Cancellation cancellation = new Cancellation();
        OutputOptions interrupted = OutputOptions.defaults()
                .withResume(true)
                .withThreads(1)
                .withCancellation(cancellation)
                .withListener(progress -> {
                    if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > progress.total() / 2) {
                        cancellation.cancel();
                    }
                });
        assertThat(catchThrowableOfType(CancelledException.class, () -> write(options(3), "out.gguf", interrupted)))
                .isNotNull();
        ExpoReport report =
                write(options(3), "out.gguf", OutputOptions.defaults().withResume(true));
        assertThat(report.keptBytes()).isPositive();
        assertThat(directory.resolve("out.gguf")).hasBinaryContent(whole);
    }

    @Test
    void isRefusedForTypesOfUnequalDistances() throws IOException {
        PlanOptions codebook = options(1).withFileType(FileType.IQ4_NL);
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            assertThatThrownBy(() -> pair.plan(codebook))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageContaining("cannot be rounded stochastically to IQ4_NL, expected one of F32, F16, Q4_0");
        }
    }
}
