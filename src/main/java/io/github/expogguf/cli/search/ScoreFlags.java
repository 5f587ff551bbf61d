package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.MeasuringHelp;
import io.github.expogguf.cli.option.RepeatableWords;
import io.github.expogguf.cli.option.SeedsFlag;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.PreferenceFile;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.Measurements.Margin;
import io.github.expogguf.text.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say how the models of a search are scored, and what is measured beside it. */
final class ScoreFlags {

    @Option(
            names = "--score",
            paramLabel = "KIND",
            order = 3,
            converter = ToKind.class,
            completionCandidates = ToKind.class,
            description = "judge: a program scores the answers to the prompts; reward: a reward model does; margin: how"
                    + " much more likely the model finds the better answers of --preferences; none: nothing does, with"
                    + " --prompts alone. Default: by which of --judge, --reward-model, --preferences is there.")
    private @Nullable Kind kind;

    @Option(names = "--prompts", paramLabel = "FILE", order = 4, description = MeasuringHelp.PROMPTS)
    private @Nullable Path prompts;

    @Option(names = "--judge", paramLabel = "COMMAND", order = 5, description = MeasuringHelp.JUDGE)
    private @Nullable String judge;

    @Option(names = "--reward-model", paramLabel = "FILE", order = 6, description = MeasuringHelp.REWARD_MODEL)
    private @Nullable Path rewardModel;

    @Option(names = "--preferences", paramLabel = "FILE", order = 7, description = MeasuringHelp.PREFERENCES)
    private @Nullable Path preferences;

    @Option(
            names = "--margin",
            paramLabel = "MARGIN",
            defaultValue = "per-token",
            order = 8,
            converter = ToMargin.class,
            completionCandidates = ToMargin.class,
            description = "Log-probability of the chosen less that of the rejected answer: per-token or plain. The"
                    + " implicit reward of DPO ranks alphas as plain does. Default: ${DEFAULT-VALUE}.")
    private Margin margin;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            order = 9,
            description = "Text to measure perplexity and divergence from the aligned model on. Without it there is no"
                    + " perplexity, and the divergence is measured on the aligned model's answers.")
    private @Nullable Path text;

    @Option(names = "--chunk", paramLabel = "N", defaultValue = "0", order = 9, description = MeasuringHelp.CHUNK)
    private int textChunk;

    @Mixin
    private SeedsFlag seeds;

    /** What the numbers are that are called scores where nothing scores. */
    static final String LIKENESS = "likeness";

    /** What scores. */
    enum Kind {
        JUDGE,
        REWARD,
        MARGIN,
        NONE;

        /** As on the command line. */
        String label() {
            return Words.hyphened(this);
        }
    }

    /** Name of a margin. */
    static final class ToMargin extends Converters.ToConstant<Margin> {
        ToMargin() {
            super(Margin.class);
        }
    }

    /** Name of a kind. */
    static final class ToKind extends Converters.ToConstant<Kind> {
        ToKind() {
            super(Kind.class);
        }
    }

    /** Kind of score; by what is there unless it is said. */
    Kind kind() {
        Kind found = kind != null ? kind : given();
        String missing = switch (found) {
            case JUDGE -> judge == null ? "--judge" : null;
            case REWARD -> rewardModel == null ? "--reward-model" : null;
            case MARGIN -> preferences == null ? "--preferences" : null;
            case NONE -> prompts == null ? "--prompts" : null;
        };
        if (missing != null) {
            throw new IllegalArgumentException(
                    kind == null
                            ? "--prompts or --preferences are needed"
                            : "--score " + found.label() + " needs " + missing);
        }
        if (found == Kind.NONE && preferences != null) {
            throw new IllegalArgumentException("--score none goes without --preferences");
        }
        if (margin == Margin.PLAIN && preferences == null) {
            throw new IllegalArgumentException("--margin plain needs --preferences");
        }
        if (found != Kind.MARGIN && prompts == null) {
            throw new IllegalArgumentException("--score " + found.label() + " needs --prompts");
        }
        return found;
    }

    private Kind given() {
        return judge != null
                ? Kind.JUDGE
                : rewardModel != null ? Kind.REWARD : preferences != null ? Kind.MARGIN : Kind.NONE;
    }

    Optional<Path> rewardModel() {
        return kind() == Kind.REWARD ? Optional.ofNullable(rewardModel) : Optional.empty();
    }

    Optional<String> judge() {
        return kind() == Kind.JUDGE ? Optional.ofNullable(judge) : Optional.empty();
    }

    /**
     * Reads the files.
     *
     * @param scorer what scores answers; empty for margins
     */
    Measurements measurements(GenerationOptions generation, Optional<AnswerScorer> scorer) throws IOException {
        List<Prompt> asked = prompts == null ? List.of() : PromptFile.read(prompts);
        List<Preference> pairs = preferences == null ? List.of() : PreferenceFile.read(preferences);
        Measurements.Builder measured = Measurements.builder()
                .prompts(asked)
                .answersPerPrompt(seeds.checked(generation, !asked.isEmpty()))
                .generation(generation)
                .preferences(pairs)
                .margin(margin);
        if (text != null) {
            measured.text(new Measurements.Text(text.getFileName().toString(), TextFile.read(text), textChunk));
        }
        scorer.ifPresent(measured::scorer);
        return measured.build();
    }

    /** What there is too little of to choose by. */
    static List<String> notes(Measurements measurements) {
        List<String> notes = new ArrayList<>();
        List<Preference> pairs = measurements.preferences();
        long same = pairs.stream()
                .filter(pair -> pair.chosen().equals(pair.rejected()))
                .count();
        if (same > 0) {
            notes.add(same + " of " + pairs.size() + " preferences have the same answer twice, and prefer nothing");
        }
        if (Math.max(pairs.size(), measurements.prompts().size()) == 1) {
            notes.add("one " + (pairs.isEmpty() ? "prompt" : "preference")
                    + " tells nothing of how far chance moves its score: no alpha can be shown to be better");
        }
        return notes;
    }

    /** What the scores and guards depend on, by the names of the options. */
    Map<String, String> inputs() throws IOException {
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("score", kind().label());
        if (judge().isPresent()) {
            inputs.put("judge", judge().get());
            List<String> programs = new ArrayList<>();
            for (Path file : RepeatableWords.files(judge().get())) {
                programs.add(InputDigest.ofFile(file));
            }
            if (!programs.isEmpty()) { // with another program the scores of a log are another judge's
                inputs.put("judge-files", String.join(", ", programs));
            }
        }
        Optional<Path> rewards = rewardModel();
        if (rewards.isPresent()) {
            inputs.put("reward-model", InputDigest.ofModel(rewards.get()));
        }
        if (prompts != null) {
            inputs.put("prompts", InputDigest.ofFile(prompts));
            inputs.put("samples", Integer.toString(seeds.count()));
        }
        if (preferences != null) {
            inputs.put("preferences", InputDigest.ofFile(preferences));
            inputs.put("margin", word(margin));
        }
        if (text != null) {
            inputs.put("text", InputDigest.ofFile(text));
            inputs.put("chunk", Integer.toString(textChunk));
        }
        return inputs;
    }

    private static String word(Margin margin) {
        return Words.hyphened(margin);
    }
}
