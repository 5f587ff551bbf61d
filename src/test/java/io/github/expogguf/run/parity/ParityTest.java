package io.github.expogguf.run.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole job against an independent one: every weight is computed by a plain loop from what ggml itself makes of the
 * inputs, written as F32, and given to {@code llama_model_quantize}; our output must have the same types and the same
 * bytes.
 */
class ParityTest {

    private static final float ALPHA = 0.7f;

    @TempDir
    private static Path shared;

    private static final Map<Model, Pair> PAIRS = new EnumMap<>(Model.class);

    @TempDir
    private Path directory;

    /** Two models, and what is computed of them independently: the same for every file type. */
    private record Pair(Path sft, Path aligned, Path computed) {}

    /** Models whose shapes are awkward in different ways, small enough for the slowest types. */
    private enum Model {
        /** Grouped query attention, and enough layers for mixtures that go by depth. */
        DEEP(TinyModels.llama(Sizes.of(4, 256, 256, 4, 1)), GgmlType.F16, GgmlType.F16),
        /** Rows of 32 that no super-block fits; biases; embeddings that serve as output. */
        NARROW(TinyModels.qwen2(Sizes.of(2, 96, 160, 3, 3).withTiedEmbeddings()), GgmlType.F32, GgmlType.BF16),
        /** Eight experts in three-dimensional tensors. */
        EXPERTS(TinyModels.llama(Sizes.of(1, 256, 256, 4, 2).withExperts(8)), GgmlType.F16, GgmlType.Q8_0),
        /** Fused attention, and rules of its own. */
        FALCON(TinyModels.falcon(Sizes.of(2, 256, 256, 4, 1)), GgmlType.BF16, GgmlType.F16),
        /** No attention, small matrices that are kept, rows that fit no block. */
        MAMBA(TinyModels.mamba(Sizes.of(2, 128, 0, 0, 0)), GgmlType.F16, GgmlType.F16);

        private final TinyModel model;
        private final GgmlType sftType;
        private final GgmlType alignedType;

        Model(TinyModel model, GgmlType sftType, GgmlType alignedType) {
            this.model = model;
            this.sftType = sftType;
            this.alignedType = alignedType;
        }
    }

    @BeforeAll
    static void writePairs() throws IOException {
        TensorValues values = TensorValues.random(1);
        for (Model model : Model.values()) {
            Path sft = model.model.withMatrices(model.sftType).write(shared.resolve(model + "-sft.gguf"), values);
            Path aligned = model.model
                    .withMatrices(model.alignedType)
                    .write(shared.resolve(model + "-aligned.gguf"), TensorValues.near(values, 2));
            Path computed = shared.resolve(model + "-computed.gguf");
            PAIRS.put(model, new Pair(sft, aligned, ParityCheck.computeIndependently(sft, aligned, ALPHA, computed)));
        }
    }

    @ParameterizedTest
    @EnumSource(FileType.class)
    void writesTheBytesOfLlamaQuantize(FileType fileType) throws IOException {
        for (Model model : Model.values()) {
            compare(model, fileType, Optional.empty());
        }
    }

    @ParameterizedTest
    @EnumSource(FileType.class)
    void writesTheBytesOfLlamaQuantizeWithAnImatrix(FileType fileType) throws IOException {
        for (Model model : List.of(Model.NARROW, Model.EXPERTS)) {
            compare(model, fileType, Optional.of(model.model.imatrix(5)));
        }
    }

    private void compare(Model model, FileType fileType, Optional<Imatrix> imatrix) throws IOException {
        Pair pair = PAIRS.get(model);
        PlanOptions.Builder builder = PlanOptions.builder().alpha(ALPHA).fileType(fileType);
        imatrix.ifPresent(builder::imatrix);
        PlanOptions options = builder.build();

        Path expected = directory.resolve("expected.gguf");
        try {
            NativeQuantizer.quantize(pair.computed, expected, options);
        } catch (NativeQuantizer.Refused refused) {
            assertRefused(refused, imatrix, () -> extrapolate(pair, options));
            return;
        }
        ParityCheck.compareTensors(
                model + " " + fileType, extrapolate(pair, options), expected, pair.aligned, pair.computed);
    }

    /** What llama-quantize refuses, we do, for the same of two reasons. */
    private static void assertRefused(
            NativeQuantizer.Refused refused, Optional<Imatrix> imatrix, ThrowingCallable ours) {
        if (refused.getMessage().contains("no tensor type fallback is defined")) {
            assertThatThrownBy(ours)
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageContaining("row length");
        } else {
            assertThat(imatrix).isEmpty();
            assertThat(refused).hasMessageContaining("requires an imatrix");
            assertThatThrownBy(ours)
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageContaining("imatrix");
        }
    }

    private Path extrapolate(Pair pair, PlanOptions options) throws IOException {
        Path output = directory.resolve("output.gguf");
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            models.write(options, output, OutputOptions.defaults().withForce(true));
        }
        return output;
    }
}
