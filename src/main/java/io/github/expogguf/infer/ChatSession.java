package io.github.expogguf.infer;

import io.github.expogguf.infer.Generation.FinishReason;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A conversation, in a context of its own. Remembers the keys and values of the tokens it has seen, so that a prompt
 * that begins like the last prompt and its answer, as the next turn does, costs its new tokens only; forgets them when
 * the weights of the model change. The answer is that of a {@link LlamaContext}, which starts afresh each time; sums
 * may be rounded differently in rare cases.
 *
 * <p>Serves one call at a time, from any thread; a call while another is under way throws {@link
 * IllegalStateException}, and so does a closed session.
 */
public final class ChatSession implements AutoCloseable {

    private static final int SEQUENCE = 0;

    private final LlamaContext context;
    private final int[] known; // tokens of the sequence, in their order
    private int knownCount;
    private long knownChanges; // of the weights, when the tokens were seen
    private int reusedCount;

    private ChatSession(LlamaContext context) {
        this.context = context;
        this.known = new int[context.contextTokens()];
    }

    /**
     * Makes room for a conversation.
     *
     * @param options context, batch and threads; there is one sequence whatever they say
     * @throws io.github.expogguf.InferenceException if llama.cpp cannot
     */
    public static ChatSession open(LlamaModel model, ContextOptions options) {
        return new ChatSession(model.newContext(options.withSequences(1)));
    }

    /** Tokens that the conversation may have, the answer included. */
    public int contextTokens() {
        return context.contextTokens();
    }

    /** The model that answers. */
    public LlamaModel model() {
        return context.model();
    }

    /** Tokens of the last prompt that did not have to be computed again. */
    public int reusedTokens() {
        return reusedCount;
    }

    /**
     * Answers.
     *
     * @param prompt   the whole conversation, tokenized; at least one token, at most {@link #contextTokens}
     * @param listener hears the answer grow and may stop it
     * @param stop     ends the answer as soon as it is true, even while the prompt is read; asked often, on any thread
     * @throws IllegalArgumentException              if a token is not in the vocabulary
     * @throws io.github.expogguf.InferenceException if the prompt does not fit into the context, or llama.cpp fails
     */
    public Generation answer(int[] prompt, GenerationOptions how, Generation.Listener listener, BooleanSupplier stop) {
        context.requireFits(prompt, 0);
        context.requireGrammar(how);
        Decoder decoder = context.decoder();
        boolean consistent = false;
        try {
            forgetOtherWeights(decoder);
            int output = readPrompt(decoder, prompt, () -> how.isCancelled() || stop.getAsBoolean());
            if (output < 0) {
                how.checkCancelled();
                return new Generation("", List.of(), prompt.length, FinishReason.STOPPED);
            }
            Generation answer = generate(decoder, prompt, output, how, listener, stop);
            consistent = true;
            return answer;
        } finally {
            if (!consistent) {
                forgetAll(decoder);
            }
            decoder.closeKeeping();
        }
    }

    private void forgetOtherWeights(Decoder decoder) {
        long changes = context.model().weights().changes();
        if (changes != knownChanges) {
            forgetAll(decoder);
            knownChanges = changes;
        }
    }

    /** Decodes what is new of the prompt; returns the index of its last token in the last batch, or -1 if stopped. */
    private int readPrompt(Decoder decoder, int[] prompt, BooleanSupplier stop) {
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

    /** Shortens the sequence, to nothing if its memory (a recurrent state) cannot be shortened; returns its length. */
    private int forgetFrom(Decoder decoder, int position) {
        if (position == knownCount || (position > 0 && decoder.forgetFrom(SEQUENCE, position))) {
            knownCount = position;
        } else {
            forgetAll(decoder);
        }
        return knownCount;
    }

    private void forgetAll(Decoder decoder) {
        decoder.forgetAll();
        knownCount = 0;
    }

    private Generation generate(
            Decoder decoder,
            int[] prompt,
            int promptOutput,
            GenerationOptions how,
            Generation.Listener listener,
            BooleanSupplier stop) {
        int output = promptOutput;
        try (GrowingAnswer answer =
                new GrowingAnswer(how, how.sampling().seed(), prompt, known.length, decoder.vocabulary())) {
            while (true) {
                String text = answer.take(decoder, output, knownCount == known.length);
                boolean isNews = !answer.isEndedByModel() || !text.isEmpty();
                if (isNews && (!listener.onText(0, text) || stop.getAsBoolean())) {
                    answer.stop();
                }
                if (answer.isAtEnd()) {
                    return answer.result();
                }
                how.checkCancelled();
                decoder.batch().clear();
                output = decoder.batch().add(answer.lastToken(), knownCount, SEQUENCE, true);
                decoder.decode();
                known[knownCount++] = answer.lastToken();
            }
        }
    }

    /** Frees the memory, after the call that may be under way. */
    @Override
    public void close() {
        context.close();
    }
}
