package io.github.expogguf.run.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.NativeQuantizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes a pair independently of everything in main, and compares an output with what llama-quantize makes of that.
 */
final class ParityCheck {

    private ParityCheck() {}

    /**
     * A tensor that llama-quantize keeps is F32 there, because its input was; here it has the type of the aligned
     * model.
     */
    static void compareTensors(String what, Path output, Path expected, Path aligned, Path computed)
            throws IOException {
        Map<String, GgmlType> types = NativeQuantizer.types(expected);
        Map<String, GgmlType> alignedTypes = NativeQuantizer.types(aligned);
        try (GgufModel ours = GgufModel.open(output);
                GgufModel theirs = GgufModel.open(expected);
                GgufModel values = GgufModel.open(computed)) {
            Map<String, TensorInfo> theirTensors = byName(theirs);
            Map<String, TensorInfo> valueTensors = byName(values);
            assertThat(ours.header().tensors()).hasSameSizeAs(theirs.header().tensors());
            for (TensorInfo tensor : ours.header().tensors()) {
                byte[] bytes = bytes(ours, tensor);
                boolean kept = types.get(tensor.name()) == GgmlType.F32 && tensor.type() != GgmlType.F32;
                if (kept) {
                    assertThat(tensor.type()).as(what + " " + tensor.name()).isEqualTo(alignedTypes.get(tensor.name()));
                    float[] floats = GgmlFloats.of(values, valueTensors.get(tensor.name()));
                    assertThat(bytes)
                            .as(what + " " + tensor.name())
                            .isEqualTo(NativeQuantizer.pack(tensor.type(), tensor.shape(), floats));
                } else {
                    assertThat(tensor.type()).as(what + " " + tensor.name()).isEqualTo(types.get(tensor.name()));
                    assertThat(bytes)
                            .as(what + " " + tensor.name())
                            .isEqualTo(bytes(theirs, theirTensors.get(tensor.name())));
                }
            }
        }
    }

    private static float weight(float sft, float aligned, float alpha) {
        float delta = aligned - sft;
        float step = alpha * delta;
        return aligned + step;
    }

    /** Of state-space models: {@code -exp(p)} of what was trained, or {@code exp(p)}. */
    private static float decay(float sft, float aligned, float alpha) {
        double from = StrictMath.log(Math.abs(sft));
        double to = StrictMath.log(Math.abs(aligned));
        double step = alpha * (to - from);
        return Math.copySign((float) StrictMath.exp(to + step), aligned);
    }

    /** {@code aligned + alpha * (aligned - sft)} as F32, in a file that is otherwise the aligned model. */
    static Path computeIndependently(Path sft, Path aligned, float alpha, Path target) throws IOException {
        try (GgufModel from = GgufModel.open(sft);
                GgufModel to = GgufModel.open(aligned)) {
            Map<String, TensorInfo> fromTensors = byName(from);
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : to.header().tensors()) {
                float[] a = GgmlFloats.of(to, tensor);
                float[] s = GgmlFloats.of(from, fromTensors.get(tensor.name()));
                boolean isDecay = tensor.name().endsWith("ssm_a");
                for (int i = 0; i < a.length; i++) {
                    a[i] = isDecay ? decay(s[i], a[i], alpha) : weight(s[i], a[i], alpha);
                }
                byte[] bytes = NativeQuantizer.pack(GgmlType.F32, tensor.shape(), a);
                tensors.add(new TensorData(tensor.name(), GgmlType.F32, tensor.shape(), bytes));
            }
            Metadata metadata = to.header().metadata();
            return GgufWriter.writeFile(target, metadata, tensors);
        }
    }

    private static Map<String, TensorInfo> byName(GgufModel model) {
        Map<String, TensorInfo> tensors = new HashMap<>();
        model.header().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }

    private static byte[] bytes(GgufModel model, TensorInfo tensor) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
        model.read(tensor, 0, MemorySegment.ofArray(bytes));
        return bytes;
    }
}
