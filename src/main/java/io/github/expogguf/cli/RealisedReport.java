package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.compare.RealisedAlpha;
import io.github.expogguf.compare.TensorStep;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.quant.Rounding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How much of alpha arrives in an output, measured or predicted: for people and for programs.
 *
 * @param steps        one for every tensor that is extrapolated
 * @param isStochastic whether rounding was stochastic, so that it is no remedy any more
 */
record RealisedReport(List<TensorStep> steps, boolean isStochastic) {

    private static final int SHOWN_GROUPS = 5;

    /** Tensors that are shown together. */
    private record Group(String name, RealisedAlpha alpha) {

        String text() {
            return Escape.text(name) + " " + number(alpha.realised());
        }
    }

    static RealisedReport of(List<TensorStep> steps, Plan plan) {
        return new RealisedReport(steps, plan.options().rounding().filter(Rounding.Stochastic.class::isInstance).isPresent());
    }

    private Optional<RealisedAlpha> overall() {
        return RealisedAlpha.of(steps);
    }

    /** As in {@code realised alpha 0.294 ± 0.004 of 0.3 (98 %)}, and where little arrived, where least did; no line if nothing was to. */
    List<String> lines(String title) {
        List<String> lines = new ArrayList<>();
        overall().ifPresent(all -> {
            lines.add(title + " " + number(all.realised()) + " ± " + number(all.standardError()) + " of "
                    + number(all.planned()) + " (" + percent(all) + ")");
            if (all.isLow()) {
                List<Group> worst = groups(DeltaGroup::kind).stream()
                        .filter(group -> group.alpha.isLow())
                        .sorted(Comparator.comparingDouble(group -> group.alpha.share()))
                        .toList();
                lines.add("  least in " + worst.stream().limit(SHOWN_GROUPS).map(Group::text).collect(Collectors.joining(", "))
                        + (worst.size() > SHOWN_GROUPS ? ", ..." : ""));
            }
        });
        return lines;
    }

    /** What the user should know where much of alpha is lost, with the cause and what helps. */
    Optional<String> warning(String verb) {
        return overall().filter(RealisedAlpha::isLow).map(all -> "only " + percent(all) + " of alpha " + verb + " ("
                + number(all.realised()) + " of " + number(all.planned()) + "): " + cause() + "; " + remedy());
    }

    /** Whether most of what was lost was lost in tensors whose input has the type of the output. */
    private boolean isSameType() {
        double lost = 0;
        double lostInSameType = 0;
        for (TensorStep step : steps) {
            double missing = step.sums().stepSquares() - step.sums().changeStep();
            lost += missing;
            lostInSameType += step.alignedType() == step.targetType() ? missing : 0;
        }
        return lostInSameType > lost / 2;
    }

    private String cause() {
        String types = steps.stream()
                .filter(step -> step.realised().filter(RealisedAlpha::isLow).isPresent())
                .map(step -> step.targetType().name())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(", "));
        String what = types.isEmpty() ? "the target type" : types;
        return isSameType()
                ? "the inputs are already in " + what + ", and steps of less than half its resolution are rounded back"
                : "the steps are below the resolution of " + what;
    }

    private String remedy() {
        String better = isSameType() ? "extrapolate from F16, BF16 or Q8_0 inputs, write another type" : "write a type with more bits";
        return better + (isStochastic ? "" : ", or use --rounding stochastic");
    }

    /** Everything, by tensor, kind and layer; null if nothing was to arrive. */
    JsonObject json() {
        if (overall().isEmpty()) {
            return null;
        }
        JsonObject document = json(overall().get());
        document.add("layers", json(groups(DeltaGroup::layer)));
        document.add("kinds", json(groups(DeltaGroup::kind)));
        document.add("tensors", json(groups(name -> name)));
        return document;
    }

    private static JsonArray json(List<Group> groups) {
        JsonArray array = new JsonArray();
        for (Group group : groups) {
            JsonObject object = new JsonObject();
            object.addProperty("name", group.name);
            json(group.alpha).asMap().forEach(object::add);
            array.add(object);
        }
        return array;
    }

    private static JsonObject json(RealisedAlpha alpha) {
        JsonObject object = new JsonObject();
        object.addProperty("alpha", alpha.realised());
        object.addProperty("planned", alpha.planned());
        object.addProperty("share", alpha.share());
        object.addProperty("standardError", alpha.standardError());
        object.addProperty("factor", alpha.factor());
        object.addProperty("error", alpha.error());
        object.addProperty("weights", alpha.elements());
        object.addProperty("low", alpha.isLow());
        return object;
    }

    private List<Group> groups(Function<String, String> key) {
        Map<String, List<TensorStep>> groups = new LinkedHashMap<>();
        steps.forEach(step -> groups.computeIfAbsent(key.apply(step.name()), _ -> new ArrayList<>()).add(step));
        List<Group> result = new ArrayList<>();
        groups.forEach((name, members) ->
                RealisedAlpha.of(members).ifPresent(alpha -> result.add(new Group(name, alpha))));
        return result;
    }

    private static String percent(RealisedAlpha alpha) {
        double percent = 100 * alpha.share();
        return String.format(Locale.ROOT, Math.abs(percent) < 9.95 ? "%.1f %%" : "%.0f %%", percent);
    }

    /** Three digits behind the point, without zeros at the end. */
    private static String number(double value) {
        String text = String.format(Locale.ROOT, Math.abs(value) < 0.01 ? "%.4f" : "%.3f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
