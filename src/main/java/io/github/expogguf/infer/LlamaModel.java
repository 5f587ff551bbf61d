package io.github.expogguf.infer;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.plan.KeyValueOverride;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A model in llama.cpp, in this process. Any number of threads may use it at the same time, and any number of contexts
 * may share it; its memory is freed when it and all of its contexts are closed. A closed model throws {@link
 * IllegalStateException}.
 *
 * <pre>{@code
 * try (LlamaModel model = LlamaModel.load(path, LoadOptions.defaults());
 *         LlamaContext context = model.newContext(ContextOptions.defaults())) {
 *     String prompt = model.applyChatTemplate(List.of(ChatMessage.user("Which city rules Chile?")), true);
 *     System.out.println(context.generate(prompt, GenerationOptions.greedy(64)).text());
 * }
 * }</pre>
 */
public final class LlamaModel implements AutoCloseable {

    private static final int LOAD_MODE_NONE = 0; // enum llama_load_mode, llama.h v0.4.0
    private static final int LOAD_MODE_MMAP = 1;

    private final String name;
    private final NativeHandle handle;
    private final WeightsGate weights;
    private final Vocabulary vocabulary;
    private final ByteFallback byteFallback;
    private final Optional<ChatTemplate> chatTemplate;
    private volatile Metadata metadata;

    /** Takes over the native model; {@code complete} says whether its weights are there. */
    LlamaModel(String name, Metadata metadata, MemorySegment pointer, boolean complete) {
        this.name = name;
        this.metadata = metadata;
        this.weights = new WeightsGate(name, complete);
        this.handle = new NativeHandle("model " + name, pointer, Llama::llama_model_free);
        this.vocabulary = hasVocabulary() ? new Vocabulary(Llama.llama_model_get_vocab(pointer)) : null;
        this.byteFallback = ByteFallback.of(metadata);
        this.chatTemplate = metadata.string("tokenizer.chat_template").map(ChatTemplate::new);
    }

    /**
     * Loads a model. Its header is read and checked in Java first, so that a damaged file does not reach native code.
     *
     * @param file    a GGUF file or any shard of a set
     * @param options how to load
     * @throws IOException         if the file cannot be read, or changed while it was loaded
     * @throws GgufFormatException if it is not a regular GGUF file
     * @throws InferenceException  if llama.cpp cannot run it; the message holds its last warnings and errors
     */
    public static LlamaModel load(Path file, LoadOptions options) throws IOException {
        Objects.requireNonNull(options, "options");
        try (GgufModel checked = GgufModel.open(file)) {
            ModelHeader header = checked.header();
            return new LlamaModel(header.name(), header.metadata(), load(checked, options), true);
        }
    }

    /** llama.cpp opens the files by their names again: what it read is what was checked if they have not changed since. */
    private static MemorySegment load(GgufModel checked, LoadOptions options) throws IOException {
        MemorySegment pointer;
        try {
            pointer = loadNative(checked.header(), paths(checked), parameters -> {
                llama_model_params.n_gpu_layers(parameters, options.gpuLayers());
                llama_model_params.load_mode(parameters, options.memoryMapped() ? LOAD_MODE_MMAP : LOAD_MODE_NONE);
                llama_model_params.use_extra_bufts(parameters, options.repacking());
            });
        } catch (InferenceException failure) {
            checked.checkUnchangedAfter(failure);
            throw failure;
        }
        try {
            checked.checkUnchanged();
        } catch (IOException changed) {
            Llama.llama_model_free(pointer);
            throw changed;
        }
        return pointer;
    }

    /**
     * Finds out whether llama.cpp can run a model, without reading its weights.
     *
     * @param overrides metadata that is other than in the file
     * @throws InferenceException if it cannot, as {@link #load} does
     */
    public static void requireLoadable(GgufModel model, List<KeyValueOverride> overrides) {
        requireLoadable(model.header(), paths(model), overrides);
    }

    static void requireLoadable(ModelHeader header, List<Path> shards, List<KeyValueOverride> overrides) {
        Metadata metadata = NativeOverrides.apply(header.metadata(), overrides);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment changed = NativeOverrides.allocate(overrides, arena);
            ModelHeader overridden = new ModelHeader(header.name(), metadata, header.tensors());
            Llama.llama_model_free(loadNative(overridden, shards, parameters -> {
                llama_model_params.load_mode(parameters, LOAD_MODE_NONE);
                llama_model_params.no_alloc(parameters, true);
                llama_model_params.kv_overrides(parameters, changed);
            }));
        }
    }

    private static List<Path> paths(GgufModel model) {
        return model.files().stream().map(GgufFile::path).toList();
    }

    private static MemorySegment loadNative(ModelHeader header, List<Path> shards, Consumer<MemorySegment> options) {
        ModelGuard.check(header.name(), header.metadata());
        TensorGuard.check(header.name(), header.tensors().stream().map(TensorSpec::of).toList());
        NativeLibrary.load().startBackends();
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture messages = NativeLog.capture();
                NativeWork _ = NativeWork.begin(() -> header.name() + ": loading")) {
            MemorySegment parameters = Llama.llama_model_default_params(arena);
            options.accept(parameters);
            MemorySegment pointer = loadNative(arena, shards, parameters);
            if (pointer.equals(MemorySegment.NULL)) {
                throw new InferenceException(
                        header.name() + ": llama.cpp cannot load this model: " + messages.text());
            }
            return pointer;
        }
    }

    private static MemorySegment loadNative(Arena arena, List<Path> shards, MemorySegment parameters) {
        if (shards.size() == 1) {
            return Llama.llama_model_load_from_file(pathString(arena, shards.getFirst()), parameters);
        }
        MemorySegment paths = arena.allocate(ValueLayout.ADDRESS, shards.size());
        for (int i = 0; i < shards.size(); i++) {
            paths.setAtIndex(ValueLayout.ADDRESS, i, pathString(arena, shards.get(i)));
        }
        return Llama.llama_model_load_from_splits(paths, shards.size(), parameters);
    }

    /** UTF-8 on every platform: llama.cpp converts it for Windows. */
    private static MemorySegment pathString(Arena arena, Path path) {
        return arena.allocateFrom(path.toAbsolutePath().toString());
    }

    /** File name, for messages. */
    public String name() {
        return name;
    }

    /** The metadata of the file, or what a file of the model would have. */
    public Metadata metadata() {
        return metadata;
    }

    /** What llama.cpp calls the model, as in {@code llama 2B Q4_K - Medium}. */
    public String description() {
        try (NativeHandle.Use use = handle.use();
                Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(256);
            Llama.llama_model_desc(use.pointer(), text, text.byteSize());
            return text.getString(0);
        }
    }

    /** Number of weights. */
    public long parameterCount() {
        try (NativeHandle.Use use = handle.use()) {
            return Llama.llama_model_n_params(use.pointer());
        }
    }

    /** Tokens of a sequence that the model was trained with. */
    public int trainedContextTokens() {
        try (NativeHandle.Use use = handle.use()) {
            return Llama.llama_model_n_ctx_train(use.pointer());
        }
    }

    /** Number of tokens in the vocabulary; token ids are below it. */
    public int vocabularySize() {
        return requireVocabulary().size();
    }

    /** Whether a token ends an answer. */
    public boolean isEndOfGeneration(int token) {
        try (NativeHandle.Use _ = handle.use()) {
            requireVocabulary().requireToken(token);
            return requireVocabulary().isEndOfGeneration(token);
        }
    }

    /** The token that ends a text, if the vocabulary has one. */
    public OptionalInt endOfSequence() {
        try (NativeHandle.Use _ = handle.use()) {
            int token = requireVocabulary().endOfSequence();
            return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
        }
    }

    /**
     * Splits a text into tokens.
     *
     * @param addSpecial   adds the tokens with which the model wants a text to begin (and end), such as BOS
     * @param parseSpecial reads the names of control tokens in the text as these tokens; for templates, not for what
     *                     users say
     * @throws InferenceException if the model has no vocabulary or cannot express the text
     */
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        try (NativeHandle.Use _ = handle.use()) {
            Vocabulary words = requireVocabulary();
            byteFallback.require(text);
            return words.tokenize(text, addSpecial, parseSpecial);
        }
    }

    /**
     * Joins tokens to a text; the inverse of {@link #tokenize} up to what the tokenizer itself loses.
     *
     * @param unparseSpecial writes control tokens by their names instead of leaving them out
     * @throws IllegalArgumentException if a token is not in the vocabulary
     */
    public String detokenize(int[] tokens, boolean unparseSpecial) {
        try (NativeHandle.Use _ = handle.use()) {
            return requireVocabulary().detokenize(tokens, !unparseSpecial, unparseSpecial);
        }
    }

    /** The chat template of the model, as the file has it. */
    public Optional<String> chatTemplate() {
        return chatTemplate.map(ChatTemplate::source);
    }

    /**
     * Writes a conversation the way the model was trained on it; tokenize the result with {@code addSpecial} and
     * {@code parseSpecial} (a BOS that the template writes itself is left out, because tokenizing adds it).
     *
     * @param addAssistant ends with what opens an answer
     * @throws InferenceException if the model has no template, or one that neither this library nor llama.cpp
     *                            understands
     * @see ChatTemplate
     */
    public String applyChatTemplate(List<ChatMessage> messages, boolean addAssistant) {
        try (NativeHandle.Use _ = handle.use()) {
            if (messages.isEmpty()) {
                throw new IllegalArgumentException("a conversation of no messages");
            }
            ChatTemplate template = chatTemplate.orElseThrow(
                    () -> new InferenceException(name + ": the model has no chat template (tokenizer.chat_template)"));
            Vocabulary words = requireVocabulary();
            String begin = tokenText(words, words.beginOfSequence());
            String end = tokenText(words, words.endOfSequence());
            String text = template.apply(messages, addAssistant, begin, end);
            boolean addedAgain = !begin.isEmpty() && text.startsWith(begin) && addsBeginOfSequence(words);
            return addedAgain ? text.substring(begin.length()) : text;
        }
    }

    private static boolean addsBeginOfSequence(Vocabulary words) {
        int[] tokens = words.tokenize("", true, false);
        return tokens.length > 0 && tokens[0] == words.beginOfSequence();
    }

    private static String tokenText(Vocabulary words, int token) {
        return token < 0 ? "" : new String(words.piece(token, true), StandardCharsets.UTF_8);
    }

    /**
     * Makes room to generate in.
     *
     * @throws InferenceException if llama.cpp cannot; the message holds its last warnings and errors
     */
    public LlamaContext newContext(ContextOptions options) {
        return LlamaContext.create(this, handle.use(), options);
    }

    /** Keeps the native model in memory until it is closed. */
    NativeHandle.Use use() {
        return handle.use();
    }

    /** Who may read the weights and who may change them. */
    WeightsGate weights() {
        return weights;
    }

    void replaceMetadata(Metadata replacement) {
        metadata = replacement;
    }

    /**
     * Makes room to read whole texts in.
     *
     * @throws InferenceException if llama.cpp cannot; the message holds its last warnings and errors
     */
    public TextPooler newPooler(ContextOptions options, TextPooler.Pooling pooling) {
        return TextPooler.create(this, handle.use(), options, pooling);
    }

    /** Two texts as models that compare them were trained on it: with the special tokens of the model between them. */
    public int[] tokenizePair(String first, String second) {
        try (NativeHandle.Use _ = handle.use()) {
            Vocabulary words = requireVocabulary();
            byteFallback.require(first + second);
            return words.tokenizePair(first, second);
        }
    }

    Vocabulary requireVocabulary() {
        if (vocabulary == null) {
            throw new InferenceException(name + ": the model has no vocabulary");
        }
        return vocabulary;
    }

    private boolean hasVocabulary() {
        String model = metadata.string("tokenizer.ggml.model").orElse("");
        return !model.equals("no_vocab") && !model.equals("none");
    }

    /** Frees the memory, or lets the last open context do so. */
    @Override
    public void close() {
        handle.close();
    }
}
