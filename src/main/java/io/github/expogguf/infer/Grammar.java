package io.github.expogguf.infer;

import io.github.expogguf.infer.grammar.GrammarParser;
import io.github.expogguf.infer.grammar.Rules;
import java.util.Objects;

/**
 * What an answer may look like, in GBNF, the notation of llama.cpp:
 *
 * <pre>{@code
 * root ::= "yes" | "no" | "about " [0-9]{1,3} "%"
 * }</pre>
 *
 * <p>Every text begins with the rule {@code root}. A grammar belongs to no model. It is read and followed in Java,
 * since llama.cpp ends the process over some texts and grammars that it cannot go on with.
 */
public final class Grammar {

    private final String text;
    private final Rules rules;

    private Grammar(String text, Rules rules) {
        this.text = text;
        this.rules = rules;
    }

    /**
     * Reads a grammar.
     *
     * @param text GBNF, as llama.cpp reads it
     * @return the grammar, for any number of answers
     * @throws IllegalArgumentException if it is none, or one that cannot be followed; the message says line and column
     */
    public static Grammar parse(String text) {
        Objects.requireNonNull(text, "text");
        return new Grammar(text, GrammarParser.parse(text));
    }

    Rules rules() {
        return rules;
    }

    /** The text that it was read from. */
    @Override
    public String toString() {
        return text;
    }

    /** Whether it was read from the same text. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Grammar that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
