package io.github.expogguf.cli.option;

import io.github.expogguf.infer.GenerationOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Option that says how often a prompt is answered. */
public final class SeedsFlag {

    private static final String SEEDS = "--seeds";
    private static final String SAMPLES = "--samples";

    /** All answers to a prompt are in memory at once. */
    private static final int MOST = 10_000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {SAMPLES, SEEDS},
            paramLabel = "N",
            defaultValue = "1",
            order = 59,
            description = "Answers to each prompt, with other seeds; their mean score counts, and 'between-seeds' says"
                    + " how far the mean over all prompts differs from one seed to the next. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int count;

    /** Answers to each prompt. */
    public int count() {
        return count;
    }

    /**
     * Same, where several make a difference.
     *
     * @param hasPrompts whether anything is answered
     * @throws IllegalArgumentException if all would be the same
     */
    public int checked(GenerationOptions generation, boolean hasPrompts) {
        if (count < 1) {
            throw new IllegalArgumentException(typed() + " is " + count + ", expected at least 1");
        }
        if (count > MOST) {
            throw new IllegalArgumentException(typed() + " is " + count + ", expected at most " + MOST);
        }
        if (count > 1 && !hasPrompts) {
            throw new IllegalArgumentException(typed() + " " + count + " without --prompts: only answers are drawn,"
                    + " texts and preferences give the same scores with every seed");
        }
        if (count > 1 && generation.sampling().isGreedy()) {
            throw new IllegalArgumentException(
                    typed() + " " + count + " with --temp 0 gives the same answer each time");
        }
        return count;
    }

    /** The name that the command line has. */
    private String typed() {
        boolean isSeeds = command.commandLine().getParseResult().expandedArgs().stream()
                .anyMatch(word -> word.equals(SEEDS) || word.startsWith(SEEDS + "="));
        return isSeeds ? SEEDS : SAMPLES;
    }
}
