package io.github.expogguf.infer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.Symbols;
import io.github.expogguf.infer.decode.NativeHandle;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a model expects after a text when llama.cpp itself applies LoRA adapters to it, as {@code --lora-scaled} does.
 */
public final class AdaptedLogits {

    private AdaptedLogits() {}

    /**
     * The logits behind the last token.
     *
     * @param adapters weights by file
     */
    public static float[] of(Path model, Map<Path, Float> adapters, String text) throws IOException {
        try (LlamaModel loaded = LlamaModel.load(model, LoadOptions.defaults().withRepacking(false));
                NativeHandle.Use use = loaded.use();
                Arena arena = Arena.ofConfined()) {
            ContextOptions options =
                    ContextOptions.defaults().withContextTokens(256).withThreads(1);
            MemorySegment context =
                    Llama.llama_init_from_model(use.pointer(), LlamaContext.parameters(arena, loaded, options));
            try {
                apply(adapters, use.pointer(), context, arena);
                int[] tokens = loaded.tokenize(text, true, true);
                if (Llama.llama_model_has_encoder(use.pointer())) {
                    encode(context, batch(arena, tokens));
                }
                MemorySegment batch = batch(arena, tokens);
                if (Llama.llama_decode(context, batch) != 0) {
                    throw new AssertionError("llama_decode failed");
                }
                long count = loaded.vocabularySize();
                return Llama.llama_get_logits_ith(context, -1)
                        .reinterpret(4 * count)
                        .toArray(JAVA_FLOAT);
            } finally {
                Llama.llama_free(context);
            }
        }
    }

    private static MemorySegment batch(Arena arena, int[] tokens) {
        return Llama.llama_batch_get_one(arena, arena.allocateFrom(JAVA_INT, tokens), tokens.length);
    }

    /** What a decoder looks at; the library itself has no use for it, so that the bindings do not have it. */
    private static void encode(MemorySegment context, MemorySegment batch) {
        MethodHandle encode = Linker.nativeLinker()
                .downcallHandle(Symbols.find("llama_encode").orElseThrow(), Llama.llama_decode$descriptor());
        try {
            if ((int) encode.invokeExact(context, batch) != 0) {
                throw new AssertionError("llama_encode failed");
            }
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    private static void apply(Map<Path, Float> adapters, MemorySegment model, MemorySegment context, Arena arena) {
        MemorySegment pointers = arena.allocate(ADDRESS, adapters.size() + 1);
        MemorySegment scales = arena.allocate(JAVA_FLOAT, adapters.size() + 1);
        int index = 0;
        for (Map.Entry<Path, Float> adapter : adapters.entrySet()) {
            MemorySegment loaded = Llama.llama_adapter_lora_init(
                    model, arena.allocateFrom(adapter.getKey().toString()));
            if (loaded.equals(MemorySegment.NULL)) {
                throw new AssertionError(adapter.getKey() + ": llama.cpp does not load it");
            }
            pointers.setAtIndex(ADDRESS, index, loaded);
            scales.setAtIndex(JAVA_FLOAT, index++, adapter.getValue());
        }
        if (Llama.llama_set_adapters_lora(context, pointers, adapters.size(), scales) != 0) {
            throw new AssertionError("llama_set_adapters_lora failed");
        }
    }
}
