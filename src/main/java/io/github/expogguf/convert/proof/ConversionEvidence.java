package io.github.expogguf.convert.proof;

import io.github.expogguf.gguf.GgmlType;
import java.util.List;

/**
 * Why a tensor is taken for what it is.
 *
 * @param tensor       its name in the GGUF
 * @param rule         the rule that explains it; {@code template} where a converter computes it from config.json
 * @param sources      the tensors that its values come from; none where they are the template's
 * @param type         in which they lose nothing
 * @param templateType that of the template
 * @param distance     from the template's weights in a sample: root of the mean square of the differences, by that of
 *                     the template's
 * @param cosine       of the angle between both
 */
public record ConversionEvidence(
        String tensor,
        String rule,
        List<String> sources,
        GgmlType type,
        GgmlType templateType,
        double distance,
        double cosine) {

    /** Copies the list. */
    public ConversionEvidence {
        sources = List.copyOf(sources);
    }
}
