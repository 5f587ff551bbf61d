package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Progress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/** Asks a model. */
public final class Answers {

    private static final Progress.Stage WORK = Progress.Stage.ANSWERS;

    private Answers() {}

    /**
     * Lets a model answer prompts, several at a time, each a conversation of its own. The prompt at index {@code i} is
     * sampled with the seed plus {@code i}, so that models are compared with the same luck.
     *
     * @param model      a loaded model; it has to stay open meanwhile
     * @param prompts    at least one prompt
     * @param generation how tokens are chosen and how many at most
     * @param how        contexts, threads, what hears of progress, and what stops the work
     * @return the answers, in the order of the prompts
     * @throws PromptException                       if a prompt is longer than the context
     * @throws io.github.expogguf.InferenceException if the chat template cannot be used, or llama.cpp fails
     * @throws io.github.expogguf.CancelledException if the work was stopped
     */
    public static List<Answer> generate(
            LlamaModel model, List<Prompt> prompts, GenerationOptions generation, ComputeOptions how) {
        Elements.require(prompts, "prompts");
        Objects.requireNonNull(generation, "generation");
        ContextSize size = new ContextSize(model, how);
        ChatText chat = new ChatText(model);
        List<int[]> tokens = new ArrayList<>();
        int longest = 1;
        for (Prompt prompt : prompts) {
            int[] asked = chat.prompt(prompt.messages());
            size.requireFits(prompt.origin() + ": the prompt", asked.length);
            tokens.add(asked);
            longest = Math.max(longest, asked.length);
        }
        long most = (long) longest + generation.maxTokens();
        Answer[] answers = new Answer[prompts.size()];
        TextShares.run(model, prompts.size(), how, (from, to, part) -> {
            List<Generation> generations = generations(model, tokens.subList(from, to), from, most, generation, part);
            for (int i = from; i < to; i++) {
                answers[i] = answer(prompts.get(i), generations.get(i - from));
            }
        });
        return List.of(answers);
    }

    /** Answers of a share that begins at an index; an answer does not depend on how prompts are shared out. */
    private static List<Generation> generations(
            LlamaModel model, List<int[]> prompts, int from, long most, GenerationOptions options, ComputeOptions how) {
        SamplingOptions sampling = options.sampling();
        GenerationOptions shifted = options.withSampling(sampling.withSeed(sampling.seed() + from));
        if (shifted.cancellation().isEmpty()) {
            shifted = shifted.withCancellation(how.cancellation()); // within a long prompt, too
        }
        how.report(WORK, 0, prompts.size());
        try (LlamaContext context =
                LlamaContext.open(model, new ContextSize(model, how).context(most, prompts.size()))) {
            List<Generation> generations =
                    context.generateTokens(prompts, shifted, new BegunAnswers(prompts.size(), how));
            how.report(WORK, prompts.size(), prompts.size());
            return generations;
        }
    }

    private static Answer answer(Prompt prompt, Generation generation) {
        boolean isCutOff = generation.finishReason() == FinishReason.LENGTH;
        return new Answer(prompt, generation.text().strip(), generation.tokens().size(), isCutOff);
    }

    /**
     * Counts answers that have begun; sequences take prompts in order, so that all but the ones at work are done.
     */
    private static final class BegunAnswers implements Generation.Listener {

        private final int prompts;
        private final int atWork;
        private final ComputeOptions how;
        private final BitSet begun = new BitSet();

        BegunAnswers(int prompts, ComputeOptions how) {
            this.prompts = prompts;
            this.atWork = Math.min(prompts, how.sequences());
            this.how = how;
        }

        @Override
        public boolean onText(int promptIndex, String text) {
            begun.set(promptIndex);
            how.report(WORK, Math.max(0, begun.cardinality() - atWork), prompts);
            return true;
        }
    }
}
