package io.github.expogguf.plan.options;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import io.github.expogguf.text.Words;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Rules for alpha that published work uses, by name; all are relative to the alpha of the model, and go with any. */
public enum RuleProfile {
    /** Every tensor with the same alpha, as the authors' code does (arXiv 2404.16792, extrapolate.py). */
    PAPER(),
    /** Norms stay the aligned model's, as in RLVR-Linearity (arXiv 2601.04537, weight_extrapolation.py). */
    NO_NORMS("norm=copy"),
    /**
     * Attention with half of alpha, as the default of FusionBench's ExPOAlgorithmForLlama (llama_expo.py,
     * attention_scaling_factor); that one leaves norms, embeddings, biases and the output as they are, too.
     */
    ATTENTION_HALF("\\.attn_(?!.*norm)=*0.5"),
    /**
     * From half of alpha in the first block to one and a half in the last: the first layers stay close to what they
     * were, as in LiNeS (arXiv 2410.17146), while the mean over the blocks is alpha.
     */
    DEPTH(".=*0.5..1.5");

    private final List<TensorAlphaRule> rules;

    RuleProfile(String... rules) {
        this.rules = Arrays.stream(rules).map(TensorAlphaRule::parse).toList();
    }

    /** {@return the rules, in their order} */
    public List<TensorAlphaRule> rules() {
        return rules;
    }

    /**
     * {@return the profile of a name such as {@code no-norms}, in any case}
     *
     * @param name as {@link #toString} has it, in any case
     * @throws IllegalArgumentException if there is none
     */
    public static RuleProfile parse(String name) {
        Objects.requireNonNull(name, "name");
        return Arrays.stream(values())
                .filter(profile -> profile.toString().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Escape.quote(name) + " is not a profile; it is one of "
                        + String.join(" ", names()) + Similar.hint(name, names())));
    }

    private static List<String> names() {
        return Arrays.stream(values()).map(RuleProfile::toString).toList();
    }

    /** As in {@code no-norms}. */
    @Override
    public String toString() {
        return Words.hyphened(this);
    }
}
