package io.github.expogguf.convert.peft;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
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
        return bounded(() -> matcher(pattern, text).matches());
    }

    /**
     * What a group has where the beginning of a text matches.
     *
     * @throws PatternSyntaxException if it is no expression, or takes too long
     */
    static Optional<String> start(String pattern, String text, String group) {
        return bounded(() -> {
            Matcher matcher = matcher(pattern, text);
            return matcher.lookingAt() ? Optional.ofNullable(matcher.group(group)) : Optional.empty();
        });
    }

    /** Lines end and letters are as in Python. */
    private static Matcher matcher(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS)
                .matcher(new Looks(text));
    }

    private static <T> T bounded(Supplier<T> match) {
        try {
            return match.get();
        } catch (StackOverflowError | TooManyException _) {
            throw new PatternSyntaxException("it takes too long", "", -1);
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
