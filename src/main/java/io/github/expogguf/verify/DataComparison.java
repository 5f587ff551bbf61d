package io.github.expogguf.verify;

import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.QuantizerChange;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.ChunkLoop;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.ImportanceTable;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.StepMeasurement;
import io.github.expogguf.run.compute.TensorWork;
import io.github.expogguf.run.input.InputReaders;
import io.github.expogguf.run.rank.DirectionPasses;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Computes the data of a file again from its inputs, which are read once for it and for their digests. */
final class DataComparison implements ChunkLoop.Sink {

    private final OpenModels models;
    private final Plan plan;
    private final GgufModel output;
    private final WorkOptions how;
    private final Map<String, TensorInfo> tensors = new HashMap<>(); // of the output
    private final Map<Integer, BlockDifferences> differences = new TreeMap<>(); // by tensor in the plan; guarded by it
    private List<TensorTask> tasks;
    private StepMeasurement measured;

    /**
     * @param plan   of these models
     * @param output has the tensors of the plan
     */
    DataComparison(OpenModels models, Plan plan, GgufModel output, WorkOptions how) {
        this.models = models;
        this.plan = plan;
        this.output = output;
        this.how = how;
        this.tasks = plan.tasks();
        this.measured = new StepMeasurement(tasks);
        output.header().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /**
     * Computes.
     *
     * @return SHA-256 of each file of the models
     */
    Ingredients<List<String>> run() throws IOException {
        ProgressMeter meter = new ProgressMeter(how.listener());
        try (InputReaders readers = InputReaders.start(models.ingredients(), List.of(plan.tasks()), how.threads());
                Arena arena = Arena.ofShared();
                FirstDirections directions = new FirstDirections(models.fits())) {
            tasks = models.tasks(List.of(plan), how, meter).getFirst();
            measured = new StepMeasurement(tasks);
            ChunkComputer computer = DirectionPasses.computer(directions, models, List.of(tasks), how, meter);
            TensorWork work =
                    new TensorWork(tasks, new ImportanceTable(plan.options().imatrix(), tasks, arena));
            new ChunkLoop(computer, readers, how, meter).run(plan, List.of(work), this);
            return readers.digests(how.cancellation());
        }
    }

    @Override
    public void accept(int number, Chunk chunk, MemorySegment expected) throws IOException {
        TensorInfo tensor = Objects.requireNonNull(tensors.get(chunk.aligned().name()));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actual = arena.allocate(expected.byteSize());
            output.read(tensor, chunk.offset(tensor.type()), actual);
            BlockDifferences found = BlockDifferences.between(tensor, chunk.firstRow(), actual, expected);
            if (found.blocks() > 0) {
                synchronized (differences) {
                    differences.merge(chunk.tensor(), found, BlockDifferences::and);
                }
            }
        }
    }

    @Override
    public boolean measures(int number, Chunk chunk) {
        return true;
    }

    @Override
    public void measured(int number, Chunk chunk, StepSums sums) {
        measured.add(chunk, sums);
    }

    /** What arrived of alpha in what was computed. */
    StepMeasurement measured() {
        return measured;
    }

    /** One for each tensor that differs, but for what a version of llama.cpp explains. */
    List<Finding> findings(Optional<QuantizerChange> sinceWritten) {
        List<Finding> findings = new ArrayList<>();
        differences.forEach((tensor, difference) -> {
            TensorTask task = tasks.get(tensor);
            if (!isExplained(task, sinceWritten)) {
                findings.add(new Finding(
                        task.aligned().name(),
                        "differs from what the recipe gives, first in row " + difference.firstRow()));
            }
        });
        return findings;
    }

    /** One for each type whose differences a version of llama.cpp explains. */
    List<Finding> notes(Optional<QuantizerChange> sinceWritten) {
        Map<GgmlType, BlockDifferences> explained = new EnumMap<>(GgmlType.class);
        differences.forEach((tensor, difference) -> {
            TensorTask task = tasks.get(tensor);
            if (isExplained(task, sinceWritten)) {
                explained.merge(task.targetType(), difference, BlockDifferences::plus);
            }
        });
        List<Finding> notes = new ArrayList<>();
        explained.forEach(
                (type, difference) -> notes.add(Finding.ofFile(Words.plural(difference.blocks(), type + " block")
                        + " of " + Words.plural(difference.tensors(), "tensor")
                        + (difference.blocks() == 1 ? " differs: " : " differ: ")
                        + sinceWritten.orElseThrow().describe(type))));
        return notes;
    }

    private static boolean isExplained(TensorTask task, Optional<QuantizerChange> sinceWritten) {
        return sinceWritten
                .filter(change -> change.types().contains(task.targetType()))
                .isPresent();
    }
}
