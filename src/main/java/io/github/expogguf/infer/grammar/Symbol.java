package io.github.expogguf.infer.grammar;

/** One place of a sequence of a rule. */
public sealed interface Symbol {

    /**
     * One character.
     *
     * @param negated whether it is none of these
     * @param ranges  first and last code point of every range, one after the other
     */
    record Characters(boolean negated, int[] ranges) implements Symbol {

        static final Characters ANY = new Characters(true, new int[0]);

        static Characters of(int codePoint) {
            return new Characters(false, new int[] {codePoint, codePoint});
        }

        boolean contains(int codePoint) {
            for (int i = 0; i < ranges.length; i += 2) {
                if (ranges[i] <= codePoint && codePoint <= ranges[i + 1]) {
                    return !negated;
                }
            }
            return negated;
        }

        /** Whether it may be one of these. */
        boolean meets(int first, int last) {
            if (negated) {
                for (int i = 0; i < ranges.length; i += 2) {
                    if (ranges[i] <= first && last <= ranges[i + 1]) {
                        return false;
                    }
                }
                return true;
            }
            for (int i = 0; i < ranges.length; i += 2) {
                if (ranges[i] <= last && first <= ranges[i + 1]) {
                    return true;
                }
            }
            return false;
        }
    }

    /** What another rule stands for. */
    record Reference(int rule) implements Symbol {}

    /**
     * One token of the vocabulary, whatever its text.
     *
     * @param negated whether it is any but this
     * @param name    as written: its text, as in {@code <think>}, or its number, as in {@code <[1000]>}
     * @param id      its number in a vocabulary, or -1 before that is known
     */
    record Token(boolean negated, String name, int id) implements Symbol {

        boolean matches(int token) {
            return negated != (token == id);
        }
    }
}
