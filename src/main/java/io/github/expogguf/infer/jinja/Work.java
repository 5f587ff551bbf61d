package io.github.expogguf.infer.jinja;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What evaluating a template may cost, in characters that its operations look at or make. Templates come from strangers' files, and
 * a few operations on strings are enough to ask for more memory or time than there is.
 */
final class Work {

    private static final long LEAST = 1 << 24;
    private static final long PER_CHARACTER = 64; // a template may look at every text it is given that often
    private static final int MAX_DEPTH = 16;

    private long left;

    private Work(long characters) {
        left = LEAST + PER_CHARACTER * characters;
    }

    /** Enough for any sensible template with these variables. */
    static Work on(Map<String, Object> variables) {
        return new Work(characters(variables, 0));
    }

    private static long characters(Object value, int depth) {
        return switch (value) {
            case String text -> text.length();
            case Map<?, ?> map when depth < MAX_DEPTH -> characters(map.values(), depth);
            case Collection<?> values when depth < MAX_DEPTH ->
                values.stream().mapToLong(member -> characters(member, depth + 1)).sum();
            case null, default -> 0;
        };
    }

    /** Counts what is about to be looked at or made. */
    void charge(long characters) throws JinjaException {
        left -= characters;
        if (left < 0) {
            throw JinjaException.unsupported("more work than its input explains");
        }
    }

    /** Counts a search, which in the worst case looks at every character of the pattern at every place. */
    void chargeSearch(String text, String pattern) throws JinjaException {
        charge(text.length() + (long) text.length() * pattern.length() / 16);
    }

    /** Whether two values are equal, as deep as sensible data goes; mappings may contain themselves. */
    boolean areEqual(Object left, Object right) throws JinjaException {
        return areEqual(left, right, 0);
    }

    private boolean areEqual(Object left, Object right, int depth) throws JinjaException {
        if (depth > MAX_DEPTH) {
            throw JinjaException.unsupported("comparing values more than " + MAX_DEPTH + " deep");
        }
        charge(1);
        return left == right
                || switch (left) {
                    case String text -> right instanceof String other && areEqualTexts(text, other);
                    case List<?> list -> right instanceof List<?> other && areEqualLists(list, other, depth + 1);
                    case Map<?, ?> map -> right instanceof Map<?, ?> other && areEqualMaps(map, other, depth + 1);
                    case null -> false;
                    default -> left.equals(right);
                };
    }

    private boolean areEqualTexts(String left, String right) throws JinjaException {
        if (left.length() != right.length()) {
            return false;
        }
        charge(left.length());
        return left.equals(right);
    }

    private boolean areEqualLists(List<?> left, List<?> right, int depth) throws JinjaException {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!areEqual(left.get(i), right.get(i), depth)) {
                return false;
            }
        }
        return true;
    }

    private boolean areEqualMaps(Map<?, ?> left, Map<?, ?> right, int depth) throws JinjaException {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : left.entrySet()) {
            if (!right.containsKey(entry.getKey()) || !areEqual(entry.getValue(), right.get(entry.getKey()), depth)) {
                return false;
            }
        }
        return true;
    }
}
