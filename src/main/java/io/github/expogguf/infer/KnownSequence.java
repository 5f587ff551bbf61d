package io.github.expogguf.infer;

import io.github.expogguf.infer.decode.Decoder;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** The one sequence of a context, and the tokens whose keys and values it remembers. Used by one call at a time. */
final class KnownSequence {

    private static final int SEQUENCE = 0;

    private final int[] known; // tokens of the sequence, in their order
    private int knownCount;
    private long knownChanges; // of the weights, when the tokens were seen
    private int reusedCount;

    KnownSequence(LlamaContext context) {
        this.known = new int[context.contextTokens()];
    }

    /** Tokens of the last prompt that did not have to be computed again. */
    int reusedTokens() {
        return reusedCount;
    }

    /** Most tokens that it may have. */
    int length() {
        return known.length;
    }

    boolean isFull() {
        return knownCount == known.length;
    }

    /**
     * Decodes what is new of a prompt.
     *
     * @param stop asked often, on any thread
     * @return the index of its last token in the last batch, or -1 if stopped
     */
    int read(Decoder decoder, int[] prompt, BooleanSupplier stop) {
        forgetOtherWeights(decoder);
        int common = Arrays.mismatch(known, 0, knownCount, prompt, 0, prompt.length);
        // the last token is decoded again in any case, because its logits are wanted
        int position = common < 0 ? prompt.length - 1 : Math.min(common, prompt.length - 1);
        position = forgetFrom(decoder, position);
        reusedCount = position;
        decoder.stopWhen(stop);
        try {
            int output = -1;
            while (position < prompt.length) {
                decoder.batch().clear();
                while (position < prompt.length && decoder.batch().free() > 0) {
                    boolean last = position == prompt.length - 1;
                    output = decoder.batch().add(prompt[position], position, SEQUENCE, last);
                    position++;
                }
                if (stop.getAsBoolean() || !decoder.decodeUnlessStopped()) {
                    return -1;
                }
            }
            System.arraycopy(prompt, 0, known, 0, prompt.length);
            knownCount = prompt.length;
            return output;
        } finally {
            decoder.stopWhen(() -> false);
        }
    }

    /** Decodes one more token; returns its index in the batch. */
    int add(Decoder decoder, int token) {
        decoder.batch().clear();
        int output = decoder.batch().add(token, knownCount, SEQUENCE, true);
        decoder.decode();
        known[knownCount++] = token;
        return output;
    }

    private void forgetOtherWeights(Decoder decoder) {
        long changes = decoder.changes();
        if (changes != knownChanges) {
            forgetAll(decoder);
            knownChanges = changes;
        }
    }

    /** Shortens the sequence, to nothing if its memory (a recurrent state) cannot be shortened; returns its length. */
    private int forgetFrom(Decoder decoder, int position) {
        if (position == knownCount || (position > 0 && decoder.forgetFrom(SEQUENCE, position))) {
            knownCount = position;
        } else {
            forgetAll(decoder);
        }
        return knownCount;
    }

    void forgetAll(Decoder decoder) {
        decoder.forgetAll();
        knownCount = 0;
    }
}
