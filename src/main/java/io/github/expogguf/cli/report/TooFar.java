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
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An alpha, or a step, that leads to where every model that was tried was lost.
 *
 * @param text which, and how far it goes
 */
public record TooFar(String text) {

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

    /**
     * Behind the SFT model, where alphas below -1 lead, those of rules, too. Three miniature pairs diverge there from
     * the aligned model about as far as at 5 % before it at 2.9, 3.2 and 4.5 % (docs/choosing-alpha.md).
     */
    private static final double LOST_BEHIND = 0.04;

    private static final String FIRST_ADAPTER = RecipeKeys.PREFIX + "adapter.0.weight";

    /** What goes on, on a command line. */
    static final String INSISTING = "--max-distance off insists";

    private static final String LOST = ", every model that was tried had lost what training gave it";

    /** Empty for a plan that goes to where models may be good, or of whose distance nothing is known. */
    public static Optional<TooFar> of(PairLook look, Plan plan) {
        if (!goesOn(plan)) {
            return Optional.empty();
        }
        if (plan.options().rank() > 0) {
            return look.distance().flatMap(pair -> ofRank(look, pair, plan));
        }
        OptionalDouble reached = look.distance(plan);
        if (reached.isEmpty()) {
            return Optional.empty();
        }
        DeltaDistance pair = look.distance().orElseThrow();
        double distance = reached.getAsDouble();
        Optional<TooFar> further = ofFurther(look, distance, plan);
        if (further.isPresent()) {
            return further;
        }
        double behind = plan.options().toStep().isEmpty() ? pair.behind(plan) : 0;
        boolean isBehind = look.trained() * behind > LOST_BEHIND;
        double bound = isBehind ? LOST_BEHIND : DeltaDistance.LOST;
        boolean isTrained = isBehind || look.trained() * distance > bound;
        boolean isPublished =
                distance <= pair.at(PUBLISHED) * (1 + 1e-6) && pair.at(0) < NO_TRAINING && !multipliesAdapters(plan);
        if (isPublished || !(isTrained || distance > LOST_TO_ROUNDING)) {
            return Optional.empty();
        }
        double lost = isTrained ? bound / look.trained() : LOST_TO_ROUNDING;
        return Optional.of(lost(
                plan,
                PairLook.share(isBehind ? behind : distance)
                        + (isTrained
                                ? "; beyond " + Numbers.percent(bound, 0) + (isBehind ? " behind it" : "")
                                : ", with the rounding of the inputs, which "
                                        + (plan.options().toStep().isPresent() ? "the step" : "alpha")
                                        + " multiplies; beyond "
                                        + Numbers.percent(LOST_TO_ROUNDING, 0))
                        + reachedBy(pair, lost, plan)));
    }

    /**
     * A plan that goes farther than the user allows; empty where that is not known.
     *
     * @param farthest share of the SFT model's norm
     */
    static Optional<TooFar> beyond(double farthest, PairLook look, Plan plan) {
        return look.distance(plan).stream()
                .filter(distance -> distance > farthest)
                .mapToObj(distance -> new TooFar(in(
                        plan,
                        PairLook.share(distance) + ", and --max-distance is "
                                + Numbers.withoutZeros(Numbers.fixed(100 * farthest, 2)) + "%")))
                .findFirst();
    }

    /** What the first directions cannot fall short of. */
    private static Optional<TooFar> ofRank(PairLook look, DeltaDistance pair, Plan plan) {
        double least = pair.leastOf(plan);
        return look.trained() * least <= DeltaDistance.LOST || least <= pair.at(PUBLISHED) * (1 + 1e-6)
                ? Optional.empty()
                : Optional.of(lost(plan, atLeast(least)));
    }

    /** What is left of the largest of the deltas where all others lead back. */
    private static Optional<TooFar> ofFurther(PairLook look, double distance, Plan plan) {
        if (look.further().isEmpty()) {
            return Optional.empty();
        }
        List<Float> weights = Recipe.read(plan.metadata()).orElseThrow().models().deltas().stream()
                .map(Ingredients.Delta::weight)
                .toList();
        double all = distance;
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
                : Optional.of(new TooFar(PairLook.roles(plan)
                        .in("weight " + Numbers.brief(weight) + " of --delta goes too far: " + atLeast(least) + LOST)));
    }

    private static TooFar lost(Plan plan, String distance) {
        return new TooFar(in(plan, distance + LOST));
    }

    /** The alpha or the step that goes there. */
    private static String in(Plan plan, String distance) {
        String with = Stream.of(
                        hasRules(plan) ? "the rules" : "", multipliesAdapters(plan) ? "the weight of --adapter" : "")
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" and "));
        return PairLook.roles(plan)
                .in(TrajectoryText.goal(plan.options()) + " goes" + (with.isEmpty() ? "" : ", with " + with + ",")
                        + " too far: " + distance);
    }

    private static boolean hasRules(Plan plan) {
        return !plan.options().alphaRules().isEmpty();
    }

    private static String atLeast(double distance) {
        return "at least " + PairLook.share(distance) + "; beyond " + Numbers.percent(DeltaDistance.LOST, 0);
    }

    /** Whether a tensor is extrapolated, to either side, and not interpolated. */
    private static boolean goesOn(Plan plan) {
        return plan.tasks().stream()
                .anyMatch(task -> task instanceof TensorTask.Extrapolate extrapolated
                        && (extrapolated.alpha() >= 0
                                || extrapolated.alpha() < -1
                                || plan.options().toStep().isPresent()));
    }

    /** Whether the aligned model lies farther than it was trained. */
    private static boolean multipliesAdapters(Plan plan) {
        if (plan.metadata().get(FIRST_ADAPTER).isEmpty()) {
            return false; // a recipe may have many rules, which all would be read
        }
        return Recipe.read(plan.metadata()).orElseThrow().models().adapters().stream()
                .anyMatch(adapter -> Math.abs(adapter.weight()) > 1);
    }

    /** Where one number says how far the result lies, and to which side. */
    private static String reachedBy(DeltaDistance pair, double distance, Plan plan) {
        return hasRules(plan)
                        || plan.options().toStep().isPresent()
                        || plan.options().alpha() < 0
                ? ""
                : pair.alphaAt(distance).stream()
                        .mapToObj(alpha -> ", which alpha " + Numbers.significant(alpha, 2) + " reaches")
                        .findFirst()
                        .orElse("");
    }

    /** The same, with what insists on a command line. */
    public String refusal() {
        return text + "; " + INSISTING;
    }
}
