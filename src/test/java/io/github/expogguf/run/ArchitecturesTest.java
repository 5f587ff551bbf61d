package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * State-space models, experts and fused matrices: what is computed is what scalar loops over the trained parameters
 * give.
 */
class ArchitecturesTest {

    private static final Sizes SIZES = Sizes.of(2, 64, 128, 4, 2);
    private static final TensorValues SFT = TensorValues.random(11);
    private static final TensorValues ALIGNED = TensorValues.near(SFT, 12);
    private static final float ALPHA = 0.7f;

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;

    private Path extrapolate(TinyModel model, TensorValues from, TensorValues to, float alpha) throws IOException {
        sft = model.write(directory.resolve("sft.gguf"), from);
        aligned = model.write(directory.resolve("aligned.gguf"), to);
        Path output = directory.resolve("out.gguf");
        PlanOptions options =
                PlanOptions.builder().alpha(alpha).fileType(FileType.F32).build();
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            pair.write(options, output, OutputOptions.defaults().withForce(true));
        }
        return output;
    }

    private static float[] read(Path file, String name) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            TensorInfo tensor = model.header().tensors().stream()
                    .filter(any -> any.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            return GgmlFloats.of(model, tensor);
        }
    }

    @Test
    void decayRatesAreExtrapolatedAsLogarithms() throws IOException {
        Path output = extrapolate(TinyModels.mamba(SIZES), SFT, ALIGNED, ALPHA);
        float[] from = read(sft, "blk.1.ssm_a");
        float[] to = read(aligned, "blk.1.ssm_a");
        float[] result = read(output, "blk.1.ssm_a");
        int differing = 0;
        for (int i = 0; i < result.length; i++) {
            double logarithm = StrictMath.log(-to[i]);
            double step = ALPHA * (logarithm - StrictMath.log(-from[i]));
            assertThat(result[i]).isEqualTo((float) -StrictMath.exp(logarithm + step));
            differing += result[i] == to[i] + ALPHA * (to[i] - from[i]) ? 0 : 1;
        }
        assertThat(differing).isGreaterThan(result.length / 2); // the plain formula gives other values
        float[] plain = read(output, "blk.1.ssm_dt.weight");
        assertThat(plain[5])
                .isEqualTo(formula(read(sft, "blk.1.ssm_dt.weight")[5], read(aligned, "blk.1.ssm_dt.weight")[5]));
    }

    private static float formula(float from, float to) {
        float delta = to - from;
        float step = ALPHA * delta;
        return to + step;
    }

    @Test
    void recomputingAFileOfAStateSpaceModelFindsTheSameBits() throws IOException {
        Path output = extrapolate(TinyModels.mamba(SIZES), SFT, ALIGNED, ALPHA);
        Ingredients<Path> inputs = Ingredients.pair(sft, aligned);
        assertThat(Verifier.verify(output, inputs, WorkOptions.defaults()).passed())
                .isTrue();
    }

    @Test
    void decayRatesThatAreEqualOrExtrapolatedByNothingKeepTheirBits() throws IOException {
        TensorValues halfEqual = tensor -> {
            float[] values = ALIGNED.of(tensor);
            System.arraycopy(SFT.of(tensor), 0, values, 0, values.length / 2);
            return values;
        };
        float[] result = read(extrapolate(TinyModels.mamba(SIZES), SFT, halfEqual, ALPHA), "blk.0.ssm_a");
        float[] to = read(aligned, "blk.0.ssm_a");
        int half = result.length / 2;
        assertThat(Arrays.copyOf(result, half)).isEqualTo(Arrays.copyOf(to, half));
        assertThat(result).isNotEqualTo(to);
        assertThat(read(extrapolate(TinyModels.mamba(SIZES), SFT, ALIGNED, 0), "blk.0.ssm_a"))
                .isEqualTo(read(aligned, "blk.0.ssm_a"));
    }

    @Test
    void decayRatesThatNoParameterGivesAreAnError() {
        TensorValues broken = tensor -> {
            float[] values = ALIGNED.of(tensor);
            if (tensor.name().equals("blk.1.ssm_a")) {
                values[3] = 0;
                values[7] = 0.5f;
            }
            return values;
        };
        assertThatThrownBy(() -> extrapolate(TinyModels.mamba(SIZES), SFT, broken, ALPHA))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage("aligned.gguf: tensor 'blk.1.ssm_a': 2 of 2048 values are not -exp(p) of any p, as the"
                        + " converter writes it; the tensor cannot be extrapolated");
        assertThatThrownBy(() -> extrapolate(TinyModels.mamba(SIZES), broken, ALIGNED, ALPHA))
                .hasMessageStartingWith("sft.gguf: tensor 'blk.1.ssm_a': 2 of 2048 values are not -exp(p)");
        assertThat(directory.resolve("out.gguf")).doesNotExist();
    }

    @Test
    void otherArchitecturesAreExtrapolatedPlainly() throws IOException {
        TinyModel model = TinyModels.llama(SIZES).with("blk.0.ssm_a", GgmlType.F32, 16, 4);
        Path output = extrapolate(model, SFT, ALIGNED, ALPHA);
        assertThat(read(output, "blk.0.ssm_a")[9])
                .isEqualTo(formula(read(sft, "blk.0.ssm_a")[9], read(aligned, "blk.0.ssm_a")[9]));
    }

    @Test
    void positiveDecayRatesOfBailing3AreLogarithmsToo() throws IOException {
        TinyModel model = renamed(TinyModels.mamba(SIZES), "mamba", "bailingmoe3");
        TensorValues from = tensor -> negated(SFT.of(tensor), tensor.name());
        TensorValues to = tensor -> negated(ALIGNED.of(tensor), tensor.name());
        Path output = extrapolate(model, from, to, ALPHA);
        double logarithm = StrictMath.log(read(aligned, "blk.0.ssm_a")[4]);
        double step = ALPHA * (logarithm - StrictMath.log(read(sft, "blk.0.ssm_a")[4]));
        assertThat(read(output, "blk.0.ssm_a")[4]).isEqualTo((float) StrictMath.exp(logarithm + step));
    }

    private static float[] negated(float[] values, String name) {
        for (int i = 0; name.endsWith("ssm_a") && i < values.length; i++) {
            values[i] = -values[i];
        }
        return values;
    }

    private static TinyModel renamed(TinyModel model, String from, String to) {
        TinyModel renamed = model;
        for (var entry : model.metadata().asMap().entrySet()) {
            if (entry.getKey().startsWith(from + ".")) {
                renamed = renamed.without(entry.getKey())
                        .with(to + entry.getKey().substring(from.length()), entry.getValue());
            }
        }
        return renamed.with("general.architecture", MetadataValue.ofString(to));
    }

    @Test
    void everyExpertIsExtrapolatedByItself() throws IOException {
        TinyModel model = TinyModels.llama(SIZES.withExperts(4)).withMatrices(GgmlType.F16);
        Path output = extrapolate(model, SFT, ALIGNED, ALPHA);
        for (String name : new String[] {"blk.0.ffn_gate_exps.weight", "blk.1.ffn_down_exps.weight"}) {
            float[] from = read(sft, name);
            float[] to = read(aligned, name);
            float[] result = read(output, name);
            int matrix = 64 * 128;
            for (int expert = 0; expert < 4; expert++) {
                for (int i = 0; i < matrix; i++) {
                    int at = expert * matrix + i;
                    assertThat(result[at]).isEqualTo(formula(from[at], to[at]));
                }
            }
        }
        generates(output);
    }

    @Test
    void fusedMatricesAreExtrapolatedLikeTheirParts() throws IOException {
        Path output = extrapolate(TinyModels.falcon(SIZES).withMatrices(GgmlType.F16), SFT, ALIGNED, ALPHA);
        float[] from = read(sft, "blk.1.attn_qkv.weight");
        float[] to = read(aligned, "blk.1.attn_qkv.weight");
        float[] result = read(output, "blk.1.attn_qkv.weight");
        for (int i = 0; i < result.length; i++) {
            assertThat(result[i]).isEqualTo(formula(from[i], to[i]));
        }
    }

    @Test
    void fusedGatesOfExpertsAreExtrapolatedToo() throws IOException {
        TinyModel model = TinyModels.llama(SIZES.withExperts(4))
                .select(name -> !name.contains("ffn_gate_exps") && !name.contains("ffn_up_exps"))
                .with("blk.0.ffn_gate_up_exps.weight", GgmlType.F16, 64, 256, 4)
                .with("blk.1.ffn_gate_up_exps.weight", GgmlType.F16, 64, 256, 4);
        Path output = extrapolate(model, SFT, ALIGNED, ALPHA);
        float[] from = read(sft, "blk.1.ffn_gate_up_exps.weight");
        float[] to = read(aligned, "blk.1.ffn_gate_up_exps.weight");
        float[] result = read(output, "blk.1.ffn_gate_up_exps.weight");
        for (int i = 0; i < result.length; i++) {
            assertThat(result[i]).isEqualTo(formula(from[i], to[i]));
        }
    }

    private static void generates(Path file) throws IOException {
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(
                        model, ContextOptions.defaults().withContextTokens(64).withThreads(1))) {
            assertThat(context.generate("Hello", GenerationOptions.greedy(4)).tokens())
                    .isNotEmpty();
        }
    }
}
