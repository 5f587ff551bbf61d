package io.github.expogguf.plan;

import io.github.expogguf.gguf.TensorNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a tensor stands between the first block of its model, 0, and the last, 1. Of tensors without a block number,
 * those of the output ({@code output.weight}, {@code output_norm.weight}, {@code cls.*}) stand at 1, all others at 0.
 * An encoder and a decoder ({@code enc.blk.0.}, {@code dec.blk.0.}) are counted apart; a single block stands at 0.
 */
final class BlockDepth {

    private static final Pattern OUTPUT = Pattern.compile("([a-z]{1,16}\\.)?(output|output_norm|cls)(\\..*)?");

    private final Map<String, Integer> last = new HashMap<>(); // by what stands before "blk"

    BlockDepth(List<String> tensors) {
        for (String tensor : tensors) {
            TensorNames.inBlock(tensor).ifPresent(place -> last.merge(place.part(), place.number(), Math::max));
        }
    }

    double of(String tensor) {
        return TensorNames.inBlock(tensor)
                .map(this::of)
                .orElseGet(() -> OUTPUT.matcher(tensor).matches() ? 1.0 : 0.0);
    }

    private double of(TensorNames.InBlock place) {
        int number = place.number();
        return number == 0 ? 0 : (double) number / last.getOrDefault(place.part(), number);
    }
}
