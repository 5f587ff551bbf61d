package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.extrapolate.DeltaStep;
import io.github.expogguf.extrapolate.Extrapolation;
import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.task.AdapterChange;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.Operands;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.quant.StochasticRounding;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.simd.Finite;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.verify.Verifier;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Computes chunks: read, dequantize, extrapolate, quantize. Holds no state of its own; each worker brings its
 * workspace.
 */
public final class ChunkComputer {

    private final List<SourceModel> models;
    private final Optional<FirstDirections> directions;
    private final PackedRows files;

    /** @param models by the number that operands give them */
    public ChunkComputer(List<SourceModel> models) {
        this(models, Optional.empty());
    }

    /**
     * For tasks with a rank or a prediction, too.
     *
     * @param models     by the number that operands give them
     * @param directions of all tasks that have a rank or a prediction
     */
    public ChunkComputer(List<SourceModel> models, FirstDirections directions) {
        this(models, Optional.of(directions));
    }

    private ChunkComputer(List<SourceModel> models, Optional<FirstDirections> directions) {
        this.models = List.copyOf(models);
        this.directions = directions;
        this.files = PackedRows.ofFiles(this.models);
    }

    /** Begins with a chunk: nothing is read before it is needed, and then once for all tasks. */
    public Inputs inputs(Chunk chunk, Workspace workspace) {
        return inputs(chunk, workspace, files);
    }

    /** Same, where something else than the files has the rows. */
    Inputs inputs(Chunk chunk, Workspace workspace, PackedRows rows) {
        return new Inputs(chunk, workspace, rows);
    }

    /** What was read of a chunk so far. */
    public final class Inputs {

        private final Chunk chunk;
        private final Workspace workspace;
        private final PackedRows rows;
        private @Nullable MemorySegment alignedBytes;
        private @Nullable MemorySegment alignedFloats;
        private @Nullable MemorySegment sftFloats;
        private TensorTask.@Nullable Extrapolate extrapolated; // what the result floats are of

        private Inputs(Chunk chunk, Workspace workspace, PackedRows rows) {
            this.chunk = chunk;
            this.workspace = workspace;
            this.rows = rows;
        }

        /**
         * The rows as they are in an output, in the workspace until its next use.
         *
         * @param task   what happens to the chunk's tensor in that output
         * @param output the output, with the weights
         * @throws BadChunkException if an input or the result holds NaN or infinity, or does not fit the type
         */
        MemorySegment compute(TensorTask task, TensorWork output) throws IOException {
            try (NativeWork _ = NativeWork.begin(() -> describe(task))) {
                return switch (task) {
                    case TensorTask.Copy _ -> copy(task);
                    case TensorTask.Convert _ -> quantize(task, alignedFloats(task), output.importance());
                    case TensorTask.Extrapolate extrapolate -> quantize(extrapolate, output);
                };
            }
        }

        /**
         * Sums over what was to arrive of the extrapolation and what did.
         *
         * @param written the rows as they are in the output
         */
        @SuppressWarnings("ReferenceEquality") // of this output or of another one
        StepSums measure(TensorTask.Extrapolate task, MemorySegment written) throws IOException {
            try (NativeWork _ = NativeWork.begin(() -> describe(task))) {
                MemorySegment values = extrapolated == task ? resultFloats() : extrapolate(task);
                return StepSums.of(chunk.elementCount(), alignedFloats(task), values, written(task, written));
            }
        }

        /**
         * The values that a task wants to write, as floats in the workspace until its next use.
         *
         * @param task the last one that was computed
         */
        MemorySegment values(TensorTask task) throws IOException {
            return task instanceof TensorTask.Extrapolate ? resultFloats() : alignedFloats(task);
        }

        /**
         * What is left of the values in an output's rows, as floats in the workspace until its next use.
         *
         * @param written the rows as they are in the output
         */
        MemorySegment written(TensorTask task, MemorySegment written) {
            MemorySegment target = workspace.writtenFloats.asSlice(0, Float.BYTES * chunk.elementCount());
            RowCodecs.of(task.targetType()).dequantize(chunk.rowLength(), chunk.rowCount(), written, target);
            return target;
        }

        /** Counts the infinities and NaN; the long way, taken when {@link #compute} met one. */
        BadValues count(TensorTask task) throws IOException {
            try (NativeWork _ = NativeWork.begin(() -> describe(task))) {
                return countAll(task);
            }
        }

        private String describe(TensorTask task) {
            return models.get(Operand.ALIGNED).header().name() + ": tensor "
                    + Escape.quote(chunk.aligned().name()) + ", rows "
                    + chunk.firstRow() + " to " + (chunk.firstRow() + chunk.rowCount() - 1) + ", to "
                    + task.targetType();
        }

        private BadValues countAll(TensorTask task) throws IOException {
            if (!(task instanceof TensorTask.Extrapolate extrapolate)) {
                long inAligned = Finite.countNonFinite(alignedFloats(task), chunk.elementCount());
                return new BadValues(0, inAligned, inAligned);
            }
            Parametrisation function = extrapolate.operands().parametrisation();
            long inAligned = function.countUndefined(chunk.elementCount(), alignedFloats(task));
            long inSft = function.countUndefined(chunk.elementCount(), sftFloats(extrapolate));
            long inResult = Finite.countNonFinite(extrapolate(extrapolate), chunk.elementCount());
            return new BadValues(inSft, inAligned, inResult);
        }

        private MemorySegment extrapolate(TensorTask.Extrapolate task) throws IOException {
            MemorySegment result = resultFloats();
            Parametrisation function = task.operands().parametrisation();
            if (task.operands().rank() > 0) {
                LowRankDeltas deltas = directions.orElseThrow().deltas();
                workspace.lowRank.extrapolate(deltas, task, chunk, alignedFloats(task), result);
            } else if (task.operands().prediction().isPresent()) {
                predict(task, task.operands().prediction().get(), result);
            } else {
                extrapolate(task, task.alpha(), result);
            }
            for (Operands.Delta delta : task.operands().further()) {
                MemorySegment from = floats(delta.sft(), alignedFloats(task), workspace.furtherSftFloats);
                MemorySegment to = floats(delta.aligned(), alignedFloats(task), workspace.furtherAlignedFloats);
                function.add(new DeltaStep(delta.weight()), chunk.elementCount(), from, to, result);
            }
            extrapolated = task;
            return result;
        }

        private void extrapolate(TensorTask.Extrapolate task, double alpha, MemorySegment result) throws IOException {
            task.operands()
                    .parametrisation()
                    .extrapolate(
                            new Extrapolation((float) alpha),
                            chunk.elementCount(),
                            sftFloats(task),
                            alignedFloats(task),
                            result);
        }

        /** A sum of the checkpoints' deltas from the first; one of them is in the aligned model, the last, already. */
        private void predict(TensorTask.Extrapolate task, Operands.Prediction prediction, MemorySegment result)
                throws IOException {
            List<Double> weights = directions.orElseThrow().of(task).weightsAt(prediction.step());
            extrapolate(task, weight(task, weights.getLast() - 1, prediction), result);
            for (int i = 0; i < prediction.between().size(); i++) {
                DeltaStep step = new DeltaStep(weight(task, weights.get(i), prediction));
                MemorySegment to = floats(prediction.between().get(i), task, workspace.furtherAlignedFloats);
                task.operands().parametrisation().add(step, chunk.elementCount(), sftFloats(task), to, result);
            }
        }

        private static float weight(TensorTask.Extrapolate task, double weight, Operands.Prediction prediction) {
            float rounded = (float) (task.alpha() * weight);
            if (!Float.isFinite(rounded)) {
                throw new NonFiniteException("tensor '" + task.aligned().name() + "': to step "
                        + Numbers.brief(prediction.step()) + " the difference of a checkpoint from the first weighs "
                        + rounded + ", expected a finite number: the step is too far from those of the checkpoints, or"
                        + " these lie too close together");
            }
            return rounded;
        }

        private MemorySegment resultFloats() {
            return workspace.resultFloats.asSlice(0, Float.BYTES * chunk.elementCount());
        }

        /** Copied weights are looked at, too: what is written passes {@link Verifier}. */
        private MemorySegment copy(TensorTask task) throws IOException {
            if (WeightTypes.isSupported(task.aligned().type())
                    && Finite.countNonFinite(alignedFloats(task), chunk.elementCount()) > 0) {
                throw new BadChunkException(task, "infinite or NaN");
            }
            return alignedBytes();
        }

        /** The codec refuses infinities and NaN; one in an input leaves one in the result, so this is the only look. */
        private MemorySegment quantize(TensorTask task, MemorySegment values, ImportanceTable importance) {
            MemorySegment target = workspace.targetBytes.asSlice(0, chunk.bytes(task.targetType()));
            RowCodec codec = RowCodecs.of(task.targetType());
            MemorySegment weights = task.usesImportance() ? importance.of(chunk) : MemorySegment.NULL;
            try {
                codec.quantize(chunk.rowLength(), chunk.rowCount(), values, weights, target);
            } catch (NonFiniteException e) {
                throw new BadChunkException(task, e.getMessage());
            }
            return target;
        }

        private MemorySegment quantize(TensorTask.Extrapolate task, TensorWork output) throws IOException {
            MemorySegment values = extrapolate(task);
            return switch (task.rounding()) {
                case Rounding.Nearest _ -> quantize(task, values, output.importance());
                case Rounding.Stochastic(long seed) -> {
                    MemorySegment packed = quantize(task, alignedFloats(task), output.importance());
                    addSteps(task, seed, values, packed);
                    yield packed;
                }
                case Rounding.Divided(float divisor) -> quantize(task, divided(values, divisor), output.importance());
            };
        }

        private MemorySegment divided(MemorySegment values, float divisor) {
            MemorySegment quotients =
                    workspace.writtenFloats.asSlice(0, values.byteSize()); // not in use before it is written
            for (long i = 0; i < chunk.elementCount(); i++) {
                quotients.setAtIndex(JAVA_FLOAT, i, values.getAtIndex(JAVA_FLOAT, i) / divisor);
            }
            return quotients;
        }

        private void addSteps(TensorTask.Extrapolate task, long seed, MemorySegment values, MemorySegment packed)
                throws IOException {
            StochasticRounding rounding =
                    new StochasticRounding(seed, chunk.aligned().name());
            long firstElement = chunk.firstRow() * chunk.rowLength();
            try {
                rounding.add(
                        task.targetType(),
                        chunk.rowLength(),
                        chunk.rowCount(),
                        firstElement,
                        alignedFloats(task),
                        values,
                        packed);
            } catch (NonFiniteException e) {
                throw new BadChunkException(task, e.getMessage());
            }
        }

        /** The rows as they are in the aligned model, in the workspace until its next use. */
        MemorySegment alignedBytes() throws IOException {
            if (alignedBytes == null) {
                alignedBytes = rows.read(chunk, Operand.ALIGNED, chunk.aligned(), workspace.alignedBytes);
            }
            return alignedBytes;
        }

        /** The rows of the aligned side as floats, in the workspace until its next use. */
        public MemorySegment alignedFloats(TensorTask task) throws IOException {
            if (alignedFloats == null) {
                alignedFloats = task.source() instanceof Operand.Rows
                        ? dequantize(chunk.aligned(), alignedBytes(), workspace.alignedFloats)
                        : floats(task.source(), MemorySegment.NULL, workspace.alignedFloats);
            }
            return alignedFloats;
        }

        /** The rows of the SFT side as floats, in the workspace until its next use. */
        public MemorySegment sftFloats(TensorTask.Extrapolate task) throws IOException {
            if (sftFloats == null) {
                sftFloats = floats(task.operands().sft(), alignedFloats(task), workspace.sftFloats);
            }
            return sftFloats;
        }

        /** The rows of another operand as floats, in a buffer that is large enough. */
        public MemorySegment floats(Operand operand, TensorTask task, MemorySegment buffer) throws IOException {
            return floats(operand, alignedFloats(task), buffer);
        }

        /** The rows of an operand, whatever it is; the one place that knows the kinds. */
        private MemorySegment floats(Operand operand, MemorySegment aligned, MemorySegment floats) throws IOException {
            return switch (operand) {
                case Operand.Adapted(int model, TensorInfo tensor, List<AdapterChange> changes) -> {
                    MemorySegment values =
                            dequantize(tensor, rows.read(chunk, model, tensor, workspace.packedBytes), floats);
                    workspace.adapters.apply(models, changes, chunk, values);
                    yield values;
                }
                case Operand.Matched matched -> {
                    MemorySegment values = floats.asSlice(0, Float.BYTES * chunk.elementCount());
                    new MatchedRows(models.get(matched.model()), matched, chunk)
                            .read(workspace.packedBytes, aligned, values);
                    yield values;
                }
                case Operand.Assembled assembled -> {
                    MemorySegment values = floats.asSlice(0, Float.BYTES * chunk.elementCount());
                    new AssembledRows(models.get(assembled.model()), assembled, chunk)
                            .read(workspace.packedBytes, workspace.columnFloats, values);
                    yield values;
                }
                case Operand.Rows(int model, TensorInfo tensor) ->
                    dequantize(tensor, rows.read(chunk, model, tensor, workspace.packedBytes), floats);
            };
        }

        private MemorySegment dequantize(TensorInfo tensor, MemorySegment bytes, MemorySegment floats) {
            MemorySegment values = floats.asSlice(0, Float.BYTES * chunk.elementCount());
            RowCodecs.of(tensor.type()).dequantize(chunk.rowLength(), chunk.rowCount(), bytes, values);
            return values;
        }
    }
}
