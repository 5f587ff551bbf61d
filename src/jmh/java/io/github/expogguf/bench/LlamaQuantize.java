package io.github.expogguf.bench;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_model_quantize_params;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.nativelib.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code llama_model_quantize} in a process of its own: the baseline. Prints the nanoseconds of the call alone. */
final class LlamaQuantize {

    private LlamaQuantize() {}

    /** Arguments: input, output, file type, threads. */
    public static void main(String[] arguments) {
        NativeLibrary.load();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = Llama.llama_model_quantize_default_params(arena);
            llama_model_quantize_params.ftype(
                    parameters, FileType.parse(arguments[2]).id());
            llama_model_quantize_params.nthread(parameters, Integer.parseInt(arguments[3]));
            MemorySegment input = arena.allocateFrom(arguments[0]);
            MemorySegment output = arena.allocateFrom(arguments[1]);
            long start = System.nanoTime();
            int result = Llama.llama_model_quantize(input, output, parameters);
            System.out.println(System.nanoTime() - start);
            System.exit(result);
        }
    }
}
