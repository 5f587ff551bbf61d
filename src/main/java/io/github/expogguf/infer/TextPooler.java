package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_context_params;
import io.github.expogguf.infer.decode.ContextMemory;
import io.github.expogguf.infer.decode.DecodeBatch;
import io.github.expogguf.infer.decode.DecodeControl;
import io.github.expogguf.infer.decode.Decoder;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Reads whole texts and says one thing of each: what the ranking head of the model makes of it, or the states of the
 * model at its tokens, pooled. Serves one call at a time, from any thread.
 */
public final class TextPooler implements AutoCloseable {

    /** llama.cpp computes the logits of all tokens too, so that this many bytes of them bound a batch. */
    private static final long MAX_LOGITS_BYTES = 256L << 20;

    private final LlamaModel model;
    private final ContextOptions options;
    private final NativeHandle handle;
    private final DecodeControl control;
    private final int outputs;
    private final int contextTokens;
    private final int batchTokens;

    /** What is said of a text. */
    public enum Pooling {
        /** The mean of the normalized states at all tokens, before any head. */
        MEAN,
        /** The one at the first token. */
        CLS,
        /** The one at the last token. */
        LAST,
        /** The outputs of the ranking head; which token it looks at is llama.cpp's matter. */
        RANK;

        /** Whether all tokens of a text must be computed at once. */
        private boolean isOverAll() {
            return this == MEAN || this == CLS;
        }

        int nativeType() {
            return switch (this) {
                case MEAN -> Llama.LLAMA_POOLING_TYPE_MEAN();
                case CLS -> Llama.LLAMA_POOLING_TYPE_CLS();
                case LAST -> Llama.LLAMA_POOLING_TYPE_LAST();
                case RANK -> Llama.LLAMA_POOLING_TYPE_RANK();
            };
        }
    }

    private TextPooler(
            LlamaModel model,
            ContextOptions options,
            NativeHandle handle,
            DecodeControl control,
            MemorySegment pointer,
            Pooling pooling,
            int outputs) {
        this.model = model;
        this.options = options;
        this.handle = handle;
        this.control = control;
        this.outputs = outputs;
        // the cells of all sequences together, where they share them
        int room = Llama.llama_n_ctx_seq(pointer) / (pooling.isOverAll() ? options.sequences() : 1);
        // an encoder has learnt positions up to its trained length, and looks them up unchecked
        boolean isEncoder = Llama.llama_get_memory(pointer).equals(MemorySegment.NULL);
        this.contextTokens = isEncoder ? Math.min(room, model.trainedContextTokens()) : room;
        this.batchTokens = batchTokens(model, options);
    }

    /**
     * Makes room to read whole texts in.
     *
     * @param model   stays in memory as long as the pooler is open
     * @param options size and threads of the context
     * @param pooling how the states at the tokens become one
     * @return the pooler, to be closed by the caller
     * @throws InferenceException if llama.cpp cannot; the message holds its last warnings and errors
     */
    public static TextPooler open(LlamaModel model, ContextOptions options, Pooling pooling) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(pooling, "pooling");
        model.requireWeights();
        return PlatformThreads.call(() -> create(model, model.use(), options, pooling));
    }

    /** Takes over the use of the model, also when it fails. */
    private static TextPooler create(
            LlamaModel model, NativeHandle.Use modelUse, ContextOptions options, Pooling pooling) {
        boolean created = false;
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture messages = NativeLog.captureQuietly(); // of a pooling that is not the model's
                NativeWork _ = NativeWork.begin(() -> model.name() + ": making a context")) {
            LlamaContext.requireDecoder(model, modelUse.pointer());
            model.requireVocabulary();
            MemorySegment parameters = LlamaContext.parameters(arena, model, options);
            llama_context_params.embeddings(parameters, true);
            llama_context_params.pooling_type(parameters, pooling.nativeType());
            int batchTokens = batchTokens(model, options);
            ContextMemory.require(
                    model.name(),
                    model.metadata(),
                    model.gpuBytes(),
                    llama_context_params.n_ctx(parameters),
                    batchTokens);
            llama_context_params.n_batch(parameters, batchTokens);
            llama_context_params.n_ubatch(parameters, batchTokens); // a text that attends to all of itself is not cut
            // else texts of several lengths are cut where the shortest ends, and pooled from their last parts alone
            llama_context_params.kv_unified(parameters, pooling.isOverAll());
            llama_context_params.n_outputs_max(parameters, 0); // every token is an output
            OpenedContext opened =
                    OpenedContext.of(model, modelUse, parameters, options.threads(), messages, modelUse::close);
            created = true;
            int outputs = pooling == Pooling.RANK
                    ? Llama.llama_model_n_cls_out(modelUse.pointer())
                    : Llama.llama_model_n_embd_out(modelUse.pointer());
            return new TextPooler(
                    model, options, opened.handle(), opened.control(), opened.pointer(), pooling, outputs);
        } finally {
            if (!created) {
                modelUse.close();
            }
        }
    }

    /** Room for the longest text, and for more of them while the logits stay small. */
    private static int batchTokens(LlamaModel model, ContextOptions options) {
        long affordable = MAX_LOGITS_BYTES / ((long) Float.BYTES * model.vocabularySize());
        long least = Math.max(options.roomTokens(model), options.sequences());
        long batch = Math.max(least, Math.min(options.batchTokens(), affordable));
        // as many for each: where the mean is taken, llama_context::graph_reserve of v0.5.0 asserts otherwise
        return Math.toIntExact(Math.ceilDiv(batch, options.sequences()) * options.sequences());
    }

    /**
     * {@return tokens that a text may have: what was asked for, rounded up to a multiple of 256 by llama.cpp; of models
     * that read a text as a whole at most what they were trained with}
     */
    public int contextTokens() {
        return contextTokens;
    }

    /** {@return numbers that are said of a text} */
    public int outputs() {
        return outputs;
    }

    /**
     * Reads texts, several at a time.
     *
     * @param texts    tokens, at least one and at most as many as the context holds
     * @param listener hears after every step how many texts are read; may throw to stop
     * @return {@link #outputs} numbers for each text, in order, all finite
     * @throws InferenceException if a text does not fit, or llama.cpp fails
     */
    public List<float[]> pool(List<int[]> texts, Progress.Listener listener) {
        return pool(texts, listener, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param texts        tokens, at least one and at most as many as the context holds
     * @param listener     hears after every step how many texts are read
     * @param cancellation ends it from any thread, within a step, too
     * @return {@link #outputs} numbers for each text, in order, all finite
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public List<float[]> pool(List<int[]> texts, Progress.Listener listener, Cancellation cancellation) {
        Elements.require(texts, "texts");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(cancellation, "cancellation");
        for (int i = 0; i < texts.size(); i++) {
            requireFits(texts.get(i), i);
        }
        float[][] results = new float[texts.size()][];
        try (Decoder decoder = Decoder.begin(
                model.name(), model.requireVocabulary(), model.weights(), handle, control, batchTokens, null)) {
            decoder.stopWhen(cancellation::isCancelled);
            Deque<Integer> waiting =
                    new ArrayDeque<>(IntStream.range(0, texts.size()).boxed().toList());
            int done = 0;
            while (!waiting.isEmpty()) {
                cancellation.check();
                List<Integer> step = fill(decoder.batch(), texts, waiting);
                decoder.decode();
                for (int sequence = 0; sequence < step.size(); sequence++) {
                    results[step.get(sequence)] = pooled(decoder.context(), sequence);
                }
                decoder.forgetAll();
                done += step.size();
                listener.progress(new Progress(Progress.Stage.READ, "", done, texts.size()));
            }
        }
        return Arrays.asList(results);
    }

    /** Whole texts only: the sequence of a text is its place in the step. */
    private List<Integer> fill(DecodeBatch batch, List<int[]> texts, Deque<Integer> waiting) {
        List<Integer> step = new ArrayList<>();
        batch.clear();
        while (!waiting.isEmpty()
                && step.size() < options.sequences()
                && texts.get(waiting.peek()).length <= batch.free()) {
            int[] tokens = texts.get(waiting.peek());
            for (int position = 0; position < tokens.length; position++) {
                batch.add(tokens[position], position, step.size(), true);
            }
            step.add(waiting.remove());
        }
        return step;
    }

    private float[] pooled(MemorySegment context, int sequence) {
        MemorySegment values = Llama.llama_get_embeddings_seq(context, sequence);
        if (values.equals(MemorySegment.NULL)) {
            throw new InferenceException(model.name() + ": llama.cpp says nothing of sequence " + sequence);
        }
        float[] numbers = values.reinterpret((long) Float.BYTES * outputs).toArray(ValueLayout.JAVA_FLOAT);
        for (float number : numbers) {
            if (!Float.isFinite(number)) {
                throw new NonFiniteException(model.name() + ": the model says " + number
                        + " of a text, expected a number: its weights hold NaN or infinity, or are too large to compute"
                        + " with");
            }
        }
        return numbers;
    }

    private void requireFits(int[] tokens, int index) {
        if (tokens.length < 1 || tokens.length > contextTokens) {
            throw new InferenceException(String.format(
                    Locale.ROOT,
                    "%s: text %d has %d tokens, expected 1 to %d (the context of a sequence)",
                    model.name(),
                    index,
                    tokens.length,
                    contextTokens));
        }
        for (int token : tokens) {
            model.requireVocabulary().requireToken(token);
        }
    }

    /** Frees the memory, after the call that may be under way. */
    @Override
    public void close() {
        handle.close();
    }
}
