package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_tensor;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors that llama.cpp makes for a model without a file. It makes every tensor that the architecture may have (in
 * {@code llama_model_loader::create_tensor}, v0.4.0, only a file can lack one), so a tensor that the model does not have
 * gets the value that changes nothing: zeros for biases, ones for scales and for factors of the rotation, the token
 * embeddings for an output that is tied to them. One for which there is no such value cannot be had without a file.
 */
final class RequestedTensors {

    private static final String OUTPUT = "output.weight";
    private static final String TOKEN_EMBEDDINGS = "token_embd.weight";
    private static final long FILL_BYTES = 64 * 1024;

    private final String model;
    private final Map<String, TensorSpec> expected = new HashMap<>();
    private final Map<String, List<MemorySegment>> targets = new LinkedHashMap<>();
    private Throwable failure;

    RequestedTensors(String model, List<TensorSpec> tensors) {
        this.model = model;
        tensors.forEach(tensor -> expected.put(tensor.name(), tensor));
    }

    /** What the header must say beyond the tensors of the model: llama.cpp takes the type of each from there. */
    static List<TensorSpec> withTiedOutput(List<TensorSpec> tensors) {
        List<TensorSpec> all = new ArrayList<>(tensors);
        if (tensors.stream().noneMatch(tensor -> tensor.name().equals(OUTPUT))) {
            tensors.stream()
                    .filter(tensor -> tensor.name().equals(TOKEN_EMBEDDINGS))
                    .map(tensor -> new TensorSpec(OUTPUT, tensor.type(), tensor.shape()))
                    .forEach(all::add);
        }
        return all;
    }

    /** The callback: llama.cpp asks for the data of a tensor. Nothing may leave an upcall, or the JVM exits. */
    void request(MemorySegment tensor, MemorySegment unused) {
        try {
            if (failure == null) {
                take(tensor.reinterpret(ggml_tensor.sizeof()));
            }
        } catch (Throwable e) {
            failure = e;
        }
    }

    private void take(MemorySegment tensor) {
        String name = Llama.ggml_get_name(tensor).getString(0);
        String source = name.equals(OUTPUT) && !expected.containsKey(OUTPUT) ? TOKEN_EMBEDDINGS : name;
        TensorSpec spec = expected.get(source);
        if (spec == null) {
            fill(tensor, neutral(name));
            return;
        }
        requireSame(spec, tensor);
        targets.computeIfAbsent(source, _ -> new ArrayList<>()).add(tensor);
    }

    private void requireSame(TensorSpec spec, MemorySegment tensor) {
        long[] dimensions = ggml_tensor.ne(tensor).toArray(ValueLayout.JAVA_LONG);
        boolean same = ggml_tensor.type(tensor) == spec.type().id()
                && Llama.ggml_nbytes(tensor) == spec.type().rowBytes(spec.shape().rowLength()) * spec.shape().rowCount();
        for (int i = 0; i < Shape.MAX_DIMENSIONS; i++) {
            same &= dimensions[i] == spec.shape().dimension(i);
        }
        if (!same) {
            throw new InferenceException(model + ": tensor " + Escape.quote(spec.name()) + " is " + spec.type() + " "
                    + spec.shape() + ", but llama.cpp expects dimensions " + Arrays.toString(dimensions));
        }
    }

    private float neutral(String name) {
        if (name.endsWith(".bias")) {
            return 0;
        }
        if (name.endsWith(".scale") || name.endsWith(".input_scale") || name.startsWith("rope_f")) {
            return 1; // rope_freqs, rope_factors_long, rope_factors_short
        }
        if (name.equals("cls.output.weight")) {
            return 0; // of rank pooling, which such a model is not for
        }
        throw new InferenceException(model + ": llama.cpp needs a file for this model: without one it wants tensor "
                + Escape.quote(name) + ", which the model does not have");
    }

    private void fill(MemorySegment tensor, float value) {
        if (ggml_tensor.type(tensor) != 0) { // GGML_TYPE_F32, what llama.cpp makes of tensors that the header lacks
            throw new InferenceException(model + ": tensor " + Escape.quote(Llama.ggml_get_name(tensor).getString(0))
                    + " is of type " + ggml_tensor.type(tensor) + ", expected F32");
        }
        float[] values = new float[(int) FILL_BYTES / Float.BYTES];
        Arrays.fill(values, value);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            long size = Llama.ggml_nbytes(tensor);
            for (long offset = 0; offset < size; offset += FILL_BYTES) {
                Llama.ggml_backend_tensor_set(tensor, bytes, offset, Math.min(FILL_BYTES, size - offset));
            }
        }
    }

    /** Throws what went wrong in the callback, as it was. */
    void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /**
     * The native tensors that the data of each tensor of the model goes to, one or more.
     *
     * @throws InferenceException if llama.cpp has no use for one
     */
    Map<String, List<MemorySegment>> targets() {
        for (String name : expected.keySet()) {
            if (!targets.containsKey(name)) {
                throw new InferenceException(model + ": llama.cpp needs a file for this model: without one it has no use"
                        + " for tensor " + Escape.quote(name));
            }
        }
        return targets;
    }
}
