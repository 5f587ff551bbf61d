package io.github.expogguf.cli.report;

import com.google.gson.JsonObject;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What is told of a training run whose next step is predicted, for people and for programs. */
public final class TrajectoryText {

    private TrajectoryText() {}

    /** Where a plan leads, as in {@code alpha 0.3}, {@code step 2000} or {@code step 2000 at alpha 0.5}. */
    static String goal(PlanOptions options) {
        String alpha = "alpha " + Numbers.brief(options.alpha());
        OptionalDouble step = options.toStep();
        return step.isEmpty()
                ? alpha
                : "step " + Numbers.brief(step.getAsDouble()) + (options.alpha() == 1 ? "" : " at " + alpha);
    }

    /** As in {@code step 2000 predicted from steps 0, 500, 1000 and 1 further delta}. */
    static String prediction(Plan plan) {
        Ingredients<?> models = Recipe.read(plan.metadata()).orElseThrow().models();
        return prediction(
                        plan.options().toStep().orElseThrow(),
                        models.checkpoints().stream()
                                .map(Ingredients.Checkpoint::step)
                                .toList())
                + (models.deltas().isEmpty()
                        ? ""
                        : " and " + Words.plural(models.deltas().size(), "further delta"));
    }

    /** As in {@code step 2000 predicted from steps 0, 500, 1000}. */
    public static String prediction(double to, List<Double> steps) {
        return "step " + Numbers.brief(to) + " predicted from steps "
                + steps.stream().map(Numbers::brief).collect(Collectors.joining(", "));
    }

    /** How well the line fits; no line if there is none. */
    static List<String> lines(Collection<TrajectoryFit> fits) {
        List<String> lines = new ArrayList<>();
        if (fits.isEmpty()) {
            return lines;
        }
        OptionalDouble rSquared = TrajectoryFit.rSquared(fits);
        lines.add("first direction " + Numbers.percent(TrajectoryFit.share(fits), 1) + " of the checkpoints' deltas"
                + (rSquared.isEmpty() ? "" : ", R2 of the line " + Numbers.fixed(rSquared.getAsDouble(), 4)));
        OptionalDouble missed = TrajectoryFit.missed(fits);
        if (missed.isPresent()) {
            lines.add("held out: the others miss the last checkpoint by " + Numbers.percent(missed.getAsDouble(), 0)
                    + " of its distance from the one before");
        }
        return lines;
    }

    /** Where stopping at a checkpoint was better than predicting the next. */
    static List<String> warnings(Collection<TrajectoryFit> fits) {
        OptionalDouble missed = TrajectoryFit.missed(fits);
        return missed.isPresent() && missed.getAsDouble() >= 1
                ? List.of("the last checkpoint is closer to the one before than to what the others predict for its step"
                        + " (" + Numbers.percent(missed.getAsDouble(), 0) + " of the distance): training does not go"
                        + " straight on in these steps; where the learning rate fell, give the sum of the rates as the"
                        + " step")
                : List.of();
    }

    /** What {@link #lines} says, of all tensors. */
    static JsonObject json(Collection<TrajectoryFit> fits) {
        JsonObject object = new JsonObject();
        object.addProperty("share", TrajectoryFit.share(fits));
        add(object, "rSquared", TrajectoryFit.rSquared(fits));
        add(object, "missed", TrajectoryFit.missed(fits));
        return object;
    }

    /** The same, with every tensor. */
    static JsonObject json(Map<String, TrajectoryFit> fits) {
        JsonObject tensors = new JsonObject();
        fits.forEach((name, fit) -> tensors.add(name, json(List.of(fit))));
        JsonObject object = json(fits.values());
        object.add("tensors", tensors);
        return object;
    }

    private static void add(JsonObject object, String name, OptionalDouble value) {
        object.addProperty(name, value.isPresent() ? value.getAsDouble() : null);
    }
}
