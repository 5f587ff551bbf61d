package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_context_params;
import io.github.expogguf.infer.decode.ContextMemory;
import io.github.expogguf.infer.decode.DecodeBatch;
import io.github.expogguf.infer.decode.DecodeControl;
import io.github.expogguf.infer.decode.Decoder;
import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.infer.decode.NativeHandle;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.text.Elements;
import io.github.expogguf.thread.PlatformThreads;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Room to generate in: the keys and values of a number of sequences. Serves one call at a time, from any thread; a call
 * while another is under way throws {@link IllegalStateException}, and so does a closed context. Calls leave nothing
 * behind: each begins with empty sequences.
 */
public final class LlamaContext implements AutoCloseable {

    private static final long MAX_LOGITS_BYTES = 64L << 20;
    private static final Generation.Listener SILENT = (promptIndex, text) -> true;

    private final LlamaModel model;
    private final ContextOptions options;
    private final NativeHandle handle;
    private final DecodeControl control;
    private final int contextTokens;
    private final int batchTokens;
    private final List<LlamaContext> others; // for the logits of several models
    private volatile @Nullable GenerationStream stream; // the last one, which may be open

    private LlamaContext(
            LlamaModel model,
            ContextOptions options,
            NativeHandle handle,
            DecodeControl control,
            MemorySegment pointer,
            List<LlamaContext> others) {
        this.model = model;
        this.options = options;
        this.handle = handle;
        this.control = control;
        int ownTokens = Llama.llama_n_ctx_seq(pointer);
        int ownBatch = Math.max(options.sequences(), Llama.llama_n_batch(pointer));
        this.contextTokens =
                others.stream().mapToInt(other -> other.contextTokens).reduce(ownTokens, Math::min);
        this.batchTokens = others.stream().mapToInt(other -> other.batchTokens).reduce(ownBatch, Math::min);
        this.others = List.copyOf(others);
    }

    /**
     * Makes room to generate in.
     *
     * @param model   stays in memory as long as the context is open
     * @param options size and threads of the context
     * @return the context, to be closed by the caller
     * @throws InferenceException if llama.cpp cannot; the message holds its last warnings and errors
     */
    public static LlamaContext open(LlamaModel model, ContextOptions options) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        model.requireWeights();
        LlamaModel.Mixed mixed = model.mixed();
        if (mixed == null) {
            return PlatformThreads.call(() -> create(model, model.use(), options, List.of()));
        }
        int perSequence = options.contextTokens() > 0 ? options.contextTokens() : model.trainedContextTokens();
        requireMemory(model, mixed.others(), (long) perSequence * options.sequences());
        List<LlamaContext> others = new ArrayList<>();
        try {
            for (LlamaModel other : mixed.others()) {
                others.add(open(other, options.withContextTokens(perSequence)));
            }
            return PlatformThreads.call(() -> create(model, model.use(), options, others));
        } catch (Throwable failure) {
            others.forEach(LlamaContext::close);
            throw failure;
        }
    }

    /** Of all contexts, before the first of them takes its part. */
    private static void requireMemory(LlamaModel model, List<LlamaModel> others, long totalTokens) {
        List<LlamaModel> models =
                Stream.concat(Stream.of(model), others.stream()).toList();
        try (Arena arena = Arena.ofConfined()) {
            ContextMemory.require(
                    models.stream().map(LlamaModel::name).collect(Collectors.joining(", ")),
                    models.stream().map(LlamaModel::metadata).toList(),
                    models.stream().mapToLong(LlamaModel::gpuBytes).max().orElse(0),
                    totalTokens,
                    llama_context_params.n_ubatch(Llama.llama_context_default_params(arena)));
        }
    }

    /** Takes over the use of the model, also when it fails. */
    private static LlamaContext create(
            LlamaModel model, NativeHandle.Use modelUse, ContextOptions options, List<LlamaContext> others) {
        boolean created = false;
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture messages = NativeLog.capture();
                NativeWork _ = NativeWork.begin(() -> model.name() + ": making a context")) {
            requireDecoder(model, modelUse.pointer());
            model.requireVocabulary();
            OpenedContext opened = OpenedContext.of(
                    model, modelUse, parameters(arena, model, options), options.threads(), messages, modelUse::close);
            created = true;
            return new LlamaContext(model, options, opened.handle(), opened.control(), opened.pointer(), others);
        } finally {
            if (!created) {
                modelUse.close();
            }
        }
    }

    static void requireDecoder(LlamaModel model, MemorySegment pointer) {
        if (Llama.llama_model_has_encoder(pointer) || !Llama.llama_model_has_decoder(pointer)) {
            String architecture = model.metadata().architecture();
            throw new InferenceException(
                    model.name() + ": architecture '" + architecture + "', expected one that only decodes text");
        }
    }

    static MemorySegment parameters(Arena arena, LlamaModel model, ContextOptions options) {
        long mostSequences = Llama.llama_max_parallel_sequences();
        if (options.sequences() > mostSequences) {
            throw new IllegalArgumentException("sequences is " + options.sequences() + ", expected at most "
                    + mostSequences + ", llama.cpp's limit");
        }
        long perSequence = options.roomTokens(model);
        long totalTokens = perSequence * options.sequences();
        if (totalTokens > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(options.sequences() + " sequences of " + perSequence + " tokens are "
                    + totalTokens + ", expected at most " + Integer.MAX_VALUE);
        }
        MemorySegment parameters = Llama.llama_context_default_params(arena);
        ContextMemory.require(
                model.name(),
                model.metadata(),
                model.gpuBytes(),
                totalTokens,
                llama_context_params.n_ubatch(parameters));
        llama_context_params.n_ctx(parameters, (int) totalTokens);
        llama_context_params.n_seq_max(parameters, options.sequences());
        llama_context_params.n_batch(parameters, options.batchTokens());
        llama_context_params.n_outputs_max(parameters, outputsPerStep(model, options));
        llama_context_params.n_threads(parameters, options.mostThreads());
        llama_context_params.n_threads_batch(parameters, options.mostThreads());
        llama_context_params.no_perf(parameters, true);
        return parameters;
    }

    /** {@return tokens that one sequence may hold: what was asked for, rounded up to a multiple of 256 by llama.cpp} */
    public int contextTokens() {
        return contextTokens;
    }

    /** {@return sequences that are worked on at a time} */
    public int sequences() {
        return options.sequences();
    }

    /** {@return the model that the context belongs to} */
    public LlamaModel model() {
        return model;
    }

    /**
     * Answers one prompt.
     *
     * @param prompt as it comes from {@link LlamaModel#applyChatTemplate}, or plain text to go on with; tokenized with
     *               special tokens parsed, BOS added where the model wants it and it is not there, and no EOS added
     * @param how    how tokens are chosen, how many at most, and what ends an answer
     * @return the answer, and why it ended
     * @throws InferenceException if the prompt does not fit into the context, or llama.cpp fails
     */
    public Generation generate(String prompt, GenerationOptions how) {
        Objects.requireNonNull(prompt, "prompt");
        return generate(List.of(prompt), how).getFirst();
    }

    /**
     * Answers prompts, {@link #sequences} at a time; the answers are in the order of the prompts. An answer may differ
     * in rare cases from the one that its prompt gets alone, because sums are rounded differently for other batches.
     *
     * @param prompts at least one
     * @param how     how tokens are chosen, how many at most, and what ends an answer
     * @return the answers, in the order of the prompts
     * @throws InferenceException if a prompt does not fit into the context, or llama.cpp fails
     */
    public List<Generation> generate(List<String> prompts, GenerationOptions how) {
        Elements.require(prompts, "prompts");
        Objects.requireNonNull(how, "how");
        return generateTokens(prompts.stream().map(model::tokenizePrompt).toList(), how, SILENT);
    }

    /**
     * Answers prompts that are tokenized already, telling a listener about every token.
     *
     * @param prompts  at least one token each, fewer than {@link #contextTokens}; not modified
     * @param how      how tokens are chosen, how many at most, and what ends an answer
     * @param listener hears every answer grow and may stop it
     * @return the answers, in the order of the prompts
     * @throws IllegalArgumentException if a token is not in the vocabulary
     * @throws InferenceException       if a prompt is empty or does not fit into the context, or llama.cpp fails
     */
    public List<Generation> generateTokens(List<int[]> prompts, GenerationOptions how, Generation.Listener listener) {
        Elements.require(prompts, "prompts");
        Objects.requireNonNull(how, "how");
        for (int i = 0; i < prompts.size(); i++) {
            requireFits(prompts.get(i), "prompt " + i);
        }
        requireGrammar(how);
        try (Decoder decoder = decoder();
                BatchedGenerator generator =
                        new BatchedGenerator(decoder, sequences(), contextTokens, prompts, how, listener)) {
            decoder.stopWhen(how::isCancelled);
            while (generator.isUnderWay()) {
                generator.step();
            }
            return generator.results();
        }
    }

    /**
     * Answers one prompt, piece by piece, as fast as the pieces are asked for. The stream uses the context until one of
     * them is closed.
     *
     * @param prompt as for {@link #generate(String, GenerationOptions)}
     * @param how    how tokens are chosen, how many at most, and what ends an answer
     * @return the answer, which grows as it is read, to be closed by the caller
     * @throws InferenceException if the prompt does not fit into the context
     */
    public GenerationStream stream(String prompt, GenerationOptions how) {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(how, "how");
        int[] tokens = model.tokenizePrompt(prompt);
        requireFits(tokens, "the prompt");
        requireGrammar(how);
        GenerationStream opened = new GenerationStream(decoder(), contextTokens, tokens, how);
        stream = opened;
        return opened;
    }

    /**
     * Logarithms of the probabilities that the model gives to the tokens of texts, as many texts at a time as there are
     * sequences.
     *
     * @param passages the texts; all but the last token of each must fit into {@link #contextTokens}
     * @return one array per passage: natural logarithms, one for each scored token
     * @throws InferenceException if a passage does not fit into the context, or llama.cpp fails
     */
    public List<double[]> logProbabilities(List<Passage> passages) {
        return logProbabilities(passages, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param passages     the texts; all but the last token of each must fit into {@link #contextTokens}
     * @param cancellation ends it from any thread
     * @return one array per passage: natural logarithms, one for each scored token
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public List<double[]> logProbabilities(List<Passage> passages, Cancellation cancellation) {
        Elements.require(passages, "passages");
        Objects.requireNonNull(cancellation, "cancellation");
        List<double[]> results = new ArrayList<>();
        for (Passage passage : passages) {
            results.add(new double[passage.scoredTokens()]);
        }
        readLogits(
                passages,
                (index, position, logits) -> {
                    Passage passage = passages.get(index);
                    float logit = logits[passage.tokens()[position]];
                    results.get(index)[position - passage.firstScored()] =
                            LogSoftmax.of(logits).logProbability(logit);
                },
                progress -> {},
                cancellation);
        return results;
    }

    /**
     * Shows what the model expects at every scored token of texts. Memory is bounded: at most 64 MiB of logits are kept
     * at a time, whatever the number of texts.
     *
     * @param passages the texts; all but the last token of each must fit into {@link #contextTokens}
     * @param visitor  sees the logits, on several threads at a time
     * @param listener hears after every step how many passages are read, on the calling thread; may throw to stop
     * @throws InferenceException if a passage does not fit into the context, or llama.cpp fails
     */
    public void readLogits(List<Passage> passages, LogitsVisitor visitor, Progress.Listener listener) {
        readLogits(passages, visitor, listener, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param passages     the texts; all but the last token of each must fit into {@link #contextTokens}
     * @param visitor      sees the logits, on several threads at a time
     * @param listener     hears after every step how many passages are read, on the calling thread
     * @param cancellation ends it from any thread, within a step, too
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public void readLogits(
            List<Passage> passages, LogitsVisitor visitor, Progress.Listener listener, Cancellation cancellation) {
        Elements.require(passages, "passages");
        Objects.requireNonNull(visitor, "visitor");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(cancellation, "cancellation");
        for (int i = 0; i < passages.size(); i++) {
            requirePassage(passages.get(i), i);
        }
        try (Decoder decoder = decoder()) {
            decoder.stopWhen(cancellation::isCancelled);
            new PassageReader(decoder, sequences(), outputsPerStep(model, options), options.mostThreads())
                    .read(passages, visitor, listener);
        }
    }

    private void requirePassage(Passage passage, int index) {
        int fed = passage.tokens().length - 1;
        if (fed > contextTokens) {
            throw new InferenceException(model.name() + ": passage " + index + " has " + passage.tokens().length
                    + " tokens, expected at most " + (contextTokens + 1) + " (the context of a sequence and one)");
        }
        for (int token : passage.tokens()) {
            model.requireVocabulary().requireToken(token);
        }
    }

    /** Most tokens of a step whose logits are wanted: llama.cpp allocates memory for all of them. */
    private static int outputsPerStep(LlamaModel model, ContextOptions options) {
        long logitsBytes = (long) Float.BYTES * model.vocabularySize();
        return Math.clamp(MAX_LOGITS_BYTES / logitsBytes, options.sequences(), options.batchTokens());
    }

    /**
     * Logits of what may follow a text.
     *
     * @param tokens at least one, at most {@link #contextTokens}
     * @return one float per token of the vocabulary
     */
    public float[] logits(int[] tokens) {
        return logits(tokens, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param tokens       at least one, at most {@link #contextTokens}
     * @param cancellation ends it from any thread
     * @return one float per token of the vocabulary
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public float[] logits(int[] tokens, Cancellation cancellation) {
        Objects.requireNonNull(tokens, "tokens");
        Objects.requireNonNull(cancellation, "cancellation");
        requireFits(tokens, "the prompt");
        try (Decoder decoder = decoder()) {
            decoder.stopWhen(cancellation::isCancelled);
            DecodeBatch batch = decoder.batch();
            int output = -1;
            for (int position = 0; position < tokens.length; position++) {
                if (batch.free() == 0) {
                    decoder.decode();
                    batch.clear();
                }
                output = batch.add(tokens[position], position, 0, position == tokens.length - 1);
            }
            decoder.decode();
            return decoder.logits(output).toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** Does something while nobody else uses the context, which is open then. */
    void runAlone(Runnable change) {
        try (NativeHandle.Use _ = handle.useAlone()) {
            change.run();
        }
    }

    /** Begins a use of the context, the only one at a time. */
    Decoder decoder() {
        Decoder own = decoder(null);
        LlamaModel.Mixed mixed = model.mixed();
        if (mixed == null) {
            return own;
        }
        List<Decoder> decoders = new ArrayList<>();
        try {
            LogitMix.Setting setting = mixed.mix().setting();
            if (setting.needsOthers()) {
                for (LlamaContext other : others) {
                    decoders.add(other.decoder(own));
                }
            }
            own.mixWith(
                    mixed.mix(),
                    setting,
                    mixed.others().stream().map(LlamaModel::weights).toList(),
                    decoders);
            return own;
        } catch (Throwable failure) {
            decoders.forEach(Decoder::closeKeeping);
            own.closeKeeping();
            throw failure;
        }
    }

    /** @param first whose threads it computes on, or null for its own */
    private Decoder decoder(@Nullable Decoder first) {
        return Decoder.begin(
                model.name(), model.requireVocabulary(), model.weights(), handle, control, batchTokens, first);
    }

    /** @param what the tokens are, for messages */
    void requireFits(int[] tokens, String what) {
        if (tokens.length < 1 || tokens.length > contextTokens) {
            throw new InferenceException(model.name() + ": " + what + " has " + tokens.length
                    + " tokens, expected 1 to " + contextTokens + " (the context of a sequence)");
        }
        for (int token : tokens) {
            model.requireVocabulary().requireToken(token);
        }
    }

    /** Makes sure that a grammar, if there is one, can begin with the vocabulary. */
    void requireGrammar(GenerationOptions how) {
        how.grammar().ifPresent(grammar -> new GrammarGuide(grammar, model.requireVocabulary()));
    }

    /** Ends the stream that may be open, and frees the memory, after the call that may be under way. */
    @Override
    public void close() {
        handle.close();
        GenerationStream last = stream;
        if (last != null) {
            last.close();
        }
        others.forEach(LlamaContext::close);
    }
}
