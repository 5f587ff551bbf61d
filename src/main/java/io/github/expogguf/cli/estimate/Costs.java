package io.github.expogguf.cli.estimate;

import io.github.expogguf.gguf.GgmlType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What the parts of a run take one core of a processor, in nanoseconds.
 *
 * @param processor    what was measured on
 * @param startSeconds of a whole command, whatever its weights: Java, headers, a look at both models, the JIT compiler
 * @param read         for a byte of an input, out of the page cache
 * @param digest       for a byte of an input
 * @param write        for a byte of the output: its checksum, and writing it
 * @param verify       for a byte of the output that is read back
 * @param extrapolate  for a weight that is extrapolated, all that is none of the others
 * @param types        for a weight of each type
 */
public record Costs(
        String processor,
        double startSeconds,
        double read,
        double digest,
        double write,
        double verify,
        double extrapolate,
        Map<GgmlType, Type> types) {

    /**
     * For a weight of a type.
     *
     * @param dequantize turning it into a float
     * @param quantize   writing it
     * @param weighed    writing it with an importance matrix
     * @param first      seconds of a core until the JIT compiler has translated SIMD code for it
     */
    public record Type(double dequantize, double quantize, double weighed, double first) {

        /** As in {@code type Q4_K 0.5 6.1 8.2 1.1}. */
        public String line(GgmlType type) {
            return String.format(
                    Locale.ROOT, "type %s %.2f %.2f %.2f %.2f", type, dequantize, quantize, weighed, first);
        }
    }

    private static final String RESOURCE = "costs.txt";

    /** Those that come with the program; {@code make bench-costs} prints them. */
    public static Costs known() {
        try (InputStream in = Objects.requireNonNull(Costs.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return parse(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads them as they stand in the resource. */
    public static Costs parse(List<String> lines) {
        String processor = "";
        double[] values = new double[NAMES.size()];
        Map<GgmlType, Type> types = new EnumMap<>(GgmlType.class);
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "processor" -> processor = line.substring("processor ".length());
                case "type" ->
                    types.put(
                            GgmlType.parse(words[1]),
                            new Type(number(words[2]), number(words[3]), number(words[4]), number(words[5])));
                default -> values[NAMES.indexOf(words[0])] = number(words[1]);
            }
        }
        return new Costs(processor, values[0], values[1], values[2], values[3], values[4], values[5], types);
    }

    /** For a weight of a type that is known. */
    Type of(GgmlType type) {
        return Objects.requireNonNull(types.get(type), type::toString);
    }

    private static final List<String> NAMES = List.of("start", "read", "digest", "write", "verify", "extrapolate");

    private static double number(String text) {
        return Double.parseDouble(text);
    }
}
