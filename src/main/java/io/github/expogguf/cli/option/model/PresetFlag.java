package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.text.Numbers;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A published pair instead of an alpha. */
public final class PresetFlag {

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

    /** Remarks on models that do not look like the pair. */
    public List<String> notes(Plan plan) {
        return preset == null || plan.sft().isEmpty()
                ? List.of()
                : preset.differences(plan.sft().get(), plan.aligned()).stream()
                        .map(difference ->
                                "--preset " + preset + ": " + difference + "; the published alpha is for that pair")
                        .toList();
    }
}
