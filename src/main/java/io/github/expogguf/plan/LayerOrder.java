package io.github.expogguf.plan;

import io.github.expogguf.gguf.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order in which llama.cpp decides types: by layer, then by the bytes of the name ({@code weight_name_comparer} in
 * llama-model-loader.h, llama.cpp v0.4.0). Running counts in a mixture depend on it.
 */
final class LayerOrder {

    static final Comparator<TensorInfo> COMPARATOR = Comparator.comparingInt(
                    (TensorInfo tensor) -> layer(tensor.name()).orElse(-1))
            .thenComparing(tensor -> tensor.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    /** What {@code sscanf("blk.%d.")} takes for a number; nothing needs to follow it. */
    private static final Pattern LAYER = Pattern.compile("blk\\.[ \\t\\n\\u000B\\f\\r]*([+-]?[0-9]{1,18})");

    private LayerOrder() {}

    /** The layer in a name that begins with {@code blk.N.}. */
    static OptionalInt layer(String tensor) {
        Matcher matcher = LAYER.matcher(tensor);
        return matcher.lookingAt() ? OptionalInt.of((int) Long.parseLong(matcher.group(1))) : OptionalInt.empty();
    }
}
