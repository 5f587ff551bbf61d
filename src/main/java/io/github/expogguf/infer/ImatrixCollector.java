package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.PromptException;
import io.github.expogguf.bindings.ggml_backend_sched_eval_callback;
import io.github.expogguf.bindings.llama_context_params;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.imatrix.UnfinishedImatrix;
import io.github.expogguf.infer.decode.ContextMemory;
import io.github.expogguf.infer.decode.DecodeControl;
import io.github.expogguf.infer.decode.Decoder;
import io.github.expogguf.infer.decode.NativeHandle;
import io.github.expogguf.infer.token.ShortText;
import io.github.expogguf.infer.token.Vocabulary;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.thread.PlatformThreads;
import io.github.expogguf.work.Cancellation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lets a model read a text and adds up the squares of the inputs of its matrices: what llama-imatrix of llama.cpp
 * v0.5.0 does, in its order, so that the sums are the same. Serves one call at a time, from any thread.
 *
 * <pre>{@code
 * try (ImatrixCollector collector = ImatrixCollector.open(model, ImatrixOptions.defaults())) {
 *     Imatrix imatrix = collector.collect("calibration.txt", text).imatrix("imatrix.gguf");
 * }
 * }</pre>
 */
public final class ImatrixCollector implements AutoCloseable {

    private final LlamaModel model;
    private final ImatrixOptions options;
    private final int sequences;
    private final NativeHandle handle;
    private final DecodeControl control;
    private final InputSums sums;

    /** Hears of what was read. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Some more chunks were read.
         *
         * @param chunks that were read, those of an earlier run included
         * @param total  chunks of the text
         * @param sums   so far; not to be used any more when this returns
         */
        void read(int chunks, int total, Supplier<ImatrixSums> sums);
    }

    private ImatrixCollector(
            LlamaModel model, ImatrixOptions options, NativeHandle handle, DecodeControl control, InputSums sums) {
        this.model = model;
        this.options = options;
        this.sequences = sequences(options);
        this.handle = handle;
        this.control = control;
        this.sums = sums;
    }

    /** Chunks that are read at a time. */
    private static int sequences(ImatrixOptions options) {
        return Math.max(1, options.batchTokens() / options.chunkTokens());
    }

    /** Tokens of a step; part of a chunk, or several whole ones. */
    private static int stepTokens(ImatrixOptions options) {
        return Math.min(options.batchTokens(), sequences(options) * options.chunkTokens());
    }

    /**
     * Makes room to read in.
     *
     * @param model   stays in memory as long as the collector is open
     * @param options size and number of chunks, threads
     * @return the collector, to be closed by the caller
     * @throws InferenceException if llama.cpp cannot; the message holds its last warnings and errors
     */
    public static ImatrixCollector open(LlamaModel model, ImatrixOptions options) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        model.requireWeights();
        if (model.mixed() != null) {
            throw new IllegalArgumentException(
                    model.name() + ": the logits are those of several models, and each has an importance of its own");
        }
        return PlatformThreads.call(() -> create(model, model.use(), options));
    }

    /** Takes over the use of the model, also when it fails. */
    private static ImatrixCollector create(LlamaModel model, NativeHandle.Use modelUse, ImatrixOptions options) {
        InputSums sums = new InputSums(model.name(), options.processOutput());
        Arena callbacks = Arena.ofShared();
        boolean created = false;
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture messages = NativeLog.captureQuietly(); // of sizes that are rounded
                NativeWork _ = NativeWork.begin(() -> model.name() + ": making a context")) {
            LlamaContext.requireDecoder(model, modelUse.pointer());
            ContextOptions room = ContextOptions.builder()
                    .contextTokens(options.chunkTokens())
                    .batchTokens(stepTokens(options))
                    .sequences(sequences(options))
                    .threads(options.threads())
                    .build();
            MemorySegment parameters = LlamaContext.parameters(arena, model, room);
            int tokens = sequences(options) * options.chunkTokens();
            ContextMemory.requireOutputs(model.name(), model.vocabularySize(), model.gpuBytes(), stepTokens(options));
            llama_context_params.n_ctx(parameters, tokens); // which llama.cpp rounds up
            llama_context_params.n_outputs_max(parameters, 0); // every token is an output
            llama_context_params.cb_eval(
                    parameters, ggml_backend_sched_eval_callback.allocate(sums::evaluate, callbacks));
            OpenedContext opened = OpenedContext.of(model, modelUse, parameters, options.threads(), messages, () -> {
                callbacks.close();
                sums.close();
                modelUse.close();
            });
            created = true;
            return new ImatrixCollector(model, options, opened.handle(), opened.control(), sums);
        } finally {
            if (!created) {
                callbacks.close();
                sums.close();
                modelUse.close();
            }
        }
    }

    /**
     * Reads a text.
     *
     * @param dataset name of the text, which goes into the file
     * @param text    at least one chunk long; a line break at its end is left out, and so is what is left behind the
     *                last whole chunk
     * @return the sums
     * @throws PromptException                       if the text is shorter than a chunk
     * @throws io.github.expogguf.NonFiniteException if an input is NaN or infinite
     * @throws InferenceException                    if llama.cpp fails
     */
    public ImatrixSums collect(String dataset, String text) {
        return collect(dataset, text, Optional.empty(), (chunks, total, sums) -> {}, new Cancellation());
    }

    /**
     * Same, can go on from an earlier run, and can be ended.
     *
     * @param dataset      name of the text
     * @param text         at least one chunk long
     * @param earlier      what a run with the same model, text and options has read
     * @param listener     hears of every step, on the calling thread; what it throws ends the work
     * @param cancellation ends it from any thread, within a step, too
     * @return the sums
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public ImatrixSums collect(
            String dataset,
            String text,
            Optional<UnfinishedImatrix> earlier,
            Listener listener,
            Cancellation cancellation) {
        Objects.requireNonNull(dataset, "dataset");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(earlier, "earlier");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(cancellation, "cancellation");
        int[] tokens = tokens(dataset, text);
        int total = tokens.length / options.chunkTokens();
        total = options.chunks() == ImatrixOptions.ALL_CHUNKS ? total : Math.min(total, options.chunks());
        try (Decoder decoder = Decoder.begin(
                model.name(), model.requireVocabulary(), model.weights(), handle, control, stepTokens(options), null)) {
            decoder.stopWhen(cancellation::isCancelled);
            sums.start(earlier.map(before -> before.sums().entries()).orElseGet(Map::of));
            Supplier<ImatrixSums> soFar =
                    () -> new ImatrixSums(sums.entries(), List.of(dataset), options.chunkTokens());
            int chunk = earlier.map(UnfinishedImatrix::chunks).orElse(0);
            while (chunk < total) {
                cancellation.check();
                int count = Math.min(sequences, total - chunk);
                read(decoder, tokens, chunk, count);
                chunk += count;
                listener.read(chunk, total, soFar);
            }
            if (sums.entries().isEmpty()) {
                throw new InferenceException(
                        model.name() + ": no matrix of its blocks is multiplied with 16 tokens or more at a time, so"
                                + " there is nothing to sum");
            }
            return soFar.get();
        }
    }

    private int[] tokens(String dataset, String text) {
        Vocabulary words = model.requireVocabulary();
        if (words.addsBegin() && words.beginOfSequence() < 0) {
            throw new InferenceException(model.name()
                    + ": its metadata asks for a BOS token before every text, and its vocabulary has none");
        }
        String whole = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        int[] tokens = model.tokenize(whole, true, options.parseSpecial());
        if (tokens.length < options.chunkTokens()) {
            throw ShortText.refusal(dataset, text, tokens.length, options.chunkTokens(), " (one chunk)");
        }
        return tokens;
    }

    /** Reads some chunks, each into a sequence of its own, with BOS in the place of its first token. */
    private void read(Decoder decoder, int[] tokens, int firstChunk, int count) {
        Vocabulary words = model.requireVocabulary();
        int length = options.chunkTokens();
        int most = Math.min(length, stepTokens(options));
        for (int from = 0; from < length; from += most) {
            decoder.batch().clear();
            for (int sequence = 0; sequence < count; sequence++) {
                int start = (firstChunk + sequence) * length;
                for (int position = from; position < Math.min(length, from + most); position++) {
                    boolean isBegin = position == 0 && words.addsBegin();
                    int token = isBegin ? words.beginOfSequence() : tokens[start + position];
                    // an output each: of tokens that are none, the last block would not compute everything
                    decoder.batch().add(token, position, sequence, true);
                }
            }
            decoder.decode();
            sums.rethrow();
        }
        decoder.forgetAll();
    }

    /** Frees the memory, after the call that may be under way. */
    @Override
    public void close() {
        handle.close();
    }
}
