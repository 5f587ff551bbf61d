package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.plan.pair.TokenMatch;
import io.github.expogguf.plan.pair.TokenRows;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Finds the tokens of an aligned model in an SFT model, so that their logits can be combined. */
final class SharedTokens {

    private SharedTokens() {}

    /**
     * Makes a mix of two models.
     *
     * @throws ModelMismatchException if they have too few tokens in common
     */
    static LogitMix mix(LlamaModel sft, LlamaModel aligned, float alpha) {
        String name = sft.name() + " and " + aligned.name();
        TokenMatch match = TokenMatch.of(sft.metadata(), aligned.metadata()).orElse(null);
        int[] rows = match == null ? sameNumbers(sft, aligned) : numbers(match.rows(), sft, aligned);
        int missing = missing(rows);
        if (missing == rows.length || (match != null && !match.isUsable())) {
            throw new ModelMismatchException(
                    name + ": the SFT model has only " + (rows.length - missing) + " of the aligned model's "
                            + rows.length + " tokens, expected at least half of them: logits are combined token by"
                            + " token, so take the SFT model that the aligned one was trained from",
                    List.of("tokenizer.ggml.tokens: " + missing + " tokens are in the aligned model alone"));
        }
        return match == null
                ? new LogitMix(name, null, null, alpha)
                : new LogitMix(name, rows, standIns(rows, sft, aligned), alpha);
    }

    /** Vocabularies that list the same tokens, if they are of one size. */
    private static int[] sameNumbers(LlamaModel sft, LlamaModel aligned) {
        int[] numbers = new int[aligned.vocabularySize()];
        boolean same = sft.vocabularySize() == numbers.length;
        Arrays.setAll(numbers, token -> same ? token : TokenRows.NONE);
        return numbers;
    }

    private static int[] numbers(TokenRows match, LlamaModel sft, LlamaModel aligned) {
        int[] numbers = new int[aligned.vocabularySize()];
        int end = sft.vocabularySize();
        Arrays.setAll(numbers, token -> match.of(token) < end ? match.of(token) : TokenRows.NONE);
        return numbers;
    }

    private static int missing(int[] rows) {
        return (int) Arrays.stream(rows).filter(row -> row == TokenRows.NONE).count();
    }

    private static int[] standIns(int[] rows, LlamaModel sft, LlamaModel aligned) {
        int[] read = rows.clone();
        for (int token = 0; token < read.length; token++) {
            if (read[token] == TokenRows.NONE) {
                read[token] = standIn(aligned.tokenText(token), sft);
            }
        }
        return read;
    }

    /** The last token of the text: one for one, so that both sequences have the same positions. */
    private static int standIn(String text, LlamaModel sft) {
        OptionalInt last = OptionalInt.empty();
        try {
            last = Arrays.stream(sft.tokenize(text, false, false)).reduce((_, next) -> next);
        } catch (InferenceException _) {
            // a text that the SFT model has no tokens for
        }
        return last.orElseGet(() -> sft.endOfSequence().orElse(0));
    }
}
