package io.github.expogguf.plan;

import io.github.expogguf.gguf.Escape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

/**
 * A regular expression that is looked for in names, in steps that are bounded by its size times the length of the name. An
 * expression may be a stranger's, and {@link Pattern} tries exponentially many ways for some ({@code (|)(|)(|)...b}), or runs out
 * of stack. Here every pair of a state and a place is visited once, which is enough to know whether there is a match.
 *
 * <p>The syntax is that of {@link Pattern} without back references, lookbehind, possessive quantifiers, atomic groups, inline
 * flags, named classes ({@code \p}) and operations on classes.
 */
final class NameExpression {

    private static final int MAX_STATES = 20_000;

    /** What a state does before it goes on. */
    private enum Kind { TEST, SPLIT, BEGIN, END, BOUNDARY, NO_BOUNDARY, AHEAD, NOT_AHEAD, MATCH }

    /** One of the machine; the numbers say where it goes on, the second one of SPLIT or where a lookahead begins. */
    private record State(Kind kind, IntPredicate test, int next, int other) {}

    private final List<State> states = new ArrayList<>();
    private final String text;
    private final boolean ignoresCase;
    private int at; // while reading
    private final int start;

    /** @throws IllegalArgumentException if it uses what is not supported, or is too large */
    NameExpression(Pattern pattern) {
        this.text = pattern.pattern();
        this.ignoresCase = pattern.flags() == Pattern.CASE_INSENSITIVE;
        if (pattern.flags() != 0 && !ignoresCase) {
            throw unsupported("a flag");
        }
        IntUnaryOperator all = alternatives();
        this.start = all.applyAsInt(add(Kind.MATCH, null, 0, 0));
    }

    // Reading: every part becomes a function that builds its states before those that follow, and returns the first.

    private IntUnaryOperator alternatives() {
        IntUnaryOperator first = sequence();
        if (at < text.length() && text.charAt(at) == '|') {
            at++;
            IntUnaryOperator second = alternatives();
            return next -> add(Kind.SPLIT, null, first.applyAsInt(next), second.applyAsInt(next));
        }
        return first;
    }

    private IntUnaryOperator sequence() {
        List<IntUnaryOperator> parts = new ArrayList<>();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            parts.add(quantified(atom()));
        }
        return next -> {
            int first = next;
            for (IntUnaryOperator part : parts.reversed()) {
                first = part.applyAsInt(first);
            }
            return first;
        };
    }

    private IntUnaryOperator quantified(IntUnaryOperator atom) {
        if (at == text.length()) {
            return atom;
        }
        int min = 0;
        int max = Integer.MAX_VALUE;
        switch (text.charAt(at)) {
            case '*' -> {}
            case '+' -> min = 1;
            case '?' -> max = 1;
            case '{' -> {
                int end = text.indexOf('}', at);
                String[] counts = text.substring(at + 1, end).split(",", -1);
                min = count(counts[0]);
                max = counts.length == 1 ? min : counts[1].isEmpty() ? Integer.MAX_VALUE : count(counts[1]);
                at = end;
            }
            default -> {
                return atom;
            }
        }
        at++;
        if (at < text.length() && text.charAt(at) == '+') {
            throw unsupported("a possessive quantifier");
        }
        if (at < text.length() && text.charAt(at) == '?') {
            at++; // the shortest match is one
        }
        return quantified(repeated(atom, min, max));
    }

    private int count(String digits) {
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > MAX_STATES) {
            throw unsupported("the count '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }

    private IntUnaryOperator repeated(IntUnaryOperator atom, int min, int max) {
        return next -> {
            int first = next;
            if (max == Integer.MAX_VALUE) {
                int loop = add(Kind.SPLIT, null, next, next);
                states.set(loop, new State(Kind.SPLIT, null, atom.applyAsInt(loop), next));
                first = loop;
            } else {
                for (int i = min; i < max; i++) {
                    first = add(Kind.SPLIT, null, atom.applyAsInt(first), next);
                }
            }
            for (int i = 0; i < min; i++) {
                first = atom.applyAsInt(add(Kind.SPLIT, null, first, first));
            }
            return first;
        };
    }

    private IntUnaryOperator atom() {
        char unit = text.charAt(at++);
        return switch (unit) {
            case '(' -> group();
            case '[' -> test(characterClass());
            case '.' -> test(c -> c != '\n' && c != '\r' && c != '\u0085' && c != '\u2028' && c != '\u2029');
            case '^' -> assertion(Kind.BEGIN);
            case '$' -> assertion(Kind.END);
            case '\\' -> switch (peek()) {
                case 'b' -> escapedAssertion(Kind.BOUNDARY);
                case 'B' -> escapedAssertion(Kind.NO_BOUNDARY);
                default -> test(escape());
            };
            default -> test(literal(unit));
        };
    }

    private char peek() {
        return text.charAt(at);
    }

    private IntUnaryOperator escapedAssertion(Kind kind) {
        at++;
        return assertion(kind);
    }

    private IntUnaryOperator assertion(Kind kind) {
        return next -> add(kind, null, next, 0);
    }

    private IntUnaryOperator test(IntPredicate test) {
        return next -> add(Kind.TEST, test, next, 0);
    }

    private IntPredicate literal(char unit) {
        return ignoresCase ? c -> Character.toLowerCase(c) == Character.toLowerCase(unit) : c -> c == unit;
    }

    private IntUnaryOperator group() {
        Kind ahead = null;
        if (text.startsWith("?:", at)) {
            at += 2;
        } else if (text.startsWith("?=", at) || text.startsWith("?!", at)) {
            ahead = text.charAt(at + 1) == '=' ? Kind.AHEAD : Kind.NOT_AHEAD;
            at += 2;
        } else if (text.startsWith("?", at)) {
            throw unsupported("a group that begins with '(" + text.substring(at, Math.min(text.length(), at + 2)) + "'");
        }
        IntUnaryOperator inner = alternatives();
        at++; // the parenthesis, which Pattern has seen
        if (ahead == null) {
            return inner;
        }
        Kind kind = ahead;
        return next -> {
            int match = add(Kind.MATCH, null, 0, 0);
            return add(kind, null, next, inner.applyAsInt(match));
        };
    }

    private IntPredicate escape() {
        char unit = text.charAt(at++);
        IntPredicate word = c -> c == '_' || c < 128 && Character.isLetterOrDigit(c);
        IntPredicate digit = c -> c >= '0' && c <= '9';
        IntPredicate space = c -> " \t\n\u000B\f\r".indexOf(c) >= 0;
        return switch (unit) {
            case 'd' -> digit;
            case 'D' -> digit.negate();
            case 'w' -> word;
            case 'W' -> word.negate();
            case 's' -> space;
            case 'S' -> space.negate();
            case 't' -> literal('\t');
            case 'n' -> literal('\n');
            case 'r' -> literal('\r');
            default -> {
                if (unit < 128 && Character.isLetterOrDigit(unit)) {
                    throw unsupported("'\\" + unit + "'");
                }
                yield literal(unit);
            }
        };
    }

    private IntPredicate characterClass() {
        boolean isNegated = peek() == '^';
        if (isNegated) {
            at++;
        }
        IntPredicate any = _ -> false;
        while (peek() != ']') {
            if (peek() == '[' || text.startsWith("&&", at)) {
                throw unsupported("a class within a class");
            }
            any = any.or(member());
        }
        at++;
        return isNegated ? any.negate() : any;
    }

    private IntPredicate member() {
        char first = text.charAt(at++);
        IntPredicate one = first == '\\' ? escape() : literal(first);
        boolean isRange = peek() == '-' && at + 1 < text.length() && "]\\[&".indexOf(text.charAt(at + 1)) < 0;
        if (!isRange || first == '\\') {
            return one;
        }
        char last = text.charAt(at + 1);
        at += 2;
        return ignoresCase
                ? c -> in(first, last, Character.toLowerCase(c)) || in(first, last, Character.toUpperCase(c))
                : c -> in(first, last, c);
    }

    private static boolean in(char first, char last, int character) {
        return character >= first && character <= last;
    }

    private int add(Kind kind, IntPredicate test, int next, int other) {
        if (states.size() >= MAX_STATES) {
            throw new IllegalArgumentException("the expression " + Escape.quote(text) + " is too large");
        }
        states.add(new State(kind, test, next, other));
        return states.size() - 1;
    }

    private IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException("the expression " + Escape.quote(text) + " uses " + what
                + ", which expressions for names of tensors do not have");
    }

    /**
     * Whether there is a match anywhere in a name.
     *
     * @param budget counts the steps, and throws when there were too many
     */
    boolean findIn(String name, Runnable budget) {
        int[] places = new int[name.length() + 1];
        Arrays.setAll(places, place -> place);
        return reaches(start, places, name, budget);
    }

    /** Whether a match is reached from a state at one of the places. */
    private boolean reaches(int from, int[] places, String name, Runnable budget) {
        int width = name.length() + 1;
        BitSet visited = new BitSet();
        int[] open = new int[64];
        int count = 0;
        for (int place : places) {
            open = push(open, count++, from * width + place);
        }
        while (count > 0) {
            int pair = open[--count];
            if (visited.get(pair)) {
                continue;
            }
            visited.set(pair);
            budget.run();
            State state = states.get(pair / width);
            int place = pair % width;
            boolean goesOn =
                    switch (state.kind) {
                        case TEST -> place < name.length() && state.test.test(name.charAt(place));
                        case SPLIT, MATCH -> true;
                        case BEGIN -> place == 0;
                        case END -> place == name.length() || place == name.length() - 1 && name.charAt(place) == '\n';
                        case BOUNDARY -> isBoundary(name, place);
                        case NO_BOUNDARY -> !isBoundary(name, place);
                        case AHEAD -> reaches(state.other, new int[] {place}, name, budget);
                        case NOT_AHEAD -> !reaches(state.other, new int[] {place}, name, budget);
                    };
            if (!goesOn) {
                continue;
            }
            if (state.kind == Kind.MATCH) {
                return true;
            }
            open = push(open, count++, state.next * width + place + (state.kind == Kind.TEST ? 1 : 0));
            if (state.kind == Kind.SPLIT) {
                open = push(open, count++, state.other * width + place);
            }
        }
        return false;
    }

    private static int[] push(int[] open, int count, int pair) {
        int[] room = count < open.length ? open : Arrays.copyOf(open, 2 * open.length);
        room[count] = pair;
        return room;
    }

    private static boolean isBoundary(String name, int place) {
        return isWord(name, place - 1) != isWord(name, place);
    }

    private static boolean isWord(String name, int place) {
        return place >= 0
                && place < name.length()
                && (name.charAt(place) == '_' || name.charAt(place) < 128 && Character.isLetterOrDigit(name.charAt(place)));
    }
}
