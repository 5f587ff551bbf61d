package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.gguf_init_params;
import io.github.expogguf.bindings.llama_model_set_tensor_data_t;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.infer.load.HeaderFile;
import io.github.expogguf.infer.load.LoadControl;
import io.github.expogguf.infer.load.ModelGuard;
import io.github.expogguf.infer.load.ModelLoader;
import io.github.expogguf.infer.load.RequestedTensors;
import io.github.expogguf.infer.load.TensorGuard;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Cancellation;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model in llama.cpp that comes from no file: it is made of metadata and the types and shapes of its tensors, and the
 * caller brings the weights, as often as they change. Contexts of {@link #model} stay valid over changes. Until the
 * weights are there for the first time, and after a change that failed, calls of the contexts throw {@link
 * IllegalStateException}.
 *
 * <p>It takes the memory that the tensors take in a file. Its logits are those of the file, bit for bit, if that is
 * loaded without repacking ({@link LoadOptions#withRepacking}). Repacking makes long prompts faster in some types, and
 * is not to be had here.
 */
public final class MemoryModel implements AutoCloseable {

    private final LlamaModel model;
    private final Map<String, List<MemorySegment>> targets;

    private MemoryModel(LlamaModel model, Map<String, List<MemorySegment>> targets) {
        this.model = model;
        this.targets = targets;
    }

    /**
     * Makes a model without weights.
     *
     * @param name     of the model, for messages
     * @param metadata what a file of the model would say
     * @param tensors  all of its tensors, as they could stand in a file; one that has their header and nothing else is
     *                 made for a moment among the system's temporary files, because llama.cpp checks in a file what it
     *                 asserts without
     * @param options  where its layers are kept; the rest is about files
     * @return the model, whose weights are not written yet, to be closed by the caller
     * @throws InferenceException       if llama.cpp cannot run it, or a GPU that is asked for is not there; the message
     *                                  holds its last warnings and errors
     * @throws IllegalArgumentException if it could not be written as a file
     * @throws UncheckedIOException     if the temporary file could not be written
     */
    public static MemoryModel create(String name, Metadata metadata, List<TensorSpec> tensors, LoadOptions options) {
        return create(name, metadata, tensors, options, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param name         of the model, for messages
     * @param metadata     what a file of the model would say
     * @param tensors      all of its tensors, as they could stand in a file
     * @param options      where its layers are kept; the rest is about files
     * @param cancellation ends it from any thread: before the memory is asked for, or after
     * @return the model, whose weights are not written yet, to be closed by the caller
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public static MemoryModel create(
            String name, Metadata metadata, List<TensorSpec> tensors, LoadOptions options, Cancellation cancellation) {
        Objects.requireNonNull(metadata, "metadata");
        Elements.require(tensors, "tensors");
        Objects.requireNonNull(options, "options");
        LoadControl control = new LoadControl(progress -> {}, Objects.requireNonNull(cancellation, "cancellation"));
        control.check();
        ModelGuard.check(name, metadata);
        TensorGuard.check(name, tensors);
        DeviceChoice choice = DeviceChoice.of(options);
        RequestedTensors requested = new RequestedTensors(name, tensors);
        GgufLayout layout = GgufLayout.of(metadata, tensors);
        HeaderFile.with(
                layout,
                file -> ModelLoader.requireLoadable(
                        new ModelHeader(name, metadata, layout.tensors()), List.of(file), List.of(), control));
        control.check();
        try (Arena arena = Arena.ofConfined();
                NativeLog.Capture messages = NativeLog.capture();
                NativeWork _ = NativeWork.begin(() -> name + ": building in memory")) {
            MemorySegment parameters = Llama.llama_model_default_params(arena);
            choice.set(parameters, arena);
            MemorySegment callback = llama_model_set_tensor_data_t.allocate(requested::request, arena);
            MemorySegment context = parse(name, layout, arena, messages);
            MemorySegment pointer;
            try {
                pointer = Llama.llama_model_init_from_user(context, callback, MemorySegment.NULL, parameters);
            } finally {
                Llama.gguf_free(context);
            }
            if (pointer.equals(MemorySegment.NULL)) {
                throw new InferenceException(name + ": llama.cpp cannot build this model: " + messages.text());
            }
            LlamaModel model = new LlamaModel(name, metadata, ModelSize.of(tensors), pointer, false, choice.gpuBytes());
            try {
                requested.rethrow();
                control.check();
                return new MemoryModel(model, requested.targets());
            } catch (Throwable e) {
                model.close();
                throw e;
            }
        }
    }

    private static MemorySegment parse(String name, GgufLayout layout, Arena arena, NativeLog.Capture messages) {
        MemorySegment bytes = layout.header(arena);
        MemorySegment parameters = gguf_init_params.allocate(arena);
        gguf_init_params.no_alloc(parameters, true);
        gguf_init_params.ctx(parameters, MemorySegment.NULL);
        MemorySegment context = Llama.gguf_init_from_buffer(bytes, bytes.byteSize(), parameters);
        if (context.equals(MemorySegment.NULL)) {
            throw new InferenceException(name + ": ggml's own reader refuses the header: " + messages.text());
        }
        return context;
    }

    /** {@return the model, the same for life} */
    public LlamaModel model() {
        return model;
    }

    /**
     * Begins to change the weights. From here on they count as incomplete, until {@link WeightsChange#complete}.
     *
     * @return the change, to be completed
     * @throws IllegalStateException if a context of the model is in a call, another change is under way, or the model
     *                               is closed
     */
    public WeightsChange change() {
        return new WeightsChange(model, model.use(), targets);
    }

    /** Closes the model; its memory is freed when all of its contexts are closed, too. */
    @Override
    public void close() {
        model.close();
    }
}
