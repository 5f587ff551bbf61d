package io.github.expogguf.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.testing.FolderFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same weights under the other names, and in the other parts, in which they are published. */
class PublishedNamesTest {

    @TempDir
    private Path directory;

    private record Stored(String type, List<Long> shape, byte[] bytes) {}

    private static Map<String, Stored> tensors(Path folder) throws IOException {
        Map<String, Stored> tensors = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            for (SafetensorsTensor tensor : checkpoint.tensors().values()) {
                byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
                checkpoint.read(tensor, 0, MemorySegment.ofArray(bytes));
                tensors.put(tensor.name(), new Stored(tensor.type().name(), tensor.shape(), bytes));
            }
        }
        return tensors;
    }

    private Path folder(Path config, Map<String, Stored> tensors) throws IOException {
        List<String> entries = new ArrayList<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        tensors.forEach((name, tensor) -> {
            entries.add("\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(name, tensor.type, tensor.shape, data.size(), data.size() + tensor.bytes.length));
            data.writeBytes(tensor.bytes);
        });
        byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(length.putLong(header.length).array());
        file.writeBytes(header);
        file.writeBytes(data.toByteArray());
        Path folder = Files.createTempDirectory(directory, "folder");
        Files.write(folder.resolve("model.safetensors"), file.toByteArray());
        Files.copy(config.resolve("config.json"), folder.resolve("config.json"));
        return folder;
    }

    private void requireSame(String name, UnaryOperator<Map<String, Stored>> publish) throws IOException {
        FolderFixture fixture = FolderFixture.of(name);
        Path published = folder(fixture.aligned(), publish.apply(tensors(fixture.aligned())));
        try (GgufModel template = GgufModel.open(fixture.template());
                SourceModel saved = ConvertedModel.open(fixture.aligned(), template, false);
                SourceModel other = ConvertedModel.open(published, template, false)) {
            for (TensorInfo tensor : saved.header().tensors()) {
                byte[] expected = new byte[Math.toIntExact(tensor.byteCount())];
                byte[] actual = new byte[expected.length];
                saved.read(tensor, 0, MemorySegment.ofArray(expected));
                other.read(
                        other.header().tensors().stream()
                                .filter(each -> each.name().equals(tensor.name()))
                                .findFirst()
                                .orElseThrow(),
                        0,
                        MemorySegment.ofArray(actual));
                assertThat(actual).as(tensor.name()).isEqualTo(expected);
            }
        }
    }

    private static Map<String, Stored> renamed(Map<String, Stored> tensors, UnaryOperator<String> name) {
        Map<String, Stored> renamed = new LinkedHashMap<>();
        tensors.forEach((each, tensor) -> renamed.put(name.apply(each), tensor));
        return renamed;
    }

    /** Of transformers 4 and of transformers 5, where a model sees or hears, too. */
    @Test
    void wrappersStandBeforeTheNames() throws IOException {
        requireSame("llama", tensors -> renamed(tensors, name -> "language_model." + name));
        requireSame(
                "llama", tensors -> renamed(tensors, name -> name.replaceFirst("^model\\.", "model.language_model.")));
    }

    /** One matrix of a stack as it is, or turned. */
    private static Stored matrix(Stored stack, int index, int firstRow, int rows, boolean isTurned) {
        int height = Math.toIntExact(stack.shape.get(isTurned ? 2 : 1));
        int width = Math.toIntExact(stack.shape.get(isTurned ? 1 : 2));
        ByteBuffer from = ByteBuffer.wrap(stack.bytes);
        ByteBuffer to = ByteBuffer.allocate(Short.BYTES * rows * width);
        for (int row = firstRow; row < firstRow + rows; row++) {
            for (int column = 0; column < width; column++) {
                int at = isTurned ? column * height + row : row * width + column;
                to.putShort(from.getShort(Short.BYTES * (index * height * width + at)));
            }
        }
        return new Stored(stack.type, List.of((long) rows, (long) width), to.array());
    }

    /** As llm-compressor writes Llama 4. */
    @Test
    void expertsOfLlama4StandAlone() throws IOException {
        requireSame("llama4", tensors -> {
            Map<String, Stored> alone = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> {
                if (!name.contains(".experts.")) {
                    alone.put(name, tensor);
                    return;
                }
                String start = name.substring(0, name.lastIndexOf('.') + 1);
                int rows = Math.toIntExact(tensor.shape().get(2));
                for (int expert = 0; expert < tensor.shape().get(0); expert++) {
                    if (name.endsWith("down_proj")) {
                        alone.put(start + expert + ".down_proj.weight", matrix(tensor, expert, 0, rows, true));
                    } else {
                        int half = rows / 2;
                        alone.put(start + expert + ".gate_proj.weight", matrix(tensor, expert, 0, half, true));
                        alone.put(start + expert + ".up_proj.weight", matrix(tensor, expert, half, half, true));
                    }
                }
            });
            return alone;
        });
    }

    /** As transformers 5 holds the experts of all models in memory. */
    @Test
    void expertsStandTogether() throws IOException {
        requireSame("qwen3_moe", tensors -> {
            Map<String, Stored> together = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> {
                if (!name.contains(".experts.")) {
                    together.put(name, tensor);
                }
            });
            String start = "model.layers.0.mlp.experts.";
            together.put(start + "gate_up_proj", stack(tensors, start, 128, "gate_proj", "up_proj"));
            together.put(start + "down_proj", stack(tensors, start, 32, "down_proj"));
            return together;
        });
    }

    private static Stored stack(Map<String, Stored> tensors, String start, long rows, String... kinds) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long experts = 0;
        while (tensors.containsKey(start + experts + "." + kinds[0] + ".weight")) {
            for (String kind : kinds) {
                bytes.writeBytes(tensors.get(start + experts + "." + kind + ".weight").bytes);
            }
            experts++;
        }
        long columns = bytes.size() / Short.BYTES / rows / experts;
        return new Stored("BF16", List.of(experts, rows, columns), bytes.toByteArray());
    }

    @Test
    void aTiedOutputMayBeThere() throws IOException {
        requireSame("smollm3", tensors -> {
            Map<String, Stored> more = new LinkedHashMap<>(tensors);
            more.put("lm_head.weight", tensors.get("model.embed_tokens.weight"));
            return more;
        });
    }
}
