package io.github.expogguf.score;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.TextPooler;
import io.github.expogguf.infer.TextPooler.Pooling;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A model with a ranking head as a scorer of answers, or of documents that were found for a query: the architectures
 * for which llama.cpp v0.5.0 knows one (BERT and its relatives, Qwen3), with the tensor {@code cls.output.weight}, or
 * {@code cls.weight}. The score is the first output of the head; of several outputs of a Qwen3 it is a probability,
 * because llama.cpp takes their softmax.
 *
 * <p>Prompt and answer are written by the model's template {@code tokenizer.chat_template.rerank}, if it has one, with
 * {@code {query}} and {@code {document}}; else by its chat template, as a conversation that the answer ends; else one
 * after the other with the special tokens of the model. Where a prompt has to be one text, it is {@link Prompt#text}.
 */
public final class RewardModel implements AnswerScorer, AutoCloseable {

    private static final Progress.Stage WORK = Progress.Stage.REWARDS;
    private static final String HEAD = "cls.output.weight";
    private static final String RERANK_TEMPLATE = "tokenizer.chat_template.rerank";
    private static final Pattern PLACE = Pattern.compile("\\{query}|\\{document}");
    /** Their outputs go through a softmax, which makes 1 of a single one (build_pooling, llama-graph.cpp v0.5.0). */
    private static final Set<String> WITH_SOFTMAX = Set.of("qwen3", "qwen3vl");

    private final LlamaModel model;
    private final Optional<float[]> head; // where it is computed here, one weight per column of the last state
    private final ComputeOptions how;

    private RewardModel(LlamaModel model, Optional<float[]> head, ComputeOptions how) {
        this.model = model;
        this.head = head;
        this.how = how;
    }

    /**
     * Loads a reward model.
     *
     * @param file a file
     * @param how  how it is run, each time that it scores; its cancellation ends the loading, too
     * @return the model, to be closed by the caller
     * @throws IOException        if the file cannot be read
     * @throws InferenceException if it has no ranking head, or llama.cpp cannot run it
     */
    public static RewardModel load(Path file, ComputeOptions how) throws IOException {
        return load(file, how, LoadOptions.defaults());
    }

    /**
     * Same, loaded as the options say.
     *
     * @param file a file
     * @param how  contexts, threads, what hears of progress, and what stops the work
     * @param load on which devices, and how
     * @return the model, to be closed by the caller
     * @throws IOException if a file cannot be read
     */
    public static RewardModel load(Path file, ComputeOptions how, LoadOptions load) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(how, "how");
        Objects.requireNonNull(load, "load");
        Optional<float[]> head;
        try (GgufModel opened = GgufModel.open(file)) {
            List<TensorInfo> tensors = opened.header().tensors();
            boolean hasHead = tensors.stream()
                    .anyMatch(tensor ->
                            tensor.name().equals(HEAD) || tensor.name().equals("cls.weight"));
            if (!hasHead) {
                throw new InferenceException(opened.header().name() + ": there is no ranking head, expected a tensor "
                        + HEAD + " or cls.weight");
            }
            head = singleHead(opened);
        }
        return new RewardModel(LlamaModel.load(file, load, how.listener(), how.cancellation()), head, how);
    }

    /** The head of a model of which llama.cpp would make a constant. */
    private static Optional<float[]> singleHead(GgufModel opened) throws IOException {
        Metadata metadata = opened.header().metadata();
        Optional<TensorInfo> tensor = opened.header().tensors().stream()
                .filter(candidate -> candidate.name().equals(HEAD))
                .filter(candidate ->
                        candidate.shape().elementCount() == candidate.shape().rowLength())
                .filter(_ -> WITH_SOFTMAX.contains(metadata.architecture()))
                .findFirst();
        return tensor.isEmpty() ? Optional.empty() : Optional.of(values(opened, tensor.get()));
    }

    private static float[] values(GgufModel opened, TensorInfo tensor) throws IOException {
        GgmlType type = tensor.type();
        long length = tensor.shape().rowLength();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(tensor.byteCount(), Long.BYTES);
            MemorySegment floats = arena.allocate(ValueLayout.JAVA_FLOAT, length);
            opened.read(tensor, 0, packed);
            RowCodecs.of(type).dequantize(length, 1, packed, floats);
            return floats.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /**
     * Scores answers, several at a time.
     *
     * @throws io.github.expogguf.PromptException if a prompt with its answer is longer than the context
     * @throws InferenceException                 if llama.cpp fails
     */
    @Override
    public double[] score(List<Answer> answers) {
        Elements.require(answers, "answers");
        ContextSize size = new ContextSize(model, how);
        List<int[]> texts = new ArrayList<>();
        int longest = 1;
        for (Answer answer : answers) {
            int[] tokens = tokens(answer);
            size.requireFits(answer.prompt().origin() + ": the prompt with its answer", tokens.length);
            texts.add(tokens);
            longest = Math.max(longest, tokens.length);
        }
        Pooling pooling = head.isPresent() ? Pooling.LAST : Pooling.RANK;
        int most = longest;
        double[] scores = new double[answers.size()];
        TextShares.run(model, answers.size(), how, (from, to, part) -> {
            part.report(WORK, 0, to - from);
            try (TextPooler pooler =
                    TextPooler.open(model, new ContextSize(model, part).context(most, to - from), pooling)) {
                List<float[]> pooled = pooler.pool(
                        texts.subList(from, to),
                        progress -> part.report(WORK, (int) progress.done(), to - from),
                        part.cancellation());
                for (int i = from; i < to; i++) {
                    scores[i] = reward(pooled.get(i - from));
                }
            }
        });
        return scores;
    }

    /**
     * How well documents answer a query, as search engines order them: the scores of the documents as answers to it.
     *
     * @param query     what is looked for
     * @param documents texts that may answer it
     * @return one number per document, in their order
     * @throws io.github.expogguf.PromptException if the query with a document is longer than the context
     * @throws InferenceException                 if llama.cpp fails
     */
    public double[] rerank(String query, List<String> documents) {
        Objects.requireNonNull(query, "query");
        Elements.require(documents, "documents");
        List<Answer> answers = new ArrayList<>();
        for (String document : documents) {
            Prompt asked = new Prompt(query, Map.of(), "document " + answers.size());
            answers.add(new Answer(asked, document, 0, false));
        }
        return score(answers);
    }

    private double reward(float[] pooled) {
        if (head.isEmpty()) {
            return pooled[0];
        }
        double sum = 0;
        for (int i = 0; i < pooled.length; i++) {
            sum += (double) pooled[i] * head.get()[i];
        }
        return sum;
    }

    private int[] tokens(Answer answer) {
        String prompt = answer.prompt().text();
        Optional<String> rerank = model.metadata().string(RERANK_TEMPLATE);
        if (rerank.isPresent()) {
            String text = PLACE.matcher(rerank.get())
                    .replaceAll(place ->
                            Matcher.quoteReplacement(place.group().equals("{query}") ? prompt : answer.text()));
            return model.tokenizeMarkup(text);
        }
        if (model.chatTemplate().isPresent()) {
            List<ChatMessage> turns = Stream.concat(
                            answer.prompt().messages().stream(), Stream.of(ChatMessage.assistant(answer.text())))
                    .toList();
            return model.chatPrompt(turns, false).tokens();
        }
        return model.tokenizePair(prompt, answer.text());
    }

    /** Frees the memory. */
    @Override
    public void close() {
        model.close();
    }
}
