package io.github.expogguf.run.rank;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.Workers;
import io.github.expogguf.run.compute.Workspace;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Factors the deltas, one matrix on one thread, so that the factors do not depend on how many threads there are. */
public final class DeltaFactors {

    /**
     * A tensor whose delta is factored.
     *
     * @param task where the two sides come from
     * @param rank of the factors
     */
    public record Target(TensorTask.Extrapolate task, int rank) {

        /** Matrices that are factored one by one: experts, or 1. */
        public long matrixCount() {
            return task.aligned().shape().dimension(2);
        }
    }

    /** Takes the factors of a matrix, from any worker, in any order. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes factors.
         *
         * @param target number of the target
         * @param matrix number of the matrix in it
         */
        void accept(int target, int matrix, LowRankApproximation factors) throws IOException;
    }

    /**
     * How much of a target's delta its factors hold, over all of its matrices.
     *
     * @param energy sum of the squares of the delta
     * @param kept   sum of the squares of the product
     */
    public record Kept(double energy, double kept) {}

    /** One matrix of a target. */
    private record Unit(int target, long matrix, long elements) {}

    private final OpenModels models;
    private final List<Target> targets;
    private final WorkOptions how;
    private final ProgressMeter meter;
    private final ChunkComputer computer;

    public DeltaFactors(OpenModels models, List<Target> targets, WorkOptions how, ProgressMeter meter) {
        this.models = models;
        this.targets = List.copyOf(targets);
        this.how = how;
        this.meter = meter;
        this.computer = new ChunkComputer(models.inputs());
    }

    /** Hands over all factors; one entry for each target, in their order. */
    public List<Kept> run(Sink sink) throws IOException {
        List<Unit> units = units();
        double[][] energies = new double[targets.size()][];
        double[][] kept = new double[targets.size()][];
        for (Unit unit : units) {
            int matrices = (int) targets.get(unit.target).matrixCount();
            energies[unit.target] = new double[matrices];
            kept[unit.target] = new double[matrices];
        }
        long bytes = targets.stream()
                .mapToLong(target -> target.task().aligned().byteCount())
                .sum();
        meter.begin(Progress.Stage.FACTOR, Math.multiplyExact(LowRankApproximation.PASSES, bytes));
        AtomicInteger next = new AtomicInteger();
        Workers.run(how, "expo-factor", workers -> {
            List<TensorTask> tasks =
                    targets.stream().<TensorTask>map(Target::task).toList();
            try (Workspace workspace = new Workspace(tasks)) {
                for (int i = next.getAndIncrement();
                        i < units.size() && !workers.stopped();
                        i = next.getAndIncrement()) {
                    Unit unit = units.get(i);
                    LowRankApproximation factors = factor(unit, workspace, workers);
                    sink.accept(unit.target, (int) unit.matrix, factors);
                    energies[unit.target][(int) unit.matrix] = factors.energy();
                    kept[unit.target][(int) unit.matrix] = factors.kept();
                }
            }
        });
        List<Kept> all = new ArrayList<>();
        for (int i = 0; i < energies.length; i++) {
            all.add(new Kept(sum(energies[i]), sum(kept[i])));
        }
        return all;
    }

    /** The largest first, so that the last ones end together. */
    private List<Unit> units() {
        List<Unit> units = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            long elements = target.task().aligned().shape().elementCount() / target.matrixCount();
            for (long matrix = 0; matrix < target.matrixCount(); matrix++) {
                units.add(new Unit(i, matrix, elements));
            }
        }
        units.sort(Comparator.comparingLong(Unit::elements).reversed());
        return units;
    }

    private LowRankApproximation factor(Unit unit, Workspace workspace, Workers workers) throws IOException {
        TensorTask.Extrapolate task = targets.get(unit.target).task();
        TensorInfo tensor = task.aligned();
        int rows = Math.toIntExact(tensor.shape().dimension(1));
        int columns = Math.toIntExact(tensor.shape().rowLength());
        long seed = 31L * tensor.name().hashCode() + unit.matrix;
        MatrixRows matrix = visitor -> {
            for (long row = 0; row < rows; ) {
                if (workers.stopped()) {
                    throw new CancelledException("another matrix failed");
                }
                long first = unit.matrix * rows + row;
                Chunk chunk = new Chunk(0, 0, tensor, first, Chunks.rowsAt(tensor, first));
                visitor.accept((int) row, (int) chunk.rowCount(), delta(chunk, task, workspace));
                meter.advance(tensor.name(), chunk.bytes(tensor.type()));
                row += chunk.rowCount();
            }
        };
        LowRankApproximation factors = LowRankApproximation.of(
                matrix, rows, columns, targets.get(unit.target).rank(), seed);
        if (!Double.isFinite(factors.energy())) {
            throw new NonFiniteException(models.aligned().header().name() + ": tensor " + Escape.quote(tensor.name())
                    + ": the difference from the SFT model holds NaN or infinity");
        }
        return factors;
    }

    private float[] delta(Chunk chunk, TensorTask.Extrapolate task, Workspace workspace) throws IOException {
        ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace);
        float[] from = floats(inputs.sftFloats(task), chunk);
        float[] to = floats(inputs.alignedFloats(task), chunk);
        for (int i = 0; i < to.length; i++) {
            to[i] -= from[i];
        }
        return to;
    }

    private static float[] floats(MemorySegment values, Chunk chunk) {
        return values.asSlice(0, Float.BYTES * chunk.elementCount()).toArray(JAVA_FLOAT);
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
