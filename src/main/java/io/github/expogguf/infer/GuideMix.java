package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.infer.decode.SharedTokens;
import io.github.expogguf.plan.pair.TokenRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * {@code model + alpha * (aligned - sft)}, where aligned and sft are another pair: proxy tuning, arXiv 2401.08565,
 * equation 1, with the factor of ThinkLogit, arXiv 2510.09354.
 */
final class GuideMix extends LogitMix {

    private GuideMix(String name, SharedTokens sft, SharedTokens aligned, float alpha) {
        super(name, List.of(sft, aligned), alpha);
    }

    /**
     * Of three models.
     *
     * @throws io.github.expogguf.ModelMismatchException if one of the pair has too few of the model's tokens
     */
    static GuideMix of(LlamaModel model, LlamaModel sft, LlamaModel aligned, float alpha) {
        return new GuideMix(
                model.name() + ", " + sft.name() + " and " + aligned.name(),
                TokenSearch.of(sft, model, TokenSearch.Role.GUIDE),
                TokenSearch.of(aligned, model, TokenSearch.Role.GUIDE),
                alpha);
    }

    @Override
    public void combine(float alpha, MemorySegment model, List<MemorySegment> others, MemorySegment target) {
        SharedTokens tokensFrom = tokens(0);
        SharedTokens tokensTo = tokens(1);
        int count = (int) (model.byteSize() / Float.BYTES);
        for (int token = 0; token < count; token++) {
            float own = model.getAtIndex(ValueLayout.JAVA_FLOAT, token);
            int rowFrom = tokensFrom.row(token);
            int rowTo = tokensTo.row(token);
            float logit = own;
            float from = 0;
            float to = 0;
            if (rowFrom != TokenRows.NONE && rowTo != TokenRows.NONE) {
                from = others.get(0).getAtIndex(ValueLayout.JAVA_FLOAT, rowFrom);
                to = others.get(1).getAtIndex(ValueLayout.JAVA_FLOAT, rowTo);
                // a token that one of the models masks has no difference to add
                if (own != Float.NEGATIVE_INFINITY
                        && from != Float.NEGATIVE_INFINITY
                        && to != Float.NEGATIVE_INFINITY) {
                    logit = own + alpha * (to - from);
                    if (Float.isInfinite(alpha * to) || Float.isInfinite(alpha * from)) {
                        logit = Float.NaN; // a pair's logits could not be computed either; differences this large
                        // mislead
                    }
                }
            }
            if (!isNumber(own) || !isNumber(from) || !isNumber(to) || !isNumber(logit)) {
                requireNumber(own, token, "the model");
                requireNumber(to, token, "the aligned model of the guide");
                requireNumber(from, token, "the SFT model of the guide");
                throw tooLarge(
                        token,
                        own + " in the model, " + to + " in the aligned model of the guide and " + from
                                + " in its SFT model",
                        logit,
                        alpha);
            }
            target.setAtIndex(ValueLayout.JAVA_FLOAT, token, logit);
        }
    }
}
