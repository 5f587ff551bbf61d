package io.github.expogguf.infer.grammar;

import io.github.expogguf.InferenceException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a text is in a grammar: all ways in which it may go on. Reads bytes, because a token may end within a
 * character; what no text in UTF-8 has is on no way. Immutable.
 */
public final class GrammarState {

    /** Ways at one place; the memory and the time of a step are bounded with them. */
    static final int MAX_WAYS = 20_000;

    private final Rules rules;
    private final Set<Stack> ways; // each begins with characters or a token, or is END
    private final Partial partial;

    /** The first bytes of a character, and how many follow them. */
    private record Partial(int value, int missing, int length) {

        private static final Partial NONE = new Partial(0, 0, 0);

        int first() {
            return Math.max(value << (6 * missing), leastOf(length));
        }

        int last() {
            return ((value + 1) << (6 * missing)) - 1;
        }

        private static int leastOf(int length) {
            return switch (length) {
                case 2 -> 0x80;
                case 3 -> 0x800;
                default -> 0x10000;
            };
        }
    }

    private GrammarState(Rules rules, Set<Stack> ways, Partial partial) {
        this.rules = rules;
        this.ways = ways;
        this.partial = partial;
    }

    /** Where every text begins. */
    public static GrammarState begin(Rules rules) {
        List<Stack> beginnings = rules.alternatives(rules.root()).stream()
                .map(sequence -> Stack.of(sequence, Stack.END))
                .toList();
        return at(rules, beginnings);
    }

    /** Goes on to where a character or a token comes next. */
    private static GrammarState at(Rules rules, Collection<Stack> stacks) {
        Set<Stack> seen = new HashSet<>(stacks);
        Deque<Stack> open = new ArrayDeque<>(seen);
        Set<Stack> ways = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            Stack stack = open.pop();
            if (stack.equals(Stack.END) || !(stack.first() instanceof Symbol.Reference(int rule))) {
                ways.add(stack);
                continue;
            }
            Stack rest = stack.rest();
            for (List<Symbol> sequence : rules.alternatives(rule)) {
                Stack next = Stack.of(sequence, rest);
                if (seen.add(next)) {
                    open.push(next);
                }
            }
            if (seen.size() > MAX_WAYS) {
                throw new InferenceException(
                        "the grammar can be followed in more than " + MAX_WAYS + " ways at the same time");
            }
        }
        return new GrammarState(rules, ways, Partial.NONE);
    }

    /** Whether the text may end here. */
    public boolean mayEnd() {
        return partial.missing == 0 && ways.contains(Stack.END);
    }

    /** Whether it must. */
    public boolean mustEnd() {
        return mayEnd() && ways.size() == 1;
    }

    /** Whether it may go on with a token that is named, whatever the text of that is. */
    public boolean namesTokens() {
        return partial.missing == 0 && ways.stream().anyMatch(way -> isNext(way, Symbol.Token.class::isInstance));
    }

    private static boolean isNext(Stack way, Predicate<Symbol> condition) {
        return !way.equals(Stack.END) && condition.test(way.first());
    }

    /** After a token; null if it may not come here. */
    public @Nullable GrammarState afterToken(int token, byte[] text) {
        GrammarState named = afterNamed(token);
        GrammarState spelt = text.length == 0 ? null : this;
        for (int i = 0; i < text.length && spelt != null; i++) {
            spelt = spelt.afterByte(text[i]);
        }
        if (named == null || spelt == null) {
            return named == null ? spelt : named;
        }
        if (spelt.partial.missing > 0) {
            return named;
        }
        Set<Stack> both = new LinkedHashSet<>(named.ways);
        both.addAll(spelt.ways);
        return new GrammarState(rules, both, Partial.NONE);
    }

    private @Nullable GrammarState afterNamed(int token) {
        return partial.missing > 0
                ? null
                : after(symbol -> symbol instanceof Symbol.Token named && named.matches(token));
    }

    /** After one more byte; null if it may not come here. */
    public @Nullable GrammarState afterByte(byte next) {
        int bits = next & 0xFF;
        if (partial.missing > 0) {
            return bits >> 6 == 0b10
                    ? after(new Partial((partial.value << 6) | (bits & 0x3F), partial.missing - 1, partial.length))
                    : null;
        }
        if (bits < 0x80) {
            return bits == 0 ? null : afterCharacter(bits); // llama.cpp's texts end there
        }
        if (bits >= 0xC2 && bits < 0xE0) {
            return after(new Partial(bits & 0x1F, 1, 2));
        }
        if (bits >= 0xE0 && bits < 0xF0) {
            return after(new Partial(bits & 0x0F, 2, 3));
        }
        return bits >= 0xF0 && bits < 0xF5 ? after(new Partial(bits & 0x07, 3, 4)) : null;
    }

    private @Nullable GrammarState after(Partial read) {
        if (read.first() > read.last() || read.first() > Character.MAX_CODE_POINT || isSurrogate(read)) {
            return null;
        }
        if (read.missing == 0) {
            return afterCharacter(read.value);
        }
        boolean isPossible = ways.stream()
                .anyMatch(way -> isNext(
                        way,
                        symbol -> symbol instanceof Symbol.Characters set
                                && set.meets(read.first(), Math.min(read.last(), Character.MAX_CODE_POINT))));
        return isPossible ? new GrammarState(rules, ways, read) : null;
    }

    private static boolean isSurrogate(Partial read) {
        return read.first() >= Character.MIN_SURROGATE && read.last() <= Character.MAX_SURROGATE;
    }

    private @Nullable GrammarState afterCharacter(int codePoint) {
        return after(symbol -> symbol instanceof Symbol.Characters set && set.contains(codePoint));
    }

    private @Nullable GrammarState after(Predicate<Symbol> condition) {
        Set<Stack> rests = ways.stream()
                .filter(way -> isNext(way, condition))
                .map(Stack::rest)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return rests.isEmpty() ? null : at(rules, rests);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GrammarState that && ways.equals(that.ways) && partial.equals(that.partial);
    }

    @Override
    public int hashCode() {
        return 31 * ways.hashCode() + partial.hashCode();
    }
}
