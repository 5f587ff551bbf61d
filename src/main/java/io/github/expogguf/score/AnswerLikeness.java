package io.github.expogguf.score;

import io.github.expogguf.text.Elements;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How much answers have in common: twice the words of the longest common subsequence, by the words of both. Between 0
 * and 1, and 1 where they are the same.
 */
public final class AnswerLikeness {

    private AnswerLikeness() {}

    /**
     * Of two texts. Takes time by the product of their words.
     *
     * @param one   a text
     * @param other the text that it is compared with; the order does not matter
     * @return 0 to 1
     */
    public static double of(String one, String other) {
        Objects.requireNonNull(one, "one");
        Objects.requireNonNull(other, "other");
        if (one.equals(other)) {
            return 1;
        }
        List<String> from = AnswerWords.of(one);
        List<String> to = AnswerWords.of(other);
        int all = from.size() + to.size();
        return all == 0 ? 1 : 2.0 * common(from, to) / all;
    }

    /** Length of the longest common subsequence. */
    private static int common(List<String> from, List<String> to) {
        int[] best = new int[to.size() + 1];
        for (String word : from) {
            int diagonal = 0;
            for (int i = 0; i < to.size(); i++) {
                int above = best[i + 1];
                best[i + 1] = word.equals(to.get(i)) ? diagonal + 1 : Math.max(above, best[i]);
                diagonal = above;
            }
        }
        return best[to.size()];
    }

    /**
     * Answer by answer.
     *
     * @param some   answers
     * @param others as many, to the same prompts in the same order
     * @return 0 to 1 for each pair, in their order
     * @throws IllegalArgumentException if there are more of one than of the other
     */
    public static double[] of(List<Answer> some, List<Answer> others) {
        Elements.require(some, "some");
        Elements.require(others, "others");
        if (some.size() != others.size()) {
            throw new IllegalArgumentException(some.size() + " and " + others.size() + " answers, expected as many");
        }
        List<Double> likeness = new ArrayList<>();
        for (int i = 0; i < some.size(); i++) {
            likeness.add(of(some.get(i).text(), others.get(i).text()));
        }
        return likeness.stream().mapToDouble(value -> value).toArray();
    }
}
