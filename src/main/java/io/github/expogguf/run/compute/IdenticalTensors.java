package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Finds the tensors that are the same in both models, or in all checkpoints, byte for byte: frozen in training, they
 * have no delta, and are copied rather than quantized once more. Tensors that do differ mostly do so in their first
 * bytes, so this costs little. Where the layouts differ, their values are compared.
 */
public final class IdenticalTensors {

    private static final long FIRST_SLICE_BYTES = 16 * 1024; // nearly always enough; the workers read it again
    private static final long SLICE_BYTES = 256 * 1024;

    private final List<SourceModel> models;

    /** @param models by the number that operands give them */
    IdenticalTensors(List<SourceModel> models) {
        this.models = models;
    }

    /**
     * For every tensor the task that extrapolates it, if any output has one: which do, differs with alpha and rules.
     */
    static List<TensorTask> union(List<List<TensorTask>> outputs) {
        return IntStream.range(0, outputs.getFirst().size())
                .mapToObj(i -> outputs.stream()
                        .map(tasks -> tasks.get(i))
                        .filter(TensorTask.Extrapolate.class::isInstance)
                        .findFirst()
                        .orElse(outputs.getFirst().get(i)))
                .toList();
    }

    /**
     * Looks at the tensors that are extrapolated; what is the same is so in every output of the pair.
     *
     * @return by number of the tensor
     */
    boolean[] find(List<TensorTask> tasks, WorkOptions how, ProgressMeter meter) throws IOException {
        boolean[] identical = new boolean[tasks.size()];
        AtomicInteger next = new AtomicInteger();
        meter.begin(Progress.Stage.COMPARE, comparedBytes(tasks));
        Workers.run(how, "expo-compare", workers -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment left = arena.allocate(SLICE_BYTES);
                MemorySegment right = arena.allocate(SLICE_BYTES);
                for (int i = next.getAndIncrement();
                        i < identical.length && !workers.stopped();
                        i = next.getAndIncrement()) {
                    if (tasks.get(i) instanceof TensorTask.Extrapolate pair && comparable(pair)) {
                        identical[i] = others(pair).stream().allMatch(Operand.Rows.class::isInstance)
                                ? sameBytes(pair, left, right, workers)
                                : sameValues(pair, workers);
                        meter.advance(pair.aligned().name(), pair.aligned().byteCount());
                    }
                }
            }
        });
        return identical;
    }

    /** The tasks, with those of identical tensors replaced by a copy or, where the type changes, a conversion. */
    public static List<TensorTask> replace(List<TensorTask> tasks, boolean[] identical) {
        return IntStream.range(0, identical.length)
                .mapToObj(i -> identical[i] && tasks.get(i) instanceof TensorTask.Extrapolate pair
                        ? withoutDelta(pair)
                        : tasks.get(i))
                .toList();
    }

    private boolean sameBytes(TensorTask.Extrapolate pair, MemorySegment left, MemorySegment right, Workers workers)
            throws IOException {
        long total = pair.aligned().byteCount();
        long bytes;
        for (long offset = 0; offset < total && !workers.stopped(); offset += bytes) {
            bytes = Math.min(offset == 0 ? FIRST_SLICE_BYTES : SLICE_BYTES, total - offset);
            models.get(Operand.ALIGNED).read(pair.aligned(), offset, right.asSlice(0, bytes));
            for (Operand other : others(pair)) {
                models.get(other.model()).read(other.tensor(), offset, left.asSlice(0, bytes));
                if (MemorySegment.mismatch(left, 0, bytes, right, 0, bytes) >= 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Values of the same type are the same bits where the packed ones are. */
    private boolean sameValues(TensorTask.Extrapolate pair, Workers workers) throws IOException {
        ChunkComputer computer = new ChunkComputer(models);
        Chunks chunks = new Chunks(List.of(pair.aligned()));
        try (Workspace workspace = new Workspace(List.of(pair))) {
            for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace);
                for (Operand other : others(pair)) {
                    MemorySegment values = inputs.floats(other, pair, workspace.sftFloats);
                    if (values.mismatch(inputs.alignedFloats(pair)) >= 0) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** What the aligned model's tensor is compared with. */
    private static List<Operand> others(TensorTask.Extrapolate pair) {
        List<Operand> others = new ArrayList<>(pair.operands().between());
        others.addFirst(pair.operands().sft());
        return others;
    }

    private static boolean comparable(TensorTask.Extrapolate pair) {
        return pair.operands().areRowsOfFiles()
                && others(pair).stream()
                        .flatMap(other -> other.tensors().stream())
                        .allMatch(tensor -> tensor.type() == pair.aligned().type());
    }

    private static TensorTask withoutDelta(TensorTask.Extrapolate pair) {
        return pair.targetType() == pair.aligned().type()
                ? new TensorTask.Copy(pair.aligned(), "identical in both models")
                : new TensorTask.Convert(pair.aligned(), pair.targetType(), pair.usesImportance());
    }

    private static long comparedBytes(List<TensorTask> tasks) {
        return tasks.stream()
                .filter(task -> task instanceof TensorTask.Extrapolate pair && comparable(pair))
                .mapToLong(task -> task.aligned().byteCount())
                .sum();
    }
}
