package io.github.expogguf.testing;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.imatrix.Imatrix;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What a model file says, without its values: metadata and tensors. Immutable; {@link TinyModels} has some.
 */
public record TinyModel(Metadata metadata, List<TensorSpec> tensors) {

    /** Copies the list. */
    public TinyModel {
        tensors = List.copyOf(tensors);
    }

    /** The model with another tensor at the end. */
    public TinyModel with(String name, GgmlType type, long... dimensions) {
        List<TensorSpec> more = new ArrayList<>(tensors);
        more.add(new TensorSpec(name, type, new Shape(dimensions)));
        return new TinyModel(metadata, more);
    }

    /** The model with a value set, at its place or at the end. */
    public TinyModel with(String key, MetadataValue value) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.put(key, value);
        return new TinyModel(new Metadata(values), tensors);
    }

    /** The model without a key. */
    public TinyModel without(String key) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.remove(key);
        return new TinyModel(new Metadata(values), tensors);
    }

    /** The model with some of its tensors. */
    public TinyModel select(Predicate<String> name) {
        return new TinyModel(
                metadata,
                tensors.stream().filter(tensor -> name.test(tensor.name())).toList());
    }

    /** The model with other tensors. */
    public TinyModel mapTensors(UnaryOperator<TensorSpec> change) {
        return new TinyModel(metadata, tensors.stream().map(change).toList());
    }

    /** The model with its matrices in another type, as far as their rows fit it; vectors stay as they are. */
    public TinyModel withMatrices(GgmlType type) {
        return mapTensors(tensor -> tensor.shape().rank() >= 2 && tensor.shape().rowLength() % type.blockSize() == 0
                ? tensor.withType(type)
                : tensor);
    }

    /** The header of a file that holds this model. */
    public ModelHeader header(String fileName) {
        return new ModelHeader(
                fileName, metadata, GgufLayout.of(metadata, tensors).tensors());
    }

    /** Writes a file with the values, each tensor packed by ggml into its type. */
    public Path write(Path path, TensorValues values) {
        try {
            return GgufWriter.writeFile(
                    path,
                    metadata,
                    tensors.stream()
                            .map(tensor -> new TensorData(
                                    tensor.name(),
                                    tensor.type(),
                                    tensor.shape(),
                                    NativeQuantizer.pack(tensor.type(), tensor.shape(), values.of(tensor))))
                            .toList());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes a file whose data is a hole: it has the full size and takes up no space. All values are zero. */
    public Path writeSparse(Path path) {
        GgufLayout layout = GgufLayout.of(metadata, tensors);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
            file.write(layout.header(Arena.ofAuto()).toArray(ValueLayout.JAVA_BYTE));
            file.setLength(layout.fileBytes());
            return path;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** An importance matrix for every matrix of the model. */
    public Imatrix imatrix(long seed) {
        Map<String, float[]> weights = new HashMap<>();
        for (TensorSpec tensor : tensors) {
            if (tensor.shape().rank() >= 2) {
                long columns = tensor.shape().rowLength() * tensor.shape().dimension(2);
                float[] random =
                        TensorValues.random(seed).of(new TensorSpec(tensor.name(), GgmlType.F32, new Shape(columns)));
                for (int i = 0; i < random.length; i++) {
                    random[i] = random[i] * random[i] * 100 + 0.01f;
                }
                weights.put(tensor.name(), random);
            }
        }
        return new Imatrix(weights);
    }
}
