package io.github.expogguf.convert.config;

import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.json.JsonNumber;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The factors of rotary frequencies that llama.cpp's converter computes from a config.json whose rope_type is llama3
 * ({@code generate_extra_tensors} in conversion/llama.py, v0.5.0), and stores as a tensor.
 */
public final class RotaryFactors {

    /** Name of the tensor. */
    public static final String TENSOR = "rope_freqs.weight";

    private static final double MAX_LENGTH = 1 << 16; // of what a stranger's file says
    private static final double ROUNDING = 1e-4; // near the ends of the smooth part it is larger than a float32's

    private final Map<String, @Nullable Object> config;
    private final Map<?, ?> rotary;

    private RotaryFactors(Map<String, @Nullable Object> config, Map<?, ?> rotary) {
        this.config = config;
        this.rotary = rotary;
    }

    /** One for each pair of dimensions; empty where config.json scales nothing so. */
    public static Optional<double[]> of(Map<String, @Nullable Object> config) {
        Map<String, @Nullable Object> flat = FlatConfig.of(config);
        return FlatConfig.rotary(flat)
                .filter(rotary -> "llama3".equals(rotary.get("rope_type")) || "llama3".equals(rotary.get("type")))
                .flatMap(rotary -> new RotaryFactors(flat, rotary).factors());
    }

    /** The first that differs by more than rounding, as in {@code has 8 at 3 in the template, and by config.json 4}. */
    public static Optional<String> difference(String whose, double[] stored, double[] computed) {
        if (stored.length != computed.length) {
            return Optional.of(
                    "has " + stored.length + " factors in the " + whose + ", and by config.json " + computed.length);
        }
        for (int i = 0; i < stored.length; i++) {
            if (!(Math.abs(stored[i] - computed[i]) <= ROUNDING * Math.abs(computed[i]))) {
                return Optional.of("has " + Numbers.brief(stored[i]) + " at " + i + " in the " + whose
                        + ", and by config.json " + Numbers.brief(computed[i]));
            }
        }
        return Optional.empty();
    }

    private Optional<double[]> factors() {
        OptionalDouble length = headLength();
        if (length.isEmpty()) {
            return Optional.empty();
        }
        double base = number(config.get("rope_theta"), 10000);
        double factor = number(rotary.get("factor"), 8);
        double low = number(rotary.get("low_freq_factor"), 1);
        double high = number(rotary.get("high_freq_factor"), 4);
        double context = number(rotary.get("original_max_position_embeddings"), 8192);
        double[] factors = new double[(int) ((length.getAsDouble() + 1) / 2)];
        for (int i = 0; i < factors.length; i++) {
            double waves = context / (2 * Math.PI * Math.pow(base, 2 * i / length.getAsDouble())); // in the context
            double smooth = (waves - low) / (high - low);
            factors[i] = waves > high ? 1 : waves < low ? factor : 1 / ((1 - smooth) / factor + smooth);
        }
        return Optional.of(factors);
    }

    private OptionalDouble headLength() {
        double length = number(
                config.get("head_dim"),
                number(config.get("hidden_size"), 0) / number(config.get("num_attention_heads"), Double.NaN));
        return length >= 1 && length <= MAX_LENGTH ? OptionalDouble.of(Math.floor(length)) : OptionalDouble.empty();
    }

    private static double number(@Nullable Object value, double missing) {
        return value instanceof JsonNumber number ? Double.parseDouble(number.text()) : missing;
    }
}
