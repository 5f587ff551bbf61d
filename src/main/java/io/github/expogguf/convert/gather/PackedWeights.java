package io.github.expogguf.convert.gather;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.json.JsonNumber;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checkpoints that are quantized in a way that is not read, told by their tensors and named by their config.json. */
public final class PackedWeights {

    /** How the tensors of packed weights end, and by whom they are written where config.json does not say. */
    private static final Map<Pattern, String> ENDINGS = endings();

    private static final List<String> KINDS = List.of("quant_algo", "format", "quant_type", "bits");

    private PackedWeights() {}

    private static Map<Pattern, String> endings() {
        Map<Pattern, String> endings = new LinkedHashMap<>();
        endings.put(Pattern.compile("(?s).*\\.qweight"), "GPTQ or AWQ");
        endings.put(Pattern.compile("(?s).*\\.weight_packed"), "compressed-tensors");
        endings.put(Pattern.compile("(?s).*\\.W_q"), "HQQ");
        endings.put(Pattern.compile("(?s).*\\.(codes|codebooks|Qidxs|indices)"), "codebooks");
        endings.put(
                Pattern.compile("(?s).*(\\.weight|_proj|_proj_blocks|\\.weight\\._data|_qdata)"), "packed integers");
        return endings;
    }

    /** What to say of a checkpoint whose weights are packed so; empty if none are. */
    public static Optional<UnsupportedTypeException> refusal(String name, Checkpoint checkpoint) {
        return checkpoint.tensors().values().stream()
                .flatMap(tensor -> ENDINGS.entrySet().stream()
                        .filter(ending -> ending.getKey().matcher(tensor.name()).matches())
                        .filter(_ -> StoredWeights.of(checkpoint, tensor.name()).isEmpty())
                        .map(ending -> refusal(name, checkpoint, tensor, ending.getValue())))
                .findFirst();
    }

    private static UnsupportedTypeException refusal(
            String name, Checkpoint checkpoint, SafetensorsTensor tensor, String writer) {
        return new UnsupportedTypeException(name + ": its weights are quantized, by "
                + method(checkpoint.config().orElse(Map.of())).orElse(writer) + ": "
                + Escape.quote(tensor.name()) + " of type " + tensor.type() + " and shape " + tensor.shape()
                + " is not read, F32, F16, BF16, F8 with its scales and gpt-oss's MXFP4 are; take the folder that it"
                + " was quantized from, as that is published beside it");
    }

    /** As config.json names it, with what it says of the kind. */
    private static Optional<String> method(Map<String, @Nullable Object> config) {
        return config.get("quantization_config") instanceof Map<?, ?> quantization
                        && quantization.get("quant_method") instanceof String method
                ? Optional.of(Stream.concat(
                                Stream.of(Escape.quote(method)),
                                KINDS.stream()
                                        .flatMap(kind -> text(quantization.get(kind)).stream()
                                                .map(text -> kind + " " + text)))
                        .collect(Collectors.joining(", ")))
                : Optional.empty();
    }

    private static Optional<String> text(@Nullable Object value) {
        return switch (value) {
            case String text -> Optional.of(Escape.quote(text));
            case JsonNumber number -> Optional.of(number.text());
            case null, default -> Optional.empty();
        };
    }
}
