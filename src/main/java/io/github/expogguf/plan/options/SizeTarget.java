package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;

/**
 * How large an output may be, and which types its tensors may have to be no larger.
 *
 * @param amount the most there may be of the unit
 * @param unit   of what
 * @param types  those to choose from, each once
 */
public record SizeTarget(double amount, Unit unit, List<GgmlType> types) {

    /** The K types and Q8_0: all are fast everywhere, and none needs an importance matrix. */
    public static final List<GgmlType> K_TYPES =
            List.of(GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.Q8_0);

    /** What is measured. */
    public enum Unit {
        /** Bytes of the file, or of all files of a set, headers and padding included. */
        BYTES,
        /** Bits of all tensors by all of their elements, as llama-quantize prints them. */
        BITS_PER_WEIGHT
    }

    /** Refuses what is no size, and types that no weights are written in. */
    public SizeTarget {
        Numbers.requireFinite(amount, "size");
        Objects.requireNonNull(unit, "unit");
        types = Elements.copy(types, "types");
        if (amount <= 0) {
            throw new IllegalArgumentException("a size of " + amount + ", expected more than 0");
        }
        if (types.isEmpty() || EnumSet.copyOf(types).size() < types.size()) {
            throw new IllegalArgumentException("no types to choose from, or one of them twice");
        }
        for (GgmlType type : types) {
            if (type.isInteger() || type == GgmlType.Q8_1 || type == GgmlType.Q8_K) {
                throw new IllegalArgumentException(type + " is not a type that weights are stored in");
            }
        }
    }

    /**
     * {@return a target with the K types to choose from}
     *
     * @param bytes most bytes of the output
     */
    public static SizeTarget ofBytes(long bytes) {
        return new SizeTarget(bytes, Unit.BYTES, K_TYPES);
    }

    /**
     * {@return a target with the K types to choose from}
     *
     * @param bits most bits per weight
     */
    public static SizeTarget ofBitsPerWeight(double bits) {
        return new SizeTarget(bits, Unit.BITS_PER_WEIGHT, K_TYPES);
    }

    /** {@return the size in short: {@code 4.5G} of bytes, {@code 4.8bpw} of bits per weight} */
    public String label() {
        if (unit == Unit.BITS_PER_WEIGHT) {
            return Numbers.brief(amount) + "bpw";
        }
        for (int power = 3; power > 0; power--) {
            double size = Math.pow(1000, power);
            if (amount >= size) {
                return Numbers.brief(amount / size) + "KMG".charAt(power - 1);
            }
        }
        return Numbers.brief(amount) + "B";
    }

    /**
     * {@return the same size with other types to choose from}
     *
     * @param others each once
     */
    public SizeTarget withTypes(List<GgmlType> others) {
        return new SizeTarget(amount, unit, Elements.require(others, "others"));
    }
}
