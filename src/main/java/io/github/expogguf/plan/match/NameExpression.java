package io.github.expogguf.plan.match;

import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that is looked for in names, in steps that are bounded by its size times the length of the name.
 * An expression may be a stranger's, and {@link Pattern} tries exponentially many ways for some ({@code
 * (|)(|)(|)...b}), or runs out of stack. Here every pair of a state and a place is visited once, which is enough to
 * know whether there is a match. Only places where the literal beginning of the expression stands are tried: rules that
 * name one tensor each cost next to nothing, however many there are.
 *
 * <p>The syntax is that of {@link Pattern} without back references, lookbehind, possessive quantifiers, atomic groups,
 * inline flags, named classes ({@code \p}), operations on classes, ranges from or to an escape, and characters beyond
 * U+FFFF.
 */
public final class NameExpression {

    /** Most states, and parts that become states or nothing; a rule of sixty characters has some sixty of each. */
    private static final int MAX_SIZE = 2_500;

    private static final Pattern COUNT = Pattern.compile("[0-9]{1,5}");

    /** What a state does before it goes on. */
    private enum Kind {
        TEST,
        SPLIT,
        BEGIN,
        END,
        BOUNDARY,
        NO_BOUNDARY,
        AHEAD,
        NOT_AHEAD,
        MATCH
    }

    /** One of the machine; the numbers say where it goes on, the second one of SPLIT or where a lookahead begins. */
    private record State(Kind kind, @Nullable IntPredicate test, int next, int other) {}

    /** A test for just this character. */
    private record Literal(int character) implements IntPredicate {
        @Override
        public boolean test(int other) {
            return character == other;
        }
    }

    private final List<State> states = new ArrayList<>();
    private final String text;
    private final boolean ignoresCase;
    private final boolean isKept;
    private int at; // while reading
    private int size; // of what was built
    private final int start;
    private final boolean isAnchored;
    private final String beginning;

    /** @throws IllegalArgumentException if it uses what is not supported, or is too large */
    NameExpression(Pattern pattern) {
        this(pattern, true);
    }

    private NameExpression(Pattern pattern, boolean isKept) {
        this.isKept = isKept;
        this.text = pattern.pattern();
        this.ignoresCase = pattern.flags() == Pattern.CASE_INSENSITIVE;
        if (pattern.flags() != 0 && !ignoresCase) {
            throw unsupported("a flag");
        }
        if (text.chars().anyMatch(unit -> Character.isSurrogate((char) unit))) {
            throw unsupported("a character beyond U+FFFF");
        }
        IntUnaryOperator all = alternatives();
        this.start = all.applyAsInt(add(Kind.MATCH, null, 0, 0));
        this.isAnchored = isKept && states.get(start).kind == Kind.BEGIN;
        this.beginning = isKept ? beginning() : "";
    }

    /**
     * Builds nothing.
     *
     * @throws IllegalArgumentException if it uses what is not supported, or is too large
     */
    public static void check(Pattern pattern) {
        new NameExpression(pattern, false);
    }

    private String beginning() {
        StringBuilder literals = new StringBuilder();
        State state = states.get(start);
        while (state.kind == Kind.TEST && state.test instanceof Literal(int character)) {
            literals.append((char) character);
            state = states.get(state.next);
        }
        return literals.toString();
    }

    /** How many states it has. */
    int size() {
        return states.size();
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
                grow(); // also where the part is an empty group, which would be repeated for nothing
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
        return repeated(atom, min, max);
    }

    private int count(String digits) {
        if (!COUNT.matcher(digits).matches() || Integer.parseInt(digits) > MAX_SIZE) {
            throw unsupported("the count '" + digits + "'");
        }
        return Integer.parseInt(digits);
    }

    private IntUnaryOperator repeated(IntUnaryOperator atom, int min, int max) {
        return next -> {
            int first = next;
            if (max == Integer.MAX_VALUE) {
                int loop = add(Kind.SPLIT, null, next, next);
                int body = atom.applyAsInt(loop);
                if (isKept) {
                    states.set(loop, new State(Kind.SPLIT, null, body, next));
                }
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
            case '.' -> test(c -> !isLineEnd(c));
            case '^' -> assertion(Kind.BEGIN);
            case '$' -> assertion(Kind.END);
            case '{' -> {
                at--; // Pattern counts nothing here, as in a{2}{3}
                yield next -> next;
            }
            case '\\' ->
                switch (peek()) {
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
        return ignoresCase && isAsciiLetter(unit) ? c -> c < 128 && lower(c) == lower(unit) : new Literal(unit);
    }

    private static boolean isAsciiLetter(int character) {
        return character < 128 && Character.isLetter(character);
    }

    private static int lower(int character) {
        return Character.toLowerCase(character);
    }

    private IntUnaryOperator group() {
        Kind ahead = null;
        if (text.startsWith("?:", at)) {
            at += 2;
        } else if (text.startsWith("?=", at) || text.startsWith("?!", at)) {
            ahead = text.charAt(at + 1) == '=' ? Kind.AHEAD : Kind.NOT_AHEAD;
            at += 2;
        } else if (text.startsWith("?", at)) {
            throw unsupported(
                    "a group that begins with '(" + text.substring(at, Math.min(text.length(), at + 2)) + "'");
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
        IntPredicate word = NameExpression::isWord;
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
        IntPredicate any = member(); // a bracket that closes is one of the characters here
        while (peek() != ']') {
            any = any.or(member());
        }
        at++;
        return isNegated ? any.negate() : any;
    }

    private IntPredicate member() {
        if (peek() == '[' || text.startsWith("&&", at)) {
            throw unsupported("a class within a class");
        }
        char first = text.charAt(at++);
        IntPredicate one = first == '\\' ? escape() : literal(first);
        if (peek() != '-' || text.startsWith("-]", at)) {
            return one;
        }
        if (first == '\\' || text.startsWith("-\\", at) || text.startsWith("-[", at) || text.startsWith("-&&", at)) {
            throw unsupported("a range from or to what is not one character");
        }
        char last = text.charAt(at + 1);
        at += 2;
        return ignoresCase
                ? c -> in(first, last, c)
                        || (c < 128 && (in(first, last, lower(c)) || in(first, last, Character.toUpperCase(c))))
                : c -> in(first, last, c);
    }

    private static boolean in(char first, char last, int character) {
        return character >= first && character <= last;
    }

    private int add(Kind kind, @Nullable IntPredicate test, int next, int other) {
        grow();
        if (isKept) {
            states.add(new State(kind, test, next, other));
        }
        return states.size() - 1;
    }

    private void grow() {
        if (size++ >= MAX_SIZE) {
            throw new IllegalArgumentException("the expression " + Escape.quote(text) + " is too large");
        }
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
        int[] characters = name.codePoints().toArray(); // what Pattern sees
        int[] places = places(name, characters.length);
        return places.length > 0 && reaches(start, places, characters, budget);
    }

    /** Where a match can begin. */
    private int[] places(String name, int length) {
        if (isAnchored) {
            return new int[] {0};
        }
        if (beginning.isEmpty()) {
            return IntStream.rangeClosed(0, length).toArray();
        }
        IntStream.Builder places = IntStream.builder();
        for (int unit = name.indexOf(beginning); unit >= 0; unit = name.indexOf(beginning, unit + 1)) {
            places.add(name.codePointCount(0, unit));
        }
        return places.build().toArray();
    }

    /** Whether a match is reached from a state at one of the places. */
    private boolean reaches(int from, int[] places, int[] name, Runnable budget) {
        int width = name.length + 1;
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
            boolean goesOn = switch (state.kind) {
                case TEST ->
                    place < name.length && Objects.requireNonNull(state.test).test(name[place]);
                case SPLIT, MATCH -> true;
                case BEGIN -> place == 0;
                case END -> isEnd(name, place);
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

    /** As without MULTILINE: the end, or before the line end that ends the name. */
    private static boolean isEnd(int[] name, int place) {
        int left = name.length - place;
        return left == 0
                || (left == 1
                        && isLineEnd(name[place])
                        && !(name[place] == '\n' && place > 0 && name[place - 1] == '\r'))
                || (left == 2 && name[place] == '\r' && name[place + 1] == '\n');
    }

    private static boolean isLineEnd(int c) {
        return c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029';
    }

    private static boolean isBoundary(int[] name, int place) {
        return isWord(name, place - 1) != isWord(name, place);
    }

    private static boolean isWord(int[] name, int place) {
        return place >= 0 && place < name.length && isWord(name[place]);
    }

    private static boolean isWord(int c) {
        return c == '_' || (c < 128 && Character.isLetterOrDigit(c));
    }
}
