package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryModelTest {

    private static final TinyModel TINY = TinyModels.llama(Sizes.of(1, 64, 64, 2, 1));

    @TempDir
    Path directory;

    private static MemoryModel create(TinyModel model) {
        return MemoryModel.create("tiny", model.metadata(), model.tensors(), LoadOptions.defaults());
    }

    private static float[] logits(LlamaModel model) {
        try (LlamaContext context =
                LlamaContext.open(model, ContextOptions.defaults().withThreads(1))) {
            return context.logits(new int[] {1, 70, 80});
        }
    }

    @Test
    void computesOnceTheWeightsAreThere() throws IOException {
        TensorValues values = TensorValues.random(3);
        Path file = TINY.write(directory.resolve("tiny.gguf"), values);
        try (MemoryModel memory = create(TINY);
                LlamaModel written = LlamaModel.load(file, LoadOptions.defaults())) {
            assertThatThrownBy(() -> logits(memory.model())).isInstanceOf(IllegalStateException.class);
            try (WeightsChange change = memory.change()) {
                for (TensorSpec tensor : TINY.tensors()) {
                    setInTwoParts(change, tensor, values);
                }
                change.complete(TINY.metadata());
            }
            assertThat(logits(memory.model())).isEqualTo(logits(written));
        }
    }

    @Test
    void isNotMadeWhenCancelled() {
        Cancellation cancellation = new Cancellation();
        MemoryModel.create("tiny", TINY.metadata(), TINY.tensors(), LoadOptions.defaults(), cancellation)
                .close();
        cancellation.cancel();
        assertThatThrownBy(() -> MemoryModel.create(
                        "tiny", TINY.metadata(), TINY.tensors(), LoadOptions.defaults(), cancellation))
                .isInstanceOf(CancelledException.class);
    }

    private static void setInTwoParts(WeightsChange change, TensorSpec tensor, TensorValues values) {
        byte[] bytes = NativeQuantizer.pack(tensor.type(), tensor.shape(), values.of(tensor));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            int half = bytes.length / 2;
            change.set(tensor.name(), half, all.asSlice(half));
            change.set(tensor.name(), 0, all.asSlice(0, half));
        }
    }

    @Test
    void refusesBytesOutsideOfATensor() {
        try (MemoryModel memory = create(TINY);
                Arena arena = Arena.ofConfined()) {
            WeightsChange change = memory.change();
            MemorySegment bytes = arena.allocate(8);
            for (long offset : new long[] {-1, 64 * 4 - 7, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> change.set("output_norm.weight", offset, bytes))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("tensor 'output_norm.weight': 8 bytes at " + offset + " of 256");
            }
            assertThatThrownBy(() -> change.set("none", 0, bytes)).isInstanceOf(IllegalArgumentException.class);
            change.close();
            assertThatThrownBy(() -> change.set("output_norm.weight", 0, bytes))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void refusesTensorsOfAnotherShape() {
        TinyModel other = TINY.mapTensors(tensor -> tensor.name().equals("blk.0.ffn_up.weight")
                ? new TensorSpec(tensor.name(), GgmlType.F32, new Shape(64, 32))
                : tensor);
        assertThatThrownBy(() -> create(other))
                .isInstanceOf(InferenceException.class)
                .hasMessageStartingWith("tiny: llama.cpp cannot load this model: ")
                .hasMessageContaining("blk.0.ffn_up.weight");
    }

    @Test
    void refusesModelsThatLlamaCppRefuses() {
        assertThatThrownBy(() -> create(TINY.with("blk.0.unknown.weight", GgmlType.F32, 64)))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("wrong number of tensors");
        assertThatThrownBy(() -> create(TINY.with("general.architecture", MetadataValue.ofString("lhama"))))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("unknown model architecture");
        assertThatThrownBy(() -> create(TINY.with("llama.block_count", MetadataValue.ofUint32(0))))
                .isInstanceOf(InferenceException.class)
                .hasMessage("tiny: llama.block_count is 0, expected 1 to 512");
    }
}
