package io.github.expogguf.infer.jinja.value;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What evaluating a template may cost: steps, nesting, and characters that its operations look at or make. Templates
 * come from strangers' files, and a few operations on strings are enough to ask for more memory or time than there is.
 */
public final class Work {

    /** What an object costs, in characters: a piece of a string, a member of a list. */
    public static final int OBJECT = 32;

    /** What a character costs, in characters, that is changed by itself. */
    public static final int MAPPING = 8;

    private static final long LEAST_CHARACTERS = 1 << 24;
    private static final long PER_CHARACTER = 64; // a template may look at every text it is given that often
    private static final long LEAST_STEPS = 1 << 18;
    private static final long STEPS_PER_VALUE = 1 << 10; // several hundred for each field of a message
    private static final long MAX_STEPS = 1 << 24;
    private static final int MAX_DEPTH = 500; // statements and expressions inside each other, macros included

    /** How deep data may be nested that is written, compared or hashed. */
    static final int MAX_NESTING = 128;

    private final long maxSteps;
    private long left;
    private long steps;
    private int depth;

    /** As many characters and steps as are said. */
    public Work(long characters, long steps) {
        left = characters;
        maxSteps = steps;
    }

    /** Enough for any sensible template with these variables. */
    public static Work on(Map<String, @Nullable Object> variables) {
        long[] sums = new long[2];
        count(variables, 0, sums);
        return new Work(
                LEAST_CHARACTERS + PER_CHARACTER * sums[0],
                Math.min(LEAST_STEPS + STEPS_PER_VALUE * sums[1], MAX_STEPS));
    }

    private static void count(@Nullable Object value, int nesting, long[] sums) {
        sums[1]++;
        switch (value) {
            case String text -> sums[0] += text.length();
            case Map<?, ?> map
            when nesting < MAX_NESTING ->
                map.forEach((key, member) -> {
                    count(key, nesting + 1, sums);
                    count(member, nesting + 1, sums);
                });
            case Collection<?> values
            when nesting < MAX_NESTING -> values.forEach(member -> count(member, nesting + 1, sums));
            case null, default -> {}
        }
    }

    /** Counts a statement, an expression or an item. */
    public void step() throws JinjaException {
        if (++steps > maxSteps) {
            throw JinjaException.limit("the template takes more than " + maxSteps + " steps");
        }
    }

    /** Goes one level deeper; {@link #leave} comes back. An exception ends everything, so none has to come back. */
    public void enter() throws JinjaException {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.limit("maximum recursion depth exceeded: more than " + MAX_DEPTH
                    + " blocks, expressions and macros inside each other");
        }
    }

    public void leave() {
        depth--;
    }

    /** Counts what is about to be looked at or made. */
    public void charge(long characters) throws JinjaException {
        if (characters < 0 || characters > left) {
            throw JinjaException.limit("the template asks for more work than its input explains");
        }
        left -= characters;
    }

    /** Counts members of a list, or pieces of a text, that are about to be made. */
    public void chargeObjects(long count) throws JinjaException {
        charge(count > left ? left + 1 : count * OBJECT);
    }

    /** Counts a search, which in the worst case looks at every character of the pattern at every place. */
    public void chargeSearch(String text, String pattern) throws JinjaException {
        charge(text.length() + (long) text.length() * pattern.length() / 16);
    }

    /** Refuses data that is nested deeper than sensible data is. */
    public static void checkNesting(int nesting) throws JinjaException {
        if (nesting > MAX_NESTING) {
            throw JinjaException.limit("data nested more than " + MAX_NESTING + " deep");
        }
    }
}
