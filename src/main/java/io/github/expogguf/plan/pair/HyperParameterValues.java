package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.pair.HyperParameterTable.Row;
import java.util.Arrays;
import java.util.Optional;

/**
 * The hyper-parameters of one model as llama.cpp sees them: missing keys have their defaults, numbers are equal
 * whatever their width, an array of equal numbers is that number, and of values by layer only those of the trunk count.
 * Values are texts that are equal where llama.cpp makes no difference.
 */
final class HyperParameterValues implements HyperParameterRules.Values {

    private static final int MAX_COMPARED_BYTES = 1 << 20;
    private static final String REQUIRED = "required";
    private static final String UNKNOWN = "?";

    private final Metadata metadata;
    private final String architecture;
    private final int trunkLayers;
    private final HyperParameterRules rules;

    /** @param trunkLayers layers without those for multi-token prediction; 0 if the model does not say */
    HyperParameterValues(Metadata metadata, int trunkLayers) {
        this.metadata = metadata;
        this.architecture = metadata.architecture();
        this.trunkLayers = trunkLayers;
        this.rules = new HyperParameterRules(this, metadata, trunkLayers);
    }

    /** With the architecture in front, except for {@code xielu.*}. */
    @Override
    public String fileKey(String key) {
        return key.startsWith("xielu.") ? key : architecture + "." + key;
    }

    @Override
    public Optional<String> stated(String key) {
        Optional<Row> row = row(key);
        boolean isPerLayer = row.isPresent() && row.get().isPerLayer();
        return metadata.get(fileKey(key))
                .map(value -> text(value, isPerLayer))
                .filter(text ->
                        !(text.equals("0") && row.isPresent() && row.get().zeroIsMissing()));
    }

    @Override
    public Optional<String> effective(String key) {
        return row(key).filter(row -> row.missing().startsWith("@"))
                .flatMap(row -> rules.canonical(row, stated(key)))
                .or(() -> stated(key))
                .or(() -> missing(key));
    }

    /** What a missing key means; empty where nobody knows. */
    Optional<String> missing(String key) {
        return row(key).map(Row::missing)
                .filter(text -> !text.equals(REQUIRED) && !text.equals(UNKNOWN))
                .flatMap(text -> switch (text.charAt(0)) {
                    case '=' -> effective(text.substring(1));
                    case '@' -> rules.missing(text.substring(1));
                    default -> Optional.of(literal(text));
                });
    }

    @Override
    public Optional<Double> number(String key) {
        return effective(key)
                .map(text -> text.replaceFirst("^\\[([^,]+),.*", "$1"))
                .flatMap(HyperParameterValues::parse);
    }

    private Optional<Row> row(String key) {
        return HyperParameterTable.LLAMA_CPP.row(architecture, key);
    }

    private static Optional<Double> parse(String text) {
        try {
            return Optional.of(Double.valueOf(text));
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    /** Literals of the table are 32-bit floats, whole numbers or words. */
    private static String literal(String text) {
        return parse(text)
                .map(number -> HyperParameterText.of(number == Math.rint(number) ? number : (float) (double) number))
                .orElse(text);
    }

    /** Equal texts for equal values; exact, as a double holds every FLOAT32 and every integer that occurs here. */
    private String text(MetadataValue value, boolean isPerLayer) {
        if (value.type() != MetadataType.ARRAY) {
            boolean isFlag = value.type() == MetadataType.BOOL && isPerLayer;
            return isFlag
                    ? (value.asBoolean() ? "1" : "0")
                    : value.isInteger() || value.type().isFloat()
                            ? HyperParameterText.of(value.asDouble())
                            : value.toString();
        }
        if (value.byteCount() > MAX_COMPARED_BYTES) { // no values by layer; equal ones were passed over
            return value.typeName() + " of " + value.elementCount() + " elements, hash " + value.hashCode();
        }
        if (value.elementType().isInteger() || value.elementType().isFloat()) {
            return HyperParameterText.of(layers(value.asDoubles(), isPerLayer));
        }
        if (value.elementType() == MetadataType.BOOL) {
            byte[] flags = value.bytes();
            double[] numbers = new double[flags.length];
            Arrays.setAll(numbers, i -> flags[i] == 0 ? 0 : 1);
            return HyperParameterText.of(layers(numbers, isPerLayer));
        }
        return value.elementType() == MetadataType.STRING ? value.asStrings().toString() : value.toString();
    }

    private double[] layers(double[] numbers, boolean isPerLayer) {
        return isPerLayer && trunkLayers > 0 && numbers.length > trunkLayers
                ? Arrays.copyOf(numbers, trunkLayers)
                : numbers;
    }
}
