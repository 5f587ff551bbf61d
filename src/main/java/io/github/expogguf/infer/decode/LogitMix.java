package io.github.expogguf.infer.decode;

import io.github.expogguf.InferenceException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.plan.pair.TokenRows;
import io.github.expogguf.text.Numbers;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/** How the logits of other models go into those of one. Any thread may call. */
public abstract class LogitMix {

    private final String name;
    private final List<SharedTokens> tokens;
    private volatile Setting setting;

    /**
     * What a call goes by.
     *
     * @param alpha    weight of the difference
     * @param switches how often the other models came into use or out of it, since which their sequences are incomplete
     */
    public record Setting(float alpha, long switches) {

        public boolean needsOthers() {
            return alpha != 0;
        }
    }

    /**
     * Begins with an alpha.
     *
     * @param name   of all models, for messages
     * @param tokens of each of the other models
     */
    public LogitMix(String name, List<SharedTokens> tokens, float alpha) {
        this.name = name;
        this.tokens = List.copyOf(tokens);
        Numbers.requireFinite(alpha, "alpha");
        this.setting = new Setting(alpha, 0);
    }

    /** Tokens of the model that another one does not have. */
    public final List<Integer> unmatchedTokens() {
        int count = tokens.stream().mapToInt(SharedTokens::count).min().orElse(0);
        return IntStream.range(0, count)
                .filter(token -> tokens.stream().anyMatch(each -> each.row(token) == TokenRows.NONE))
                .boxed()
                .toList();
    }

    public final Setting setting() {
        return setting;
    }

    public final synchronized void setAlpha(float alpha) {
        Numbers.requireFinite(alpha, "alpha");
        boolean switched = setting.needsOthers() != (alpha != 0);
        setting = new Setting(alpha, setting.switches() + (switched ? 1 : 0));
    }

    /** The tokens of one of the other models. */
    public final SharedTokens tokens(int other) {
        return tokens.get(other);
    }

    /**
     * Combines the logits of one position, every operation rounded to a 32-bit float.
     *
     * @param own    of the model, a float for each of its tokens
     * @param others of the other models, in their order
     * @param target a float for every token of the model; may be its own logits themselves
     */
    public abstract void combine(float alpha, MemorySegment own, List<MemorySegment> others, MemorySegment target);

    /** Whether a logit is a number, or masks its token. */
    public static boolean isNumber(float logit) {
        return !Float.isNaN(logit) && logit != Float.POSITIVE_INFINITY;
    }

    /** Makes sure that a model said a number by itself. */
    public final void requireNumber(float logit, int token, String model) {
        if (!isNumber(logit)) {
            throw new NonFiniteException(name + ": the logit of token " + token + " is " + logit + " in " + model
                    + " by itself, whatever alpha is, expected a number: that model's weights hold NaN or infinity, or"
                    + " are too large to compute with");
        }
    }

    /**
     * Says that a logit is too large.
     *
     * @param logits what the models say, as in {@code 1.0 in the aligned model and 2.0 in the SFT model}
     */
    public final InferenceException tooLarge(int token, String logits, float logit, float alpha) {
        return new InferenceException(name + ": the logit of token " + token + " is " + logits + ", " + logit
                + " at alpha " + alpha + ", expected a number: alpha is too large to compute with");
    }
}
