package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.compare.StepSums;
import io.github.expogguf.compare.TensorStep;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say about how much of alpha arrives, on the trained pair. */
class RealisedReportTest {

    private static final Path SFT = Path.of("src/demo/guide-sft-f16.gguf");
    private static final Path ALIGNED = Path.of("src/demo/guide-dpo-20-f16.gguf");

    @TempDir
    static Path inputs;

    @TempDir
    Path directory;

    private Path output;

    @BeforeAll
    static void quantizeInputs() {
        Ran.run("quantize", "-m", SFT, "--type", "Q4_K_M", "-o", inputs.resolve("sft.gguf"));
        Ran.run("quantize", "-m", ALIGNED, "--type", "Q4_K_M", "-o", inputs.resolve("aligned.gguf"));
    }

    @BeforeEach
    void nameOutput() {
        output = directory.resolve("out.gguf");
    }

    private Ran coarse(String alpha, String type, Object... more) {
        return run(inputs.resolve("sft.gguf"), inputs.resolve("aligned.gguf"), alpha, type, more);
    }

    private Ran run(Path sft, Path aligned, String alpha, String type, Object... more) {
        Object[] words = {"extrapolate", "--sft", sft, "--aligned", aligned, "-a", alpha, "--type", type, "-o", output};
        return Ran.run(Stream.concat(Stream.of(words), Stream.of(more))
                .toArray());
    }

    @Test
    void warnsWhereLittleArrivesAndSaysWhyAndWhatHelps() {
        Ran ran = coarse("0.3", "Q4_K_M");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err())
                .contains("only 0.", " % of alpha arrived in " + output)
                .contains("the inputs are already in Q4_K, Q6_K, and steps of less than half its resolution are rounded back")
                .contains("; extrapolate from F16, BF16 or Q8_0 inputs, write another type, or use --rounding stochastic");
        assertThat(ran.out()).contains("  realised alpha 0.00", " of 0.3 (0.").contains("    least in ");
    }

    @Test
    void doesNotWarnWhereTheStepsAreLargeOrTheTargetIsFine() {
        assertThat(coarse("1.5", "Q4_K_M").err()).doesNotContain("of alpha arrived");
        assertThat(coarse("0.3", "Q8_0", "--force").err()).doesNotContain("of alpha arrived");
        Ran fine = run(SFT, ALIGNED, "0.3", "Q4_K_M", "--force");
        assertThat(fine.err()).doesNotContain("of alpha arrived");
        assertThat(fine.out()).contains("realised alpha 0.2").doesNotContain("least in");
    }

    @Test
    void namesTheOtherCauseWhereTheInputsAreFine() {
        StepSums nothingArrived = new StepSums(1000, 1, 0, 1000, 0, 0, 0);
        TensorStep step = new TensorStep("a", GgmlType.F16, GgmlType.BF16, 0.3f, 1, nothingArrived);
        assertThat(new RealisedReport(List.of(step), false).warning("arrives"))
                .contains("only 0.0 % of alpha arrives (0 of 0.3): the steps are below the resolution of BF16; write a type with"
                        + " more bits, or use --rounding stochastic");
        assertThat(new RealisedReport(List.of(step), true).warning("arrives").orElseThrow()).endsWith("more bits");
    }

    @Test
    void tellsProgramsEverything() {
        JsonObject realised = coarse("0.3", "Q4_K_M", "--json")
                .json()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("realised");
        assertThat(realised.get("alpha").getAsDouble()).isBetween(0.0, 0.01);
        assertThat(realised.get("planned").getAsDouble()).isBetween(0.29999, 0.30001);
        assertThat(realised.get("low").getAsBoolean()).isTrue();
        assertThat(realised.getAsJsonArray("tensors")).hasSize(30);
        assertThat(realised.getAsJsonArray("kinds").asList()).anySatisfy(kind -> {
            assertThat(kind.getAsJsonObject().get("name").getAsString()).isEqualTo("attn_q.weight");
            assertThat(kind.getAsJsonObject().get("weights").getAsLong()).isEqualTo(3 * 256 * 256);
        });
        assertThat(realised.getAsJsonArray("layers").asList())
                .anySatisfy(layer -> assertThat(layer.getAsJsonObject().get("name").getAsString()).isEqualTo("blk.0"));
    }

    @Test
    void planPredictsWhatArrives() {
        Object[] coarse = {"plan", "--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};
        Ran low = Ran.run(Stream.concat(Stream.of(coarse), Stream.of("--type", "Q4_K_M")).toArray());
        assertThat(low.err()).contains("only 0.", " % of alpha would arrive (0.00").contains("--rounding stochastic");
        assertThat(low.out()).contains("predicted realised alpha 0.00").contains("  least in ");

        JsonObject high = Ran.run(Stream.concat(Stream.of(coarse), Stream.of("--type", "Q8_0", "--json")).toArray())
                .json();
        JsonObject predicted = high.getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonObject("predictedRealised");
        assertThat(predicted.get("alpha").getAsDouble()).isBetween(0.29, 0.31);
        assertThat(predicted.get("low").getAsBoolean()).isFalse();
    }

    @Test
    void stochasticRoundingIsAnAnswerToTheWarning() throws IOException {
        Ran ran = coarse("0.3", "Q4_K_M", "--rounding", "stochastic", "--seed", "7");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).doesNotContain("of alpha arrived");
        assertThat(ran.out()).contains("realised alpha 0.2");
        try (GgufModel written = GgufModel.open(output)) {
            assertThat(written.header().metadata().get("expo.rules").orElseThrow().asStrings())
                    .contains("--rounding stochastic", "--seed 7");
        }
    }

    @Test
    void aSeedForNothingIsRefused() {
        Ran ran = coarse("0.3", "Q4_K_M", "--seed", "7");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--seed is of use with --rounding stochastic only");
    }
}
