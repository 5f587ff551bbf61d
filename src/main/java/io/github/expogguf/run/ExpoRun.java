package io.github.expogguf.run;

import io.github.expogguf.VerificationException;
import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeAbort;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.metadata.OutputMetadata;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.ChunkLoop;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.ImportanceTable;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.PackedRows;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.StepMeasurement;
import io.github.expogguf.run.compute.TensorWork;
import io.github.expogguf.run.compute.Workers;
import io.github.expogguf.run.compute.Workspace;
import io.github.expogguf.run.input.InputReaders;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.OutputGuard;
import io.github.expogguf.run.output.PlannedOutput;
import io.github.expogguf.run.output.RunKeys;
import io.github.expogguf.run.output.UnfinishedOutput;
import io.github.expogguf.run.output.UnfinishedOutputs;
import io.github.expogguf.run.rank.DirectionPasses;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** One run, from the checks before the first byte to the outputs in their places. */
final class ExpoRun {

    private final OpenModels models;
    private final List<PlannedOutput> planned;
    private final List<TensorInfo> tensors;
    private final OutputOptions how;
    private final FileSystem fileSystem;
    private final ProgressMeter meter;

    ExpoRun(OpenModels models, List<PlannedOutput> planned, OutputOptions how, FileSystem fileSystem) {
        this.models = models;
        this.planned = planned;
        this.tensors = planned.getFirst().plan().aligned().tensors();
        this.how = how;
        this.fileSystem = fileSystem;
        this.meter = new ProgressMeter(how.work().listener());
    }

    List<ExpoReport> execute() throws IOException {
        if (how.reuse().isEmpty()) {
            return execute(Optional.empty());
        }
        try (Reuse reuse = Reuse.open(how.reuse().get())) {
            return execute(Optional.of(reuse));
        }
    }

    private List<ExpoReport> execute(Optional<Reuse> reuse) throws IOException {
        long start = System.nanoTime();
        List<SourceFile> inputs = new ArrayList<>(inputs());
        reuse.ifPresent(old -> inputs.addAll(old.files()));
        OutputGuard guard = new OutputGuard(fileSystem, inputs);
        guard.checkPlaces(planned);
        RunKeys keys = models.watching(() -> new RunKeys(models));
        try (UnfinishedOutputs outputs = new UnfinishedOutputs(fileSystem, planned, keys, how);
                NativeAbort.Registration _ = NativeAbort.onAbort(outputs::deleteQuietly)) {
            try {
                models.watching(() -> {
                    for (SourceModel model : models.inputs()) {
                        NativeHeaderCheck.check(model.ggufFiles());
                    }
                    return true;
                });
                readBack(outputs);
                guard.checkRoom(outputs.all());
                return write(outputs, start, reuse);
            } catch (Throwable e) {
                outputs.keepAfter(e);
                throw e;
            }
        }
    }

    /** Looks what there is of an earlier run that can be kept. */
    private void readBack(UnfinishedOutputs outputs) throws IOException {
        List<Integer> found = IntStream.range(0, planned.size())
                .filter(i -> outputs.get(i).isFound())
                .boxed()
                .toList();
        if (found.isEmpty()) {
            return;
        }
        meter.begin(
                Progress.Stage.RESUME,
                found.stream()
                        .mapToLong(i -> planned.get(i).plan().tensorBytes())
                        .sum());
        for (int i : found) {
            UnfinishedOutput output = outputs.get(i);
            forEachChunk(planned.get(i).plan().tasks(), _ -> true, output::keepIfWritten);
            output.settle(how.force());
        }
    }

    private List<ExpoReport> write(UnfinishedOutputs outputs, long start, Optional<Reuse> reuse) throws IOException {
        List<List<TensorTask>> intended = plans().stream().map(Plan::tasks).toList();
        try (InputReaders readers =
                InputReaders.start(models.ingredients(), intended, how.work().threads())) {
            outputs.begin();
            Written written = models.watching(() -> compute(outputs, readers, reuse));
            for (int i = 0; i < planned.size(); i++) {
                Metadata digested =
                        OutputMetadata.withDigests(planned.get(i).plan().metadata(), written.digests);
                Metadata complete = written.measured.get(i).record(digested);
                outputs.get(i).finish(Checksums.fillIn(complete, outputs.get(i).tensorChecksums()));
            }
            verify(written.tasks, outputs);
            how.work().cancellation().check();
            outputs.moveIntoPlace(how.force());
            long nanos = System.nanoTime() - start;
            return IntStream.range(0, planned.size())
                    .mapToObj(i -> report(
                            outputs.get(i),
                            written,
                            i,
                            reuse.map(old -> old.reused(
                                    written.decisions.get(i), planned.get(i).plan())),
                            nanos))
                    .toList();
        }
    }

    /**
     * What is known when the tensors of all outputs are written.
     *
     * @param tasks    of each output
     * @param measured what arrived of alpha in each output
     * @param digests   SHA-256 of each file of the models
     * @param decisions what each output took from an earlier one; empty where none was named
     */
    private record Written(
            List<List<TensorTask>> tasks,
            List<StepMeasurement> measured,
            Ingredients<List<String>> digests,
            List<Reuse.Decision> decisions) {}

    private Written compute(UnfinishedOutputs outputs, InputReaders readers, Optional<Reuse> reuse) throws IOException {
        List<List<TensorTask>> tasks = models.tasks(plans(), how.work(), meter);
        List<Reuse.Decision> decisions = reuse.isPresent() ? take(reuse.get(), outputs) : List.of();
        List<StepMeasurement> measured =
                tasks.stream().map(StepMeasurement::new).toList();
        Pass missing =
                (output, tensor) -> reuse.isEmpty() || !decisions.get(output).isTaken(tensor);
        compute(tasks, outputs, measured, readers, missing);
        Ingredients<List<String>> digests = readers.digests(how.work().cancellation());
        if (reuse.isPresent()) {
            prove(reuse.get(), decisions, tasks, outputs, measured, digests);
        }
        return new Written(tasks, measured, digests, decisions);
    }

    /** Copies what the outputs would have the same as an earlier one, if that was made of these files. */
    private List<Reuse.Decision> take(Reuse reuse, UnfinishedOutputs outputs) throws IOException {
        List<Reuse.Decision> decisions = new ArrayList<>();
        long bytes = 0;
        for (Plan plan : plans()) {
            Reuse.Decision decision = reuse.decide(plan);
            decisions.add(decision);
            bytes += decision.bytes(plan.tasks());
        }
        if (bytes > 0) {
            meter.begin(Progress.Stage.REUSE, bytes);
            for (int i = 0; i < decisions.size(); i++) {
                List<TensorTask> tasks = planned.get(i).plan().tasks();
                reuse.copy(
                        decisions.get(i),
                        tasks,
                        outputs.get(i),
                        (reader, isTaken) -> forEachChunk(tasks, isTaken, reader));
            }
        }
        return decisions;
    }

    /** Keeps what was taken and comes from the same files, and computes the rest of it. */
    private void prove(
            Reuse reuse,
            List<Reuse.Decision> decisions,
            List<List<TensorTask>> tasks,
            UnfinishedOutputs outputs,
            List<StepMeasurement> measured,
            Ingredients<List<String>> digests)
            throws IOException {
        List<boolean[]> dropped = new ArrayList<>();
        for (int i = 0; i < decisions.size(); i++) {
            Reuse.Decision decision = decisions.get(i);
            Plan plan = planned.get(i).plan();
            dropped.add(reuse.prove(decision, plan, models, digests));
            outputs.get(i).recordTaken(decision::isTaken);
            reuse.addMeasured(decision, plan, measured.get(i));
        }
        boolean isAny = dropped.stream()
                .anyMatch(tensors -> IntStream.range(0, tensors.length).anyMatch(tensor -> tensors[tensor]));
        if (isAny) {
            PackedRows files = PackedRows.ofFiles(models.inputs());
            compute(tasks, outputs, measured, files, (output, tensor) -> dropped.get(output)[tensor]);
        }
    }

    /** Which tensors of which outputs are computed and measured. */
    @FunctionalInterface
    private interface Pass {
        boolean has(int output, int tensor);
    }

    private void compute(
            List<List<TensorTask>> tasks,
            UnfinishedOutputs outputs,
            List<StepMeasurement> measured,
            PackedRows rows,
            Pass pass)
            throws IOException {
        try (Arena arena = Arena.ofShared();
                FirstDirections directions = new FirstDirections(models.fits())) {
            List<List<TensorTask>> computed = IntStream.range(0, tasks.size())
                    .mapToObj(output -> computed(tasks.get(output), output, pass))
                    .toList();
            ChunkComputer computer = DirectionPasses.computer(directions, models, computed, how.work(), meter);
            List<TensorWork> work = new ArrayList<>();
            for (int i = 0; i < planned.size(); i++) {
                Plan plan = planned.get(i).plan();
                work.add(new TensorWork(
                        tasks.get(i), new ImportanceTable(plan.options().imatrix(), computed.get(i), arena)));
            }
            new ChunkLoop(computer, rows, how.work(), meter)
                    .run(planned.getFirst().plan(), work, sink(outputs, measured, pass));
        }
    }

    /** The tasks of a pass, and those whose lines are reported whatever is taken. */
    private static List<TensorTask> computed(List<TensorTask> tasks, int output, Pass pass) {
        return IntStream.range(0, tasks.size())
                .filter(tensor -> pass.has(output, tensor)
                        || (tasks.get(tensor) instanceof TensorTask.Extrapolate task
                                && task.operands().prediction().isPresent()))
                .mapToObj(tasks::get)
                .toList();
    }

    private static ChunkLoop.Sink sink(UnfinishedOutputs outputs, List<StepMeasurement> measured, Pass pass) {
        return new ChunkLoop.Sink() {
            @Override
            public void accept(int output, Chunk chunk, MemorySegment bytes) throws IOException {
                outputs.get(output).write(chunk, bytes);
            }

            @Override
            public boolean wants(int output, Chunk chunk) {
                return pass.has(output, chunk.tensor()) && !outputs.get(output).isKept(chunk);
            }

            @Override
            public boolean measures(int output, Chunk chunk) {
                return pass.has(output, chunk.tensor());
            }

            @Override
            public MemorySegment written(int output, Chunk chunk, MemorySegment buffer) throws IOException {
                return outputs.get(output).read(chunk, buffer);
            }

            @Override
            public void measured(int output, Chunk chunk, StepSums sums) {
                measured.get(output).add(chunk, sums);
            }
        };
    }

    private void verify(List<List<TensorTask>> tasks, UnfinishedOutputs outputs) throws IOException {
        meter.begin(
                Progress.Stage.VERIFY,
                planned.stream()
                        .mapToLong(output -> output.plan().tensorBytes())
                        .sum());
        for (int i = 0; i < planned.size(); i++) {
            UnfinishedOutput output = outputs.get(i);
            NativeHeaderCheck.check(output.reopen());
            forEachChunk(tasks.get(i), _ -> true, (chunk, buffer) -> {
                if (!output.holds(chunk, buffer)) {
                    throw new VerificationException(output.path() + ": tensor '"
                            + chunk.aligned().name() + "': the disk gave back other bytes than were written");
                }
            });
        }
    }

    private void forEachChunk(List<TensorTask> tasks, IntPredicate isRead, ChunkReader reader) throws IOException {
        Chunks chunks = new Chunks(tensors);
        Workers.run(how.work(), "expo-verify", workers -> {
            try (Workspace workspace = new Workspace(tasks)) {
                for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                    if (isRead.test(chunk.tensor())) {
                        reader.read(chunk, workspace.targetBytes);
                        meter.advance(
                                chunk.aligned().name(),
                                chunk.bytes(tasks.get(chunk.tensor()).targetType()));
                    }
                }
            }
        });
    }

    private List<Plan> plans() {
        return planned.stream().map(PlannedOutput::plan).toList();
    }

    private List<SourceFile> inputs() {
        return models.inputs().stream()
                .flatMap(model -> model.sources().stream())
                .toList();
    }

    @SuppressWarnings("ReferenceEquality") // a task that was replaced after the plan was made
    private ExpoReport report(UnfinishedOutput written, Written run, int number, Optional<Reused> reused, long nanos) {
        PlannedOutput output = written.planned();
        List<TensorTask> tasks = run.tasks.get(number);
        List<String> identical = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i) != output.plan().tasks().get(i)) {
                identical.add(tasks.get(i).aligned().name());
            }
        }
        return new ExpoReport(
                output.plan(),
                output.paths(),
                output.shards().totalBytes(),
                written.keptBytes(),
                reused,
                count(tasks, TensorTask.Extrapolate.class),
                count(tasks, TensorTask.Convert.class),
                count(tasks, TensorTask.Copy.class),
                identical,
                run.digests.sft().orElse(List.of()),
                run.digests.aligned(),
                how.work().threads(),
                nanos,
                run.measured.get(number).steps(),
                DirectionPasses.fits(models, tasks));
    }

    private static int count(List<TensorTask> tasks, Class<? extends TensorTask> kind) {
        return (int) tasks.stream().filter(kind::isInstance).count();
    }
}
