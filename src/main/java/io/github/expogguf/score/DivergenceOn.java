package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.token.ShortText;
import io.github.expogguf.run.MeasuredMixture;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.WorkOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What {@link MeasuredMixture} measures on: the mean of the Kullback-Leibler divergence, as {@link Agreement#kl} has
 * it, at some thousand positions.
 */
public final class DivergenceOn {

    private static final int CHUNK_TOKENS = 256;
    private static final int MAX_CHUNKS = 8;
    private static final int MAX_PROMPTS = 32;
    private static final int MAX_ANSWER_TOKENS = 128;

    private DivergenceOn() {}

    /**
     * A text: of eight passages of 256 tokens, evenly spread, the second half of each, as the first gives it something
     * to go by.
     *
     * @param name where the text comes from, for messages
     * @param text in the language of the model's users, of 256 tokens or more, or a single passage as long as it is
     * @return what measures; throws {@link PromptException} if the text has fewer than four tokens
     */
    public static MeasuredMixture.Ruler text(String name, String text) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(text, "text");
        return (model, how) -> measured(model, passages(model, name, text), how);
    }

    /**
     * The model's own answers to prompts, in its chat template: what a chat model is for. Of at most 32 prompts, evenly
     * spread, the answers of at most 128 tokens that it gives with the most likely token at each place.
     *
     * @param prompts at least one
     * @return what measures; throws {@link PromptException} if a prompt is longer than the model's context, and
     *     {@link io.github.expogguf.ChatTemplateException} if the model has no chat template that can be used
     */
    public static MeasuredMixture.Ruler answers(List<Prompt> prompts) {
        List<Prompt> some = spread(Elements.require(prompts, "prompts"));
        return (model, how) -> {
            ComputeOptions compute = compute(how);
            GenerationOptions greedy = GenerationOptions.greedy(MAX_ANSWER_TOKENS);
            List<Answer> answers = Answers.generate(model, some, greedy, compute.withListener(how.listener()));
            return measured(model, Passages.ofAnswers(model, answers, compute), how);
        };
    }

    private static List<Prompt> spread(List<Prompt> prompts) {
        int count = Math.min(MAX_PROMPTS, prompts.size());
        List<Prompt> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(prompts.get((int) ((long) prompts.size() * i / count)));
        }
        return List.copyOf(some);
    }

    private static List<Passage> passages(LlamaModel model, String name, String text) {
        int[] tokens = model.tokenize(text);
        int length = Math.min(CHUNK_TOKENS, tokens.length);
        if (text.isBlank() || length < 4) {
            throw ShortText.refusal(name, text, tokens.length, CHUNK_TOKENS, "");
        }
        int chunks = Math.min(MAX_CHUNKS, tokens.length / length);
        List<Passage> passages = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            int from = (int) ((long) (tokens.length - length) * i / Math.max(1, chunks - 1));
            passages.add(new Passage(Arrays.copyOfRange(tokens, from, from + length), length / 2));
        }
        return passages;
    }

    private static ComputeOptions compute(WorkOptions how) {
        return ComputeOptions.builder()
                .threads(how.threads())
                .cancellation(how.cancellation())
                .build();
    }

    private static MeasuredMixture.Divergence measured(LlamaModel model, List<Passage> passages, WorkOptions how) {
        ComputeOptions compute = compute(how);
        AlignedReference reference = AlignedReference.of(
                model, passages, AlignedReference.DEFAULT_BYTES, compute.withListener(how.listener()));
        return new MeasuredMixture.Divergence() {
            @Override
            public int texts() {
                return passages.size();
            }

            @Override
            public double now() {
                return Math.max(0, reference.compare(model, compute).meanKl());
            }

            @Override
            public void close() {
                reference.close();
            }
        };
    }
}
