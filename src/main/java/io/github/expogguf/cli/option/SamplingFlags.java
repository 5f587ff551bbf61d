package io.github.expogguf.cli.option;

import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.text.Numbers;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of the commands that let a model answer; names, meaning and defaults are llama.cpp's, but for the seed. */
public final class SamplingFlags {

    private static final float DEFAULT_TEMPERATURE = 0.8f;
    private static final String RANDOM = "-1";

    @Option(
            names = "--temp",
            paramLabel = "X",
            order = 60,
            description = "Temperature; 0 takes the most likely token always. Default: 0.8; 0 where a search compares"
                    + " answers.")
    private @Nullable Float temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "40",
            order = 61,
            description = "Choose among the N most likely tokens; 0 for all. Default: ${DEFAULT-VALUE}.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "0.95",
            order = 62,
            description = "Choose among the tokens that have this probability together. Default: ${DEFAULT-VALUE}.")
    private float topP;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            defaultValue = "0.05",
            order = 63,
            description = "Leave out tokens below this share of the best one's probability. Default: ${DEFAULT-VALUE}.")
    private float minP;

    @Option(
            names = "--repeat-penalty",
            paramLabel = "X",
            defaultValue = "1",
            order = 64,
            description = "Divide the logits of tokens that were there already, or multiply those below 0. Default:"
                    + " ${DEFAULT-VALUE}, off.")
    private float repeatPenalty;

    @Option(
            names = "--repeat-last-n",
            paramLabel = "N",
            defaultValue = "64",
            order = 65,
            converter = ToTokens.class,
            description = "Penalties look at the last N tokens, the prompt's too; 0 for none, -1 for the context."
                    + " Default: ${DEFAULT-VALUE}.")
    private int repeatLastN;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            defaultValue = "0",
            order = 66,
            description = "Taken from the logit of a token for each time that it was there. Default: ${DEFAULT-VALUE}.")
    private float frequencyPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            defaultValue = "0",
            order = 67,
            description = "Taken from the logits of tokens that were there already. Default: ${DEFAULT-VALUE}.")
    private float presencePenalty;

    @Option(
            names = {"-s", "--seed"},
            paramLabel = "N",
            defaultValue = "0",
            order = 68,
            converter = ToDrawn.class,
            description = "Seed of the choices; -1 for a random one. Default: ${DEFAULT-VALUE}.")
    private Seed seed;

    @Option(
            names = {"-n", "--predict"},
            paramLabel = "N",
            order = 69,
            converter = ToTokens.class,
            description = "Most tokens of an answer; -1 for as many as the context holds.")
    private @Nullable Integer maxTokens;

    @Option(
            names = {"-c", "--ctx-size"},
            paramLabel = "N",
            order = 70,
            converter = ToTokens.class,
            description = "Tokens of the context, prompt and answer together; 0 for what the model was trained with.")
    private @Nullable Integer contextTokens;

    /**
     * How answers are generated.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public GenerationOptions generation(int defaultMaxTokens) {
        return GenerationOptions.greedy(maxTokens(defaultMaxTokens)).withSampling(sampling());
    }

    /**
     * Same, with the most likely tokens: for answers that are compared with each other, where chance would hide what
     * the models change.
     *
     * @throws IllegalArgumentException if a number is out of its range, or another temperature was asked for
     */
    public GenerationOptions comparable(int defaultMaxTokens) {
        if (temperature != null && temperature > 0) {
            throw new IllegalArgumentException("--temp " + Numbers.brief(temperature)
                    + " with --prompts alone, where answers are compared: chance would hide what changes; --temp 0");
        }
        return generation(defaultMaxTokens)
                .withSampling(sampling().toBuilder().temperature(0).build());
    }

    /**
     * How tokens are chosen.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public SamplingOptions sampling() {
        return SamplingOptions.builder()
                .temperature(temperature == null ? DEFAULT_TEMPERATURE : temperature)
                .topK(topK)
                .topP(topP)
                .minP(minP)
                .repeatPenalty(repeatPenalty)
                .repeatLastN(repeatLastN)
                .frequencyPenalty(frequencyPenalty)
                .presencePenalty(presencePenalty)
                .seed(seed.value())
                .build();
    }

    /** Most tokens of an answer, at least 1. */
    public int maxTokens(int otherwise) {
        int tokens = maxTokens == null ? otherwise : maxTokens;
        if (tokens == 0) {
            throw new IllegalArgumentException(
                    "--predict 0: an answer of no tokens; -1 is for as many as the context holds");
        }
        return tokens < 0 ? Integer.MAX_VALUE : tokens;
    }

    /** Tokens of the context of one sequence; 0 for what the model was trained with. */
    public int contextTokens(int otherwise) {
        int tokens = contextTokens == null ? otherwise : contextTokens;
        if (tokens < 0) {
            throw new IllegalArgumentException("--ctx-size " + tokens + ", expected 0 or more");
        }
        return tokens;
    }

    /** Takes the seed of an earlier run that is gone on with, where one was drawn for this run. */
    public void continueWithSeed(String earlier) {
        if (seed.isDrawn()) {
            seed = new ToDrawn().convert(earlier);
        }
    }

    /**
     * Where the choices of tokens begin.
     *
     * @param isDrawn whether nobody said which
     */
    record Seed(int value, boolean isDrawn) {}

    static final class ToDrawn implements ITypeConverter<Seed> {
        @Override
        public Seed convert(String text) {
            return new Seed(new ToSeed().convert(text), text.equals(RANDOM));
        }
    }

    /** An unsigned number of 32 bits, or -1. */
    public static final class ToSeed implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (text.equals(RANDOM)) {
                return ThreadLocalRandom.current().nextInt();
            }
            try {
                return Integer.parseUnsignedInt(text);
            } catch (NumberFormatException _) {
                throw new TypeConversionException(
                        "'" + text + "' is not a seed: a whole number of 0 to 4294967295," + " or -1 for a random one");
            }
        }
    }

    /** A number of tokens, or -1. */
    static final class ToTokens implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("-1|[0-9]{1,9}")) {
                throw new TypeConversionException("'" + text + "' is not a number of tokens, as in 256");
            }
            return Integer.parseInt(text);
        }
    }
}
