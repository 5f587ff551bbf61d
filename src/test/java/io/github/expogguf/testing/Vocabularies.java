package io.github.expogguf.testing;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Small models with other vocabularies. */
public final class Vocabularies {

    private Vocabularies() {}

    /** The tokens of a model. */
    public static List<String> tokens(TinyModel model) {
        return model.metadata().get("tokenizer.ggml.tokens").orElseThrow().asStrings();
    }

    /** Some tokens of one name, after others. */
    public static List<String> numbered(int count, String name, List<String> before) {
        return Stream.concat(before.stream(), IntStream.range(0, count).mapToObj(i -> name + i))
                .toList();
    }

    /**
     * A model with other tokens, scored in their order; those that it had keep their types, others are user-defined.
     */
    public static TinyModel withTokens(TinyModel model, List<String> tokens) {
        List<String> old = tokens(model);
        double[] oldTypes =
                model.metadata().get("tokenizer.ggml.token_type").orElseThrow().asDoubles();
        Map<String, Integer> types = IntStream.range(0, old.size())
                .boxed()
                .collect(Collectors.toMap(old::get, i -> (int) oldTypes[i], (first, _) -> first));
        float[] scores = new float[tokens.size()];
        int[] newTypes = new int[tokens.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = -i;
            newTypes[i] = types.getOrDefault(tokens.get(i), 4);
        }
        return model.with("tokenizer.ggml.tokens", MetadataValue.ofStrings(new ArrayList<>(tokens)))
                .with("tokenizer.ggml.scores", MetadataValue.ofFloat32s(scores))
                .with("tokenizer.ggml.token_type", MetadataValue.ofInt32s(newTypes))
                .mapTensors(tensor -> withRows(tensor, old.size(), tokens.size()));
    }

    private static TensorSpec withRows(TensorSpec tensor, int oldCount, int newCount) {
        Shape shape = tensor.shape();
        if (shape.rank() == 2 && shape.dimension(1) == oldCount) {
            return new TensorSpec(tensor.name(), tensor.type(), new Shape(shape.rowLength(), newCount));
        }
        return shape.rank() == 1 && shape.rowLength() == oldCount
                ? new TensorSpec(tensor.name(), tensor.type(), new Shape(newCount))
                : tensor;
    }
}
