package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.infer.decode.SharedTokens;
import io.github.expogguf.plan.pair.TokenMatch;
import io.github.expogguf.plan.pair.TokenRows;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Finds the tokens of a model in another one. */
final class TokenSearch {

    private TokenSearch() {}

    /** What another model is to one, for messages. */
    enum Role {
        SFT("the SFT model", "the aligned model", "take the SFT model that the aligned one was trained from"),
        GUIDE("the model of the guide", "the guided model", "take a guide of the same family");

        private final String other;
        private final String own;
        private final String advice;

        Role(String other, String own, String advice) {
            this.other = other;
            this.own = own;
            this.advice = advice;
        }
    }

    /**
     * Looks the tokens of a model up in another one.
     *
     * @throws ModelMismatchException if they have too few tokens in common
     */
    static SharedTokens of(LlamaModel other, LlamaModel model, Role role) {
        TokenMatch match = TokenMatch.of(other.metadata(), model.metadata()).orElse(null);
        int[] rows = match == null ? sameNumbers(other, model) : numbers(match.rows(), other, model);
        int missing = missing(rows);
        if (missing == rows.length || (match != null && !match.isUsable())) {
            throw new ModelMismatchException(
                    other.name() + " and " + model.name() + ": " + role.other + " has only " + (rows.length - missing)
                            + " of " + role.own + "'s " + rows.length + " tokens, expected at least half of them:"
                            + " logits are combined token by token, so " + role.advice,
                    List.of("tokenizer.ggml.tokens: " + missing + " tokens are in " + role.own + " alone"));
        }
        return match == null ? SharedTokens.same(rows.length) : SharedTokens.of(rows, standIns(rows, other, model));
    }

    /** Vocabularies that list the same tokens, if they are of one size. */
    private static int[] sameNumbers(LlamaModel other, LlamaModel model) {
        int[] numbers = new int[model.vocabularySize()];
        boolean same = other.vocabularySize() == numbers.length;
        Arrays.setAll(numbers, token -> same ? token : TokenRows.NONE);
        return numbers;
    }

    private static int[] numbers(TokenRows match, LlamaModel other, LlamaModel model) {
        int[] numbers = new int[model.vocabularySize()];
        int end = other.vocabularySize();
        Arrays.setAll(numbers, token -> match.of(token) < end ? match.of(token) : TokenRows.NONE);
        return numbers;
    }

    private static int missing(int[] rows) {
        return (int) Arrays.stream(rows).filter(row -> row == TokenRows.NONE).count();
    }

    private static int[] standIns(int[] rows, LlamaModel other, LlamaModel model) {
        int[] read = rows.clone();
        for (int token = 0; token < read.length; token++) {
            if (read[token] == TokenRows.NONE) {
                read[token] = standIn(model.tokenText(token), other);
            }
        }
        return read;
    }

    /** The last token of the text: one for one, so that both sequences have the same positions. */
    private static int standIn(String text, LlamaModel other) {
        OptionalInt last = OptionalInt.empty();
        try {
            last = Arrays.stream(other.tokenize(text, false, false)).reduce((_, next) -> next);
        } catch (InferenceException _) {
            // a text that the other model has no tokens for
        }
        return last.orElseGet(() -> other.endOfSequence().orElse(0));
    }
}
