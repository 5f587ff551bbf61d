package io.github.expogguf.run.compute;

import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Computes every chunk of one or several outputs on worker threads and hands it on. However many outputs there are, a
 * chunk of the inputs is read and dequantized once.
 */
public final class ChunkLoop {

    /** Takes finished chunks, from any worker, in any order. */
    @FunctionalInterface
    public interface Sink {

        /**
         * Takes a chunk of one output.
         *
         * @param output number of the output among those that are computed together
         * @param bytes  the rows as they are in the output, and no more; valid during the call
         */
        void accept(int output, Chunk chunk, MemorySegment bytes) throws IOException;

        /** Whether a chunk of an output has to be computed at all. */
        default boolean wants(int output, Chunk chunk) {
            return true;
        }

        /**
         * Whether it is measured what arrives of the extrapolation in a chunk of an output, also if that is not wanted.
         */
        default boolean measures(int output, Chunk chunk) {
            return false;
        }

        /** The rows of a chunk that was not wanted, as they are in the output; the buffer is large enough. */
        default MemorySegment written(int output, Chunk chunk, MemorySegment buffer) throws IOException {
            throw new UnsupportedOperationException("only what is kept of an earlier run can be read");
        }

        /** Takes what was measured on a chunk that is extrapolated; from any worker. */
        default void measured(int output, Chunk chunk, StepSums sums) {}
    }

    private final ChunkComputer computer;
    private final PackedRows rows;
    private final WorkOptions how;
    private final ProgressMeter meter;

    /** @param rows of the models that the computer computes with */
    public ChunkLoop(ChunkComputer computer, PackedRows rows, WorkOptions how, ProgressMeter meter) {
        this.computer = computer;
        this.rows = rows;
        this.how = how;
        this.meter = meter;
    }

    /**
     * Runs to the end.
     *
     * @param plan    where the tasks come from, for messages
     * @param outputs what is computed for each output
     * @throws io.github.expogguf.NonFiniteException if a tensor or a result holds NaN or infinity
     */
    public void run(Plan plan, List<TensorWork> outputs, Sink sink) throws IOException {
        List<TensorInfo> tensors = plan.aligned().tensors();
        List<TensorTask> all =
                outputs.stream().flatMap(output -> output.tasks().stream()).toList();
        meter.begin(
                plan.sft().isPresent() ? Progress.Stage.EXTRAPOLATE : Progress.Stage.QUANTIZE,
                tensors.stream().mapToLong(TensorInfo::byteCount).sum(),
                unwantedBytes(tensors, outputs.size(), sink));
        for (int i = 0; i < outputs.size(); i++) {
            TensorWork.announce(wanted(tensors, i, outputs.get(i).tasks(), sink));
        }
        Chunks chunks = new Chunks(tensors);
        try {
            Workers.run(how, "expo-worker", workers -> {
                try (Workspace workspace = new Workspace(all)) {
                    for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                        ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace, rows);
                        for (int i = 0; i < outputs.size(); i++) {
                            run(i, outputs.get(i), chunk, inputs, workspace, sink);
                        }
                        if (isWanted(chunk, outputs.size(), sink)) {
                            meter.advance(
                                    chunk.aligned().name(),
                                    chunk.bytes(chunk.aligned().type()));
                        }
                        rows.done(chunk);
                    }
                    if (workers.stopped()) {
                        rows.stop();
                    }
                } catch (Throwable e) {
                    rows.stop();
                    throw e;
                }
            });
        } catch (BadChunkException e) {
            String sftName = plan.sft().map(ModelHeader::name).orElse("");
            throw BadTensor.explain(e, computer, sftName, plan.aligned().name());
        }
    }

    private static void run(
            int number, TensorWork output, Chunk chunk, ChunkComputer.Inputs inputs, Workspace workspace, Sink sink)
            throws IOException {
        TensorTask task = output.tasks().get(chunk.tensor());
        boolean isWanted = sink.wants(number, chunk);
        MemorySegment written = MemorySegment.NULL;
        if (isWanted) {
            written = inputs.compute(task, output);
            sink.accept(number, chunk, written);
        }
        if (sink.measures(number, chunk) && task instanceof TensorTask.Extrapolate extrapolate) {
            MemorySegment bytes = isWanted ? written : sink.written(number, chunk, workspace.targetBytes);
            sink.measured(number, chunk, inputs.measure(extrapolate, bytes));
        }
    }

    private static boolean isWanted(Chunk chunk, int outputs, Sink sink) {
        return IntStream.range(0, outputs).anyMatch(output -> sink.wants(output, chunk));
    }

    /** The tasks of an output of which something is computed. */
    static List<TensorTask> wanted(List<TensorInfo> tensors, int output, List<TensorTask> tasks, Sink sink) {
        BitSet wanted = new BitSet();
        Chunks chunks = new Chunks(tensors);
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            if (sink.wants(output, chunk)) {
                wanted.set(chunk.tensor());
            }
        }
        return wanted.stream().mapToObj(tasks::get).toList();
    }

    /** Bytes in the aligned model of the chunks that no output wants. */
    private static long unwantedBytes(List<TensorInfo> tensors, int outputs, Sink sink) {
        long bytes = 0;
        Chunks chunks = new Chunks(tensors);
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            bytes += isWanted(chunk, outputs, sink)
                    ? 0
                    : chunk.bytes(chunk.aligned().type());
        }
        return bytes;
    }
}
