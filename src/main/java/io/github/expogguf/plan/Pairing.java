package io.github.expogguf.plan;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.ModelHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether two models are checkpoints of one: same architecture, hyper-parameters, kind of tokenizer, tensors and shapes.
 * The vocabularies may differ as long as half of the aligned model's tokens are in both, and one model may tie its output to its
 * embeddings where the other does not, or have the same weights in another layout. Types may differ from tensor to tensor and from model to model, and so may everything else
 * in the metadata: names, licences, chat templates. Pure: no I/O.
 *
 * @see HyperParameterPairing
 * @see TokenizerPairing
 * @see TensorPairing
 * @see TensorLayouts
 */
public final class Pairing {

    private Pairing() {}

    /** Every difference that matters, one line each, grouped by kind and counted; none for a pair. */
    public static List<String> differences(ModelHeader sft, ModelHeader aligned) {
        List<String> differences = new ArrayList<>();
        TensorLayouts layouts = TensorLayouts.of(sft, aligned);
        String sftArchitecture = sft.metadata().architecture();
        String alignedArchitecture = aligned.metadata().architecture();
        if (sftArchitecture.equals(alignedArchitecture)) {
            differences.addAll(HyperParameterPairing.differences(
                    sft.metadata(), aligned.metadata(), layouts.consistentKeys()));
        } else {
            // every key begins with the architecture: comparing them would only repeat this
            differences.add("architecture: " + Escape.quote(sftArchitecture) + " in the SFT model, "
                    + Escape.quote(alignedArchitecture) + " in the aligned model");
        }
        Optional<TokenMatch> tokens = TokenMatch.of(sft.metadata(), aligned.metadata());
        differences.addAll(TokenizerPairing.differences(sft.metadata(), aligned.metadata(), tokens));
        differences.addAll(TensorPairing.differences(
                sft.tensors(), aligned.tensors(), layouts, tokens.filter(TokenMatch::isUsable).isPresent()));
        return differences;
    }

    /**
     * Refuses what is not a pair.
     *
     * @throws ModelMismatchException with all differences
     */
    public static void check(ModelHeader sft, ModelHeader aligned) {
        List<String> differences = differences(sft, aligned);
        if (!differences.isEmpty()) {
            throw new ModelMismatchException(
                    sft.name() + " and " + aligned.name() + " are not a pair:\n  " + String.join("\n  ", differences),
                    differences);
        }
    }
}
