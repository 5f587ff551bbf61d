package io.github.expogguf.score;

import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Whether a model finds the better answers more likely: needs no judge, and no generation. */
public final class PreferenceScores {

    private PreferenceScores() {}

    /**
     * Computes how likely a model finds both answers of each pair, as answers to the prompt by the chat template.
     *
     * @param model a loaded model; it has to stay open meanwhile
     * @param pairs log-probabilities of each pair
     * @param how   contexts, threads, what hears of progress, and what stops the work
     * @return one per pair, in their order
     * @throws io.github.expogguf.PromptException    if a prompt with an answer is longer than the context
     * @throws io.github.expogguf.InferenceException if the chat template cannot be used, or llama.cpp fails
     */
    public static List<PairLogProbabilities> measure(LlamaModel model, List<Preference> pairs, ComputeOptions how) {
        Elements.require(pairs, "pairs");
        ChatText chat = new ChatText(model);
        ContextSize size = new ContextSize(model, how);
        List<Passage> passages = new ArrayList<>();
        for (Preference pair : pairs) {
            passages.add(passage(chat, size, pair, "chosen", pair.chosen()));
            passages.add(passage(chat, size, pair, "rejected", pair.rejected()));
        }
        double[][] logProbabilities = Passages.logProbabilities(model, passages, Progress.Stage.LOG_PROBABILITIES, how);
        return IntStream.range(0, pairs.size())
                .mapToObj(i -> pair(logProbabilities[2 * i], logProbabilities[2 * i + 1]))
                .toList();
    }

    private static Passage passage(ChatText chat, ContextSize size, Preference pair, String which, ChatMessage answer) {
        Passage passage = chat.answered(pair.messages(), answer);
        size.requireFits(pair.origin() + ": the prompt with the " + which + " answer", passage.tokens().length);
        return passage;
    }

    private static PairLogProbabilities pair(double[] chosen, double[] rejected) {
        return new PairLogProbabilities(
                DoubleStream.of(chosen).sum(),
                chosen.length,
                DoubleStream.of(rejected).sum(),
                rejected.length);
    }

    /**
     * {@return {@link PairLogProbabilities#margin} of each pair}
     *
     * @param pairs log-probabilities of each pair
     */
    public static List<Double> margins(List<PairLogProbabilities> pairs) {
        Elements.require(pairs, "pairs");
        return each(pairs, PairLogProbabilities::margin);
    }

    /**
     * {@return {@link PairLogProbabilities#marginPerToken} of each pair}
     *
     * @param pairs log-probabilities of each pair
     */
    public static List<Double> marginsPerToken(List<PairLogProbabilities> pairs) {
        Elements.require(pairs, "pairs");
        return each(pairs, PairLogProbabilities::marginPerToken);
    }

    private static List<Double> each(List<PairLogProbabilities> pairs, ToDoubleFunction<PairLogProbabilities> measure) {
        return pairs.stream().map(measure::applyAsDouble).toList();
    }

    /**
     * {@return {@link PairLogProbabilities#implicitReward} of each pair}
     *
     * @param pairs log-probabilities of each pair
     * @param sft   what the model before alignment finds of the same pairs, in the same order
     * @param beta  what the differences of log-probabilities are multiplied with
     */
    public static List<Double> implicitRewards(
            List<PairLogProbabilities> pairs, List<PairLogProbabilities> sft, double beta) {
        Elements.require(pairs, "pairs");
        Elements.require(sft, "sft");
        if (pairs.size() != sft.size()) {
            throw new IllegalArgumentException(
                    pairs.size() + " pairs and " + sft.size() + " of the sft model, expected the same");
        }
        return IntStream.range(0, pairs.size())
                .mapToObj(i -> pairs.get(i).implicitReward(sft.get(i), beta))
                .toList();
    }

    /**
     * 1 for each pair whose margin is positive, 0 for a negative one, 0.5 for none: their mean is the accuracy.
     *
     * @param margins one for each pair, in nats
     * @return 1 for each pair whose margin is positive, 0 for a negative one, 0.5 for none: their mean is the accuracy
     */
    public static List<Double> hits(List<Double> margins) {
        Elements.require(margins, "margins");
        return margins.stream().map(margin -> (1 + Math.signum(margin)) / 2).toList();
    }
}
