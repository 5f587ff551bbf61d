package io.github.expogguf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlannerTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(2, 256, 256, 4, 2));

    @Test
    void extrapolatesEveryTensorButIntegersInTheOrderOfTheAlignedModel() {
        TinyModel aligned = MODEL.with("table", GgmlType.I32, 5);
        TinyModel sft = aligned.withMatrices(GgmlType.Q8_0);
        Plan plan = plan(sft, aligned, PlanOptions.builder().alpha(0.5f).fileType(FileType.Q4_K_M));
        assertThat(plan.tasks())
                .extracting(task -> task.aligned().name())
                .containsExactlyElementsOf(aligned.header("x").tensors().stream()
                        .map(TensorInfo::name)
                        .toList());
        Map<String, TensorTask> tasks = byName(plan);
        assertThat(tasks.remove("table")).isEqualTo(new TensorTask.Copy(tensor(aligned, "table"), "integer tensor"));
        assertThat(tasks.values()).allSatisfy(task -> assertThat(task).isInstanceOf(TensorTask.Extrapolate.class));
        assertThat(tasks.get("blk.0.attn_q.weight"))
                .isEqualTo(new TensorTask.Extrapolate(
                        tensor(sft, "blk.0.attn_q.weight"),
                        tensor(aligned, "blk.0.attn_q.weight"),
                        0.5f,
                        GgmlType.Q4_K,
                        false));
        assertThat(tasks.get("blk.0.attn_norm.weight").targetType()).isEqualTo(GgmlType.F32);
        assertThat(tasks.get("output.weight").targetType()).isEqualTo(GgmlType.Q6_K);
    }

    @Test
    void countsBytesAndBitsOfTheOutput() {
        Plan plan = plan(MODEL, MODEL, PlanOptions.builder().alpha(1).fileType(FileType.Q8_0));
        long matrices = 2 * 256 * 320 + 2 * (5 * 256 * 256 + 2 * 128 * 256);
        long vectors = 5 * 256;
        assertThat(plan.elementCount()).isEqualTo(matrices + vectors);
        assertThat(plan.tensorBytes()).isEqualTo(matrices / 32 * 34 + 4 * vectors);
        assertThat(plan.bitsPerWeight()).isEqualTo(8.0 * plan.tensorBytes() / plan.elementCount());
    }

    private static List<Rounding> roundings(GgmlType input, PlanOptions.Builder options) {
        TinyModel model = MODEL.withMatrices(input);
        return plan(model, model, options.alpha(1)).tasks().stream()
                .filter(task -> task.aligned().type() == input)
                .map(task -> ((TensorTask.Extrapolate) task).rounding())
                .distinct()
                .toList();
    }

    @Test
    void roundsStochasticallyWhatStaysBf16BecauseNobodyNamedAType() {
        assertThat(roundings(GgmlType.BF16, PlanOptions.builder())).containsExactly(new Rounding.Stochastic(0));
        assertThat(roundings(GgmlType.BF16, PlanOptions.builder().fileType(FileType.BF16)))
                .containsExactly(Rounding.NEAREST);
        assertThat(roundings(GgmlType.BF16, PlanOptions.builder().fileType(FileType.F16)))
                .containsExactly(Rounding.NEAREST);
        assertThat(roundings(GgmlType.F16, PlanOptions.builder())).containsExactly(Rounding.NEAREST);
        assertThat(roundings(GgmlType.BF16, PlanOptions.builder().rounding(Rounding.NEAREST)))
                .containsExactly(Rounding.NEAREST);
    }

    @Test
    void dividesWhatStaysInATypeThatMakesWeightsLarger() {
        assertThat(roundings(GgmlType.IQ3_S, PlanOptions.builder())).containsExactly(new Rounding.Divided(1.033f));
        assertThat(roundings(GgmlType.IQ3_S, PlanOptions.builder().rounding(Rounding.NEAREST)))
                .containsExactly(Rounding.NEAREST);
        assertThat(roundings(GgmlType.IQ3_S, PlanOptions.builder().fileType(FileType.IQ4_XS)))
                .containsExactly(Rounding.NEAREST);
        assertThat(roundings(GgmlType.IQ4_XS, PlanOptions.builder().fileType(FileType.IQ3_S)))
                .containsExactly(Rounding.NEAREST);
        assertThatThrownBy(() ->
                        PlanOptions.builder().rounding(new Rounding.Divided(2)).build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void copiesWhereAlphaIsZeroAndTheTypeStays() {
        TinyModel aligned = MODEL.withMatrices(GgmlType.Q4_K);
        for (float zero : new float[] {0f, -0f}) {
            assertThat(plan(MODEL, aligned, PlanOptions.builder().alpha(zero)).tasks())
                    .allSatisfy(task -> assertThat(task).isEqualTo(new TensorTask.Copy(task.aligned(), "alpha is 0")));
        }
        Map<String, TensorTask> tasks =
                byName(plan(MODEL, aligned, PlanOptions.builder().fileType(FileType.Q4_K_M)));
        assertThat(tasks.get("blk.0.attn_q.weight")).isInstanceOf(TensorTask.Copy.class);
        assertThat(tasks.get("output.weight"))
                .isEqualTo(new TensorTask.Convert(tensor(aligned, "output.weight"), GgmlType.Q6_K, false));
    }

    @Test
    void quantizesOneModelWithoutExtrapolation() {
        PlanOptions options = PlanOptions.builder().fileType(FileType.F16).build();
        Plan plan = Planner.plan(ModelFiles.of(MODEL.header("a.gguf")), options);
        Map<String, TensorTask> tasks = byName(plan);
        assertThat(tasks.get("output.weight"))
                .isEqualTo(new TensorTask.Convert(tensor(MODEL, "output.weight"), GgmlType.F16, false));
        assertThat(tasks.get("output_norm.weight"))
                .isEqualTo(new TensorTask.Copy(tensor(MODEL, "output_norm.weight"), "is F32 already"));
        assertThatThrownBy(() -> Planner.plan(
                        ModelFiles.of(MODEL.header("a.gguf")),
                        PlanOptions.builder().alpha(1).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha is 1.0, but there is no SFT model");
    }

    @Test
    void refusesWhatIsNotAPair() {
        TinyModel other = TinyModels.llama(Sizes.of(3, 256, 256, 4, 2));
        assertThatThrownBy(() -> plan(other, MODEL, PlanOptions.builder())).isInstanceOf(ModelMismatchException.class);
    }

    @Test
    void refusesTypesThatCannotBeReadOrWritten() {
        TinyModel doubles = MODEL.with("blk.0.x", GgmlType.F64, 256, 4);
        assertThatThrownBy(() -> plan(doubles, doubles, PlanOptions.builder().alpha(1)))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("aligned.gguf: tensor 'blk.0.x' is of type F64, which ggml cannot turn into 32-bit floats;"
                        + " it can only be copied");
        assertThatThrownBy(() -> plan(
                        doubles,
                        MODEL.with("blk.0.x", GgmlType.F32, 256, 4),
                        PlanOptions.builder().alpha(1)))
                .hasMessageStartingWith("sft.gguf: tensor 'blk.0.x' is of type F64");
        assertThat(plan(doubles, doubles, PlanOptions.builder()).tasks()).hasOnlyElementsOfType(TensorTask.Copy.class);
        PlanOptions.Builder integers =
                PlanOptions.builder().fileType(FileType.Q8_0).tensorTypes(List.of(TensorTypeRule.parse("attn_v=i32")));
        assertThatThrownBy(() -> plan(MODEL, MODEL, integers))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("aligned.gguf: tensor 'blk.0.attn_v.weight' cannot be written as I32,"
                        + " which ggml only reads or computes with");
    }

    @Test
    void refusesWeightsThatAreProducts() {
        TinyModel scaled = MODEL.withMatrices(GgmlType.NVFP4).with("blk.0.attn_q.scale", GgmlType.F32, 1);
        assertThatThrownBy(() -> plan(scaled, scaled, PlanOptions.builder().alpha(1)))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("sft.gguf: 1 tensor with a scale in a tensor of its own, which cannot be extrapolated"
                        + " one by one: blk.0.attn_q.weight");
        assertThat(plan(scaled, scaled, PlanOptions.builder()).tasks()).isNotEmpty();
        TinyModel adapter = MODEL.with("general.type", MetadataValue.ofString("adapter"));
        assertThatThrownBy(() -> plan(adapter, adapter, PlanOptions.builder().alpha(1)))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("product of two matrices");
    }

    @Test
    void listsAllTensorsThatNeedAnImatrix() {
        assertThatThrownBy(
                        () -> plan(MODEL, MODEL, PlanOptions.builder().alpha(1).fileType(FileType.IQ2_XXS)))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("aligned.gguf: 12 tensors cannot be quantized to IQ2_XXS without an imatrix:"
                        + " blk.0.attn_q.weight, blk.0.attn_k.weight, blk.0.attn_output.weight and 9 more");
    }

    @Test
    void knowsWhichTypesNeedAnImatrix() {
        for (FileType fileType : FileType.values()) {
            boolean isRefused = switch (fileType) {
                case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ2_M, IQ3_XXS, IQ3_XS, Q2_K_S -> true;
                default -> false;
            };
            PlanOptions.Builder options = PlanOptions.builder().fileType(fileType);
            if (isRefused) {
                assertThatThrownBy(() -> plan(MODEL, MODEL, options)).isInstanceOf(UnsupportedTypeException.class);
            } else {
                assertThat(plan(MODEL, MODEL, options).tasks()).hasSameSizeAs(MODEL.tensors());
            }
            assertThat(plan(MODEL, MODEL, options.imatrix(MODEL.imatrix(1))).tasks())
                    .hasSameSizeAs(MODEL.tensors());
        }
    }

    @Test
    void asksForImportanceOfEmbeddingsOnlyWhereGgmlWouldAbort() {
        PlanOptions.Builder options = PlanOptions.builder().fileType(FileType.Q8_0);
        assertThat(plan(MODEL, MODEL, options.tokenEmbeddingType(GgmlType.IQ3_XXS))
                        .tasks())
                .isNotEmpty();
        assertThatThrownBy(() -> plan(MODEL, MODEL, options.tokenEmbeddingType(GgmlType.IQ2_XS)))
                .hasMessage("aligned.gguf: 1 tensor cannot be quantized to IQ2_XS without an imatrix:"
                        + " token_embd.weight");
        Imatrix others = without(MODEL.imatrix(1), "token_embd.weight");
        assertThatThrownBy(() -> plan(MODEL, MODEL, options.imatrix(others)))
                .hasMessage("aligned.gguf: 1 tensor cannot be quantized to IQ2_XS without importances,"
                        + " which the imatrix does not have: token_embd.weight");
    }

    @Test
    void usesImportancesThatFitAndOnlyForQuantizedTypes() {
        TinyModel experts = TinyModels.llama(Sizes.of(1, 256, 512, 4, 2).withExperts(3));
        Imatrix imatrix = without(experts.imatrix(1), "blk.0.attn_q.weight");
        Map<String, TensorTask> tasks = byName(plan(
                experts,
                experts,
                PlanOptions.builder().fileType(FileType.Q4_K_M).imatrix(imatrix)));
        assertThat(usesImportance(tasks.get("blk.0.attn_q.weight"))).isFalse();
        assertThat(usesImportance(tasks.get("blk.0.attn_k.weight"))).isTrue();
        assertThat(usesImportance(tasks.get("blk.0.ffn_down_exps.weight"))).isTrue();
        Map<String, TensorTask> halves = byName(plan(
                experts, experts, PlanOptions.builder().fileType(FileType.F16).imatrix(imatrix)));
        assertThat(usesImportance(halves.get("blk.0.attn_k.weight"))).isFalse();
    }

    @Test
    void givesNoImportanceToFourDimensions() {
        TinyModel model = MODEL.with("blk.0.conv.weight", GgmlType.F32, 256, 2, 2, 2);
        Map<String, TensorTask> tasks = byName(
                plan(model, model, PlanOptions.builder().fileType(FileType.Q4_0).imatrix(model.imatrix(1))));
        TensorTask task = tasks.get("blk.0.conv.weight");
        assertThat(usesImportance(task)).isFalse();
        assertThat(task.targetType()).isEqualTo(GgmlType.Q4_0);
        assertThat(task.targetBytes()).isEqualTo(8 * 8 * 18);
    }

    @Test
    void refusesAnImatrixOfAnotherModel() {
        Map<String, float[]> weights = new HashMap<>();
        MODEL.imatrix(1).tensors().forEach(name -> weights.put(name, new float[] {1, 2}));
        PlanOptions.Builder options = PlanOptions.builder().fileType(FileType.Q4_K_M);
        assertThatThrownBy(() -> plan(MODEL, MODEL, options.imatrix(new Imatrix(weights))))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessage("the imatrix is not for aligned.gguf: 15 tensors of another size:"
                        + " output.weight (2 importances, expected 256), blk.0.attn_q.weight (2 importances,"
                        + " expected 256), blk.0.attn_k.weight (2 importances, expected 256) and 12 more");
        assertThatThrownBy(() -> plan(MODEL, MODEL, options.imatrix(new Imatrix(Map.of("x", new float[] {1})))))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessage("the imatrix is not for aligned.gguf: no entry for any of its 16 quantized tensors");
    }

    @Test
    void ignoresImportancesOfEmbeddingsOfAnotherSize() {
        Map<String, float[]> weights = new HashMap<>();
        Imatrix imatrix = MODEL.imatrix(1);
        imatrix.tensors()
                .forEach(name -> weights.put(name, imatrix.weights(name).orElseThrow()));
        weights.put("token_embd.weight", new float[] {1});
        Map<String, TensorTask> tasks = byName(plan(
                MODEL, MODEL, PlanOptions.builder().fileType(FileType.Q4_K_M).imatrix(new Imatrix(weights))));
        assertThat(usesImportance(tasks.get("token_embd.weight"))).isFalse();
    }

    private static boolean usesImportance(TensorTask task) {
        return switch (task) {
            case TensorTask.Copy _ -> false;
            case TensorTask.Convert convert -> convert.usesImportance();
            case TensorTask.Extrapolate extrapolate -> extrapolate.usesImportance();
        };
    }

    private static Imatrix without(Imatrix imatrix, String tensor) {
        Map<String, float[]> weights = new HashMap<>();
        imatrix.tensors()
                .forEach(name -> weights.put(name, imatrix.weights(name).orElseThrow()));
        weights.remove(tensor);
        return new Imatrix(weights);
    }

    private static Plan plan(TinyModel sft, TinyModel aligned, PlanOptions.Builder options) {
        return Planner.plan(
                ModelFiles.of(sft.header("sft.gguf")), ModelFiles.of(aligned.header("aligned.gguf")), options.build());
    }

    private static Map<String, TensorTask> byName(Plan plan) {
        Map<String, TensorTask> tasks = new TreeMap<>();
        plan.tasks().forEach(task -> tasks.put(task.aligned().name(), task));
        return tasks;
    }

    private static TensorInfo tensor(TinyModel model, String name) {
        return model.header("x").tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
