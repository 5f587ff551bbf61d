package io.github.expogguf.search;

import io.github.expogguf.score.Answer;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What was measured at one alpha.
 *
 * @param alpha   weight of the delta
 * @param scores  one finite score per prompt, higher is better; the same prompts in the same order at every alpha
 * @param guards  what should not go astray, by name: {@code perplexity}, {@code kl}, {@code top1}, {@code length},
 *                {@code repetition}, {@code cut-off}; infinite or NaN where a broken model makes it so
 * @param answers what the model said, for people; may be empty
 * @param profile how alpha was shared out among the tensors; at alpha 0 always {@link AlphaProfile#UNIFORM}
 */
public record Evaluation(
        float alpha, List<Double> scores, Map<String, Double> guards, List<Answer> answers, AlphaProfile profile) {

    /** Checks the numbers and copies the collections. */
    public Evaluation {
        Numbers.requireFinite(alpha, "alpha");
        alpha += 0f; // -0 and 0 are one alpha
        scores = Elements.copy(scores, "scores");
        if (scores.isEmpty()) {
            throw new IllegalArgumentException("no scores at alpha " + alpha);
        }
        for (int i = 0; i < scores.size(); i++) {
            if (!Double.isFinite(scores.get(i))) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "score %d at alpha %s is %s, expected a finite number",
                        i + 1,
                        alpha,
                        scores.get(i)));
            }
        }
        guards = Elements.copy(guards, "guards");
        answers = Elements.copy(answers, "answers");
        profile = alpha == 0 ? AlphaProfile.UNIFORM : Objects.requireNonNull(profile, "profile");
    }

    /**
     * With one alpha for all tensors.
     *
     * @param alpha   weight of the delta
     * @param scores  one finite score per prompt
     * @param guards  by name
     * @param answers what the model said; may be empty
     */
    public Evaluation(float alpha, List<Double> scores, Map<String, Double> guards, List<Answer> answers) {
        this(alpha, scores, guards, answers, AlphaProfile.UNIFORM);
    }
}
