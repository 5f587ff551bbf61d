package io.github.expogguf.convert.peft;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Matches regular expressions of strangers, which may be made to take forever. */
final class BoundedMatch {

    private static final int MAX_LOOKS = 1_000_000; // at single characters

    private BoundedMatch() {}

    /**
     * Whether all of a text matches.
     *
     * @throws PatternSyntaxException if it is no expression, or takes too long
     */
    static boolean matches(String pattern, String text) {
        try {
            return Pattern.compile(pattern).matcher(new Looks(text)).matches();
        } catch (StackOverflowError | TooManyException _) {
            throw new PatternSyntaxException("takes too long", "", -1);
        }
    }

    private static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A text that can be looked at so many times. */
    private static final class Looks implements CharSequence {

        private final String text;
        private int looks;

        Looks(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks > MAX_LOOKS) {
                throw new TooManyException();
            }
            return text.charAt(index);
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
