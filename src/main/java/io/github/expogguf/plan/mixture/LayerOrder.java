package io.github.expogguf.plan.mixture;

import io.github.expogguf.gguf.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order in which llama.cpp decides types: by layer, then by the bytes of the name ({@code weight_name_comparer} in
 * llama-model-loader.h, llama.cpp v0.5.0). Running counts in a mixture depend on it.
 */
final class LayerOrder {

    private static final Comparator<Place> COMPARATOR =
            Comparator.comparingInt(Place::layer).thenComparing(Place::name, Arrays::compareUnsigned);

    /** What {@code sscanf("blk.%d.")} takes for a number; nothing needs to follow it. */
    private static final Pattern LAYER = Pattern.compile("blk\\.[ \\t\\n\\u000B\\f\\r]*([+-]?[0-9]{1,18})");

    private record Place(TensorInfo tensor, int layer, byte[] name) {

        static Place of(TensorInfo tensor) {
            return new Place(
                    tensor,
                    LayerOrder.layer(tensor.name()).orElse(-1),
                    tensor.name().getBytes(StandardCharsets.UTF_8));
        }
    }

    private LayerOrder() {}

    static List<TensorInfo> sorted(List<TensorInfo> tensors) {
        return tensors.stream()
                .map(Place::of)
                .sorted(COMPARATOR)
                .map(Place::tensor)
                .toList();
    }

    /** The layer in a name that begins with {@code blk.N.}. */
    static OptionalInt layer(String tensor) {
        Matcher matcher = LAYER.matcher(tensor);
        return matcher.lookingAt() ? OptionalInt.of((int) Long.parseLong(matcher.group(1))) : OptionalInt.empty();
    }
}
