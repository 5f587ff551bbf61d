package io.github.expogguf.search;

import io.github.expogguf.plan.options.AlphaCurve;
import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.text.Elements;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How alpha is shared out among the tensors: rules relative to it, so that alpha 0 is the aligned model with any. Equal
 * where the rules are that can decide about a tensor: the first that matches does.
 *
 * @param name  for people, as {@code no-norms} or {@code *0.5..1.5}
 * @param rules as {@link io.github.expogguf.plan.options.PlanOptions#alphaRules} has them; none for one alpha for all
 */
public record AlphaProfile(String name, List<TensorAlphaRule> rules) {

    /** The same alpha for every tensor. */
    public static final AlphaProfile UNIFORM = new AlphaProfile(RuleProfile.PAPER.toString(), List.of());

    /** Slopes of gradients that a grid of alphas is evaluated for. */
    static final List<Float> SLOPES = List.of(-1f, -0.5f, 0.5f, 1f);

    private static final String AND = "+";
    private static final String EVERY = "."; // expression that all names match

    /** Refuses rules that hold at alpha 0. */
    public AlphaProfile {
        Objects.requireNonNull(name, "name");
        rules = Elements.copy(rules, "rules");
        for (TensorAlphaRule rule : rules) {
            if (rule.alpha().holdsAtAlphaZero()) {
                throw new IllegalArgumentException("rule " + rule.text()
                        + " holds at alpha 0, where all profiles are the aligned model: give it" + " factors, as *0.5");
            }
        }
    }

    /**
     * {@return profiles of these names, one behind the other: the first rule that matches a tensor wins}
     *
     * @param text as in {@code no-norms} or {@code no-norms+depth}
     * @throws IllegalArgumentException if one is not known
     */
    public static AlphaProfile parse(String text) {
        Objects.requireNonNull(text, "text");
        List<RuleProfile> profiles = Arrays.stream(text.split(Pattern.quote(AND), -1))
                .map(RuleProfile::parse)
                .toList();
        List<TensorAlphaRule> rules =
                profiles.stream().flatMap(profile -> profile.rules().stream()).toList();
        return new AlphaProfile(profiles.stream().map(RuleProfile::toString).collect(Collectors.joining(AND)), rules);
    }

    /**
     * A straight line over the depth, whose middle is alpha.
     *
     * @param slope from -1, where the first block gets twice alpha and the last nothing, over 0, one alpha for all, to
     *              1, where the last block gets twice alpha and the first nothing
     * @return the profile whose first block gets {@code (1 - slope) * alpha} and whose last {@code (1 + slope) * alpha}
     */
    public static AlphaProfile gradient(float slope) {
        if (!(Math.abs(slope) <= 1)) {
            throw new IllegalArgumentException("slope is " + slope + ", expected -1 to 1");
        }
        if (slope == 0) {
            return UNIFORM;
        }
        AlphaCurve curve = new AlphaCurve(true, List.of(1 - slope, 1 + slope));
        return new AlphaProfile(curve.text(), List.of(TensorAlphaRule.parse(EVERY + "=" + curve.text())));
    }

    /** Rules that can decide about a tensor: not those behind one of the same expression, or of every tensor. */
    private List<TensorAlphaRule> reachable() {
        List<TensorAlphaRule> reachable = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (TensorAlphaRule rule : rules) {
            if (names.add(rule.name().pattern())) {
                reachable.add(rule);
            }
            if (rule.name().pattern().equals(EVERY)) {
                break;
            }
        }
        return reachable;
    }

    /** Same rules, whatever they are called, but for those that no tensor gets to. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AlphaProfile profile && reachable().equals(profile.reachable());
    }

    @Override
    public int hashCode() {
        return reachable().hashCode();
    }
}
