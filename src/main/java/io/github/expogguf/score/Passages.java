package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LogSoftmax;
import io.github.expogguf.infer.LogitsVisitor;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.token.ShortText;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Texts to compare models on. */
public final class Passages {

    private Passages() {}

    /**
     * Cuts a text as llama-perplexity does (tools/perplexity/perplexity.cpp, llama.cpp v0.5.0): into chunks of equal
     * length, the rest left out; each begins with BOS, in place of its first token, if the model wants one; the second
     * half of each is scored, so that there always is some context.
     *
     * @param model       a loaded model; it has to stay open meanwhile
     * @param name        where the text comes from, for messages
     * @param text        at least one chunk long
     * @param chunkTokens tokens of a chunk, at least 4; 0 for 512 or what the model was trained with, if that is less
     * @return the chunks, in their order
     * @throws PromptException if the text is shorter than one chunk
     */
    public static List<Passage> ofText(LlamaModel model, String name, String text, int chunkTokens) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(text, "text");
        int length = chunkTokens > 0 ? chunkTokens : Math.min(512, model.trainedContextTokens());
        if (length < 4) {
            throw new IllegalArgumentException("chunks of " + length + " tokens, expected at least 4");
        }
        int[] begin = model.addedBeginOfSequence().stream().toArray();
        int[] tokens = IntStream.concat(IntStream.of(begin), IntStream.of(model.tokenizePart(text)))
                .toArray();
        if (text.isBlank() || tokens.length < length) {
            throw ShortText.refusal(name, text, tokens.length, length, " (one chunk)");
        }
        List<Passage> passages = new ArrayList<>();
        for (int start = 0; start + length <= tokens.length; start += length) {
            int[] chunk = Arrays.copyOfRange(tokens, start, start + length);
            if (begin.length > 0) {
                chunk[0] = begin[0];
            }
            passages.add(new Passage(chunk, length / 2 + 1));
        }
        return passages;
    }

    /**
     * Answers with their prompts, by the chat template; the answers are scored.
     *
     * @param model   a loaded model; it has to stay open meanwhile
     * @param answers answers with their prompts
     * @param how     contexts, threads, what hears of progress, and what stops the work
     * @return a passage for each answer
     * @throws PromptException if one of them is longer than the context
     */
    public static List<Passage> ofAnswers(LlamaModel model, List<Answer> answers, ComputeOptions how) {
        Elements.require(answers, "answers");
        ChatText chat = new ChatText(model);
        ContextSize size = new ContextSize(model, how);
        List<Passage> passages = new ArrayList<>();
        for (Answer answer : answers) {
            Passage passage = chat.answered(answer.prompt().messages(), ChatMessage.assistant(answer.text()));
            passages.add(fitting(size, answer.prompt().origin(), passage));
        }
        return passages;
    }

    /**
     * The better answers of pairs, in the same way.
     *
     * @param model a loaded model; it has to stay open meanwhile
     * @param pairs prompts with a better and a worse answer each
     * @param how   contexts, threads, what hears of progress, and what stops the work
     * @return a passage for each pair
     * @throws PromptException if one of them is longer than the context
     */
    public static List<Passage> ofChosen(LlamaModel model, List<Preference> pairs, ComputeOptions how) {
        Elements.require(pairs, "pairs");
        ChatText chat = new ChatText(model);
        ContextSize size = new ContextSize(model, how);
        return pairs.stream()
                .map(pair -> fitting(size, pair.origin(), chat.answered(pair.messages(), pair.chosen())))
                .toList();
    }

    private static Passage fitting(ContextSize size, String origin, Passage passage) {
        size.requireFits(origin + ": the prompt with its answer", passage.tokens().length);
        return passage;
    }

    /** Shows all scored tokens of passages, in a context that is large enough for them. */
    static void read(
            LlamaModel model, List<Passage> passages, Progress.Stage stage, ComputeOptions how, LogitsVisitor visitor) {
        TextShares.run(model, passages.size(), how, (from, to, part) -> {
            List<Passage> share = passages.subList(from, to);
            int longest = share.stream()
                    .mapToInt(passage -> passage.tokens().length)
                    .max()
                    .orElse(1);
            part.report(stage, 0, share.size());
            try (LlamaContext context =
                    LlamaContext.open(model, new ContextSize(model, part).context(longest, share.size()))) {
                context.readLogits(
                        share,
                        (index, position, logits) -> visitor.visit(from + index, position, logits),
                        progress -> part.report(stage, (int) progress.done(), share.size()),
                        part.cancellation());
            }
        });
    }

    /** One array per passage: natural logarithms, one for each scored token. */
    static double[][] logProbabilities(
            LlamaModel model, List<Passage> passages, Progress.Stage stage, ComputeOptions how) {
        double[][] results = passages.stream()
                .map(passage -> new double[passage.scoredTokens()])
                .toArray(double[][]::new);
        read(model, passages, stage, how, (index, position, logits) -> {
            Passage passage = passages.get(index);
            float logit = logits[passage.tokens()[position]];
            results[index][position - passage.firstScored()] =
                    LogSoftmax.of(logits).logProbability(logit);
        });
        return results;
    }
}
