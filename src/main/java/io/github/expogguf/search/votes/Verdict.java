package io.github.expogguf.search.votes;

/** Which of two answers is better. */
public enum Verdict {
    /** The one on the left. */
    LEFT,
    /** The one on the right. */
    RIGHT,
    /** Neither. */
    SAME
}
