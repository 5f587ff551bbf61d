package io.github.expogguf.infer;

import io.github.expogguf.CancelledException;
import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.infer.decode.NativeHandle;
import io.github.expogguf.infer.decode.WeightsGate;
import io.github.expogguf.infer.load.LoadControl;
import io.github.expogguf.infer.load.ModelLoader;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatPrompt;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.infer.prompt.HeardConversations;
import io.github.expogguf.infer.prompt.SpecialTokens;
import io.github.expogguf.infer.token.ByteFallback;
import io.github.expogguf.infer.token.PromptTokens;
import io.github.expogguf.infer.token.Vocabulary;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.Threads;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A model in llama.cpp, in this process. Any number of threads may use it at the same time, and any number of contexts
 * may share it; its memory is freed when it and all of its contexts are closed. A closed model throws {@link
 * IllegalStateException}.
 *
 * <pre>{@code
 * try (LlamaModel model = LlamaModel.load(path, LoadOptions.defaults());
 *         LlamaContext context = LlamaContext.open(model, ContextOptions.defaults())) {
 *     String prompt = model.applyChatTemplate(List.of(ChatMessage.user("Which city rules Chile?")), true);
 *     System.out.println(context.generate(prompt, GenerationOptions.greedy(64)).text());
 * }
 * }</pre>
 */
public final class LlamaModel implements AutoCloseable {

    private static final long PARAMETERS_PER_THREAD = 8_000_000;

    private static final String TOKENIZER = "tokenizer.ggml.model";

    private final String name;
    private final NativeHandle handle;
    private final WeightsGate weights;
    private final @Nullable Vocabulary vocabulary;
    private final ByteFallback byteFallback;
    private final ModelSize size;
    private final boolean hasWeights; // or the vocabulary alone
    private final long gpuBytes; // memory of GPUs that may hold part of it
    private final @Nullable Mixed mixed; // if its logits are those of several models
    private volatile Optional<Chat> chat;
    private volatile Metadata metadata;

    /** A template with what it needs to be used. */
    private record Chat(ChatTemplate template, Map<String, String> specialTokens, HeardConversations heard) {

        static Chat of(ChatTemplate template, Metadata metadata) {
            Map<String, String> specialTokens = SpecialTokens.of(metadata);
            return new Chat(template, specialTokens, new HeardConversations(template, specialTokens));
        }
    }

    /** Other models, and how their logits go into this one's. */
    record Mixed(LogitMix mix, List<LlamaModel> others) {}

    /** Takes over the native model; {@code complete} says whether its weights are there. */
    LlamaModel(String name, Metadata metadata, ModelSize size, MemorySegment pointer, boolean complete, long gpuBytes) {
        this(name, metadata, size, pointer, complete, true, gpuBytes);
    }

    private LlamaModel(
            String name,
            Metadata metadata,
            ModelSize size,
            MemorySegment pointer,
            boolean complete,
            boolean hasWeights,
            long gpuBytes) {
        this.name = name;
        this.size = size;
        this.hasWeights = hasWeights;
        this.gpuBytes = gpuBytes;
        this.mixed = null;
        this.metadata = metadata;
        this.weights = new WeightsGate(name, complete);
        this.handle = new NativeHandle("model " + name, pointer, Llama::llama_model_free);
        this.vocabulary = hasVocabulary() ? new Vocabulary(Llama.llama_model_get_vocab(pointer)) : null;
        this.byteFallback = ByteFallback.of(metadata);
        this.chat = ChatTemplate.of(metadata).map(template -> Chat.of(template, metadata));
    }

    /** Another model's, with a handle of its own. */
    private LlamaModel(LlamaModel aligned, Mixed mixed, NativeHandle handle) {
        this.name = aligned.name;
        this.size = aligned.size;
        this.hasWeights = aligned.hasWeights;
        this.gpuBytes = aligned.gpuBytes;
        this.mixed = mixed;
        this.metadata = aligned.metadata;
        this.weights = aligned.weights;
        this.handle = handle;
        this.vocabulary = aligned.vocabulary;
        this.byteFallback = aligned.byteFallback;
        this.chat = aligned.chat;
    }

    /** The same model with the logits of several, which keeps this one in memory until it is closed. */
    LlamaModel mixed(LogitMix mix, List<LlamaModel> others) {
        NativeHandle.Use use = handle.use();
        return new LlamaModel(
                this, new Mixed(mix, others), new NativeHandle("model " + name, use.pointer(), _ -> use.close()));
    }

    /**
     * Refuses to go on with a closed one.
     *
     * @throws IllegalStateException if it is
     */
    LlamaModel requireOpen() {
        try (NativeHandle.Use _ = handle.use()) {
            return this;
        }
    }

    /** What gives its contexts the logits of several models, if they have them. */
    @Nullable
    Mixed mixed() {
        return mixed;
    }

    /**
     * Loads a model. Its header is read and checked in Java first, so that a damaged file does not reach native code.
     *
     * @param file    a GGUF file or any shard of a set
     * @param options how to load
     * @return the model, to be closed by the caller
     * @throws IOException         if the file cannot be read, or changed while it was loaded
     * @throws GgufFormatException if it is not a regular GGUF file
     * @throws InferenceException  if llama.cpp cannot run it, or a GPU that is asked for is not there; the message
     *                             holds its last warnings and errors
     */
    public static LlamaModel load(Path file, LoadOptions options) throws IOException {
        return load(file, options, progress -> {}, new Cancellation());
    }

    /**
     * Same, telling how far it is. It ends soon after it is cancelled or the calling thread is interrupted: when the
     * tensor is read that is under way.
     *
     * @param file         a file
     * @param options      on which devices, and how
     * @param listener     hears of it on one thread, before every tensor and at the end; what it throws ends that
     * @param cancellation ends it from any thread, with nothing left behind
     * @return the model, to be closed by the caller
     * @throws CancelledException if it was cancelled, or the calling thread is interrupted
     * @throws IOException        if a file cannot be read
     */
    public static LlamaModel load(Path file, LoadOptions options, Progress.Listener listener, Cancellation cancellation)
            throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(cancellation, "cancellation");
        LoadControl control = new LoadControl(listener, cancellation);
        control.check();
        try (GgufModel checked = GgufModel.open(file)) {
            DeviceChoice choice = DeviceChoice.of(options);
            ModelHeader header = checked.header();
            MemorySegment pointer = ModelLoader.load(checked, control, (parameters, arena) -> {
                choice.set(parameters, arena);
                llama_model_params.load_mode(
                        parameters, options.memoryMapped() ? ModelLoader.LOAD_MODE_MMAP : ModelLoader.LOAD_MODE_NONE);
                llama_model_params.use_extra_bufts(parameters, options.repacking());
            });
            return new LlamaModel(header.name(), header.metadata(), size(header), pointer, true, choice.gpuBytes());
        }
    }

    /**
     * Makes sure that the GPUs that are asked for are there, which loading a model does, too, but later. Loads the
     * libraries.
     *
     * @param options devices and layers
     * @throws InferenceException                        if they are not; the message says what there is
     * @throws io.github.expogguf.NativeLibraryException if the libraries cannot be loaded
     */
    public static void requireDevices(LoadOptions options) {
        DeviceChoice.of(Objects.requireNonNull(options, "options"));
    }

    /**
     * Loads the vocabulary of a model and not its weights: for texts, tokens and prompts. Contexts of it are refused
     * with {@link IllegalStateException}.
     *
     * @param file a GGUF file or any shard of a set
     * @return the model, to be closed by the caller
     * @throws IOException         if the file cannot be read, or changed while it was loaded
     * @throws GgufFormatException if it is not a regular GGUF file
     * @throws InferenceException  if llama.cpp does not know its vocabulary
     */
    public static LlamaModel loadVocabulary(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        try (GgufModel checked = GgufModel.open(file)) {
            ModelHeader header = checked.header();
            MemorySegment pointer = ModelLoader.load(
                    checked, LoadControl.unheard(), (parameters, _) -> llama_model_params.vocab_only(parameters, true));
            return new LlamaModel(header.name(), header.metadata(), size(header), pointer, false, false, 0);
        }
    }

    private static ModelSize size(ModelHeader header) {
        return ModelSize.of(header.tensors().stream().map(TensorSpec::of).toList());
    }

    /**
     * Finds out whether llama.cpp can run a model, without reading its weights.
     *
     * @param model     an open file, of whose header alone is read
     * @param overrides metadata that is other than in the file
     * @throws InferenceException if it cannot, as {@link #load} does
     */
    public static void requireLoadable(GgufModel model, List<KeyValueOverride> overrides) {
        Objects.requireNonNull(model, "model");
        Elements.require(overrides, "overrides");
        ModelLoader.requireLoadable(model, overrides);
    }

    /** {@return the file name, for messages} */
    public String name() {
        return name;
    }

    /** {@return the metadata of the file, or what a file of the model would have} */
    public Metadata metadata() {
        return metadata;
    }

    /**
     * {@return what llama.cpp calls the model, as in {@code llama 2B Q4_K - Medium}; with {@code ?B} where it knows no
     * model of as many layers}
     */
    public String description() {
        try (NativeHandle.Use use = handle.use();
                Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(256);
            Llama.llama_model_desc(use.pointer(), text, text.byteSize());
            return text.getString(0);
        }
    }

    /** {@return the number of weights: elements of all tensors, those that llama.cpp does not use included} */
    public long parameterCount() {
        return requireOpen().size.weights();
    }

    /** {@return bytes of all tensors in their types, without padding} */
    public long tensorBytes() {
        return requireOpen().size.bytes();
    }

    /**
     * {@return the threads that one context can use, at least 1: one for every 8 million weights, because more would
     * wait for each other for longer than they compute}
     */
    public int usefulThreads() {
        return Math.clamp(parameterCount() / PARAMETERS_PER_THREAD, 1, Threads.MAX);
    }

    /**
     * {@return tokens of a sequence that the model was trained with; where its logits are those of several models, the
     * fewest that one of them was}
     */
    public int trainedContextTokens() {
        int own;
        try (NativeHandle.Use use = handle.use()) {
            own = Llama.llama_model_n_ctx_train(use.pointer());
        }
        return mixed == null
                ? own
                : mixed.others.stream()
                        .mapToInt(LlamaModel::trainedContextTokens)
                        .reduce(own, Math::min);
    }

    /** {@return the number of tokens in the vocabulary; token ids are below it} */
    public int vocabularySize() {
        return requireVocabulary().size();
    }

    /**
     * {@return whether a token ends an answer}
     *
     * @param token a token of the vocabulary
     */
    public boolean isEndOfGeneration(int token) {
        try (NativeHandle.Use _ = handle.use()) {
            requireVocabulary().requireToken(token);
            return requireVocabulary().isEndOfGeneration(token);
        }
    }

    /** {@return the token that ends a text, if the vocabulary has one} */
    public OptionalInt endOfSequence() {
        try (NativeHandle.Use _ = handle.use()) {
            int token = requireVocabulary().endOfSequence();
            return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
        }
    }

    /**
     * Splits a text into tokens, between those with which the model wants a text to begin and end, such as BOS. Names
     * of control tokens in it are words like others, as in what users say.
     *
     * @param text any text
     * @return the tokens
     * @throws InferenceException if the model has no vocabulary or cannot express the text
     */
    public int[] tokenize(String text) {
        return tokenize(text, true, false);
    }

    /**
     * Same for a part of a text: nothing is added.
     *
     * @param text any text
     * @return the tokens
     * @throws InferenceException if the model has no vocabulary or cannot express the text
     */
    public int[] tokenizePart(String text) {
        return tokenize(text, false, false);
    }

    /**
     * Same for a part of what a chat template writes: nothing is added, and names of control tokens in it stand for
     * these tokens. {@link #tokenizePrompt} is for all of it.
     *
     * @param text any text, but not what users say
     * @return the tokens
     * @throws InferenceException if the model has no vocabulary or cannot express the text
     */
    public int[] tokenizeMarkup(String text) {
        return tokenize(text, false, true);
    }

    /**
     * Splits a text into tokens.
     *
     * @param addSpecial   adds the tokens with which the model wants a text to begin (and end), such as BOS
     * @param parseSpecial reads the names of control tokens in the text as these tokens
     */
    int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        Objects.requireNonNull(text, "text");
        try (NativeHandle.Use _ = handle.use()) {
            Vocabulary words = requireVocabulary();
            byteFallback.require(text);
            return words.tokenize(text, addSpecial, parseSpecial);
        }
    }

    /**
     * Joins tokens to a text; the inverse of {@link #tokenize} up to what the tokenizer itself loses. Control tokens
     * are left out.
     *
     * @param tokens tokens of the vocabulary
     * @return the text
     * @throws IllegalArgumentException if a token is not in the vocabulary
     * @throws InferenceException       if the model has no vocabulary
     */
    public String detokenize(int[] tokens) {
        return detokenize(tokens, false);
    }

    /**
     * Same, the inverse of {@link #tokenizeMarkup}: control tokens are written by their names, as a chat template does.
     *
     * @param tokens tokens of the vocabulary
     * @return the text
     * @throws IllegalArgumentException if a token is not in the vocabulary
     * @throws InferenceException       if the model has no vocabulary
     */
    public String detokenizeMarkup(int[] tokens) {
        return detokenize(tokens, true);
    }

    private String detokenize(int[] tokens, boolean unparseSpecial) {
        Objects.requireNonNull(tokens, "tokens");
        try (NativeHandle.Use _ = handle.use()) {
            return requireVocabulary().detokenize(tokens, !unparseSpecial, unparseSpecial);
        }
    }

    /**
     * Splits a text that something is to follow into tokens; the names of control tokens in it stand for these. BOS is
     * added if the model wants it and the text has it not yet; EOS is not added.
     *
     * @param text what is to be continued
     * @return the tokens
     * @throws InferenceException if the model has no vocabulary or cannot express the text
     */
    public int[] tokenizePrompt(String text) {
        Objects.requireNonNull(text, "text");
        try (NativeHandle.Use _ = handle.use()) {
            return promptTokens(text).of(text, false).tokens();
        }
    }

    /** {@return the token that the model's metadata asks for at the beginning of every text, if it does} */
    public OptionalInt addedBeginOfSequence() {
        try (NativeHandle.Use _ = handle.use()) {
            int token = promptTokens("").added();
            return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
        }
    }

    private PromptTokens promptTokens(String text) {
        byteFallback.require(text);
        return new PromptTokens(
                requireVocabulary(), metadata.string(TOKENIZER).orElse("").equals("bert"));
    }

    /**
     * {@return one token as text: control tokens by their names, and bytes that are no text by themselves as in
     * {@code <0xE4>}}
     *
     * @param token a token of the vocabulary
     * @throws IllegalArgumentException if it is not in the vocabulary
     */
    public String tokenText(int token) {
        try (NativeHandle.Use _ = handle.use()) {
            return requireVocabulary().text(token);
        }
    }

    /** {@return the text of the chat template that is used: the model's own, or the one that was set} */
    public Optional<String> chatTemplate() {
        return chat.map(used -> used.template().source());
    }

    /** {@return the chat template that is used; empty if the model has none and none was set} */
    public Optional<ChatTemplate> chatTemplateInUse() {
        return chat.map(Chat::template);
    }

    /**
     * Uses another chat template than the model's own, from the next call on.
     *
     * @param template as the file of the model may have it, or of one's own
     */
    public void setChatTemplate(ChatTemplate template) {
        Objects.requireNonNull(template, "template");
        chat = Optional.of(Chat.of(template, metadata));
    }

    /**
     * Writes a conversation the way the model was trained on it, by its chat template, and makes tokens of it.
     *
     * @param messages            at least one
     * @param addGenerationPrompt ends with what opens an answer; else the conversation counts as finished
     * @return the text and its tokens
     * @throws ChatTemplateException if the model has no template, or one that cannot be evaluated, refuses the
     *                               conversation or leaves out what the user says
     */
    public ChatPrompt chatPrompt(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Elements.require(messages, "messages");
        try (NativeHandle.Use _ = handle.use()) {
            String text = write(messages, addGenerationPrompt);
            return promptTokens(text).of(text, !addGenerationPrompt);
        }
    }

    /**
     * {@return the text of {@link #chatPrompt}, to be tokenized with {@code addSpecial} and {@code parseSpecial}: a BOS
     * that the template writes itself is left out, because tokenizing adds it}
     *
     * @param messages     the conversation, at least one message
     * @param addAssistant ends with what opens an answer
     * @throws ChatTemplateException as {@link #chatPrompt} does
     */
    public String applyChatTemplate(List<ChatMessage> messages, boolean addAssistant) {
        Elements.require(messages, "messages");
        try (NativeHandle.Use _ = handle.use()) {
            String text = write(messages, addAssistant);
            PromptTokens tokens = promptTokens("");
            String begin = tokens.text(tokens.added());
            return !begin.isEmpty() && text.startsWith(begin) ? text.substring(begin.length()) : text;
        }
    }

    /**
     * {@return whether the template passes instructions on: a message of the role {@code system} before the user's}
     *
     * @throws ChatTemplateException if it refuses them, or as {@link #chatPrompt} does
     */
    public boolean hearsInstructions() {
        return requireChat().heard().hearsInstructions();
    }

    /** What the template writes, unchanged. */
    private String write(List<ChatMessage> messages, boolean addGenerationPrompt) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a conversation of no messages");
        }
        Chat used = requireChat();
        used.heard().require(messages, addGenerationPrompt);
        return used.template().render(messages, addGenerationPrompt, used.specialTokens());
    }

    private Chat requireChat() {
        return chat.orElseThrow(() -> ChatTemplate.missing(name, metadata));
    }

    /** Throws {@link IllegalStateException} if only the vocabulary was loaded. */
    void requireWeights() {
        if (!hasWeights) {
            throw new IllegalStateException(name + ": only the vocabulary was loaded");
        }
    }

    /** Keeps the native model in memory until it is closed. */
    NativeHandle.Use use() {
        return handle.use();
    }

    /** Memory of GPUs that it may use. */
    long gpuBytes() {
        return gpuBytes;
    }

    /** Who may read the weights and who may change them. */
    WeightsGate weights() {
        return weights;
    }

    void replaceMetadata(Metadata replacement) {
        metadata = replacement;
    }

    /**
     * {@return two texts as models that compare them were trained on it: with the special tokens of the model between
     * them}
     *
     * @param first  such as a question
     * @param second such as a passage that may answer it
     */
    public int[] tokenizePair(String first, String second) {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(second, "second");
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
        String model = metadata.string(TOKENIZER).orElse("");
        return !model.equals("no_vocab") && !model.equals("none");
    }

    /** Frees the memory, or lets the last open context do so. */
    @Override
    public void close() {
        handle.close();
    }
}
