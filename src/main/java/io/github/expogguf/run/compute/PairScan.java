package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.Magnitudes;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.compare.TrainedTypes;
import io.github.expogguf.compare.TypeNoise;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.plan.task.WholeTensor;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures the difference of every tensor of a pair, on all rows or on a sample. The numbers do not depend on the
 * threads.
 */
public final class PairScan {

    /** Floats of a delta, at most, on which its first singular direction is looked for. */
    private static final int RANK_ONE_ELEMENTS = 1 << 20;

    private final List<SourceModel> models;
    private final ChunkComputer computer;
    private final List<TensorTask.Extrapolate> tasks;
    private final List<TensorInfo> tensors;
    private final WorkOptions how;
    private final ProgressMeter meter;
    private final OptionalLong sampled;
    private final boolean alignedIsSft;
    private final DeltaSums[] totals; // one per tensor, of the chunks before the next one; guarded by itself
    private final Map<Integer, Summed> early = new HashMap<>(); // by chunk, those that wait for one before them; same
    private int nextChunk; // same
    private final Magnitudes[] magnitudes; // one per tensor
    private final AtomicInteger sftBits = new AtomicInteger(); // of all floats of matrices together
    private final AtomicInteger alignedBits = new AtomicInteger();
    private final WeightOrder order = new WeightOrder();

    private record Summed(int tensor, DeltaSums sums) {}

    /**
     * @param models  opened
     * @param tasks   the tensors to compare, in both models
     * @param sampled most elements to look at in a tensor; without it, all are
     */
    public PairScan(OpenModels models, List<TensorTask.Extrapolate> tasks, OptionalLong sampled, WorkOptions how) {
        this.sampled = sampled;
        this.models = List.copyOf(models.inputs());
        this.alignedIsSft = models.ingredients().alignedIsSft();
        this.computer = new ChunkComputer(this.models);
        this.tasks = tasks;
        this.tensors = tasks.stream().map(TensorTask.Extrapolate::aligned).toList();
        this.how = how;
        this.meter = new ProgressMeter(how.listener());
        this.totals = new DeltaSums[tasks.size()];
        Arrays.fill(totals, DeltaSums.NONE);
        this.magnitudes = new Magnitudes[tasks.size()];
        Arrays.setAll(magnitudes, _ -> new Magnitudes());
    }

    private Chunk.Source chunks() {
        return sampled.isPresent() ? new RowSample(tensors, sampled.getAsLong()) : new Chunks(tensors);
    }

    /** One per tensor, in their order; of a sample without the share of the first singular direction. */
    public List<TensorDelta> run() throws IOException {
        meter.begin(Progress.Stage.COMPARE, totalBytes());
        addUp();
        OptionalDouble[] rankOneShares = rankOneShares();
        List<TensorDelta> deltas = new ArrayList<>();
        for (int i = 0; i < totals.length; i++) {
            TensorTask.Extrapolate task = tasks.get(i);
            DeltaSums all = totals[i].scaledTo(task.aligned().shape().elementCount());
            deltas.add(new TensorDelta(
                    task.sft(),
                    task.aligned(),
                    all,
                    Math.min(magnitudes[i].quantile(0.5), all.maxDelta()),
                    Math.min(magnitudes[i].quantile(0.99), all.maxDelta()),
                    noise(task, all),
                    sftRounding(task),
                    alignedRounding(task),
                    rankOneShares[i]));
        }
        return deltas;
    }

    /** Whether one model's weights may be the other's, rounded, by the order of those that were looked at. */
    boolean isOrderKept() {
        return order.isKept();
    }

    private long totalBytes() {
        long bytes = 0;
        Chunk.Source chunks = chunks();
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            bytes += chunk.bytes(chunk.aligned().type());
        }
        return bytes;
    }

    private void addUp() throws IOException {
        Chunk.Source chunks = chunks();
        Workers.run(how, "expo-compare", workers -> {
            try (Workspace workspace = new Workspace(List.copyOf(tasks))) {
                for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                    addUp(chunk, workspace);
                    meter.advance(
                            chunk.aligned().name(), chunk.bytes(chunk.aligned().type()));
                }
            }
        });
    }

    private void addUp(Chunk chunk, Workspace workspace) throws IOException {
        ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace);
        TensorTask.Extrapolate task = tasks.get(chunk.tensor());
        MemorySegment sft = inputs.sftFloats(task);
        Magnitudes seen = new Magnitudes();
        MemorySegment aligned = inputs.alignedFloats(task);
        DeltaSums sums = DeltaSums.of(chunk.elementCount(), sft, aligned, seen);
        add(chunk, sums);
        order.add(chunk, task.sft().type(), sft, aligned, sums);
        if (chunk.aligned().shape().rank() > 1) {
            addBits(sftBits, chunk.elementCount(), sft);
            addBits(alignedBits, chunk.elementCount(), aligned);
        }
        synchronized (magnitudes[chunk.tensor()]) {
            magnitudes[chunk.tensor()].add(seen);
        }
    }

    /** In the order of the chunks, so that the sums do not depend on the threads. */
    private void add(Chunk chunk, DeltaSums sums) {
        synchronized (totals) {
            early.put(chunk.index(), new Summed(chunk.tensor(), sums));
            for (Summed next = early.remove(nextChunk); next != null; next = early.remove(++nextChunk)) {
                totals[next.tensor] = totals[next.tensor].plus(next.sums);
            }
        }
    }

    private OptionalDouble[] rankOneShares() throws IOException {
        OptionalDouble[] shares = new OptionalDouble[tasks.size()];
        if (sampled.isPresent()) {
            Arrays.fill(shares, OptionalDouble.empty());
            return shares;
        }
        AtomicInteger next = new AtomicInteger();
        Workers.run(how, "expo-rank", workers -> {
            try (Workspace workspace = new Workspace(List.copyOf(tasks))) {
                for (int i = next.getAndIncrement();
                        i < shares.length && !workers.stopped();
                        i = next.getAndIncrement()) {
                    shares[i] = rankOneShare(tasks.get(i), workspace);
                }
            }
        });
        return shares;
    }

    /** On rows of the first matrix, evenly spread. */
    private OptionalDouble rankOneShare(TensorTask.Extrapolate task, Workspace workspace) throws IOException {
        long rows = Chunk.rowsPerMatrix(task.aligned());
        long columns = task.aligned().shape().rowLength();
        int sampled = (int) Math.min(rows, RANK_ONE_ELEMENTS / Math.max(1, columns));
        if (sampled < 2) {
            return OptionalDouble.empty();
        }
        float[] matrix = new float[Math.toIntExact(sampled * columns)];
        for (int i = 0; i < sampled; i++) {
            Chunk row = new Chunk(0, 0, task.aligned(), i * rows / sampled, 1);
            ChunkComputer.Inputs inputs = computer.inputs(row, workspace);
            MemorySegment sft = inputs.sftFloats(task);
            MemorySegment aligned = inputs.alignedFloats(task);
            for (int column = 0, at = Math.toIntExact(i * columns); column < columns; column++, at++) {
                matrix[at] = aligned.getAtIndex(JAVA_FLOAT, column) - sft.getAtIndex(JAVA_FLOAT, column);
            }
        }
        return RankOne.share(matrix, sampled, (int) columns);
    }

    /** Until a float is finer than BF16, which mostly the first one is. */
    private static void addBits(AtomicInteger all, long count, MemorySegment floats) {
        int bits = all.get();
        for (long i = 0; i < count && !areFine(bits); i++) {
            bits |= floats.getAtIndex(JAVA_INT, i);
        }
        all.accumulateAndGet(bits, (one, other) -> one | other);
    }

    private static boolean areFine(int bits) {
        return TrainedTypes.rounding(GgmlType.F32, bits) == GgmlType.F32;
    }

    private double noise(TensorTask.Extrapolate task, DeltaSums sums) {
        double sft = rms(sums.sftSquares(), sums.elements())
                * sftRounding(task).map(PairScan::error).orElse(0.0);
        double aligned = rms(sums.alignedSquares(), sums.elements())
                * alignedRounding(task).map(PairScan::error).orElse(0.0);
        return Math.hypot(sft, aligned);
    }

    private Optional<GgmlType> sftRounding(TensorTask.Extrapolate task) {
        return isExact(task) ? Optional.empty() : rounding(task.operands().sft().model(), task.sft(), sftBits.get());
    }

    private Optional<GgmlType> alignedRounding(TensorTask.Extrapolate task) {
        if (isExact(task)) {
            return Optional.empty();
        }
        return whole(task)
                .map(whole -> rounding(whole.model(), whole.tensor(), alignedBits.get()))
                .orElseGet(() -> rounding(Operand.ALIGNED, task.aligned(), alignedBits.get()));
    }

    /** Whether factors are all of the difference, if there is one: the same rounding is on both sides. */
    private boolean isExact(TensorTask.Extrapolate task) {
        return alignedIsSft && whole(task).isEmpty();
    }

    /** What takes the place of the tensor, and so of its rounding. */
    private static Optional<WholeTensor> whole(TensorTask.Extrapolate task) {
        return task.operands().aligned() instanceof Operand.Adapted adapted
                ? adapted.changes().stream()
                        .filter(WholeTensor.class::isInstance)
                        .map(WholeTensor.class::cast)
                        .findFirst()
                : Optional.empty();
    }

    private Optional<GgmlType> rounding(int model, TensorInfo tensor, int bits) {
        if (TrainedTypes.isTrained(models.get(model).header().metadata(), tensor)) {
            return Optional.empty();
        }
        GgmlType rounding = tensor.shape().rank() > 1 ? TrainedTypes.rounding(tensor.type(), bits) : tensor.type();
        return Optional.of(rounding).filter(type -> error(type) > 0);
    }

    private static double rms(double squares, long count) {
        return count == 0 ? 0 : Math.sqrt(squares / count);
    }

    private static double error(GgmlType type) {
        return TypeNoise.relativeError(type);
    }
}
