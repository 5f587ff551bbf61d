package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that are no language models, as stable-diffusion.cpp and ComfyUI-GGUF make them: an architecture that llama.cpp
 * does not know, or none, no vocabulary, names without blocks, convolutions of four dimensions, rows that no block
 * fits.
 */
class OtherModelsTest {

    private static final float ALPHA = 0.5f;

    private static final List<TensorSpec> TENSORS = List.of(
            tensor("double_blocks.0.img_attn.qkv.weight", GgmlType.BF16, 256, 96),
            tensor("double_blocks.0.img_attn.norm.query_norm.scale", GgmlType.F32, 128),
            tensor("double_blocks.0.img_mlp.0.bias", GgmlType.F32, 96),
            tensor("single_blocks.0.linear1.weight", GgmlType.Q8_0, 256, 33),
            tensor("model.diffusion_model.input_blocks.0.0.weight", GgmlType.F16, 3, 3, 4, 40),
            tensor("model.diffusion_model.middle_block.1.proj_in.weight", GgmlType.F16, 1, 1, 64, 64),
            tensor("first_stage_model.decoder.up.0.upsample.conv.weight", GgmlType.F16, 3, 3, 7, 5),
            tensor("transformer_blocks.3.attn1.to_q.weight", GgmlType.F16, 64, 64),
            tensor("img_in.weight", GgmlType.F16, 100, 33),
            tensor("logit_scale", GgmlType.F32, 1));

    @TempDir
    Path directory;

    private static TensorSpec tensor(String name, GgmlType type, long... dimensions) {
        return new TensorSpec(name, type, new Shape(dimensions));
    }

    private static TinyModel model(String architecture, List<TensorSpec> tensors) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        if (!architecture.isEmpty()) {
            values.put("general.architecture", MetadataValue.ofString(architecture));
            values.put("general.quantization_version", MetadataValue.ofUint32(2));
        }
        return new TinyModel(new Metadata(values), tensors);
    }

    private record Pair(Path sft, Path aligned) {}

    private Pair pair(TinyModel model) {
        TensorValues sft = TensorValues.random(1);
        return new Pair(
                model.write(directory.resolve("sft.gguf"), sft),
                model.write(directory.resolve("aligned.gguf"), TensorValues.near(sft, 2)));
    }

    private static PlanOptions options(float alpha, FileType type) {
        return PlanOptions.builder().alpha(alpha).fileType(type).build();
    }

    private static void assertProven(Path output, Optional<Path> sft, Path aligned) throws IOException {
        VerificationReport report =
                Verifier.verify(output, new Ingredients<>(sft, aligned, List.of(), List.of()), WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"flux", "sd1", "sdxl", "sd3", "wan", "ltxv", "hyvid", "qwen_image", ""})
    void theyAreExtrapolatedByTheFormula(String architecture) throws IOException {
        Pair pair = pair(model(architecture, TENSORS));
        Path output = directory.resolve("out.gguf");
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            assertThat(models.write(options(ALPHA, FileType.F32), output, OutputOptions.defaults())
                            .extrapolated())
                    .isEqualTo(TENSORS.size());
        }
        try (GgufModel sft = GgufModel.open(pair.sft);
                GgufModel aligned = GgufModel.open(pair.aligned);
                GgufModel extrapolated = GgufModel.open(output)) {
            assertThat(extrapolated.header().metadata().architecture()).isEqualTo(architecture);
            for (int i = 0; i < TENSORS.size(); i++) {
                TensorInfo tensor = extrapolated.header().tensors().get(i);
                float[] from = GgmlFloats.of(sft, sft.header().tensors().get(i));
                float[] to = GgmlFloats.of(aligned, aligned.header().tensors().get(i));
                float[] expected = new float[from.length];
                for (int at = 0; at < expected.length; at++) {
                    float step = ALPHA * (to[at] - from[at]);
                    expected[at] = to[at] + step;
                }
                assertThat(GgmlFloats.of(extrapolated, tensor))
                        .as(tensor.name())
                        .isEqualTo(expected);
                assertThat(tensor.shape()).isEqualTo(TENSORS.get(i).shape());
            }
        }
        assertProven(output, Optional.of(pair.sft), pair.aligned);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flux", "sdxl", ""})
    void theyAreQuantizedWhereRowsFitBlocksAndLeftAloneElsewhere(String architecture) throws IOException {
        Pair pair = pair(model(architecture, TENSORS));
        Path quantized = directory.resolve("quantized.gguf");
        try (Extrapolator one = Extrapolator.open(pair.aligned)) {
            one.write(options(0, FileType.Q4_K_M), quantized, OutputOptions.defaults());
        }
        assertProven(quantized, Optional.empty(), pair.aligned);
        Path output = directory.resolve("out.gguf");
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            Plan plan = models.plan(options(ALPHA, FileType.Q4_K_M));
            assertThat(plan.tasks())
                    .extracting(TensorTask::targetType)
                    .containsExactly(
                            GgmlType.Q4_K,
                            GgmlType.F32,
                            GgmlType.F32,
                            GgmlType.Q4_K,
                            GgmlType.F16,
                            GgmlType.F16,
                            GgmlType.F16,
                            GgmlType.Q5_0,
                            GgmlType.F16,
                            GgmlType.F32);
            models.write(options(ALPHA, FileType.Q4_K_M), output, OutputOptions.defaults());
            PairComparison comparison = models.compare(WorkOptions.defaults());
            assertThat(comparison.differences()).isEmpty();
            assertThat(comparison.tensors()).hasSize(TENSORS.size());
        }
        assertProven(output, Optional.of(pair.sft), pair.aligned);
    }

    /** LTX-2 has as many. */
    @Test
    void fourThousandThreeHundredTensorsAreNotTooMany() throws IOException {
        List<TensorSpec> tensors = new ArrayList<>();
        for (int i = 0; i < 4300; i++) {
            tensors.add(tensor("model.diffusion_model.transformer_blocks." + i + ".attn1.to_q.bias", GgmlType.F32, 8));
        }
        Pair pair = pair(model("ltxv", tensors));
        Path output = directory.resolve("out.gguf");
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            assertThat(models.write(options(ALPHA, FileType.F16), output, OutputOptions.defaults())
                            .extrapolated())
                    .isEqualTo(4300);
        }
        assertProven(output, Optional.of(pair.sft), pair.aligned);
    }
}
