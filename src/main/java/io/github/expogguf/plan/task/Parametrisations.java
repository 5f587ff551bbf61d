package io.github.expogguf.plan.task;

import static io.github.expogguf.extrapolate.Parametrisation.EXPONENTIAL;
import static io.github.expogguf.extrapolate.Parametrisation.IDENTITY;
import static io.github.expogguf.extrapolate.Parametrisation.NEGATIVE_EXPONENTIAL;
import static io.github.expogguf.extrapolate.Parametrisation.SOFTPLUS;

import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which tensors llama.cpp's converter stores as a non-linear function of what was trained. Gone through for llama.cpp
 * v0.5.0: every {@code modify_tensors}, {@code filter_tensors} and {@code generate_extra_tensors} of {@code
 * conversion/*.py}. Everything that is not listed is copied, cut, stacked, permuted, scaled or shifted by constants,
 * which commutes with the formula, or cannot be undone; {@code docs/architectures.md} names the latter.
 */
public final class Parametrisations {

    /**
     * A kind of tensor.
     *
     * @param architectures {@code general.architecture} of its models
     * @param projector     {@code clip.audio.projector_type} of its models; empty if it does not matter
     * @param tensor        pattern that the whole name matches
     * @param function      of the trained parameter
     * @param source        where the converter applies it
     */
    public record Rule(
            Set<String> architectures, String projector, Pattern tensor, Parametrisation function, String source) {
        /** Refuses null. */
        public Rule {
            Elements.require(architectures, "architectures");
            Objects.requireNonNull(projector, "projector");
            Objects.requireNonNull(tensor, "tensor");
            Objects.requireNonNull(function, "function");
            Objects.requireNonNull(source, "source");
        }

        private boolean fits(String architecture, Metadata metadata, String name) {
            return architectures.contains(architecture)
                    && (projector.isEmpty()
                            || metadata.string("clip.audio.projector_type")
                                    .orElse("")
                                    .equals(projector))
                    && tensor.matcher(name).matches();
        }
    }

    private static final Pattern DECAY = Pattern.compile("blk\\.\\d+\\.ssm_a");

    /** All kinds; no tensor is of two. */
    public static final List<Rule> RULES = List.of(
            decay("mamba.py", "mamba", "mamba2"),
            decay("jamba.py", "jamba"),
            decay("falcon_h1.py (mamba.py)", "falcon-h1"),
            decay("granite.py (mamba.py)", "granitehybrid"),
            decay("nemotron.py", "nemotron_h", "nemotron_h_moe"),
            decay("plamo.py", "plamo2"),
            decay("qwen.py", "qwen3next", "qwen35", "qwen35moe"),
            decay("qwen4exp.py (qwen.py)", "qwen4exp"),
            decay("kimi_linear.py", "kimi-linear"),
            decay("kimi_k3.py", "kimi-k3"),
            new Rule(Set.of("bailingmoe3"), "", DECAY, EXPONENTIAL, "bailingmoe3.py: A_log"),
            new Rule(
                    Set.of("clip"),
                    "gemma4a",
                    Pattern.compile("a\\.blk\\.\\d+\\.per_dim(_k)?_scale\\.weight"),
                    SOFTPLUS,
                    "gemma.py: per_dim_scale, per_dim_key_scale"),
            new Rule(
                    Set.of("clip"),
                    "",
                    Pattern.compile(
                            "a\\.gen\\.wav\\.dac\\.(blk\\.\\d+\\.(snake|res\\.\\d+\\.act[12])|post_snake)\\.(alpha|beta)"),
                    EXPONENTIAL, // beta is 1 / (exp(p) + 1e-9)
                    "qwen3tts.py: snake_fold"));

    private static Rule decay(String file, String... architectures) {
        return new Rule(Set.of(architectures), "", DECAY, NEGATIVE_EXPONENTIAL, file + ": A_log");
    }

    private Parametrisations() {}

    /**
     * {@return how the values of a tensor follow from its trained parameters}
     *
     * @param metadata of the model
     * @param tensor   name of the tensor
     */
    public static Parametrisation of(Metadata metadata, String tensor) {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(tensor, "tensor");
        String architecture = metadata.architecture();
        return RULES.stream()
                .filter(rule -> rule.fits(architecture, metadata, tensor))
                .map(Rule::function)
                .findFirst()
                .orElse(IDENTITY);
    }
}
