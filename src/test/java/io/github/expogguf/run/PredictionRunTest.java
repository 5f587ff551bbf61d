package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.MissingBlocksException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.Finding;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs whose models have other blocks for multi-token prediction, other constants or other hyper-parameters. */
class PredictionRunTest {

    private static final Sizes SIZES = Sizes.of(2, 64, 128, 2, 2);
    private static final TinyModel FULL =
            TinyModels.qwen35(SIZES, 1).with("qwen35.attention.recurrent_layers", MetadataValue.ofInt32s(0, 0, 0));
    private static final TinyModel TRUNK = TinyModels.qwen35(SIZES, 0).without("qwen35.nextn_predict_layers");
    private static final TinyModel ANNOUNCED = FULL.select(name -> !name.startsWith("blk.2."));
    private static final TensorValues SFT = TensorValues.random(1);
    private static final TensorValues ALIGNED = TensorValues.near(SFT, 2);
    private static final float ALPHA = 0.5f;

    @TempDir
    Path directory;

    private PlanOptions.Builder options() {
        return PlanOptions.builder().alpha(ALPHA);
    }

    private Path write(TinyModel sft, TinyModel aligned, PlanOptions options) throws IOException {
        Path output = directory.resolve("out.gguf");
        try (Extrapolator pair = open(sft, aligned)) {
            pair.write(options, output, OutputOptions.defaults().withForce(true));
        }
        return output;
    }

    private Extrapolator open(TinyModel sft, TinyModel aligned) throws IOException {
        return Extrapolator.open(
                sft.write(directory.resolve("sft.gguf"), SFT),
                aligned.write(directory.resolve("aligned.gguf"), ALIGNED));
    }

    private void verify(Path output) throws IOException {
        Ingredients<Path> inputs = Ingredients.pair(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf"));
        VerificationReport report = Verifier.verify(output, inputs, WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    private static float[] read(GgufModel model, TensorInfo tensor) throws IOException {
        assertThat(tensor.type()).isEqualTo(GgmlType.F32);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(tensor.byteCount(), 4);
            model.read(tensor, 0, bytes);
            return bytes.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** Compares every value with the formula, or with the aligned model where the tensor is taken as it is. */
    private static void assertValues(Path output, TinyModel expected, String taken) throws IOException {
        try (GgufModel model = GgufModel.open(output)) {
            assertThat(model.header().tensors())
                    .extracting(TensorInfo::name)
                    .containsExactlyElementsOf(expected.tensors().stream()
                            .map(tensor -> tensor.name())
                            .toList());
            for (int i = 0; i < expected.tensors().size(); i++) {
                float[] sft = SFT.of(expected.tensors().get(i));
                float[] aligned = ALIGNED.of(expected.tensors().get(i));
                float[] actual = read(model, model.header().tensors().get(i));
                boolean isTaken = expected.tensors().get(i).name().matches(taken);
                for (int j = 0; j < actual.length; j++) {
                    float delta = aligned[j] - sft[j];
                    float step = ALPHA * delta;
                    float wanted = isTaken ? aligned[j] : aligned[j] + step;
                    assertThat(actual[j]).isEqualTo(wanted);
                }
            }
        }
    }

    private static void assertLoads(Path output) throws IOException {
        try (LlamaModel model = LlamaModel.load(output, LoadOptions.defaults())) {
            assertThat(model.parameterCount()).isPositive();
        }
    }

    @Test
    void takesTheBlockThatOnlyTheAlignedModelHas() throws IOException {
        Path output = write(TRUNK, FULL, options().build());
        assertValues(output, FULL, "blk\\.2\\..*");
        assertLoads(output);
        verify(output);
        try (Extrapolator pair = open(TRUNK, FULL)) {
            assertThat(pair.plan(options().build()).notes())
                    .containsExactly(
                            "only the aligned model has the block for multi-token prediction (blk.2, 15 tensors): the result has it as"
                                    + " it is, what comes before it is extrapolated");
        }
    }

    @Test
    void leavesOutTheBlockThatOnlyTheSftModelHas() throws IOException {
        Path output = write(FULL, TRUNK, options().build());
        assertValues(output, TRUNK, "");
        assertLoads(output);
        verify(output);
    }

    @Test
    void extrapolatesTheBlockThatBothHaveAndDropsItOnDemand() throws IOException {
        assertValues(write(FULL, FULL, options().build()), FULL, "");
        Path output = write(FULL, FULL, options().dropMtp(true).build());
        assertValues(output, FULL.select(name -> !name.startsWith("blk.2.")), "");
        assertLoads(output);
        verify(output);
        try (GgufModel model = GgufModel.open(output)) {
            assertThat(model.header().metadata().integer("qwen35.block_count")).hasValue(2);
            assertThat(model.header().metadata().integer("qwen35.nextn_predict_layers"))
                    .hasValue(0);
            assertThat(model.header().metadata().get("qwen35.attention.recurrent_layers"))
                    .contains(MetadataValue.ofInt32s(0, 0));
            assertThat(Recipe.read(model.header().metadata()).orElseThrow().rules())
                    .containsExactly("--drop-mtp");
        }
    }

    @Test
    void refusesABlockThatIsAnnouncedAndAbsentAndMendsTheKeysOnDemand() throws IOException {
        assertThatThrownBy(() -> write(ANNOUNCED, ANNOUNCED, options().build()))
                .isInstanceOf(MissingBlocksException.class)
                .hasMessage(
                        "aligned.gguf: announces 1 block for multi-token prediction (blk.2) in qwen35.block_count and"
                                + " qwen35.nextn_predict_layers, but has tensors of none, so that llama.cpp may refuse it");
        Path one = directory.resolve("aligned.gguf");
        try (Extrapolator model = Extrapolator.open(one)) {
            assertThatThrownBy(() -> model.plan(PlanOptions.builder().build()))
                    .isInstanceOf(MissingBlocksException.class);
            assertThat(model.plan(PlanOptions.builder().dropMtp(true).build()).tasks())
                    .hasSize(ANNOUNCED.tensors().size());
            List<KeyValueOverride> mended = List.of(
                    KeyValueOverride.parse("qwen35.block_count=int:2"),
                    KeyValueOverride.parse("qwen35.nextn_predict_layers=int:0"));
            assertThat(model.plan(PlanOptions.builder().overrides(mended).build())
                            .tasks())
                    .isNotEmpty();
        }
        Path output = write(ANNOUNCED, ANNOUNCED, options().dropMtp(true).build());
        assertValues(output, ANNOUNCED, "");
        assertLoads(output);
        verify(output);
        assertThat(Verifier.verify(one, WorkOptions.defaults()).findings())
                .extracting(Finding::problem)
                .singleElement()
                .asString()
                .startsWith("announces 1 block for multi-token prediction (blk.2)");
    }

    @Test
    void anSftModelThatOnlyAnnouncesTheBlockIsATrunk() throws IOException {
        Path output = write(ANNOUNCED, FULL, options().build());
        assertValues(output, FULL, "blk\\.2\\..*");
    }

    @Test
    void dropsTheBlockFromAShardedOutputToo() throws IOException {
        Path output = directory.resolve("split.gguf");
        OutputOptions split = OutputOptions.defaults().withSplitMaxBytes(200_000);
        Path shard;
        try (Extrapolator pair = open(FULL, FULL)) {
            shard = pair.write(options().build(), output, split).files().getFirst();
        }
        try (Extrapolator again = Extrapolator.open(directory.resolve("sft.gguf"), shard)) {
            PlanOptions dropped = options().dropMtp(true).build();
            List<Path> files = again.write(
                            dropped,
                            directory.resolve("kept.gguf"),
                            OutputOptions.defaults().withKeepSplit(true))
                    .files();
            assertLoads(files.getFirst());
        }
    }

    @Test
    void extrapolatesConstantsThatDifferAndSaysSo() throws IOException {
        TinyModel model = TinyModels.llama(SIZES).with("rope_freqs.weight", GgmlType.F32, 16);
        Path output = write(model, model, options().build());
        assertValues(output, model, "");
        assertLoads(output);
        verify(output);
        try (Extrapolator pair = open(model, model)) {
            assertThat(pair.compare(WorkOptions.defaults()).notes())
                    .containsExactly(
                            "rope_freqs.weight differs, though it is computed from the configuration and not trained;"
                                    + " it is extrapolated all the same, unless a rule keeps the aligned model's");
            assertThat(pair.compare(WorkOptions.defaults()).tensors())
                    .anyMatch(tensor -> tensor.name().equals("rope_freqs.weight"));
        }
    }

    @Test
    void goesOnWithTheAlignedModelsValueOfAnAcceptedKeyAndRecordsThat() throws IOException {
        TinyModel sft = TinyModels.llama(SIZES);
        TinyModel aligned = sft.with("llama.rope.scaling.type", MetadataValue.ofString("yarn"))
                .with("llama.rope.scaling.factor", MetadataValue.ofFloat32(4));
        Set<String> accepted = Set.of("llama.rope.scaling.factor", "llama.rope.scaling.type");
        Path output =
                write(sft, aligned, options().acceptedDifferences(accepted).build());
        assertValues(output, aligned, "");
        verify(output);
        try (GgufModel model = GgufModel.open(output)) {
            assertThat(model.header().metadata().string("llama.rope.scaling.type"))
                    .contains("yarn");
            assertThat(Recipe.read(model.header().metadata())
                            .orElseThrow()
                            .optionsWithoutImatrix()
                            .acceptedDifferences())
                    .isEqualTo(accepted);
        }
        try (Extrapolator pair = open(sft, aligned)) {
            PlanOptions unknown =
                    options().acceptedDifferences(Set.of("llama.rope.typo")).build();
            assertThatThrownBy(() -> pair.plan(unknown))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "a difference of 'llama.rope.typo' was accepted, but none of the models has a key of this name");
        }
    }
}
