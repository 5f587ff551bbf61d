package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.plan.options.AlphaCurve;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Alphas that are said by the distance they reach; known when the models are open and some of their rows were read. */
final class Distances {

    private static final MathContext DIGITS = new MathContext(3);

    /** Digits that a percentage of the command line may have, and no double gets wrong. */
    private static final MathContext SAID = new MathContext(12);

    /** One word of a list of distances: a share of the SFT model's norm, or those of a range. */
    record Shares(List<Double> values) {}

    /** {@code 1.2%}, or {@code FROM:TO:STEP} as in {@code 0.4%:2%:0.4%}. */
    static final class ToShares implements ITypeConverter<Shares> {
        @Override
        public Shares convert(String text) {
            if (!text.contains(":")) {
                return new Shares(List.of(share(text).orElseThrow(() -> noShare(text))));
            }
            if (!text.matches("[^:%]+%:[^:%]+%:[^:%]+%")) {
                throw new TypeConversionException(
                        Escape.quote(text) + " is neither a percentage nor a range from:to:step, as 0.4%:2%:0.4%");
            }
            Alphas percents = new Alphas.ToAlphas().convert(text.replace("%", ""));
            return new Shares(percents.values().stream()
                    .map(percent -> Numbers.decimal(percent) + "%")
                    .map(each -> share(each).orElseThrow(() -> noShare(each)))
                    .toList());
        }
    }

    private static TypeConversionException noShare(String text) {
        String meant = text.matches("[0-9]+(\\.[0-9]+)?")
                ? "; every value has its sign, as in 3% or 3%,5%, and a point before decimals, as in 3.5%; --alpha takes"
                        + " the weight of the difference itself"
                : "";
        return new TypeConversionException(Escape.quote(text) + " is not a percentage above 0, as in 1.2%" + meant);
    }

    /**
     * A rule whose alpha may be said by a distance.
     *
     * @param rule     holds alpha 0 in the place of one that is not known yet
     * @param distance that the tensors of the rule are to reach; empty where the rule has an alpha
     */
    record Rule(TensorAlphaRule rule, OptionalDouble distance) {}

    /** {@code REGEX=ALPHA} or {@code REGEX=1.2%}. */
    static final class ToRule implements ITypeConverter<Rule> {
        @Override
        public Rule convert(String text) {
            String value = text.substring(text.lastIndexOf('=') + 1);
            OptionalDouble distance = share(value);
            if (distance.isEmpty() && value.endsWith("%")) {
                throw noShare(value);
            }
            return distance.isEmpty()
                    ? new Rule(Converters.tensorAlphaRule(text), distance)
                    : new Rule(
                            Converters.tensorAlphaRule(text.substring(0, text.lastIndexOf('=') + 1) + "0"), distance);
        }
    }

    private final BaseCommand command;
    private final DeltaDistance pair;

    private Distances(BaseCommand command, DeltaDistance pair) {
        this.command = command;
        this.pair = pair;
    }

    static OptionalDouble share(String text) {
        if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?%")) {
            return OptionalDouble.empty();
        }
        double share = Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
        return share > 0 ? OptionalDouble.of(share) : OptionalDouble.empty();
    }

    /**
     * The options with the alphas that reach the distances; the options themselves where there are none.
     *
     * @param wanted of the whole model, by the number that options have in the place of an alpha; none where they have
     *              alphas
     * @param rules    the rules that the options begin with
     */
    static List<PlanOptions> resolve(
            BaseCommand command,
            Extrapolator models,
            List<PlanOptions> options,
            List<Double> wanted,
            List<Rule> rules,
            WorkOptions how)
            throws IOException {
        if (wanted.isEmpty() && rules.stream().allMatch(rule -> rule.distance().isEmpty())) {
            return options;
        }
        DeltaDistance pair = DeltaDistance.of(models.sample(Extrapolator.SAMPLE_ELEMENTS, how));
        Distances distances = new Distances(command, pair);
        List<TensorAlphaRule> known = distances.known(rules);
        List<PlanOptions> resolved = new ArrayList<>();
        Map<Float, Float> alphas = new HashMap<>(); // the same for all types
        for (PlanOptions each : options) {
            List<TensorAlphaRule> all = new ArrayList<>(known);
            all.addAll(each.alphaRules().subList(known.size(), each.alphaRules().size()));
            PlanOptions withRules = each.toBuilder().alphaRules(all).build();
            float number = each.alpha();
            if (!wanted.isEmpty() && !alphas.containsKey(number)) {
                alphas.put(number, distances.alphaOfModel(models, withRules, wanted.get((int) number)));
            }
            resolved.add(withRules.withAlpha(alphas.getOrDefault(number, number)));
        }
        return resolved;
    }

    private List<TensorAlphaRule> known(List<Rule> rules) throws IOException {
        List<TensorAlphaRule> known = new ArrayList<>();
        for (Rule each : rules) {
            known.add(each.distance().isEmpty() ? each.rule() : known(each, known));
        }
        return known;
    }

    /** @param before rules that come first */
    private TensorAlphaRule known(Rule each, List<TensorAlphaRule> before) throws IOException {
        Pattern name = each.rule().name();
        double distance = each.distance().getAsDouble();
        DeltaDistance tensors = pair.of(tensor -> name.matcher(tensor).find()
                && before.stream().noneMatch(rule -> rule.name().matcher(tensor).find()));
        String where = "the tensors of --rule " + name.pattern() + "=" + percent(distance);
        float alpha = rounded(tensors.alphaAt(distance).orElseThrow(() -> tooFar(where, tensors)));
        command.console().note(where + " get alpha " + Numbers.brief(alpha));
        return new TensorAlphaRule(name, new AlphaCurve(false, List.of(alpha)));
    }

    private float alphaOfModel(Extrapolator models, PlanOptions options, double distance) throws IOException {
        float alpha = rounded(command.checked(() -> pair.alphaAt(distance, at -> models.plan(options.withAlpha(at))))
                .orElseThrow(() -> tooFar("the model of --distance " + percent(distance), pair)));
        command.console().note("--distance " + percent(distance) + " is alpha " + Numbers.brief(alpha));
        return alpha;
    }

    private RuntimeException tooFar(String what, DeltaDistance tensors) {
        return command.usage(what + " would need an alpha of 0 or less: "
                + (tensors.isMeasurable()
                        ? "the aligned model lies " + percent(rounded(tensors.at(0), DIGITS))
                                + " of the SFT model's norm away from it already"
                        : "no weight there differs between the two models, if there is one at all")
                + "; --alpha and --rule say an alpha itself");
    }

    private static float rounded(double alpha) {
        return (float) rounded(alpha, DIGITS);
    }

    private static double rounded(double value, MathContext digits) {
        return new BigDecimal(value).round(digits).doubleValue();
    }

    private static String percent(double share) {
        return Numbers.brief(rounded(100 * share, SAID)) + "%"; // 0.7, not 0.7000000000000001
    }
}
