package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the tokenizers of two models. The tokens are the same on both sides, as their order is the order of the rows
 * of the embeddings, or half of them can be found by text; then only the kind of tokenizer is compared further.
 * Otherwise the other properties must not contradict each other; one that only one file states is no difference, as
 * converters of different age write different sets. End-of-sequence, padding, end-of-turn and fill-in-the-middle tokens
 * may differ: they are conventions of use, which alignment may change.
 */
final class TokenizerPairing {

    private static final String PREFIX = "tokenizer.ggml.";

    /** A model that has one of these and one that has it not are different. */
    private static final Set<String> REQUIRED_ON_BOTH_SIDES = Set.of("model", "tokens");

    /** What must be the same even if the tokens are not. */
    private static final Set<String> TOKENIZER_ITSELF = Set.of("model", "pre");

    private static final List<String> COMPARED = List.of(
            "model",
            "pre",
            "tokens",
            "token_type",
            "scores",
            "merges",
            "bos_token_id",
            "unknown_token_id",
            "seperator_token_id", // sic
            "cls_token_id",
            "mask_token_id");

    private TokenizerPairing() {}

    /** @param tokens how the vocabularies go together, if they differ */
    static List<String> differences(Metadata sft, Metadata aligned, Optional<TokenMatch> tokens) {
        List<String> differences = new ArrayList<>();
        tokens.filter(match -> !match.isUsable()).ifPresent(match -> differences.add(tooFew(match)));
        for (String name : COMPARED) {
            if (tokens.isPresent() && !TOKENIZER_ITSELF.contains(name)) {
                continue; // follows from the tokens, or is a use of them
            }
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

    private static String tooFew(TokenMatch tokens) {
        return PREFIX + "tokens: " + tokens.count() + " of " + tokens.alignedCount()
                + " tokens of the aligned model are in the SFT model (which has " + tokens.sftCount()
                + "), too few to match their rows by text; half are needed";
    }

    private static Optional<String> describe(MetadataValue sft, MetadataValue aligned) {
        if (sft.equals(aligned) || (sft.isInteger() && aligned.isInteger() && sft.asLong() == aligned.asLong())) {
            return Optional.empty();
        }
        if (!sft.typeName().equals(aligned.typeName()) || sft.type() != MetadataType.ARRAY) {
            return Optional.of(both(Escape.quote(sft.toString()), Escape.quote(aligned.toString())));
        }
        if (sft.elementCount() != aligned.elementCount()) {
            return Optional.of(both(sft.elementCount() + " entries", aligned.elementCount() + " entries"));
        }
        return Optional.of(describeElements(sft, aligned));
    }

    private static String both(String sft, String aligned) {
        return sft + " in the SFT model, " + aligned + " in the aligned model";
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
                    first = "number " + i + " is "
                            + both(Escape.quote(sftElement.toString()), Escape.quote(alignedElement.toString()));
                }
                differing++;
            }
        }
        return differing + " of " + sft.elementCount() + " entries differ; " + first;
    }
}
