package io.github.expogguf.cli.option;

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
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Alphas that are said by the distance they reach; known when the models are open and some of their rows were read. */
final class Distances {

    private static final MathContext DIGITS = new MathContext(3);

    /** Digits that a percentage of the command line may have, and no double gets wrong. */
    private static final MathContext SAID = new MathContext(12);

    /** {@code 1.2%}, a share of the SFT model's norm. */
    static final class ToDistance implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            return share(text).orElseThrow(() -> noShare(text));
        }
    }

    private static TypeConversionException noShare(String text) {
        return new TypeConversionException(Escape.quote(text) + " is not a percentage above 0, as in 1.2%");
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
     * @param distance of the whole model; empty where its alpha is said
     * @param rules    the rules that the options begin with
     */
    static List<PlanOptions> resolve(
            BaseCommand command,
            Extrapolator models,
            List<PlanOptions> options,
            OptionalDouble distance,
            List<Rule> rules,
            WorkOptions how)
            throws IOException {
        if (distance.isEmpty()
                && rules.stream().allMatch(rule -> rule.distance().isEmpty())) {
            return options;
        }
        DeltaDistance pair = DeltaDistance.of(models.sample(
                Extrapolator.SAMPLE_ELEMENTS,
                how.withCancellation(command.console().cancellation())));
        Distances distances = new Distances(command, pair);
        List<TensorAlphaRule> known = distances.known(rules);
        List<PlanOptions> resolved = new ArrayList<>();
        float alpha = 0; // the same for all: it does not depend on types
        for (PlanOptions each : options) {
            List<TensorAlphaRule> all = new ArrayList<>(known);
            all.addAll(each.alphaRules().subList(known.size(), each.alphaRules().size()));
            PlanOptions withRules = each.toBuilder().alphaRules(all).build();
            if (distance.isPresent() && resolved.isEmpty()) {
                alpha = distances.alphaOfModel(models, withRules, distance.getAsDouble());
            }
            resolved.add(distance.isPresent() ? withRules.withAlpha(alpha) : withRules);
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
