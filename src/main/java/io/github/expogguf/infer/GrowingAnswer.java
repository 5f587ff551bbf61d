package io.github.expogguf.infer;

import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.decode.Decoder;
import io.github.expogguf.infer.token.StopStrings;
import io.github.expogguf.infer.token.Utf8Assembler;
import io.github.expogguf.infer.token.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer while it grows: chooses its tokens, joins their text, and knows when it is at its end. */
final class GrowingAnswer implements AutoCloseable {

    private final GenerationOptions how;
    private final int promptTokens;
    private final TokenSampler sampler;
    private final Utf8Assembler characters = new Utf8Assembler();
    private final StopStrings stops;
    private final List<Integer> tokens = new ArrayList<>();
    private int shown; // characters that were returned
    private @Nullable FinishReason finishReason;

    /**
     * Begins an answer.
     *
     * @param seed          of the sampling, where it has one
     * @param contextTokens most that a sequence may hold
     */
    GrowingAnswer(GenerationOptions how, int seed, int[] prompt, int contextTokens, Vocabulary vocabulary) {
        this.how = how;
        this.promptTokens = prompt.length;
        this.sampler = new TokenSampler(how, seed, prompt, contextTokens, vocabulary);
        this.stops = new StopStrings(how.stopStrings());
    }

    /**
     * Chooses the next token.
     *
     * @param output index in the batch of the token whose logits count
     * @param isLast whether the context has no room for what is chosen
     * @return the text that became known with it, perhaps none
     */
    String take(Decoder decoder, int output, boolean isLast) {
        String text = sampler.isAtEnd() ? end() : take(decoder, decoder.logits(output), isLast);
        shown += text.length();
        return text;
    }

    private String take(Decoder decoder, MemorySegment logits, boolean isLast) {
        int token = sampler.sample(logits);
        return decoder.vocabulary().isEndOfGeneration(token) ? end() : append(decoder, token, isLast);
    }

    private String end() {
        finishReason = FinishReason.END_OF_GENERATION;
        return stops.rest();
    }

    private String append(Decoder decoder, int token, boolean isLast) {
        tokens.add(token);
        String text = stops.add(characters.append(decoder.vocabulary().piece(token, false)));
        if (stops.isFound()) {
            finishReason = FinishReason.STOP_STRING;
        } else if (tokens.size() == how.maxTokens() || isLast) {
            finishReason = FinishReason.LENGTH;
            text += stops.rest();
        }
        return text;
    }

    /** The token that was chosen last. */
    int lastToken() {
        return tokens.getLast();
    }

    /** Ends it from outside, unless the model had come to an end by itself. */
    void stop() {
        if (finishReason == null || finishReason == FinishReason.LENGTH) {
            finishReason = FinishReason.STOPPED;
        }
    }

    boolean isAtEnd() {
        return finishReason != null;
    }

    /** Whether the model said that it is at its end, so that the last token brought no text of its own. */
    boolean isEndedByModel() {
        return finishReason == FinishReason.END_OF_GENERATION;
    }

    /** The answer as a whole; as stopped, if it is not at its end. */
    Generation result() {
        FinishReason reason = finishReason == null ? FinishReason.STOPPED : finishReason;
        String text = characters.finish();
        return new Generation(
                reason == FinishReason.STOP_STRING ? text.substring(0, shown) : text, tokens, promptTokens, reason);
    }

    @Override
    public void close() {
        sampler.close();
    }
}
