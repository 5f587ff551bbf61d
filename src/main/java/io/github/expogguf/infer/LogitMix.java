package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.plan.pair.TokenRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How the logits of an SFT model go into those of an aligned one. Any thread may call. */
final class LogitMix {

    private final String name;
    private final int @Nullable [] rows;
    private final int @Nullable [] read;
    private volatile Setting setting;

    /**
     * What a call goes by.
     *
     * @param alpha    weight of the difference
     * @param switches how often the SFT model came into use or out of it, since which its sequences are incomplete
     */
    record Setting(float alpha, long switches) {

        boolean needsSft() {
            return alpha != 0;
        }
    }

    /**
     * Begins with an alpha.
     *
     * @param name of both models, for messages
     * @param rows for every token of the aligned model its number in the SFT model, or {@link TokenRows#NONE}; null if
     *             all numbers are the same
     * @param read the same for what the SFT model reads, where there always is a number
     */
    LogitMix(String name, int @Nullable [] rows, int @Nullable [] read, float alpha) {
        this.name = name;
        this.rows = rows;
        this.read = read;
        this.setting = new Setting(requireFinite(alpha), 0);
    }

    private static float requireFinite(float alpha) {
        if (!Float.isFinite(alpha)) {
            throw new IllegalArgumentException("alpha is " + alpha + ", expected a finite number");
        }
        return alpha;
    }

    /** Tokens of the aligned model that the SFT model does not have. */
    int unmatchedTokens() {
        return rows == null
                ? 0
                : (int) Arrays.stream(rows).filter(row -> row == TokenRows.NONE).count();
    }

    Setting setting() {
        return setting;
    }

    synchronized void setAlpha(float alpha) {
        boolean switched = setting.needsSft() != (requireFinite(alpha) != 0);
        setting = new Setting(alpha, setting.switches() + (switched ? 1 : 0));
    }

    /** The token that the SFT model reads where the aligned one reads this. */
    int read(int token) {
        return read == null ? token : read[token];
    }

    /**
     * Combines the logits of one position: {@code (1 + alpha) * aligned - alpha * sft}, every operation rounded to a
     * 32-bit float.
     *
     * @param target a float for every token of the aligned model; may be the aligned logits themselves
     */
    void combine(float alpha, MemorySegment aligned, MemorySegment from, MemorySegment target) {
        float up = 1 + alpha;
        int count = (int) (aligned.byteSize() / Float.BYTES);
        for (int token = 0; token < count; token++) {
            float own = aligned.getAtIndex(ValueLayout.JAVA_FLOAT, token);
            int row = rows == null ? token : rows[token];
            float other = row == TokenRows.NONE ? own : from.getAtIndex(ValueLayout.JAVA_FLOAT, row);
            float logit = own;
            // a token that one of the models masks has no difference to go on with
            if (row != TokenRows.NONE && own != Float.NEGATIVE_INFINITY && other != Float.NEGATIVE_INFINITY) {
                logit = up * own - alpha * other;
            }
            if (!isNumber(own) || !isNumber(other) || !isNumber(logit)) {
                throw new InferenceException(name + ": the logit of token " + token + " is " + own
                        + " in the aligned model and " + other + " in the SFT model, " + logit + " at alpha " + alpha
                        + ", expected numbers: the weights, or alpha, are too large to compute with");
            }
            target.setAtIndex(ValueLayout.JAVA_FLOAT, token, logit);
        }
    }

    private static boolean isNumber(float logit) {
        return !Float.isNaN(logit) && logit != Float.POSITIVE_INFINITY;
    }
}
