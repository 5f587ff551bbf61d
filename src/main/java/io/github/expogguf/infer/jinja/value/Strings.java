package io.github.expogguf.infer.jinja.value;

/** Strings as Python has them: sequences of code points. */
public final class Strings {

    private Strings() {}

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    public static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    public static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The index in chars of a code point. */
    static int offset(String text, long codePoint) {
        return isPlain(text) ? (int) codePoint : text.offsetByCodePoints(0, (int) codePoint);
    }

    /** Code points from one index to another. */
    public static String slice(String text, long from, long to) {
        if (isPlain(text)) {
            return text.substring((int) from, (int) to);
        }
        int start = text.offsetByCodePoints(0, (int) from);
        return text.substring(start, text.offsetByCodePoints(start, (int) (to - from)));
    }

    public static String at(String text, long index) {
        return slice(text, index, index + 1);
    }

    public static String of(int codePoint) {
        return Character.toString(codePoint);
    }

    /** {@code text * count}. */
    public static String repeat(String text, long count, Work work) throws JinjaException {
        if (count <= 0 || text.isEmpty()) {
            return "";
        }
        work.charge(count > Integer.MAX_VALUE ? Long.MAX_VALUE : count * text.length());
        return text.repeat((int) count);
    }

    /** Everything replaced at most {@code max} times, or always if that is negative. */
    public static String replace(String text, String old, String replacement, long max, Work work)
            throws JinjaException {
        work.chargeSearch(text, old);
        StringBuilder result = new StringBuilder();
        int from = 0;
        long left = max < 0 ? Long.MAX_VALUE : max;
        for (int at = old.isEmpty() ? 0 : text.indexOf(old); at >= 0 && left > 0; left--) {
            work.charge(replacement.length() + 1L);
            result.append(text, from, at).append(replacement);
            from = at + old.length();
            if (!old.isEmpty()) {
                at = text.indexOf(old, from);
            } else if (at == text.length()) {
                break;
            } else {
                at = text.offsetByCodePoints(at, 1);
            }
        }
        return result.append(text, from, text.length()).toString();
    }

    /** How often a part is there, without overlaps. */
    public static long count(String text, String part) {
        if (part.isEmpty()) {
            return length(text) + 1L;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }
}
