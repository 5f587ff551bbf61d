package io.github.expogguf.infer;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.decode.NativeHandle;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.simd.Unmapped;
import io.github.expogguf.text.Escape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One change of the weights of a {@link MemoryModel}, in place. Nobody computes with them meanwhile. Closing it before
 * {@link #complete} leaves a model that refuses to work until another change is complete.
 */
public final class WeightsChange implements AutoCloseable {

    private final LlamaModel model;
    private final NativeHandle.Use use;
    private final Map<String, List<MemorySegment>> targets;
    private boolean complete;
    private boolean closed;

    /** Takes over the use of the model, also when it fails. */
    WeightsChange(LlamaModel model, NativeHandle.Use use, Map<String, List<MemorySegment>> targets) {
        this.model = model;
        this.use = use;
        this.targets = targets;
        try {
            model.weights().beginChange();
        } catch (IllegalStateException e) {
            use.close();
            throw e;
        }
    }

    /**
     * Replaces part of the data of a tensor. Any thread may call; the copies are made one after another, because not
     * every backend of ggml can take two at a time.
     *
     * @param tensor name of a tensor
     * @param offset first byte, counted from the start of the tensor's data
     * @param bytes  off-heap, in the tensor's type
     * @throws IllegalArgumentException if there is no such tensor, the bytes reach beyond it, or they are not off-heap
     *                                  or a mapped file
     * @throws IllegalStateException    if the change, or the arena of the bytes, is closed
     */
    public synchronized void set(String tensor, long offset, MemorySegment bytes) {
        Objects.requireNonNull(tensor, "tensor");
        Objects.requireNonNull(bytes, "bytes");
        if (closed) {
            throw new IllegalStateException("the change of the weights is over");
        }
        Unmapped.require("data of tensor " + Escape.quote(tensor), bytes);
        List<MemorySegment> natives = targets.get(tensor);
        if (natives == null) {
            throw new IllegalArgumentException("there is no tensor " + Escape.quote(tensor));
        }
        for (MemorySegment target : natives) {
            long size = Llama.ggml_nbytes(target);
            if (offset < 0 || offset > size - bytes.byteSize()) { // an assertion of ggml
                throw new IllegalArgumentException("tensor " + Escape.quote(tensor) + ": " + bytes.byteSize()
                        + " bytes at " + offset + " of " + size);
            }
            try (NativeWork _ = NativeWork.begin(() -> model.name() + ": tensor " + Escape.quote(tensor))) {
                Llama.ggml_backend_tensor_set(target, bytes, offset, bytes.byteSize());
            }
        }
    }

    /**
     * Says that the weights are whole again.
     *
     * @param metadata what the model's metadata is now; the tokenizer and the architecture are as before
     */
    public synchronized void complete(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        complete = true;
        model.replaceMetadata(metadata);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            model.weights().endChange(complete);
            use.close();
        }
    }
}
