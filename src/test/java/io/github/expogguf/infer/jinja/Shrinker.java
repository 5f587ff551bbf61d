package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.Piece.Characters;
import io.github.expogguf.infer.jinja.Piece.Derived;
import io.github.expogguf.infer.jinja.Piece.Optional;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Makes a template smaller by dropping and replacing its pieces, one at a time, for as long as it keeps a property. */
final class Shrinker {

    /** What stands for a piece of the rules that an expression consists of. */
    private static final List<Piece> ATOMS = List.of(atom("1"), atom("''"), atom("i"), atom("s"), atom("[]"));

    private static final int MAX_ROUNDS = 200;

    private Shrinker() {}

    /**
     * The smallest template found.
     *
     * @param firstBad the index of the first of these templates that has the property, or -1
     */
    static Piece shrink(Piece template, Function<List<Piece>, Integer> firstBad) {
        Piece smallest = template;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            int length = smallest.text().length();
            List<Piece> candidates = new ArrayList<>();
            collect(smallest, UnaryOperator.identity(), candidates);
            candidates.removeIf(candidate -> candidate.text().length() >= length);
            candidates.sort(
                    Comparator.comparingInt(candidate -> candidate.text().length()));
            int bad = firstBad.apply(candidates);
            if (bad < 0) {
                return smallest;
            }
            smallest = candidates.get(bad);
        }
        return smallest;
    }

    /** Every way to make one piece smaller; {@code whole} puts the piece back where it was in the template. */
    private static void collect(Piece piece, UnaryOperator<Piece> whole, List<Piece> candidates) {
        if (piece instanceof Derived derived) {
            for (Piece below : descendants(derived)) {
                candidates.add(whole.apply(below));
            }
            if (isExpression(derived.rule())) {
                ATOMS.forEach(atom -> candidates.add(whole.apply(atom)));
            } else {
                candidates.add(whole.apply(new Characters("")));
            }
        }
        for (int i = 0; i < piece.parts().size(); i++) {
            int index = i;
            Piece part = piece.parts().get(i);
            if (part instanceof Optional) {
                candidates.add(whole.apply(piece.with(index, null)));
            }
            collect(part, smaller -> whole.apply(piece.with(index, smaller)), candidates);
        }
    }

    private static boolean isExpression(String rule) {
        return !Character.isUpperCase(rule.charAt(0));
    }

    /** What stands below a piece and is of the same kind as it. */
    private static List<Piece> descendants(Derived piece) {
        List<Piece> found = new ArrayList<>();
        piece.parts().forEach(part -> collectDescendants(part, isExpression(piece.rule()), found));
        return found;
    }

    private static void collectDescendants(Piece piece, boolean expression, List<Piece> found) {
        if (piece instanceof Derived derived && isExpression(derived.rule()) == expression) {
            found.add(derived);
        }
        piece.parts().forEach(part -> collectDescendants(part, expression, found));
    }

    private static Piece atom(String text) {
        return new Derived("atom", List.of(new Characters(text)));
    }
}
