package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say about how much of alpha arrives, on the trained pair. */
class RealisedReportTest {

    private static final Path SFT = DemoFiles.SFT;
    private static final Path ALIGNED = DemoFiles.ALIGNED;

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
        return Ran.run(Stream.concat(Stream.of(words), Stream.of(more)).toArray());
    }

    @Test
    void warnsWhereLittleArrivesAndSaysWhyAndWhatHelps() {
        Ran ran = coarse("0.3", "Q4_K_M", "--allow-requantize");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err())
                .contains("only 0.", " % of alpha arrived in " + output)
                .contains(
                        "the (aligned) model is already in Q4_K, Q6_K, and steps of less than half its resolution are rounded back")
                .contains(
                        "; in another type, too, rounding of both models to Q4_K may make up all of the difference between"
                                + " them: take them in F16, BF16, F32 or Q8_0, or the folders of their .safetensors\n")
                .doesNotContain("stochastic");
        assertThat(ran.out()).contains("  realised alpha 0.00", " of 0.3 (0.").contains("    least in ");
        assertThat(ran.out().lines().filter(line -> line.contains("least in ") || line.startsWith("      ")))
                .hasSizeGreaterThan(1)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void doesNotWarnWhereTheStepsAreLargeOrTheTargetIsFine() {
        String insists = "--allow-requantize";
        assertThat(coarse("1.5", "Q4_K_M", insists).out()).contains("realised alpha 1.");
        assertThat(coarse("1.5", "Q4_K_M", insists, "--force").err()).doesNotContain("of alpha arrived");
        assertThat(coarse("0.3", "Q8_0", insists, "--force").err()).doesNotContain("of alpha arrived");
        Ran fine = run(SFT, ALIGNED, "0.3", "Q4_K_M", "--force");
        assertThat(fine.err()).doesNotContain("of alpha arrived");
        assertThat(fine.out()).contains("realised alpha 0.2").doesNotContain("least in");
    }

    @Test
    void namesTheOtherCauseWhereTheInputsAreFine() {
        StepSums nothingArrived = new StepSums(1000, 1, 0, 1000, 0, 0, 0);
        TensorStep step = new TensorStep("a", GgmlType.F16, GgmlType.BF16, 0.3f, 1, nothingArrived);
        assertThat(new RealisedReport(List.of(step), Optional.empty(), Optional.empty(), true).warnings("arrives"))
                .containsExactly(
                        "only 0.0 % of alpha arrives (0 of 0.3): the steps are below the resolution of BF16; write a type with"
                                + " more bits, or use --rounding stochastic");
        assertThat(new RealisedReport(List.of(step), Optional.of(new Rounding.Stochastic(0)), Optional.empty(), true)
                        .warnings("arrives"))
                .singleElement()
                .asString()
                .endsWith("more bits");
    }

    @Test
    void moreThanTwiceAlphaIsToldAsRounding() {
        StepSums threefold = new StepSums(1_000_000, 1, 0, 1_000_000, 3, 0, 9);
        TensorStep step = new TensorStep("a", GgmlType.F16, GgmlType.Q4_0, 0.3f, 1, threefold);
        RealisedReport report = new RealisedReport(List.of(step), Optional.empty(), Optional.empty(), true);

        assertThat(report.warnings("arrives").getFirst())
                .startsWith("more rounding than alpha arrives (0.9 of 0.3): the steps are near the resolution of Q4_0");
        assertThat(report.lines("realised alpha").getFirst()).endsWith(" of 0.3 (noise)");
    }

    @Test
    void lessThanNothingIsNoShareOfAlpha() {
        StepSums backwards = new StepSums(1_000_000, 1, 0, 1_000_000, -0.1, 0, 0.01);
        TensorStep step = new TensorStep("a", GgmlType.F16, GgmlType.Q4_0, 0.3f, 1, backwards);
        RealisedReport report = new RealisedReport(List.of(step), Optional.empty(), Optional.empty(), true);

        assertThat(report.warnings("arrives"))
                .containsExactly("nothing of alpha arrives (-0.03 of 0.3): the steps are below the resolution of Q4_0;"
                        + " write a type with more bits, or use --rounding stochastic");
        assertThat(report.lines("realised alpha").getFirst()).endsWith(" of 0.3 (nothing of it)");
    }

    @Test
    void offersStochasticRoundingOnlyWhereThePlanWouldBeAccepted() {
        StepSums nothingArrived = new StepSums(1000, 1, 0, 1000, 0, 0, 0);
        TensorStep fine = new TensorStep("a", GgmlType.Q4_K, GgmlType.Q4_K, 0.3f, 1, nothingArrived);
        TensorStep codebook = new TensorStep("b", GgmlType.IQ4_NL, GgmlType.IQ4_NL, 0.3f, 1, nothingArrived);
        assertThat(new RealisedReport(List.of(fine), Optional.empty(), Optional.empty(), true)
                        .warnings("arrives")
                        .getFirst())
                .contains("stochastic");
        assertThat(new RealisedReport(List.of(fine, codebook), Optional.empty(), Optional.empty(), true)
                        .warnings("arrives")
                        .getFirst())
                .contains("the (aligned) model is already in IQ4_NL, Q4_K", "(F32, F16 or BF16) or write Q8_0")
                .doesNotContain("stochastic");
    }

    @Test
    void aBf16PairIsToldNothingFalse() {
        Path before = inputs.resolve("sft-bf16.gguf");
        Path after = inputs.resolve("aligned-bf16.gguf");
        Ran.run("quantize", "-m", SFT, "--type", "BF16", "-o", before);
        Ran.run("quantize", "-m", ALIGNED, "--type", "BF16", "-o", after);
        Ran kept = Ran.run("extrapolate", "--sft", before, "--aligned", after, "-o", output);
        assertThat(kept.err())
                .contains("note: 23 tensors stay BF16, as no --type was given, and are rounded stochastically (seed 0)")
                .contains(
                        "noisy: rounding to BF16 may make up all of the difference; of a BF16 checkpoint there is no better input")
                .doesNotContain("take F16, BF16", "of alpha arrived", "warning");
        assertThat(kept.out()).containsPattern("realised alpha 0\\.(29|30)\\d* ");

        Ran asked = run(before, after, "0.3", "BF16", "--force");
        assertThat(asked.err())
                .contains(
                        "warning: only ",
                        "the (aligned) model is already in BF16, and steps of less than half its resolution are rounded"
                                + " back; write F32, F16 or Q8_0, or use --rounding stochastic")
                .doesNotContain("extrapolate from");

        Ran tooMuch = run(before, after, "0.1", "F16", "--force");
        assertThat(tooMuch.err())
                .containsPattern(
                        "warning: \\d\\d % more than alpha arrived in .*out.gguf \\(0\\.1[12]\\d* of 0\\.1\\): F16 has eight"
                                + " steps between two values of BF16, the \\(aligned\\) model's type, so that alpha is rounded to eighths; write F32"
                                + " or Q8_0, or take a multiple of 0\\.125 as alpha, or use --rounding stochastic");
        assertThat(tooMuch.out()).contains("    most in ");
        assertThat(run(before, after, "0.1", "F16", "--force", "--rounding", "stochastic")
                        .err())
                .doesNotContain("warning");
        assertThat(run(before, after, "0.125", "F16", "--force").err()).doesNotContain("warning");
    }

    /** The aligned model is the SFT model's Q4_0 values and a small difference, which the same type rounds away. */
    @Test
    void alignmentThatIsRoundedAwayIsAWarningWithWordsOfItsOwn() {
        Path before = inputs.resolve("sft-q4.gguf");
        Path values = inputs.resolve("sft-values.gguf");
        Path after = inputs.resolve("aligned-values.gguf");
        Ran.run("quantize", "-m", SFT, "--type", "Q4_0", "--pure", "-o", before);
        Ran.run("quantize", "-m", before, "--type", "F32", "--allow-requantize", "-o", values);
        Ran.run(
                "extrapolate",
                "--sft",
                values,
                "--aligned",
                values,
                "-a",
                "0",
                "--delta",
                SFT + "," + ALIGNED + ",1",
                "-o",
                after);
        String words = "alignment %s lost in ";
        Ran planned = Ran.run("plan", "--sft", before, "--aligned", after, "--type", "Q4_0", "--pure");
        assertThat(planned.err())
                .contains("warning: the " + words.formatted("would be"))
                .containsPattern("attn_q\\.weight -0\\.9\\d*")
                .containsPattern("what would arrive lies \\d\\d % of the way back to the SFT model there")
                .contains("below the resolution of Q4_0; write a type with more bits");
        Ran written = run(before, after, "0.3", "Q4_0", "--pure", "--json");
        assertThat(written.err()).contains("warning: the " + words.formatted("is"));
        JsonObject realised = written.json()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("realised");
        assertThat(realised.getAsJsonArray("warnings").get(0).getAsString()).startsWith("the alignment is lost in ");
        assertThat(realised.getAsJsonArray("kinds").asList())
                .anySatisfy(
                        kind -> assertThat(kind.getAsJsonObject().get("lost").getAsBoolean())
                                .isTrue());
        assertThat(run(before, after, "0.3", "Q8_0", "--force").err()).doesNotContain("lost");
    }

    @Test
    void theRemedyForAFewKindsNamesThem() {
        StepSums back = new StepSums(100_000, 1, 0, 1e6, -3, 0, 9.001);
        List<TensorStep> steps = List.of(
                new TensorStep("blk.0.ffn_up_exps.weight", GgmlType.BF16, GgmlType.MXFP4, 0.3f, 1, back),
                new TensorStep(
                        "blk.0.attn_q.weight",
                        GgmlType.BF16,
                        GgmlType.Q8_0,
                        0.3f,
                        1,
                        new StepSums(10, 1, 0, 1, 1, 0, 1)));
        assertThat(new RealisedReport(steps, Optional.empty(), Optional.empty(), true).warnings("arrived in x"))
                .containsExactly(
                        "the alignment is lost in ffn_up_exps.weight -0.9: what arrived in x lies 90 % of the way back to the"
                                + " SFT model there, because alignment and step are below the resolution of MXFP4; --tensor-type"
                                + " 'ffn_up_exps\\.weight=q8_0' keeps them");
        TensorStep half = new TensorStep("a", GgmlType.F32, GgmlType.BF16, 0.3f, 1, back);
        assertThat(new RealisedReport(List.of(half), Optional.empty(), Optional.empty(), true)
                        .warnings("arrived in x")
                        .getFirst())
                .endsWith("; write F32");
    }

    @Test
    void growingWeightsAreReported() {
        Path before = inputs.resolve("sft-iq3.gguf");
        Path after = inputs.resolve("aligned-iq3.gguf");
        Ran.run("quantize", "-m", SFT, "--type", "IQ3_S", "-o", before);
        Ran.run("quantize", "-m", ALIGNED, "--type", "IQ3_S", "-o", after);
        Ran plain = run(before, after, "0.3", "IQ3_S", "--rounding", "nearest", "--allow-requantize");
        assertThat(plain.err())
                .contains("warning: weights grow where their type stays, IQ3_S by 3.3 % in what arrived in " + output
                        + "; --rounding auto divides them first");
        Ran divided = run(before, after, "0.3", "IQ3_S", "--force", "--allow-requantize");
        assertThat(divided.err())
                .contains(
                        "22 tensors stay IQ3_S, which makes weights larger each time: what is quantized is divided by 1.033 first")
                .doesNotContain("weights grow");
    }

    @Test
    void tellsProgramsEverything() {
        JsonObject realised = coarse("0.3", "Q4_K_M", "--allow-requantize", "--json")
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
                .anySatisfy(
                        layer -> assertThat(layer.getAsJsonObject().get("name").getAsString())
                                .isEqualTo("blk.0"));
    }

    @Test
    void planPredictsWhatArrives() {
        Object[] coarse = {"plan", "--sft", inputs.resolve("sft.gguf"), "--aligned", inputs.resolve("aligned.gguf")};
        Ran low = Ran.run(
                Stream.concat(Stream.of(coarse), Stream.of("--type", "Q4_K_M")).toArray());
        assertThat(low.err()).containsOnlyOnce(" % of alpha would arrive (0.00").containsOnlyOnce("may make up all");
        assertThat(low.out()).contains("predicted realised alpha 0.00").contains("  least in ");

        JsonObject high = Ran.run(Stream.concat(Stream.of(coarse), Stream.of("--type", "Q8_0", "--json"))
                        .toArray())
                .json();
        JsonObject predicted =
                high.getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonObject("predictedRealised");
        assertThat(predicted.get("alpha").getAsDouble()).isBetween(0.29, 0.31);
        assertThat(predicted.get("low").getAsBoolean()).isFalse();
    }

    @Test
    void stochasticRoundingIsAnAnswerToTheWarning() throws IOException {
        Ran ran = coarse("0.3", "Q4_K_M", "--rounding", "stochastic", "--rounding-seed", "7");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).doesNotContain("of alpha arrived");
        assertThat(ran.out()).contains("realised alpha 0.2");
        try (GgufModel written = GgufModel.open(output)) {
            assertThat(written.header()
                            .metadata()
                            .get("expo.rules")
                            .orElseThrow()
                            .asStrings())
                    .contains("--rounding stochastic", "--rounding-seed 7");
        }
    }

    @Test
    void aSeedForNothingIsRefused() {
        Ran ran = coarse("0.3", "Q4_K_M", "--rounding-seed", "7");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--rounding-seed is of use with --rounding stochastic only");
    }
}
