package io.github.expogguf.run;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Main class: a run that comes to a stop halfway and says so, or in which native code gives up. */
final class KillProbe {

    static final PlanOptions OPTIONS =
            PlanOptions.builder().alpha(0.5f).fileType(FileType.Q4_K_M).build();

    private KillProbe() {}

    /** Arguments: SFT model, aligned model, output, whether to abort, how to go about what is left of other runs. */
    public static void main(String[] arguments) throws IOException {
        boolean abort = Boolean.parseBoolean(arguments[3]);
        OutputOptions how = OutputOptions.defaults()
                .withThreads(1)
                .withUnfinished(Unfinished.valueOf(arguments[4]))
                .withListener(progress -> {
                    if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > progress.total() / 2) {
                        System.out.println("halfway");
                        if (abort) {
                            abort();
                        }
                        waitForever();
                    }
                });
        try (Extrapolator pair = Extrapolator.open(Path.of(arguments[0]), Path.of(arguments[1]))) {
            pair.write(OPTIONS, Path.of(arguments[2]), how);
        }
    }

    private static void waitForever() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** There is no quantizer for integers: GGML_ASSERT(result == nrows * row_size). */
    private static void abort() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, 256);
            Llama.ggml_quantize_chunk(GgmlType.I8.id(), values, arena.allocate(4096), 0, 1, 256, MemorySegment.NULL);
        }
    }
}
