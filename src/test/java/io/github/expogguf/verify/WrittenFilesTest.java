package io.github.expogguf.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.RandomMetadata;
import io.github.expogguf.gguf.RandomTensors;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.NativeLog;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ggml's own reader accepts what is written here and sees in it what was meant. */
class WrittenFilesTest {

    @TempDir
    private Path directory;

    @Test
    void ggmlReadsEveryMetadataTypeEveryTensorTypeAndAlignment() throws Exception {
        Random random = new Random(12);
        for (int round = 0; round < 40; round++) {
            Map<String, MetadataValue> pairs = new LinkedHashMap<>(
                    RandomMetadata.of(random, random.nextInt(20)).asMap());
            if (round % 4 > 0) {
                pairs.put("general.alignment", MetadataValue.ofUint32(1L << random.nextInt(17)));
            }
            Path path = GgufWriter.writeFile(
                    directory.resolve(round + ".gguf"), new Metadata(pairs), tensors(random, round % 5 == 0 ? 0 : 37));

            NativeHeaderCheck.check(GgufReader.read(path));
        }
    }

    @Test
    void ggmlReadsEveryShard() throws Exception {
        Random random = new Random(13);
        List<TensorData> tensors = tensors(random, 30);
        Metadata metadata = new Metadata(Map.of("general.alignment", MetadataValue.ofUint32(128)));
        Shards shards = Shards.ofMaxBytes(
                directory.resolve("m.gguf"),
                metadata,
                tensors.stream().map(TensorData::spec).toList(),
                4_000);
        GgufWriter.writeShards(shards, tensors);

        try (GgufModel model = GgufModel.open(shards.files().getLast().path())) {
            NativeHeaderCheck.check(model.ggufFiles());
        }
    }

    @Test
    void llamaCppLoadsASetOfShardsOfATrainedModel() throws Exception {
        Path demo = Path.of(System.getProperty("expo.gguf.demo.directory"), "guide-sft-f16.gguf");
        try (GgufModel model = GgufModel.open(demo)) {
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : model.header().tensors()) {
                byte[] bytes = new byte[(int) tensor.byteCount()];
                model.read(tensor, 0, MemorySegment.ofArray(bytes));
                tensors.add(new TensorData(tensor.name(), tensor.type(), tensor.shape(), bytes));
            }
            Map<String, MetadataValue> pairs =
                    new LinkedHashMap<>(model.header().metadata().asMap());
            pairs.put("general.alignment", MetadataValue.ofUint32(256));
            Shards shards = Shards.ofMaxBytes(
                    directory.resolve("set.gguf"),
                    new Metadata(pairs),
                    tensors.stream().map(TensorData::spec).toList(),
                    1_000_000);
            GgufWriter.writeShards(shards, tensors);
            long parameters = model.header().tensors().stream()
                    .mapToLong(tensor -> tensor.shape().elementCount())
                    .sum();

            assertThat(shards.files()).hasSizeGreaterThan(3);
            assertThat(parameterCount(shards.files().getFirst().path())).isEqualTo(parameters);
        }
    }

    private static long parameterCount(Path path) {
        NativeLibrary.load().startBackends();
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture said = NativeLog.capture()) {
            MemorySegment model = Llama.llama_model_load_from_file(
                    arena.allocateFrom(path.toString()), Llama.llama_model_default_params(arena));
            assertThat(model).as(said::text).isNotEqualTo(MemorySegment.NULL);
            try {
                return Llama.llama_model_n_params(model);
            } finally {
                Llama.llama_model_free(model);
            }
        }
    }

    private static List<TensorData> tensors(Random random, int count) {
        List<TensorData> tensors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GgmlType type = GgmlType.values()[(i + random.nextInt(2)) % GgmlType.values().length];
            long[] dimensions = new long[1 + random.nextInt(4)];
            for (int j = 0; j < dimensions.length; j++) {
                dimensions[j] = (1 + random.nextInt(3)) * (j == 0 ? (long) type.blockSize() : 1);
            }
            tensors.add(RandomTensors.of(random, "tensor." + i, type, new Shape(dimensions)));
        }
        return tensors;
    }
}
