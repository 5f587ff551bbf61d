package io.github.expogguf.infer.load;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_tensor;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.text.Escape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that llama.cpp makes for a model without a file, as its callback names them. The pinned libraries make
 * those that the header has; a tensor that two devices need comes once for each. llama.cpp v0.5.0 as it was released,
 * without the pull request 22566 that the pinned libraries contain, makes every tensor that the architecture may have,
 * and is refused for that.
 */
public final class RequestedTensors {

    private final String model;
    private final Map<String, TensorSpec> expected = new HashMap<>();
    private final Map<String, List<MemorySegment>> targets = new HashMap<>();
    private @Nullable Throwable failure;

    public RequestedTensors(String model, List<TensorSpec> tensors) {
        this.model = model;
        tensors.forEach(tensor -> expected.put(tensor.name(), tensor));
    }

    /** The callback: llama.cpp wants the data of a tensor. Nothing may leave an upcall, or the JVM exits. */
    public void request(MemorySegment tensor, MemorySegment unused) {
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
        TensorSpec spec = expected.get(name);
        if (spec == null) {
            throw new InferenceException(model + ": llama.cpp wants tensor " + Escape.quote(name)
                    + ", which the model does not have; a llama.cpp without pull request 22566 does so for every model"
                    + " that comes from no file");
        }
        requireSame(spec, tensor);
        targets.computeIfAbsent(name, _ -> new ArrayList<>()).add(tensor);
    }

    private void requireSame(TensorSpec spec, MemorySegment tensor) {
        long[] dimensions = ggml_tensor.ne(tensor).toArray(ValueLayout.JAVA_LONG);
        boolean same = ggml_tensor.type(tensor) == spec.type().id();
        for (int i = 0; i < Shape.MAX_DIMENSIONS; i++) {
            same &= dimensions[i] == spec.shape().dimension(i);
        }
        if (!same || Llama.ggml_nbytes(tensor) != byteCount(spec)) {
            throw new InferenceException(model + ": tensor " + Escape.quote(spec.name()) + " is " + spec.type() + " "
                    + spec.shape() + ", but of type " + ggml_tensor.type(tensor) + " and dimensions "
                    + Arrays.toString(dimensions) + " to llama.cpp");
        }
    }

    private static long byteCount(TensorSpec spec) {
        return Math.multiplyExact(
                spec.type().rowBytes(spec.shape().rowLength()), spec.shape().rowCount());
    }

    /** Throws what went wrong in the callback, as it was. */
    public void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /**
     * The native tensors that hold the data of each tensor of the model; none for one that llama.cpp does not use,
     * which it also leaves out of a file.
     */
    public Map<String, List<MemorySegment>> targets() {
        expected.keySet().forEach(name -> targets.putIfAbsent(name, List.of()));
        return targets;
    }
}
