package io.github.expogguf.infer.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/** Rules that lead back to themselves before any character: nothing can follow them. */
final class LeftRecursion {

    private final List<List<List<Symbol>>> rules;
    private final BitSet mayBeEmpty = new BitSet();
    private final List<BitSet> beginnings = new ArrayList<>(); // by rule: those that it may begin with

    private LeftRecursion(List<List<List<Symbol>>> rules) {
        this.rules = rules;
        findEmpty();
        rules.forEach(alternatives -> {
            BitSet first = new BitSet();
            alternatives.forEach(sequence -> beginnings(sequence).forEach(reference -> first.set(reference.rule())));
            beginnings.add(first);
        });
    }

    /** The first rule that is left recursive; -1 if none is. */
    static int find(List<List<List<Symbol>>> rules) {
        return new LeftRecursion(rules).find();
    }

    private void findEmpty() {
        int known;
        do {
            known = mayBeEmpty.cardinality();
            for (int rule = 0; rule < rules.size(); rule++) {
                if (rules.get(rule).stream()
                        .anyMatch(sequence -> sequence.stream().allMatch(this::mayBeEmpty))) {
                    mayBeEmpty.set(rule);
                }
            }
        } while (mayBeEmpty.cardinality() > known);
    }

    private boolean mayBeEmpty(Symbol symbol) {
        return symbol instanceof Symbol.Reference(int rule) && mayBeEmpty.get(rule);
    }

    /** Rules with which a sequence may begin. */
    private List<Symbol.Reference> beginnings(List<Symbol> sequence) {
        List<Symbol.Reference> found = new ArrayList<>();
        for (Symbol symbol : sequence) {
            if (symbol instanceof Symbol.Reference reference) {
                found.add(reference);
            }
            if (!mayBeEmpty(symbol)) {
                break;
            }
        }
        return found;
    }

    private int find() {
        for (int rule = 0; rule < rules.size(); rule++) {
            for (List<Symbol> sequence : rules.get(rule)) {
                List<Symbol.Reference> first = beginnings(sequence);
                for (int i = 0; i < first.size(); i++) {
                    // as a repetition of what may be empty does, which goes round and round to no other place
                    boolean repeats =
                            i > 0 && i == sequence.size() - 1 && first.get(i).rule() == rule;
                    if (!repeats && leadsTo(first.get(i).rule(), rule)) {
                        return rule;
                    }
                }
            }
        }
        return -1;
    }

    private boolean leadsTo(int from, int to) {
        BitSet seen = new BitSet();
        Deque<Integer> open = new ArrayDeque<>();
        open.push(from);
        seen.set(from);
        while (!open.isEmpty()) {
            int rule = open.pop();
            if (rule == to) {
                return true;
            }
            beginnings.get(rule).stream().filter(next -> !seen.get(next)).forEach(next -> {
                seen.set(next);
                open.push(next);
            });
        }
        return false;
    }
}
