package io.github.expogguf.plan;

import io.github.expogguf.RuleException;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.match.FirstMatch;
import io.github.expogguf.plan.match.RuleMatches;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides the alpha of every tensor of a model. */
final class TensorAlphas {

    private final ModelHeader model;
    private final PlanOptions options;
    private final BlockDepth depth;
    private final FirstMatch<TensorAlphaRule> rules;

    TensorAlphas(ModelHeader model, PlanOptions options, RuleMatches found) {
        this.model = model;
        this.options = options;
        this.rules = new FirstMatch<>(RuleException.Decides.ALPHA, options.alphaRules(), TensorAlphaRule::name, found);
        this.depth =
                new BlockDepth(model.tensors().stream().map(TensorInfo::name).toList());
    }

    /**
     * The alpha of a tensor.
     *
     * @throws IllegalArgumentException if it is not finite, or the rules take too long
     */
    float of(TensorInfo tensor) {
        return rule(tensor.name())
                .map(rule -> rule.alpha().at(options.alpha(), depth.of(tensor.name())))
                .orElse(isLeftBy(options, tensor) ? 0 : options.alpha());
    }

    /** A rank is one of matrices: vectors stay, as in LoX's code, where no rule says otherwise. */
    static boolean isLeftBy(PlanOptions options, TensorInfo tensor) {
        return options.rank() > 0 && DeltaRank.isVector(tensor.shape());
    }

    /** The rule that decides it. */
    Optional<TensorAlphaRule> rule(String tensor) {
        return rules.in(tensor);
    }

    /** Rules that decide about no tensor: they match none, or rules before them match all of those. */
    List<TensorAlphaRule> idle() {
        Set<TensorAlphaRule> deciding = new HashSet<>();
        model.tensors().forEach(tensor -> rule(tensor.name()).ifPresent(deciding::add));
        return options.alphaRules().stream()
                .filter(rule -> !deciding.contains(rule))
                .distinct()
                .toList();
    }
}
