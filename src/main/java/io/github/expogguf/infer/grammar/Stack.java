package io.github.expogguf.infer.grammar;

import java.util.List;

/**
 * What is still to come on one of the ways in which a text may go on: the rest of a sequence, and what follows it.
 * Equal if it goes through the same places of the same rules.
 */
final class Stack {

    /** Nothing more: the text may end. */
    static final Stack END = new Stack();

    private final List<Symbol> sequence;
    private final int at;
    private final Stack below;
    private final int hash;

    private Stack() {
        this.sequence = List.of();
        this.at = 0;
        this.below = this;
        this.hash = 1;
    }

    private Stack(List<Symbol> sequence, int at, Stack below) {
        this.sequence = sequence;
        this.at = at;
        this.below = below;
        this.hash = 31 * (31 * below.hash + System.identityHashCode(sequence)) + at;
    }

    /** First the sequence, then the rest. */
    static Stack of(List<Symbol> sequence, Stack below) {
        return sequence.isEmpty() ? below : new Stack(sequence, 0, below);
    }

    /** What comes first; not of {@link #END}. */
    Symbol first() {
        return sequence.get(at);
    }

    /** What follows that. */
    Stack rest() {
        return at + 1 < sequence.size() ? new Stack(sequence, at + 1, below) : below;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the same sequence, not one that says the same
    public boolean equals(Object other) {
        if (!(other instanceof Stack that)) {
            return false;
        }
        Stack one = this;
        Stack two = that;
        while (one != two) { // they may be deep, so that recursion is none
            if (one.hash != two.hash || one.sequence != two.sequence || one.at != two.at) {
                return false;
            }
            one = one.below;
            two = two.below;
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
