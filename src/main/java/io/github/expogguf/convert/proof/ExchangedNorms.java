package io.github.expogguf.convert.proof;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Norms of one kind in several blocks, which resemble each other so much that a name can be believed or not: two that
 * are each clearly closer to the other's counterpart in the template than to their own have been exchanged.
 */
final class ExchangedNorms {

    private static final double CLEARLY = 1.5; // times farther is the own one

    private record Norm(String name, float[] template, float[] values) {

        double distance(Norm counterpart) {
            Closeness.Sums sums = new Closeness.Sums();
            for (int i = 0; i < values.length; i++) {
                sums.add(counterpart.template[i], values[i]);
            }
            return sums.closeness().distance();
        }

        boolean isOf(Norm other) {
            return distance(this) > CLEARLY * distance(other);
        }
    }

    private final Map<String, List<Norm>> kinds = new LinkedHashMap<>();

    /**
     * Takes a norm.
     *
     * @param name     in the template
     * @param template its values there
     * @param values   the same of the checkpoint
     */
    void add(String name, float[] template, float[] values) {
        String kind = name.replaceAll("(?<=\\.)[0-9]+(?=\\.)", "N") + " " + values.length;
        kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(new Norm(name, template, values));
    }

    /** A line for each two. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (List<Norm> norms : kinds.values()) {
            for (int i = 0; i < norms.size(); i++) {
                for (int j = i + 1; j < norms.size(); j++) {
                    Norm one = norms.get(i);
                    Norm other = norms.get(j);
                    if (one.isOf(other) && other.isOf(one)) {
                        problems.add("tensors " + Escape.quote(one.name) + " and " + Escape.quote(other.name)
                                + " are exchanged: relative distance " + Numbers.fixed(one.distance(other), 3) + " and "
                                + Numbers.fixed(other.distance(one), 3) + " from each other's, "
                                + Numbers.fixed(one.distance(one), 3) + " and "
                                + Numbers.fixed(other.distance(other), 3)
                                + " from their own");
                    }
                }
            }
        }
        return problems;
    }
}
