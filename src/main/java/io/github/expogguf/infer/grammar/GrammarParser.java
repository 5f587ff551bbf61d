package io.github.expogguf.infer.grammar;

import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads GBNF, the notation of llama.cpp (llama-grammar.cpp v0.5.0, grammars/README.md): one rule a line, with
 * characters, other rules, groups, alternatives and repetitions.
 */
public final class GrammarParser {

    private static final String ROOT = "root";
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_DEPTH = 200; // of parentheses
    private static final int MAX_REPETITIONS = 2000; // MAX_REPETITION_THRESHOLD of llama-grammar.cpp
    private static final int MAX_RULES = 20_000; // repetitions included, each of which becomes one or more
    private static final int MAX_SYMBOLS = 1 << 20;
    static final int UNBOUNDED = -1;

    private final String text;
    private final Map<String, Integer> names = new LinkedHashMap<>();
    private final Map<String, Integer> firstUses = new LinkedHashMap<>(); // where a name stands for the first time
    private final List<@Nullable List<List<Symbol>>> rules = new ArrayList<>();
    private int at;
    private long symbols;

    private GrammarParser(String text) {
        this.text = text;
    }

    /**
     * Reads a grammar.
     *
     * @throws IllegalArgumentException if it is none, or one that cannot be followed; the message says line and column
     */
    public static Rules parse(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "a grammar of " + text.length() + " characters, expected at most " + MAX_CHARACTERS);
        }
        return new GrammarParser(text).parse();
    }

    private Rules parse() {
        skip(true);
        while (at < text.length()) {
            rule();
        }
        Integer root = names.get(ROOT);
        if (root == null || rules.get(root) == null) {
            throw new IllegalArgumentException("the grammar has no rule '" + ROOT + "', with which every text begins");
        }
        List<List<List<Symbol>>> complete = new ArrayList<>();
        for (List<List<Symbol>> alternatives : rules) {
            complete.add(alternatives == null ? List.of() : alternatives);
        }
        names.forEach((name, rule) -> {
            if (rules.get(rule) == null) {
                throw problem(Objects.requireNonNull(firstUses.get(name)), "there is no rule " + Escape.quote(name));
            }
        });
        int endless = LeftRecursion.find(complete);
        if (endless >= 0) {
            throw endless(endless);
        }
        return new Rules(complete, root);
    }

    /** Whether there is a number of repetitions from the one to the other. */
    static boolean isRange(int least, int most) {
        return most == UNBOUNDED || least <= most;
    }

    private IllegalArgumentException endless(int rule) {
        // the first one has a name: groups and repetitions are numbered after the rule that they are in
        String name = names.entrySet().stream()
                .filter(entry -> entry.getValue() == rule)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        return problem(
                Objects.requireNonNull(firstUses.get(name)),
                "rule " + Escape.quote(name) + " begins with itself (left recursion)");
    }

    private void rule() {
        int start = at;
        String name = name();
        skip(false);
        expect("::=");
        skip(true);
        int rule = named(name, start);
        if (rules.get(rule) != null) {
            throw problem(start, "a second rule " + Escape.quote(name));
        }
        rules.set(rule, alternatives(0));
        if (at < text.length() && peek() != '\n' && peek() != '\r') {
            throw problem(at, "expected the end of the rule, found " + found());
        }
        skip(true);
    }

    private List<List<Symbol>> alternatives(int depth) {
        List<List<Symbol>> alternatives = new ArrayList<>();
        alternatives.add(sequence(depth));
        while (peek() == '|') {
            at++;
            skip(true);
            alternatives.add(sequence(depth));
        }
        return List.copyOf(alternatives);
    }

    private List<Symbol> sequence(int depth) {
        List<Symbol> sequence = new ArrayList<>();
        int item = 0; // where the last one begins
        while (true) {
            int size = sequence.size();
            switch (peek()) {
                case '"' -> literal(sequence);
                case '[' -> sequence.add(characters());
                case '<', '!' -> sequence.add(token());
                case '(' -> sequence.add(group(depth));
                case '.' -> {
                    at++;
                    sequence.add(Symbol.Characters.ANY);
                }
                case '*', '+', '?', '{' -> {
                    repetition(sequence, item);
                    size = item;
                }
                default -> {
                    if (!isWord(peek())) {
                        return List.copyOf(sequence);
                    }
                    int start = at;
                    sequence.add(new Symbol.Reference(named(name(), start)));
                }
            }
            count(sequence.size() - size);
            item = size;
            skip(depth > 0);
        }
    }

    private void literal(List<Symbol> sequence) {
        int start = at++;
        while (peek() != '"') {
            sequence.add(Symbol.Characters.of(character(start)));
        }
        at++;
    }

    private Symbol characters() {
        int start = at++;
        boolean negated = peek() == '^';
        if (negated) {
            at++;
        }
        List<Integer> ranges = new ArrayList<>();
        while (peek() != ']') {
            int from = at;
            int first = character(start);
            int last = first;
            if (peek() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']') {
                at++;
                last = character(start);
            }
            if (last < first) {
                throw problem(from, "the range " + Escape.quote(text.substring(from, at)) + " ends before it begins");
            }
            ranges.add(first);
            ranges.add(last);
        }
        at++;
        if (ranges.isEmpty() && !negated) {
            throw problem(start, "no character in brackets, of which none can be said");
        }
        count(ranges.size());
        return new Symbol.Characters(
                negated, ranges.stream().mapToInt(Integer::intValue).toArray());
    }

    private Symbol token() {
        int start = at;
        boolean negated = peek() == '!';
        if (negated) {
            at++;
        }
        int from = at;
        if (peek() != '<') {
            throw problem(at, "expected a token after '!', as in !<name>, found " + found());
        }
        while (peek() != '>') {
            if (at == text.length()) {
                throw problem(start, "a token without an end, expected >");
            }
            at++;
        }
        at++;
        return new Symbol.Token(negated, text.substring(from, at), -1);
    }

    private Symbol group(int depth) {
        if (depth == MAX_DEPTH) {
            throw problem(at, "more than " + MAX_DEPTH + " parentheses within each other");
        }
        at++;
        skip(true);
        int rule = unnamed();
        rules.set(rule, alternatives(depth + 1));
        expect(")");
        return new Symbol.Reference(rule);
    }

    /** As llama.cpp rewrites it: S{2,4} is S S and a rule "S and a rule (S or nothing), or nothing". */
    private void repetition(List<Symbol> sequence, int item) {
        int start = at;
        int least = 0;
        int most = UNBOUNDED;
        switch (text.charAt(at++)) {
            case '*' -> {}
            case '+' -> least = 1;
            case '?' -> most = 1;
            default -> {
                skip(true);
                least = number();
                most = least;
                skip(true);
                if (peek() == ',') {
                    at++;
                    skip(true);
                    most = peek() == '}' ? UNBOUNDED : number();
                    skip(true);
                }
                expect("}");
                if (!isRange(least, most)) {
                    throw problem(start, "at least " + least + " and at most " + most + " repetitions");
                }
            }
        }
        List<Symbol> repeated = List.copyOf(sequence.subList(item, sequence.size()));
        if (repeated.isEmpty()) {
            throw problem(start, "there is nothing to repeat before " + text.charAt(start));
        }
        count((long) repeated.size() * Math.max(least, most));
        sequence.subList(item, sequence.size()).clear();
        for (int i = 0; i < least; i++) {
            sequence.addAll(repeated);
        }
        if (most == UNBOUNDED) {
            int rule = unnamed();
            rules.set(rule, List.of(followed(repeated, rule), List.of()));
            sequence.add(new Symbol.Reference(rule));
        } else if (most > least) {
            int rule = unnamed();
            rules.set(rule, List.of(repeated, List.of()));
            for (int i = least + 1; i < most; i++) {
                int more = unnamed();
                rules.set(more, List.of(followed(repeated, rule), List.of()));
                rule = more;
            }
            sequence.add(new Symbol.Reference(rule));
        }
    }

    private static List<Symbol> followed(List<Symbol> sequence, int rule) {
        List<Symbol> longer = new ArrayList<>(sequence);
        longer.add(new Symbol.Reference(rule));
        return List.copyOf(longer);
    }

    private int number() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start) {
            throw problem(at, "expected a number of repetitions, found " + found());
        }
        String digits = text.substring(start, at);
        if (digits.length() > 9 || Integer.parseInt(digits) > MAX_REPETITIONS) {
            throw problem(start, digits + " repetitions, expected at most " + MAX_REPETITIONS);
        }
        return Integer.parseInt(digits);
    }

    /** One character of a text in quotes or brackets that begins there. */
    private int character(int start) {
        if (at == text.length()) {
            throw problem(start, "a text without an end, expected " + (text.charAt(start) == '[' ? ']' : '"'));
        }
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        int position = at - Character.charCount(codePoint);
        int said = codePoint == '\\' ? escaped(position) : codePoint;
        if (Character.getType(said) == Character.SURROGATE) {
            throw problem(
                    position,
                    String.format(Locale.ROOT, "U+%04X is half of a surrogate pair, which is no character", said));
        }
        return said;
    }

    /** What stands behind a backslash. */
    private int escaped(int escape) {
        char kind = peek();
        at++;
        return switch (kind) {
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            case '\\', '"', '[', ']', '-' -> kind;
            case 'x' -> hexadecimal(escape, 2);
            case 'u' -> hexadecimal(escape, 4);
            case 'U' -> hexadecimal(escape, 8);
            default ->
                throw problem(escape, "unknown escape, expected one of \\t \\r \\n \\\\ \\\" \\[ \\] \\- \\x \\u \\U");
        };
    }

    private int hexadecimal(int escape, int digits) {
        int end = at + digits;
        String number = text.substring(at, Math.min(end, text.length()));
        if (!number.matches("[0-9a-fA-F]{" + digits + "}") || Long.parseLong(number, 16) > Character.MAX_CODE_POINT) {
            throw problem(escape, "expected a code point of " + digits + " hexadecimal digits");
        }
        at = end;
        return Integer.parseInt(number, 16);
    }

    private String name() {
        int start = at;
        while (isWord(peek())) {
            at++;
        }
        if (at == start) {
            throw problem(at, "expected the name of a rule, found " + found());
        }
        return text.substring(start, at);
    }

    private int named(String name, int position) {
        firstUses.putIfAbsent(name, position);
        Integer known = names.get(name);
        if (known != null) {
            return known;
        }
        int rule = unnamed();
        names.put(name, rule);
        return rule;
    }

    private int unnamed() {
        if (rules.size() == MAX_RULES) {
            throw problem(at, "more than " + MAX_RULES + " rules, one for every group and repetition included");
        }
        rules.add(null);
        return rules.size() - 1;
    }

    private void count(long more) {
        symbols += more;
        if (symbols > MAX_SYMBOLS) {
            throw problem(at, "more than " + MAX_SYMBOLS + " characters and rules in sequence, repetitions included");
        }
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }

    /** Blanks and comments, and where a rule goes on, the ends of lines. */
    private void skip(boolean lines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && peek() != '\n' && peek() != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    private void expect(String expected) {
        if (!text.startsWith(expected, at)) {
            throw problem(at, "expected " + expected + ", found " + found());
        }
        at += expected.length();
    }

    /** The character here; U+0000 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private String found() {
        return at < text.length() ? Escape.quote(Character.toString(text.codePointAt(at))) : "the end";
    }

    private IllegalArgumentException problem(int position, String what) {
        String before = text.substring(0, position);
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        int column = position - before.lastIndexOf('\n');
        return new IllegalArgumentException("line " + line + ", column " + column + ": " + what);
    }
}
