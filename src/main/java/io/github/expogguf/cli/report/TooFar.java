package io.github.expogguf.cli.report;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Optional;

/**
 * An alpha that leads to where every model that was tried was lost.
 *
 * @param text     which, and how far it goes
 * @param distance of the result from the SFT model, as a share of its norm
 */
public record TooFar(String text, double distance) {

    /**
     * Alphas of finished pairs were published up to it: no such step is refused, however far the aligned model lies
     * from the SFT model, as long as it is a model of its kind.
     */
    private static final float PUBLISHED = 0.5f;

    /** Weights of further deltas were published up to it, however large these are. */
    private static final float PUBLISHED_WEIGHT = 1;

    /** No training moves a model that far; even two that have nothing in common lie closer. */
    private static final double NO_TRAINING = 10;

    /**
     * Alpha multiplies the rounding of the inputs, too. Of three miniature pairs in Q4_K_M and Q3_K_M those at 22 %
     * answered as well as the aligned model or better, those at 32 % worse, those at 41 % like none that was trained.
     */
    private static final double LOST_TO_ROUNDING = 0.4;

    private static final String FIRST_ADAPTER = RecipeKeys.PREFIX + "adapter.0.weight";

    /** What a share or a command line can hold. */
    private static final double SAYABLE = 1e6;

    /** Empty for a plan that goes to where models may be good, or of whose distance nothing is known. */
    public static Optional<TooFar> of(PairLook look, Plan plan) {
        if (plan.options().rank() > 0) {
            return look.distance().filter(_ -> goesOn(plan)).flatMap(pair -> ofRank(look, pair, plan));
        }
        Optional<DeltaDistance> measured = look.distanceIn(plan);
        if (measured.isEmpty() || !goesOn(plan)) {
            return Optional.empty();
        }
        DeltaDistance pair = measured.get();
        Optional<TooFar> further = ofFurther(look, pair, plan);
        if (further.isPresent()) {
            return further;
        }
        double distance = pair.of(plan);
        boolean isTrained = look.trained() * distance > DeltaDistance.LOST;
        boolean isPublished =
                distance <= pair.at(PUBLISHED) * (1 + 1e-6) && pair.at(0) < NO_TRAINING && !multipliesAdapters(plan);
        if (isPublished || !(isTrained || distance > LOST_TO_ROUNDING)) {
            return Optional.empty();
        }
        boolean hasRules = !plan.options().alphaRules().isEmpty();
        String alpha =
                "alpha " + Numbers.brief(plan.options().alpha()) + " goes" + (hasRules ? ", with the rules," : "");
        return Optional.of(new TooFar(
                alpha + " too far: " + share(distance)
                        + (isTrained
                                ? "; beyond " + Numbers.percent(DeltaDistance.LOST, 0)
                                        + (hasRules ? "" : reachedBy(pair, DeltaDistance.LOST / look.trained()))
                                : ", with the rounding of the inputs, which alpha multiplies; beyond "
                                        + Numbers.percent(LOST_TO_ROUNDING, 0)
                                        + (hasRules ? "" : reachedBy(pair, LOST_TO_ROUNDING)))
                        + ", every model that was tried had lost what training gave it",
                distance));
    }

    /** What the first directions cannot fall short of. */
    private static Optional<TooFar> ofRank(PairLook look, DeltaDistance pair, Plan plan) {
        double least = pair.leastOf(plan);
        return look.trained() * least <= DeltaDistance.LOST || least <= pair.at(PUBLISHED) * (1 + 1e-6)
                ? Optional.empty()
                : Optional.of(new TooFar(
                        "alpha " + Numbers.brief(plan.options().alpha()) + " goes too far: " + atLeast(least),
                        pair.of(plan)));
    }

    /** What is left of the largest of the deltas where all others lead back. */
    private static Optional<TooFar> ofFurther(PairLook look, DeltaDistance pair, Plan plan) {
        if (look.further().isEmpty()) {
            return Optional.empty();
        }
        List<Float> weights = Recipe.read(plan.metadata()).orElseThrow().models().deltas().stream()
                .map(Ingredients.Delta::weight)
                .toList();
        double all = pair.of(plan);
        double largest = 0;
        float weight = 0;
        for (int i = 0; i < weights.size(); i++) {
            double norm = Math.abs(weights.get(i)) * look.further().get(i);
            all += norm;
            if (norm > largest) {
                largest = norm;
                weight = weights.get(i);
            }
        }
        double least = 2 * largest - all;
        return least <= DeltaDistance.LOST || Math.abs(weight) <= PUBLISHED_WEIGHT
                ? Optional.empty()
                : Optional.of(new TooFar(
                        "weight " + Numbers.brief(weight) + " of --delta goes too far: " + atLeast(least),
                        pair.of(plan)));
    }

    private static String atLeast(double distance) {
        return "at least " + share(distance) + "; beyond " + Numbers.percent(DeltaDistance.LOST, 0)
                + ", every model that was tried had lost what training gave it";
    }

    /** Whether a tensor is extrapolated, not interpolated. */
    private static boolean goesOn(Plan plan) {
        return plan.tasks().stream()
                .anyMatch(task -> task instanceof TensorTask.Extrapolate extrapolated && extrapolated.alpha() >= 0);
    }

    /** Whether the aligned model lies farther than it was trained. */
    private static boolean multipliesAdapters(Plan plan) {
        if (plan.metadata().get(FIRST_ADAPTER).isEmpty()) {
            return false; // a recipe may have many rules, which all would be read
        }
        return Recipe.read(plan.metadata()).orElseThrow().models().adapters().stream()
                .anyMatch(adapter -> Math.abs(adapter.weight()) > 1);
    }

    private static String share(double distance) {
        return distance < 100
                ? PairLook.percent(distance) + " of the SFT model's norm"
                : Numbers.significant(distance, 2) + " times the SFT model's norm";
    }

    private static String reachedBy(DeltaDistance pair, double distance) {
        return pair.alphaAt(distance).stream()
                .mapToObj(alpha -> ", which alpha " + Numbers.significant(alpha, 2) + " reaches")
                .findFirst()
                .orElse("");
    }

    /** The same, with what insists on a command line. */
    public String refusal() {
        return distance >= SAYABLE
                ? text
                : text + "; --distance " + Numbers.withoutZeros(Numbers.fixed(100 * distance, 2))
                        + "% in the place of --alpha insists";
    }
}
