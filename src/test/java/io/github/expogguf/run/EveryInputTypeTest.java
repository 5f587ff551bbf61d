package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every type that can be read, on either side and mixed: the F32 result is that of a plain loop over ggml's own floats.
 */
class EveryInputTypeTest {

    private static final float ALPHA = 1.3f;

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(4, 256, 256, 4, 2));

    @TempDir
    Path directory;

    static List<GgmlType> readable() {
        return Stream.of(GgmlType.values()).filter(WeightTypes::isSupported).toList();
    }

    @ParameterizedTest
    @MethodSource("readable")
    void readsEveryTypeAsSft(GgmlType type) throws IOException {
        check(MODEL.withMatrices(type), MODEL.withMatrices(GgmlType.F16));
    }

    @ParameterizedTest
    @MethodSource("readable")
    void readsEveryTypeAsAligned(GgmlType type) throws IOException {
        check(MODEL.withMatrices(GgmlType.BF16), MODEL.withMatrices(type));
    }

    @Test
    void readsFilesThatMixAllTypes() throws IOException {
        check(mixed(readable()), mixed(readable().reversed()));
    }

    private static TinyModel mixed(List<GgmlType> types) {
        Iterator<GgmlType> next =
                Stream.generate(() -> types).flatMap(List::stream).iterator();
        return MODEL.mapTensors(tensor -> tensor.shape().rank() < 2 ? tensor : tensor.withType(next.next()));
    }

    private void check(TinyModel sftModel, TinyModel alignedModel) throws IOException {
        TensorValues values = TensorValues.random(3);
        Path sft = sftModel.write(directory.resolve("sft.gguf"), values);
        Path aligned = alignedModel.write(directory.resolve("aligned.gguf"), TensorValues.near(values, 4));
        Path output = directory.resolve("out.gguf");
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            PlanOptions options =
                    PlanOptions.builder().alpha(ALPHA).fileType(FileType.F32).build();
            pair.write(options, output, OutputOptions.defaults().withForce(true));
        }
        try (GgufModel from = GgufModel.open(sft);
                GgufModel to = GgufModel.open(aligned);
                GgufModel result = GgufModel.open(output)) {
            for (int i = 0; i < to.header().tensors().size(); i++) {
                TensorInfo tensor = result.header().tensors().get(i);
                assertThat(tensor.type()).isEqualTo(GgmlType.F32);
                float[] a = GgmlFloats.of(to, to.header().tensors().get(i));
                float[] s = GgmlFloats.of(from, from.header().tensors().get(i));
                assertThat(Arrays.equals(GgmlFloats.of(result, tensor), extrapolate(s, a)))
                        .as(tensor.name())
                        .isTrue();
            }
        }
    }

    private static float[] extrapolate(float[] sft, float[] aligned) {
        float[] result = new float[sft.length];
        for (int i = 0; i < sft.length; i++) {
            float delta = aligned[i] - sft[i];
            float step = ALPHA * delta;
            result[i] = aligned[i] + step;
        }
        return result;
    }
}
