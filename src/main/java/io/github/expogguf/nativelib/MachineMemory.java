package io.github.expogguf.nativelib;

import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.bindings.Llama;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** How much memory there is. */
public final class MachineMemory {

    private MachineMemory() {}

    /**
     * The memory of this machine, or of the container that this process runs in, used or not. Loads the libraries and
     * starts their backends, as they know it. Any thread may call.
     *
     * @return bytes; {@link Long#MAX_VALUE} if the system does not say
     * @throws NativeLibraryException if the libraries cannot be loaded, or hold no backend for this processor
     */
    public static long totalBytes() {
        NativeLibrary library = NativeLibrary.load();
        library.startBackends();
        MemorySegment processor = Llama.ggml_backend_dev_by_type(Llama.GGML_BACKEND_DEVICE_TYPE_CPU());
        if (processor.equals(MemorySegment.NULL)) {
            throw new NativeLibraryException(library.directory() + " holds no backend for the processor itself");
        }
        long ofMachine = totalBytes(processor);
        return Platform.host().isLinux() ? Math.min(ofMachine, ControlGroup.memoryLimit(Path.of("/"))) : ofMachine;
    }

    private static long totalBytes(MemorySegment device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            Llama.ggml_backend_dev_memory(device, free, total);
            long bytes = total.get(ValueLayout.JAVA_LONG, 0);
            return bytes > 0 ? bytes : Long.MAX_VALUE; // ggml multiplies the -1 of a sysconf that fails
        }
    }
}
