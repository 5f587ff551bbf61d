package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.input.FileDigests;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.testing.Vocabularies;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than two models. */
class DeltasRunTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2));
    private static final TensorValues START = TensorValues.random(1);

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;
    private Path sft2;
    private Path aligned2;

    @BeforeEach
    void writeModels() {
        sft = model("sft", MODEL, 2);
        aligned = model("aligned", MODEL, 3);
        sft2 = model("sft2", MODEL.withMatrices(GgmlType.F16), 4);
        aligned2 = model("aligned2", MODEL.withMatrices(GgmlType.Q8_0), 5);
    }

    private Path model(String name, TinyModel model, long seed) {
        return model.write(directory.resolve(name + ".gguf"), TensorValues.near(START, seed));
    }

    private Path write(Ingredients<Path> sources, float alpha, String name, int threads) throws IOException {
        Path output = directory.resolve(name);
        try (Extrapolator models = Extrapolator.open(sources)) {
            models.write(
                    PlanOptions.builder().alpha(alpha).build(),
                    output,
                    OutputOptions.defaults().withThreads(threads));
        }
        return output;
    }

    private static float[] values(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            TensorInfo info = model.header().tensors().stream()
                    .filter(any -> any.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            return GgmlFloats.of(model, info);
        }
    }

    private Ingredients<Path> withDeltas(List<Ingredients.Delta<Path>> deltas) {
        return Ingredients.pair(sft, aligned).withDeltas(deltas);
    }

    private static float[] expected(float[] aligned, float[] sft, float alpha, float[]... triples) {
        float[] result = new float[aligned.length];
        for (int i = 0; i < result.length; i++) {
            float delta = aligned[i] - sft[i];
            float step = alpha * delta;
            result[i] = aligned[i] + step;
            for (int t = 0; t < triples.length; t += 3) {
                float further = triples[t + 1][i] - triples[t][i];
                float more = triples[t + 2][0] * further;
                result[i] = result[i] + more;
            }
        }
        return result;
    }

    private static void assertProven(Path output, Path sft, Path aligned, List<Ingredients.Delta<Path>> deltas)
            throws IOException {
        VerificationReport report =
                Verifier.verify(output, Ingredients.pair(sft, aligned).withDeltas(deltas), WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @Test
    void furtherDifferencesAreAddedInTheirOrder() throws IOException {
        Ingredients.Delta<Path> plus = new Ingredients.Delta<>(sft2, aligned2, 0.7f);
        Ingredients.Delta<Path> minus = new Ingredients.Delta<>(aligned2, sft, -0.3f);
        Ingredients<Path> sources = withDeltas(List.of(plus, minus));
        Path output = write(sources, 0.4f, "out.gguf", 2);

        for (String tensor : List.of("blk.0.attn_q.weight", "output_norm.weight", "token_embd.weight")) {
            float[] from = values(sft, tensor);
            float[] from2 = values(sft2, tensor);
            float[] to2 = values(aligned2, tensor);
            assertThat(values(output, tensor))
                    .as(tensor)
                    .isEqualTo(expected(
                            values(aligned, tensor),
                            from,
                            0.4f,
                            from2,
                            to2,
                            new float[] {0.7f},
                            to2,
                            from,
                            new float[] {-0.3f}));
        }
        assertProven(output, sft, aligned, List.of(plus, minus));
        assertThat(Files.readAllBytes(write(sources, 0.4f, "one.gguf", 1))).isEqualTo(Files.readAllBytes(output));
    }

    @Test
    void alphaZeroIsTheTaskAnalogy() throws IOException {
        Ingredients.Delta<Path> delta = new Ingredients.Delta<>(sft2, aligned2, 1);
        Path output = write(withDeltas(List.of(delta)), 0, "out.gguf", 2);

        String tensor = "blk.0.ffn_up.weight";
        assertThat(values(output, tensor))
                .isEqualTo(expected(
                        values(aligned, tensor),
                        values(sft, tensor),
                        0,
                        values(sft2, tensor),
                        values(aligned2, tensor),
                        new float[] {1}));
        assertProven(output, sft, aligned, List.of(delta));
    }

    @Test
    void tensorsThatAreTheSameInThePairAreStillMoved() throws IOException {
        Path output = write(
                Ingredients.pair(sft, sft).withDeltas(List.of(new Ingredients.Delta<>(sft2, aligned2, 1))),
                0.5f,
                "out.gguf",
                2);

        assertThat(values(output, "output.weight")).isNotEqualTo(values(sft, "output.weight"));
    }

    @Test
    void tokensThatAModelOfTheDifferenceLacksAddNothing() throws IOException {
        List<String> tokens = new ArrayList<>(Vocabularies.tokens(MODEL));
        tokens.remove("token310");
        Path shorter = model("shorter", Vocabularies.withTokens(MODEL, tokens), 6);
        Path output = write(withDeltas(List.of(new Ingredients.Delta<>(shorter, aligned2, 0.5f))), 0, "out.gguf", 2);

        float[] result = values(output, "output.weight");
        float[] start = values(aligned, "output.weight");
        float[] minus = values(shorter, "output.weight");
        float[] plus = values(aligned2, "output.weight");
        assertThat(result[310 * 256]).isEqualTo(start[310 * 256]);
        float further = plus[311 * 256] - minus[310 * 256];
        float step = 0.5f * further;
        assertThat(result[311 * 256]).isEqualTo(start[311 * 256] + step);
    }

    @Test
    void theFileSaysItsDifferences() throws IOException {
        Path output = write(withDeltas(List.of(new Ingredients.Delta<>(sft2, aligned2, -0.25f))), 0.4f, "out.gguf", 2);

        try (GgufModel model = GgufModel.open(output)) {
            Recipe recipe = Recipe.read(model.header().metadata()).orElseThrow();
            assertThat(recipe.models().deltas()).singleElement().satisfies(delta -> {
                assertThat(delta.weight()).isEqualTo(-0.25f);
                assertThat(delta.sft().files()).containsExactly("sft2.gguf");
                assertThat(delta.aligned().digests()).containsExactly(FileDigests.sha256(aligned2, new Cancellation()));
            });
            assertThat(model.header().metadata().string("expo.formula").orElseThrow())
                    .contains("expo.delta");
        }
    }

    @Test
    void modelsThatDoNotMatchAreRefused() {
        Path other = model("other", TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)), 6);

        assertThatThrownBy(
                        () -> write(withDeltas(List.of(new Ingredients.Delta<>(sft2, other, 1))), 0.4f, "out.gguf", 2))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("other.gguf and aligned.gguf are not a pair");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Ingredients.model(sft).withDeltas(List.of(new Ingredients.Delta<>(sft2, aligned2, 1))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> write(
                        withDeltas(List.of(new Ingredients.Delta<>(sft2, aligned2, Float.POSITIVE_INFINITY))),
                        0.4f,
                        "out.gguf",
                        2));
    }

    @Test
    void valuesThatAreNotNumbersAreFoundInTheFurtherModels() {
        Path damaged = MODEL.write(directory.resolve("damaged.gguf"), tensor -> {
            float[] values = START.of(tensor);
            values[0] = tensor.name().equals("blk.0.attn_q.weight") ? Float.NaN : values[0];
            return values;
        });

        assertThatThrownBy(() ->
                        write(withDeltas(List.of(new Ingredients.Delta<>(sft2, damaged, 1))), 0.4f, "out.gguf", 2))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage("aligned.gguf: tensor 'blk.0.attn_q.weight': 1 of 65536 values are infinite or NaN after"
                        + " extrapolation with alpha 0.4 and the further deltas");
        assertThat(directory.resolve("out.gguf")).doesNotExist();
    }

    @Test
    void quantizedOutputsAreThoseOfTheSameValues() throws IOException {
        Ingredients<Path> sources = withDeltas(List.of(new Ingredients.Delta<>(sft2, aligned2, 0.5f)));
        Path quantized = directory.resolve("q4.gguf");
        Path again = directory.resolve("again.gguf");
        PlanOptions options =
                PlanOptions.builder().alpha(0.4f).fileType(FileType.Q4_K_M).build();
        Path plain = write(sources, 0.4f, "plain.gguf", 2);
        try (Extrapolator models = Extrapolator.open(sources);
                Extrapolator converter = Extrapolator.open(plain)) {
            models.write(options, quantized, OutputOptions.defaults());
            converter.write(options.withAlpha(0), again, OutputOptions.defaults());
        }
        assertThat(values(quantized, "blk.0.ffn_down.weight")).isEqualTo(values(again, "blk.0.ffn_down.weight"));
    }
}
