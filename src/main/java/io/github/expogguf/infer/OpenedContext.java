package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.infer.decode.DecodeControl;
import io.github.expogguf.infer.decode.NativeHandle;
import io.github.expogguf.nativelib.NativeLog;
import java.lang.foreign.MemorySegment;

/**
 * A context that llama.cpp has made of a model.
 *
 * @param pointer llama.cpp's
 * @param handle  frees it
 * @param control ends its computing
 */
record OpenedContext(MemorySegment pointer, NativeHandle handle, DecodeControl control) {

    /**
     * Has it made.
     *
     * @param parameters llama_context_params
     * @param messages   what llama.cpp says meanwhile
     * @param freed      runs when the context was freed, not if there will be none
     * @throws InferenceException if llama.cpp makes none
     */
    static OpenedContext of(
            LlamaModel model,
            NativeHandle.Use modelUse,
            MemorySegment parameters,
            int threads,
            NativeLog.Capture messages,
            Runnable freed) {
        MemorySegment pointer = Llama.llama_init_from_model(modelUse.pointer(), parameters);
        if (pointer.equals(MemorySegment.NULL)) {
            throw new InferenceException(model.name() + ": llama.cpp cannot make a context: " + messages.text());
        }
        boolean isShared = threads == ContextOptions.SHARED_THREADS;
        DecodeControl control = new DecodeControl(pointer, isShared, isShared ? model.usefulThreads() : threads);
        NativeHandle handle = new NativeHandle("context of " + model.name(), pointer, context -> {
            Llama.llama_free(context);
            control.close();
            freed.run();
        });
        return new OpenedContext(pointer, handle, control);
    }
}
