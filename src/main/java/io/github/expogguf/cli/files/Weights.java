package io.github.expogguf.cli.files;

import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.compare.TrainedTypes;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The weights of a model, by number and type.
 *
 * @param architecture as the file calls it
 * @param count        of all tensors
 * @param type         file type, or the type that most weights have
 * @param coarse       whether most weights were rounded to less than 8 bits
 */
public record Weights(String architecture, long count, String type, boolean coarse) {

    /** Of Q8_0 the step of an alignment is left, of coarser types not much. */
    private static final double FINE_BITS = 8;

    static Weights of(ModelHeader model) {
        Map<GgmlType, Long> byType = new EnumMap<>(GgmlType.class);
        long count = 0;
        long coarse = 0;
        for (TensorInfo tensor : model.tensors()) {
            long elements = tensor.shape().elementCount();
            byType.merge(tensor.type(), elements, Long::sum);
            count += elements;
            boolean isRounded = isCoarse(tensor.type()) && !TrainedTypes.isTrained(model.metadata(), tensor);
            coarse += isRounded ? elements : 0;
        }
        return new Weights(
                model.metadata().architecture(),
                count,
                fileType(model).orElseGet(() -> most(byType)),
                coarse > count - coarse);
    }

    /** Whether a type leaves not much of the step of an alignment, unless the model was trained in it. */
    public static boolean isCoarse(GgmlType type) {
        return type.isQuantized() && type.bitsPerWeight() < FINE_BITS;
    }

    /** The type of most weights. */
    static String most(Map<?, Long> byType) {
        return byType.entrySet().stream()
                .max(Comparator.comparingLong(Map.Entry::getValue))
                .map(entry -> entry.getKey().toString())
                .orElse("no type");
    }

    private static Optional<String> fileType(ModelHeader model) {
        return model.metadata().integer("general.file_type").stream()
                .boxed()
                .flatMap(id -> FileType.nameOf(id).stream())
                .findFirst();
    }

    /** As in {@code 7.24 billion weights}. */
    public String size() {
        return Units.weights(count);
    }
}
