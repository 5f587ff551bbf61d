package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Distances from the SFT model, against those of written files. */
class DistanceCommandTest {

    private static final Path SFT = DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DemoFiles.DIRECTORY.resolve("guide-dpo-20-f16.gguf");

    /** What is estimated from 32768 weights of each tensor differs from what all of them tell. */
    private static final double SAMPLE = 0.05;

    @TempDir
    private Path directory;

    private Ran run(String command, Object... more) {
        List<Object> words = new ArrayList<>(List.of(command, "--sft", SFT, "--aligned", ALIGNED));
        words.addAll(List.of(more));
        return Ran.run(words.toArray());
    }

    private Ran extrapolate(Object... more) {
        List<Object> words = new ArrayList<>(List.of("--type", "F32", "-o", output(), "--json"));
        words.addAll(List.of(more));
        return run("extrapolate", words.toArray());
    }

    private Path output() {
        return directory.resolve("out.gguf");
    }

    /** Of a written file, by a plain loop over its weights. */
    private static double distance(Path file, String names) throws IOException {
        double delta = 0;
        double sft = 0;
        try (GgufModel from = GgufModel.open(SFT);
                GgufModel to = GgufModel.open(file)) {
            for (TensorInfo tensor : to.header().tensors()) {
                if (tensor.name().matches(".*(" + names + ").*")) {
                    float[] before = GgmlFloats.of(from, named(from, tensor.name()));
                    float[] after = GgmlFloats.of(to, tensor);
                    for (int i = 0; i < before.length; i++) {
                        delta += Math.pow((double) after[i] - before[i], 2);
                        sft += Math.pow(before[i], 2);
                    }
                }
            }
        }
        return Math.sqrt(delta / sft);
    }

    private static TensorInfo named(GgufModel model, String name) {
        return model.header().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void distanceOfAPlanIsThatOfTheFile() throws IOException {
        PlanOptions options = PlanOptions.builder()
                .alpha(5)
                .fileType(FileType.F32)
                .alphaRules(List.of(TensorAlphaRule.parse("ffn=*0.5"), TensorAlphaRule.parse("norm=copy")))
                .build();
        try (Extrapolator pair = Extrapolator.open(SFT, ALIGNED)) {
            DeltaDistance distance = DeltaDistance.of(pair.compare(WorkOptions.defaults()));
            pair.write(options, output(), OutputOptions.defaults());

            double expected = distance(output(), "");
            assertThat(distance.of(pair.plan(options))).isCloseTo(expected, within(1e-6 * expected));
            assertThat(distance.alphaAt(expected, alpha -> pair.plan(options.withAlpha(alpha)))
                            .orElseThrow())
                    .isCloseTo(5, within(1e-5));
            assertThat(distance.alphaAt(0.001, alpha -> pair.plan(options.withAlpha(alpha))))
                    .as("the aligned model is farther")
                    .isEmpty();
            assertThat(distance.at(5)).isGreaterThan(expected);
            assertThat(distance.at(0)).isCloseTo(distance(ALIGNED, ""), within(1e-9));
            assertThat(distance.at((float) distance.alphaAt(0.01).orElseThrow()))
                    .isCloseTo(0.01, within(1e-9));
            assertThat(distance.alphaAt(0.001))
                    .as("the aligned model is farther")
                    .isEmpty();
        }
    }

    /** Of the whole way to the predicted step, of a part of it, and where some tensors stay those of the last one. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "0.5", "3", "-2"})
    void distanceOfAPredictionIsThatOfTheFile(String alpha) throws IOException {
        Ran ran = Ran.run(
                "extrapolate",
                "--checkpoint",
                "0=" + SFT,
                "--checkpoint",
                "10=" + DemoFiles.DIRECTORY.resolve("guide-dpo-10-f16.gguf"),
                "--checkpoint",
                "20=" + ALIGNED,
                "--to",
                "60",
                "--alpha",
                alpha,
                "--rule",
                "ffn_down=copy",
                "--type",
                "F32",
                "--json",
                "-o",
                output());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        double expected = distance(output(), "");
        assertThat(ran.json()
                        .getAsJsonArray("outputs")
                        .get(0)
                        .getAsJsonObject()
                        .get("distance")
                        .getAsDouble())
                .isCloseTo(expected, within(SAMPLE * expected));
    }

    /** As Gemma 4 has them: 1e30 for each dimension that is not rotated. */
    @Test
    void constantsAreNoPartOfTheDistance() throws IOException {
        TinyModel plain = TinyModels.llama(Sizes.of(2, 64, 128, 2, 2));
        TinyModel rotated = plain.with("rope_freqs.weight", GgmlType.F32, 16);
        List<DeltaDistance> distances = new ArrayList<>();
        for (TinyModel model : List.of(plain, rotated)) {
            Path sft = model.write(directory.resolve("sft.gguf"), constants(TensorValues.random(1)));
            Path aligned = model.write(
                    directory.resolve("aligned.gguf"), constants(TensorValues.near(TensorValues.random(1), 2)));
            try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                distances.add(DeltaDistance.of(pair.compare(WorkOptions.defaults())));
                distances.add(DeltaDistance.of(pair.sample(Extrapolator.SAMPLE_ELEMENTS, WorkOptions.defaults())));
            }
        }

        assertThat(distances)
                .extracting(distance -> distance.at(0))
                .containsOnly(distances.getFirst().at(0));
        assertThat(distances.getFirst().isMeasurable()).isTrue();
    }

    private static TensorValues constants(TensorValues weights) {
        return tensor -> {
            float[] values = weights.of(tensor);
            if (tensor.name().equals("rope_freqs.weight")) {
                Arrays.fill(values, 1e30f);
            }
            return values;
        };
    }

    @Test
    void twoEqualModelsHaveNoDistance() throws IOException {
        try (Extrapolator same = Extrapolator.open(SFT, SFT)) {
            DeltaDistance distance = DeltaDistance.of(same.compare(WorkOptions.defaults()));

            assertThat(distance.isMeasurable()).isFalse();
            assertThat(distance.alphaAt(0.01)).isEmpty();
            assertThat(distance.alphaAt(0.01, _ -> same.plan(PlanOptions.defaults())))
                    .isEmpty();
            assertThat(distance.at(3)).isZero();
        }
    }

    @Test
    void alphaIsChosenByTheDistance() throws IOException {
        Ran ran = extrapolate("--distance", "1.2%");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).contains("note: --distance 1.2% is alpha ");
        assertThat(distance(output(), "")).isCloseTo(0.012, within(SAMPLE * 0.012));
        assertThat(ran.json()
                        .getAsJsonArray("outputs")
                        .get(0)
                        .getAsJsonObject()
                        .get("distance")
                        .getAsDouble())
                .isCloseTo(0.012, within(1e-4));
    }

    @Test
    void rulesHaveAlphasOfTheirOwnByDistance() throws IOException {
        Ran ran = extrapolate(
                "--distance",
                "1%",
                "--rule",
                "ffn_up=0.5%",
                "--rule",
                "ffn_(up|down|gate)=0.8%",
                "--profile",
                "no-norms");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains("note: the tensors of --rule ffn_up=0.5% get alpha ")
                .contains("note: the tensors of --rule ffn_(up|down|gate)=0.8% get alpha ");
        assertThat(distance(output(), "ffn_up")).isCloseTo(0.005, within(SAMPLE * 0.005));
        assertThat(distance(output(), "ffn_down|ffn_gate")).isCloseTo(0.008, within(SAMPLE * 0.008));
        assertThat(distance(output(), "")).isCloseTo(0.01, within(SAMPLE * 0.01));
        assertThat(distance(output(), "norm")).isEqualTo(distance(ALIGNED, "norm"));
    }

    @Test
    void distanceIsShownWhereverAPairIsLookedAt() {
        assertThat(run("compare").out())
                .contains(
                        "  distance 0.15 % of the SFT model's norm; alpha 7.0 makes it 1.2 %,\n",
                        "  where miniature pairs scored best (for large models not known, likely less)\n");
        assertThat(run("plan", "-a", "3").out())
                .containsPattern("\ndistance 0.5[0-9] % of the SFT model's norm, the aligned model 0.15 %\n");
        assertThat(Ran.run("plan", "-m", SFT, "--type", "Q8_0").out()).doesNotContain("distance");
        assertThat(run(
                                "eval",
                                "--distance",
                                "1%",
                                "--text",
                                DemoFiles.DIRECTORY.resolve("prompts.jsonl"),
                                "--chunk",
                                64)
                        .out())
                .startsWith("guide-dpo-20-f16.gguf at alpha 5.");
    }

    @Test
    void severalDistancesAreSeveralAlphas() throws IOException {
        Path pattern = directory.resolve("out-{alpha}-{type}.gguf");
        Ran ran = run("extrapolate", "--distance", "0.6%,1%:1.4%:0.4%", "--type", "F32,Q8_0", "-o", pattern, "--json");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        List<JsonObject> outputs = ran.json().getAsJsonArray("outputs").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
        assertThat(outputs).hasSize(6);
        assertThat(outputs.stream()
                        .map(output -> Math.round(1000 * output.get("distance").getAsDouble()))
                        .toList())
                .containsExactlyInAnyOrder(6L, 6L, 10L, 10L, 14L, 14L);
        assertThat(ran.err()).containsOnlyOnce("--distance 0.6% is alpha ");

        Ran measured = run(
                "eval",
                "--distance",
                "0.6%,1.2%",
                "--text",
                DemoFiles.DIRECTORY.resolve("prompts.jsonl"),
                "--chunk",
                64);
        assertThat(measured.out()).contains("guide-dpo-20-f16.gguf at 2 alphas").containsPattern("\\n *3\\.1\\d* ");
        assertThat(run("chat", "--distance", "0.6%,1.2%").err()).contains("one model answers: give one --alpha");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--distance | 1.2 | is not a percentage above 0, as in 1.2%",
                "--distance | 1.2%:2 | is neither a percentage nor a range from:to:step, as 0.4%:2%:0.4%",
                "--distance | 0%:1%:0.5% | '0%' is not a percentage above 0, as in 1.2%",
                "--distance | 0% | is not a percentage above 0, as in 1.2%",
                "--distance | 0.1% | the aligned model lies 0.146% of the SFT",
                "--rule | ffn=0.01% | the tensors of --rule ffn=0.01% would need an alpha of 0 or less",
                "--rule | nothing=1% | no weight there differs between the two models, if there is one at all",
                "--rule | ffn=x% | 'x%' is not a percentage above 0, as in 1.2%",
                "--rule | ffn=0% | '0%' is not a percentage above 0, as in 1.2%",
            })
    void distancesThatCannotBeAreRefused(String option, String value, String message) {
        Ran ran = extrapolate(option, value);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(message);
        assertThat(output()).doesNotExist();
    }

    @Test
    void distanceAndAlphaExcludeEachOther() {
        Ran ran = extrapolate("--distance", "1%", "--alpha", "1");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--alpha and --distance say the same: give one of them");
    }
}
