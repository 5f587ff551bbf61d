package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.grammar.GrammarState;
import io.github.expogguf.infer.token.Vocabulary;
import io.github.expogguf.text.Escape;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which tokens may come next in one answer that follows a grammar. */
final class GrammarGuide {

    private static final int KNOWN_STATES = 32;

    private final Vocabulary vocabulary;
    private final Map<GrammarState, BitSet> known =
            new LinkedHashMap<>() { // many a text stays where it is in a grammar
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<GrammarState, BitSet> eldest) {
                    return size() > KNOWN_STATES;
                }
            };
    private GrammarState state;

    /** @throws InferenceException if the grammar names tokens that are none of the vocabulary */
    GrammarGuide(Grammar grammar, Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.state = GrammarState.begin(grammar.rules().withTokens(name -> token(name, vocabulary)));
    }

    private static int token(String name, Vocabulary vocabulary) {
        if (name.matches("<\\[[0-9]{1,9}]>")) {
            int token = Integer.parseInt(name.substring(2, name.length() - 2));
            if (token < vocabulary.size()) {
                return token;
            }
        }
        int[] tokens = vocabulary.tokenize(name, false, true);
        if (tokens.length != 1) {
            throw new InferenceException(
                    "the grammar names " + Escape.quote(name) + ", which is no token of the vocabulary");
        }
        return tokens[0];
    }

    /** Whether the text is complete, and nothing may follow it. */
    boolean isAtEnd() {
        return state.mustEnd();
    }

    boolean allows(int token) {
        return vocabulary.isEndOfGeneration(token) ? state.mayEnd() : after(token) != null;
    }

    private @Nullable GrammarState after(int token) {
        return state.afterToken(token, vocabulary.texts().of(token));
    }

    /**
     * All tokens that may come next.
     *
     * @throws InferenceException if there is none
     */
    BitSet allowed() {
        return known.computeIfAbsent(state, _ -> findAllowed());
    }

    private BitSet findAllowed() {
        BitSet found = vocabulary.texts().allowed(state);
        for (int token = 0; token < vocabulary.size(); token++) {
            if (state.namesTokens() || vocabulary.isEndOfGeneration(token)) {
                found.set(token, allows(token));
            }
        }
        if (found.isEmpty()) {
            throw new InferenceException("the grammar goes on with what no token of the vocabulary can say");
        }
        return found;
    }

    /** Goes on with a token that is allowed. */
    void accept(int token) {
        if (!vocabulary.isEndOfGeneration(token)) {
            state = Objects.requireNonNull(after(token));
        }
    }
}
