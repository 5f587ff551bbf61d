package io.github.expogguf.infer.load;

import io.github.expogguf.CancelledException;
import io.github.expogguf.bindings.llama_model_params;
import io.github.expogguf.bindings.llama_progress_callback;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Tells a listener how far llama.cpp is with loading a model, and ends that when somebody asks for it. One a load. */
public final class LoadControl {

    private final Progress.Listener listener;
    private final Cancellation cancellation;
    private final Thread caller = Thread.currentThread();
    private volatile boolean interrupted;
    private @Nullable Throwable thrown;

    public LoadControl(Progress.Listener listener, Cancellation cancellation) {
        this.listener = listener;
        this.cancellation = cancellation;
    }

    /** Ended by an interrupt alone. */
    public static LoadControl unheard() {
        return new LoadControl(progress -> {}, new Cancellation());
    }

    /** The waiting caller was interrupted. */
    void interrupt() {
        interrupted = true;
    }

    /** Throws {@link CancelledException} if the loading is to end. */
    public void check() {
        cancellation.check();
        if (interrupted || caller.isInterrupted()) {
            throw new CancelledException("interrupted");
        }
    }

    /** Lets llama.cpp tell of itself before every tensor and at the end, while the arena is open. */
    void set(MemorySegment parameters, Arena arena, ModelHeader header) {
        long total = header.tensors().stream().mapToLong(TensorInfo::byteCount).sum();
        llama_model_params.progress_callback(
                parameters, llama_progress_callback.allocate((share, _) -> goesOn(share, total), arena));
    }

    /** Nothing may be thrown through llama.cpp. */
    private boolean goesOn(float share, long total) {
        try {
            check();
            listener.progress(new Progress(Progress.Stage.LOAD, "", Math.round((double) share * total), total));
            check();
            return true;
        } catch (Throwable failure) {
            thrown = failure;
            return false;
        }
    }

    /** Throws what ended the loading, unless llama.cpp did. */
    void rethrow() {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
