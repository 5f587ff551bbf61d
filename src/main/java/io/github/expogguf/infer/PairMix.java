package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.infer.decode.SharedTokens;
import io.github.expogguf.plan.pair.TokenRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** {@code (1 + alpha) * aligned - alpha * sft}: DeRa, arXiv 2402.02992, section 3. */
final class PairMix extends LogitMix {

    private PairMix(String name, SharedTokens tokens, float alpha) {
        super(name, List.of(tokens), alpha);
    }

    /**
     * Of two models.
     *
     * @throws io.github.expogguf.ModelMismatchException if they have too few tokens in common
     */
    static PairMix of(LlamaModel sft, LlamaModel aligned, float alpha) {
        SharedTokens tokens = TokenSearch.of(sft, aligned, TokenSearch.Role.SFT);
        return new PairMix(sft.name() + " and " + aligned.name(), tokens, alpha);
    }

    @Override
    public void combine(float alpha, MemorySegment aligned, List<MemorySegment> others, MemorySegment target) {
        SharedTokens tokens = tokens(0);
        MemorySegment from = others.getFirst();
        float up = 1 + alpha;
        int count = (int) (aligned.byteSize() / Float.BYTES);
        for (int token = 0; token < count; token++) {
            float own = aligned.getAtIndex(ValueLayout.JAVA_FLOAT, token);
            int row = tokens.row(token);
            float other = row == TokenRows.NONE ? own : from.getAtIndex(ValueLayout.JAVA_FLOAT, row);
            float logit = own;
            // a token that one of the models masks has no difference to go on with
            if (row != TokenRows.NONE && own != Float.NEGATIVE_INFINITY && other != Float.NEGATIVE_INFINITY) {
                logit = up * own - alpha * other;
            }
            if (!isNumber(own) || !isNumber(other) || !isNumber(logit)) {
                requireNumber(own, token, "the aligned model");
                requireNumber(other, token, "the SFT model");
                throw tooLarge(token, own + " in the aligned model and " + other + " in the SFT model", logit, alpha);
            }
            target.setAtIndex(ValueLayout.JAVA_FLOAT, token, logit);
        }
    }
}
