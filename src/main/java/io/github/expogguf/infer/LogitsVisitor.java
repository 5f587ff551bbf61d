package io.github.expogguf.infer;

/** Sees what a model expects at every scored token of some passages; called by several threads at a time. */
@FunctionalInterface
public interface LogitsVisitor {

    /**
     * Looks at one position.
     *
     * @param passage  index of the passage
     * @param position index of the token that the logits predict; every scored one comes once
     * @param logits   one per token of the vocabulary, none of them NaN or positive infinity; reused after the call
     */
    void visit(int passage, int position, float[] logits);
}
