package io.github.expogguf.plan;

import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the tokenizers of two models. The tokens themselves must be the same on both sides, as their order is the
 * order of the rows of the embeddings. The other properties must not contradict each other; one that only one file
 * states is no difference, as converters of different age write different sets. Padding, end-of-turn and
 * fill-in-the-middle tokens may differ: they are conventions of use, which alignment may change.
 */
final class TokenizerPairing {

    private static final String PREFIX = "tokenizer.ggml.";

    /** A model that has one of these and one that has it not are different. */
    private static final Set<String> REQUIRED_ON_BOTH_SIDES = Set.of("model", "tokens");

    private static final List<String> COMPARED = List.of(
            "model",
            "pre",
            "tokens",
            "token_type",
            "scores",
            "merges",
            "bos_token_id",
            "eos_token_id",
            "unknown_token_id",
            "seperator_token_id", // sic
            "cls_token_id",
            "mask_token_id");

    private TokenizerPairing() {}

    static List<String> differences(Metadata sft, Metadata aligned) {
        List<String> differences = new ArrayList<>();
        for (String name : COMPARED) {
            Optional<MetadataValue> sftValue = sft.get(PREFIX + name);
            Optional<MetadataValue> alignedValue = aligned.get(PREFIX + name);
            if (sftValue.isPresent() && alignedValue.isPresent()) {
                describe(sftValue.get(), alignedValue.get())
                        .ifPresent(difference -> differences.add(PREFIX + name + ": " + difference));
            } else if (sftValue.isPresent() != alignedValue.isPresent() && REQUIRED_ON_BOTH_SIDES.contains(name)) {
                String side = sftValue.isPresent() ? "SFT" : "aligned";
                differences.add(PREFIX + name + ": only in the " + side + " model");
            }
        }
        return differences;
    }

    private static Optional<String> describe(MetadataValue sft, MetadataValue aligned) {
        if (sft.equals(aligned) || (sft.isInteger() && aligned.isInteger() && sft.asLong() == aligned.asLong())) {
            return Optional.empty();
        }
        if (!sft.typeName().equals(aligned.typeName()) || sft.type() != MetadataType.ARRAY) {
            return Optional.of(Escape.quote(sft.toString()) + " and " + Escape.quote(aligned.toString()));
        }
        if (sft.elementCount() != aligned.elementCount()) {
            return Optional.of(sft.elementCount() + " and " + aligned.elementCount() + " entries");
        }
        return Optional.of(describeElements(sft, aligned));
    }

    private static String describeElements(MetadataValue sft, MetadataValue aligned) {
        Iterator<MetadataValue> sftElements = sft.stream().iterator();
        Iterator<MetadataValue> alignedElements = aligned.stream().iterator();
        int differing = 0;
        String first = "";
        for (int i = 0; sftElements.hasNext(); i++) {
            MetadataValue sftElement = sftElements.next();
            MetadataValue alignedElement = alignedElements.next();
            if (!sftElement.equals(alignedElement)) {
                if (differing == 0) {
                    first = "number " + i + " is " + Escape.quote(sftElement.toString()) + " and "
                            + Escape.quote(alignedElement.toString());
                }
                differing++;
            }
        }
        return differing + " of " + sft.elementCount() + " entries differ; " + first;
    }
}
