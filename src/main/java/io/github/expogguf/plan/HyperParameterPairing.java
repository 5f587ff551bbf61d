package io.github.expogguf.plan;

import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares the hyper-parameters of two models of one architecture: the keys {@code <architecture>.*} and
 * {@code xielu.*}. Each of them changes what the weights compute, except for the two in {@link #HARMLESS}. Numbers
 * are compared as numbers, whatever their width, and an array of equal numbers equals that number. Where only one
 * file states a value, the other one's default counts, as llama.cpp v0.4.0 fills it in
 * ({@code llama_model_base::load_hparams}).
 */
final class HyperParameterPairing {

    /** How far a model was trained to look, and a copy of the number of tokens. */
    private static final Set<String> HARMLESS = Set.of("context_length", "vocab_size");

    private static final String LINEAR = "linear";

    private static final int MAX_COMPARED_BYTES = 1 << 20;

    /** Values by layer can be long. */
    private static final int MAX_SHOWN = 60;

    private final Metadata sft;
    private final Metadata aligned;
    private final String prefix;

    private HyperParameterPairing(Metadata sft, Metadata aligned) {
        this.sft = sft;
        this.aligned = aligned;
        this.prefix = aligned.architecture() + ".";
    }

    /** @param ignored keys whose values are known to go together although they differ */
    static List<String> differences(Metadata sft, Metadata aligned, Set<String> ignored) {
        return new HyperParameterPairing(sft, aligned).differences(ignored);
    }

    private List<String> differences(Set<String> ignored) {
        List<String> differences = new ArrayList<>();
        for (String key : keys()) {
            if (ignored.contains(key) || sft.get(key).isPresent() && sft.get(key).equals(aligned.get(key))) {
                continue;
            }
            String sftText = effective(sft, key).orElse("missing");
            String alignedText = effective(aligned, key).orElse("missing");
            if (!sftText.equals(alignedText)) {
                differences.add(Escape.text(key) + ": " + shown(sftText) + " and " + shown(alignedText));
            }
        }
        return differences;
    }

    private static String shown(String text) {
        return Escape.text(text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…");
    }

    private Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        for (Metadata metadata : List.of(sft, aligned)) {
            metadata.keys().stream()
                    .filter(key -> key.startsWith(prefix) || key.startsWith("xielu."))
                    .filter(key -> !key.startsWith(prefix) || !HARMLESS.contains(key.substring(prefix.length())))
                    .forEach(keys::add);
        }
        return keys;
    }

    private Optional<String> effective(Metadata metadata, String key) {
        return metadata.get(key).map(HyperParameterPairing::normalize).or(() -> defaultValue(metadata, key));
    }

    private Optional<String> defaultValue(Metadata metadata, String key) {
        if (!key.startsWith(prefix)) {
            return Optional.empty();
        }
        return switch (key.substring(prefix.length())) {
            case "attention.head_count_kv" -> effective(metadata, prefix + "attention.head_count");
            case "attention.key_length", "attention.value_length" -> headLength(metadata);
            case "rope.dimension_count" -> effective(metadata, prefix + "attention.key_length");
            case "rope.freq_base" -> Optional.of(normalize(MetadataValue.ofFloat32(10000)));
            case "rope.scaling.type" -> Optional.of(LINEAR);
            case "rope.scaling.factor", "rope.scale_linear" -> Optional.of(normalize(MetadataValue.ofFloat32(0)));
            case "rope.scaling.original_context_length" -> metadata.get(prefix + "context_length")
                    .map(HyperParameterPairing::normalize);
            case "expert_count", "expert_used_count", "nextn_predict_layers" -> Optional.of(
                    normalize(MetadataValue.ofUint32(0)));
            default -> Optional.empty();
        };
    }

    private Optional<String> headLength(Metadata metadata) {
        long length = metadata.integer(prefix + "embedding_length").orElse(0);
        long heads = metadata.integer(prefix + "attention.head_count").orElse(0);
        return heads <= 0 ? Optional.empty() : Optional.of(normalize(MetadataValue.ofUint32(length / heads)));
    }

    /** Equal texts for equal values; exact, as a double holds every FLOAT32 and every integer that occurs here. */
    private static String normalize(MetadataValue value) {
        if (value.type() == MetadataType.ARRAY) {
            return normalizeArray(value);
        }
        return value.isInteger() || value.type().isFloat() ? text(value.asDouble()) : value.toString();
    }

    /** Whole numbers without a fraction, whatever type they have in the file. */
    private static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < 0x1p53
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    private static String normalizeArray(MetadataValue array) {
        if (array.byteCount() > MAX_COMPARED_BYTES) { // no values by layer; equal ones were passed over
            return array.typeName() + " of " + array.elementCount() + " elements, hash " + array.hashCode();
        }
        if (array.elementType().isInteger() || array.elementType().isFloat()) {
            double[] numbers = array.asDoubles();
            boolean isConstant = numbers.length > 0 && Arrays.stream(numbers).allMatch(number -> number == numbers[0]);
            return isConstant ? text(numbers[0]) : Arrays.stream(numbers).mapToObj(HyperParameterPairing::text).toList().toString();
        }
        return array.elementType() == MetadataType.STRING
                ? array.asStrings().toString()
                : "BOOL" + Arrays.toString(array.bytes());
    }
}
