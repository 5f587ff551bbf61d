package io.github.expogguf.infer.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A grammar that was read.
 *
 * @param rules alternatives of every rule, each a sequence of symbols, perhaps an empty one
 * @param root  rule that whole texts follow
 */
public record Rules(List<List<List<Symbol>>> rules, int root) {

    List<List<Symbol>> alternatives(int rule) {
        return rules.get(rule);
    }

    /** The same for a vocabulary, which knows tokens by their names. */
    public Rules withTokens(ToIntFunction<String> ids) {
        List<List<List<Symbol>>> known = new ArrayList<>();
        for (List<List<Symbol>> alternatives : rules) {
            List<List<Symbol>> knownAlternatives = new ArrayList<>();
            for (List<Symbol> sequence : alternatives) {
                knownAlternatives.add(sequence.stream()
                        .map(symbol -> symbol instanceof Symbol.Token(boolean negated, String name, int _)
                                ? new Symbol.Token(negated, name, ids.applyAsInt(name))
                                : symbol)
                        .toList());
            }
            known.add(knownAlternatives);
        }
        return new Rules(known, root);
    }
}
