package io.github.expogguf.plan;

import java.util.regex.Pattern;

/**
 * Looks for expressions in names, as long as that takes no more than part of a second altogether. Both may come from a
 * stranger's file, and some expressions try for years ({@code (.*a){12}b}).
 */
final class PatternBudget {

    private final String option;
    private int looksLeft = 50_000_000; // a few hundred for an ordinary expression and name

    /** @param option whose expressions are looked for, for the message */
    PatternBudget(String option) {
        this.option = option;
    }

    /**
     * Whether the expression is found.
     *
     * @throws IllegalArgumentException if that takes too long
     */
    boolean finds(Pattern expression, String name) {
        return expression.matcher(new Counted(name)).find();
    }

    /** A name that counts how often it is looked at. */
    private final class Counted implements CharSequence {

        private final String text;

        private Counted(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (looksLeft-- <= 0) {
                throw new IllegalArgumentException(
                        "the expressions of " + option + " take too long to be looked for in the names of the tensors");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
