package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.option.value.EvidenceValues;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A published pair instead of an alpha. */
public final class PresetFlag {

    private static final String SOURCE = "arXiv 2404.16792, Table 1, and the model cards and scripts of its authors"
            + " (huggingface.co/chujiezheng, github.com/chujiezheng/LLM-Extrapolation)";

    @Option(
            names = "--preset",
            paramLabel = "PRESET",
            order = 15,
            converter = Converters.ToPreset.class,
            completionCandidates = Presets.class,
            description = "The published alpha of a pair, as in zephyr-7b-beta; 'expo-gguf presets' lists them."
                    + " --alpha, --distance or --steps, where there is one, comes first.")
    private @Nullable PublishedPair preset;

    /** For completion scripts. */
    static final class Presets implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(PublishedPair.values())
                    .map(PublishedPair::toString)
                    .iterator();
        }
    }

    /**
     * The alphas of the command line.
     *
     * @param given by {@code --alpha}
     * @throws IllegalArgumentException if the alpha of the preset was not published, and none is given
     */
    public Optional<List<Float>> alphas(Optional<List<Float>> given) {
        return alphas(given, OptionalDouble.empty());
    }

    /**
     * Same, of a pair or of checkpoints.
     *
     * @param to the step that is predicted from checkpoints
     * @throws IllegalArgumentException if there is one, and a preset
     */
    public Optional<List<Float>> alphas(Optional<List<Float>> given, OptionalDouble to) {
        if (preset != null && to.isPresent()) {
            throw new IllegalArgumentException(
                    "--preset is the alpha of a published pair; with --checkpoint, --to says the step");
        }
        if (given.isPresent() || preset == null) {
            return given;
        }
        float alpha = preset.alpha()
                .orElseThrow(() -> new IllegalArgumentException("the alpha of " + preset
                        + " was not published; 'expo-gguf search' finds one, and --alpha sets it"));
        return Optional.of(List.of(alpha));
    }

    /** Whether there is a preset. */
    public boolean isGiven() {
        return preset != null;
    }

    /** The published alpha, if there is a preset with one. */
    public Optional<Float> publishedAlpha() {
        return Optional.ofNullable(preset).flatMap(PublishedPair::alpha);
    }

    /**
     * Says that another alpha comes before the published one.
     *
     * @param given what the command line says of alpha, if it does
     */
    public Optional<String> note(Optional<List<Float>> given) {
        return given.flatMap(_ -> publishedAlpha())
                .map(alpha -> "the published alpha of --preset " + preset + ", " + Numbers.brief(alpha)
                        + ", gives way to the one that the command line says");
    }

    /**
     * The plan of an output whose metadata say why its alpha was chosen, and of which repositories the models are.
     *
     * @param given what the command line says of alpha, if it does
     */
    public Plan explained(Extrapolator models, Plan plan, Optional<List<Float>> given) {
        if (preset == null || plan.sft().isEmpty()) {
            return plan;
        }
        Map<String, MetadataValue> evidence = new LinkedHashMap<>();
        if (given.isEmpty()) {
            evidence.putAll(published(preset));
        }
        evidence.putAll(repositories(plan));
        return evidence.isEmpty() ? plan : models.plan(plan.options().withEvidence(evidence));
    }

    private static Map<String, MetadataValue> published(PublishedPair pair) {
        EvidenceValues evidence = new EvidenceValues();
        evidence.put("kind", "published");
        evidence.put("preset", pair.toString());
        evidence.put("pair", pair.aligned() + ", from " + pair.sft());
        evidence.put("source", SOURCE);
        evidence.put("measured", "by its authors, on models in BF16; on this file by nobody");
        return evidence.asMap();
    }

    /** Of which repositories the models are, unless they are called otherwise. */
    public Map<String, MetadataValue> repositories(Plan plan) {
        EvidenceValues evidence = new EvidenceValues();
        if (preset != null && plan.sft().isPresent() && notes(plan).isEmpty()) {
            evidence.putRepository("aligned", preset.aligned());
            evidence.putRepository("sft", preset.sft());
        }
        return evidence.asMap();
    }

    /** Remarks on models that do not look like the pair. */
    public List<String> notes(Plan plan) {
        if (preset == null || plan.sft().isEmpty()) {
            return List.of();
        }
        if (preset.differences(plan.aligned(), plan.sft().get()).isEmpty()) {
            return List.of("--preset " + preset + ": the two models are swapped: "
                    + Escape.quote(plan.sft().get().name())
                    + " is given as the SFT model and is the aligned one, " + preset.aligned()
                    + "; extrapolating from it goes back, away from what alignment has reached");
        }
        return preset.differences(plan.sft().get(), plan.aligned()).stream()
                .map(difference -> "--preset " + preset + ": " + difference + "; the published alpha is for that pair")
                .toList();
    }
}
