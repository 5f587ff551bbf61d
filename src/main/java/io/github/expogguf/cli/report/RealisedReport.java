package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.LevelGrowth;
import io.github.expogguf.quant.StochasticRounding;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How much of alpha arrives in an output, measured or predicted: for people and for programs.
 *
 * @param steps     one for every tensor that is extrapolated
 * @param rounding  that was asked for, and so is no remedy any more
 * @param coarse    what is known of the step itself, if most of it may be rounding of the inputs
 * @param isOfAlpha whether the step is alpha times a difference; not where checkpoints or further deltas alone say it
 */
record RealisedReport(
        List<TensorStep> steps, Optional<Rounding> rounding, Optional<CoarseStep> coarse, boolean isOfAlpha) {

    private static final int SHOWN_GROUPS = 5;

    /** Where more than this share of alpha arrived, more than alpha came of rounding. */
    private static final double MOSTLY_NOISE = 2;

    /** Tensors that are shown together. */
    private record Group(String name, RealisedAlpha alpha, List<TensorStep> members) {

        String text() {
            return Escape.text(name) + " " + number(alpha.realised());
        }
    }

    /** @param look at the models */
    static RealisedReport of(List<TensorStep> steps, Plan plan, PairLook look) {
        return new RealisedReport(steps, plan.options().rounding(), look.coarse(plan), isOfAlpha(plan));
    }

    /** A whole prediction has alpha 1, which nobody asked for. */
    private static boolean isOfAlpha(Plan plan) {
        boolean isWholePrediction =
                plan.options().toStep().isPresent() && plan.options().alpha() == 1;
        return !isWholePrediction
                && plan.tasks().stream()
                        .anyMatch(task -> task instanceof TensorTask.Extrapolate pair && pair.alpha() != 0);
    }

    Optional<RealisedAlpha> overall() {
        return RealisedAlpha.of(steps);
    }

    /**
     * As in {@code realised alpha 0.294 ± 0.004 of 0.3 (98 %)}, and where little or too much arrived, where least or
     * most did; no line if nothing was to.
     *
     * @param before as in {@code predicted realised}
     */
    List<String> lines(String before) {
        List<String> lines = new ArrayList<>();
        overall().ifPresent(all -> {
            lines.add(before + (isOfAlpha ? " alpha " : " part of the step ") + number(all.realised()) + " ± "
                    + number(all.standardError()) + " of " + number(all.planned()) + " (" + share(all) + ")");
            List<Group> kinds = groups(DeltaGroup::kind);
            if (all.isLow() || kinds.stream().anyMatch(kind -> kind.alpha.isLost())) {
                lines.add("  least in "
                        + worst(kinds, RealisedAlpha::isLow, Comparator.comparingDouble(kind -> kind.alpha.share())));
            }
            if (all.isHigh()) {
                lines.add("  most in "
                        + worst(kinds, RealisedAlpha::isHigh, Comparator.comparingDouble(kind -> -kind.alpha.share())));
            }
        });
        return lines;
    }

    private static String worst(List<Group> kinds, Predicate<RealisedAlpha> isBad, Comparator<Group> order) {
        return shown(kinds.stream()
                .filter(kind -> isBad.test(kind.alpha))
                .sorted(order)
                .toList());
    }

    private static String shown(List<Group> groups) {
        return groups.stream().limit(SHOWN_GROUPS).map(Group::text).collect(Collectors.joining(", "))
                + (groups.size() > SHOWN_GROUPS ? ", ..." : "");
    }

    /**
     * What the user should know: where the alignment is lost, where much of alpha is or too much arrives, and where
     * weights grow, each with the cause and what helps.
     *
     * @param verb as in {@code arrived in out.gguf}
     */
    List<String> warnings(String verb) {
        return warnings(verb, false, false);
    }

    /**
     * The same beside what somebody has said already.
     *
     * @param saysLittle   that little of alpha arrives in all
     * @param saysRounding that most of the step may be rounding, and what helps
     */
    List<String> warnings(String verb, boolean saysLittle, boolean saysRounding) {
        List<String> warnings = new ArrayList<>();
        List<Group> lost = groups(DeltaGroup::kind).stream()
                .filter(kind -> kind.alpha.isLost())
                .toList();
        boolean isAllLost = overall().filter(RealisedAlpha::isLost).isPresent();
        if (!lost.isEmpty() && !(saysLittle && isAllLost)) {
            warnings.add(lossOf(lost, verb));
        }
        List<TensorStep> others = new ArrayList<>(steps);
        lost.forEach(kind -> others.removeAll(kind.members));
        RealisedAlpha.of(others).ifPresent(all -> {
            RealisedReport rest = new RealisedReport(others, rounding, coarse, isOfAlpha);
            String where = verb + (lost.isEmpty() ? "" : " in the other tensors");
            if (all.isLow()) {
                if (!saysLittle) {
                    warnings.add(rest.little(all, where) + rest.why(RealisedCause::ofLow, saysRounding));
                }
            } else if (all.isHigh()) {
                String more = isNoise(all) ? "more rounding" : Numbers.percent(all.share() - 1, 0) + " more";
                warnings.add(more + " than " + what() + " " + where + amounts(all)
                        + rest.why(RealisedCause::ofHigh, saysRounding));
            }
        });
        growth(verb).ifPresent(warnings::add);
        return warnings;
    }

    /**
     * That little of alpha arrives.
     *
     * @param all  what arrives
     * @param verb as in {@code would arrive}
     */
    private String little(RealisedAlpha all, String verb) {
        if (all.isLost()) {
            return lost(verb) + ": what " + verb + " lies " + back(all) + amounts(all);
        }
        return (all.share() >= 0 ? "only " + percent(all) : "nothing") + " of " + what() + " " + verb + amounts(all);
    }

    private String what() {
        return isOfAlpha ? "alpha" : "the step";
    }

    /** Nothing where the cause lies in the inputs, and somebody has said it with its remedy. */
    private String why(Function<RealisedCause, String> reason, boolean saysRounding) {
        RealisedCause cause = cause();
        return saysRounding && coarse.isPresent() && cause.isOfSameType()
                ? ""
                : ": " + reason.apply(cause) + "; " + cause.remedy();
    }

    /** That little of alpha arrives in all tensors, and why. */
    String onlyPart(String verb) {
        return little(overall().orElseThrow(), verb) + ": " + cause().ofLow();
    }

    /** What helps. */
    String remedy() {
        return cause().remedy();
    }

    /** A type in which more of it would arrive. */
    GgmlType roomierType() {
        return cause().roomierType();
    }

    /** Whether what does not arrive is mostly due to inputs that have the type of the output. */
    boolean isLostToSameType() {
        return cause().isOfSameType();
    }

    private RealisedCause cause() {
        return new RealisedCause(steps, offersStochastic(), coarse, isOfAlpha);
    }

    private static String amounts(RealisedAlpha all) {
        return " (" + number(all.realised()) + " of " + number(all.planned()) + ")";
    }

    private String lossOf(List<Group> lost, String verb) {
        List<TensorStep> members =
                lost.stream().flatMap(kind -> kind.members.stream()).toList();
        RealisedCause cause = new RealisedCause(members, offersStochastic(), coarse, isOfAlpha);
        return lost(verb) + " in " + shown(lost) + ": what " + verb + " lies "
                + back(RealisedAlpha.of(members).orElseThrow())
                + " there, because alignment and step are below the resolution of " + cause.types() + "; "
                + lossRemedy(lost, members);
    }

    private static String lost(String verb) {
        return "the alignment " + (verb.startsWith("would") ? "would be" : "is") + " lost";
    }

    /** Where what arrived lies on the line through both models, or behind the SFT model. */
    private static String back(RealisedAlpha lost) {
        return lost.realised() < -1
                ? "behind the SFT model"
                : Numbers.percent(-lost.realised(), 0) + " of the way back to the SFT model";
    }

    /** Types of single tensors are for quantized files. */
    private static String lossRemedy(List<Group> lost, List<TensorStep> members) {
        if (members.stream().noneMatch(step -> step.targetType().isQuantized())) {
            return "write F32";
        }
        return lost.size() > SHOWN_GROUPS
                ? "write a type with more bits"
                : "--tensor-type " + quoted(pattern(lost) + "=q8_0") + " keeps them";
    }

    private static String pattern(List<Group> kinds) {
        String names = kinds.stream().map(kind -> escaped(kind.name)).collect(Collectors.joining("|"));
        return kinds.size() == 1 ? names : "(" + names + ")";
    }

    private static String escaped(String name) {
        return name.replaceAll("[\\\\.\\[\\]{}()*+?^$|]", "\\\\$0");
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** Stochastic rounding is for all tensors of an output or none. */
    private boolean offersStochastic() {
        return rounding.filter(Rounding.Stochastic.class::isInstance).isEmpty()
                && steps.stream().allMatch(step -> StochasticRounding.isSupported(step.targetType()));
    }

    /** Where weights become more than a hundredth larger. */
    private Optional<String> growth(String verb) {
        Map<String, List<TensorStep>> types = new LinkedHashMap<>();
        steps.stream()
                .filter(step -> step.alignedType() == step.targetType() && LevelGrowth.factor(step.targetType()) > 1)
                .forEach(step -> types.computeIfAbsent(step.targetType().name(), _ -> new ArrayList<>())
                        .add(step));
        List<String> grown = new ArrayList<>();
        types.forEach((type, members) -> RealisedAlpha.of(members)
                .filter(alpha -> alpha.factor() > 1.01)
                .ifPresent(alpha -> grown.add(type + " by " + Numbers.percent(alpha.factor() - 1, 1))));
        return grown.isEmpty()
                ? Optional.empty()
                : Optional.of("weights grow where their type stays, " + String.join(", ", grown) + " in what " + verb
                        + (rounding.isPresent() ? "; --rounding auto divides them first" : ""));
    }

    /**
     * Everything, by tensor, kind and layer; null if nothing was to arrive.
     *
     * @param verb of the warnings
     */
    @Nullable
    JsonObject json(String verb) {
        if (overall().isEmpty()) {
            return null;
        }
        JsonObject document = json(overall().get());
        document.add("warnings", Json.strings(warnings(verb)));
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
        object.addProperty("high", alpha.isHigh());
        object.addProperty("lost", alpha.isLost());
        return object;
    }

    private List<Group> groups(Function<String, String> key) {
        Map<String, List<TensorStep>> groups = new LinkedHashMap<>();
        steps.forEach(step -> groups.computeIfAbsent(key.apply(step.name()), _ -> new ArrayList<>())
                .add(step));
        List<Group> result = new ArrayList<>();
        groups.forEach((name, members) ->
                RealisedAlpha.of(members).ifPresent(alpha -> result.add(new Group(name, alpha, members))));
        return result;
    }

    /** Whether most of what arrived is no part of the step. */
    private static boolean isNoise(RealisedAlpha all) {
        return all.isHigh() && all.share() > MOSTLY_NOISE;
    }

    /** As a share of alpha, or that there is none. */
    private static String share(RealisedAlpha all) {
        if (all.isLost()) {
            return "lost";
        }
        return isNoise(all) ? "noise" : all.share() >= 0 ? percent(all) : "nothing of it";
    }

    private static String percent(RealisedAlpha alpha) {
        return Numbers.percent(alpha.share(), Math.abs(100 * alpha.share()) < 9.95 ? 1 : 0);
    }

    /** Three digits behind the point, without zeros at the end. */
    private static String number(double value) {
        return Numbers.withoutZeros(Numbers.fixed(value, Math.abs(value) < 0.01 ? 4 : 3));
    }
}
