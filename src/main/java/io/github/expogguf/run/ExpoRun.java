package io.github.expogguf.run;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.Shards.Shard;
import io.github.expogguf.nativelib.NativeAbort;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.OutputMetadata;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.TensorTask;
import io.github.expogguf.verify.NativeHeaderCheck;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One run of a plan, from the checks before the first byte to the output in its place. */
final class ExpoRun {

    private final Extrapolator models;
    private final Optional<GgufModel> sft;
    private final GgufModel aligned;
    private final Plan plan;
    private final Shards shards;
    private final OutputOptions how;
    private final ProgressMeter meter;

    ExpoRun(Extrapolator models, Plan plan, Shards shards, OutputOptions how) {
        this.models = models;
        this.sft = models.sft();
        this.aligned = models.aligned();
        this.plan = plan;
        this.shards = shards;
        this.how = how;
        this.meter = new ProgressMeter(how.listener());
    }

    ExpoReport execute() throws IOException {
        long start = System.nanoTime();
        List<Path> paths = shards.files().stream().map(Shard::path).toList();
        OutputGuard.check(paths, shards.totalBytes(), inputs(), how.force());
        NativeLibrary.load();
        for (GgufFile input : inputs()) {
            NativeHeaderCheck.check(input);
        }

        Cancellation digestsCancelled = new Cancellation();
        Optional<InputDigests> sftDigests = sft.map(model -> InputDigests.start(model.files(), digestsCancelled));
        InputDigests alignedDigests = InputDigests.start(aligned.files(), digestsCancelled);
        try (PartialOutput output = new PartialOutput(shards, Chunks.count(plan.tasks()));
                NativeAbort.Registration _ = NativeAbort.onAbort(output::deleteQuietly)) {
            List<TensorTask> tasks = models.withoutIdentical(plan, how, meter);
            compute(tasks, output);
            List<String> sftSha256 = sftDigests.isPresent() ? sftDigests.get().await() : List.of();
            List<String> alignedSha256 = alignedDigests.await();
            checkInputsUnchanged();
            output.finish(OutputMetadata.withDigests(plan.metadata(), sftSha256, alignedSha256));
            verify(tasks, output);
            how.cancellation().check();
            output.moveIntoPlace(how.force());
            return report(tasks, paths, sftSha256, alignedSha256, System.nanoTime() - start);
        } finally {
            digestsCancelled.cancel();
        }
    }

    private void compute(List<TensorTask> tasks, PartialOutput output) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            ImportanceTable importance = new ImportanceTable(plan.options().imatrix(), tasks, arena);
            ChunkComputer computer = new ChunkComputer(sft.orElse(null), aligned, importance);
            new ChunkLoop(computer, how, meter).run(plan, tasks, output::write);
        }
    }

    private void verify(List<TensorTask> tasks, PartialOutput output) throws IOException {
        output.reopen().forEach(NativeHeaderCheck::check);
        meter.begin(Progress.Stage.VERIFY, plan.tensorBytes());
        Chunks chunks = new Chunks(tasks);
        Workers.run(how.threads(), how.cancellation(), "expo-verify", workers -> {
            try (Workspace workspace = new Workspace(tasks)) {
                MemorySegment buffer = workspace.targetBytes;
                for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                    String tensor = chunk.task().aligned().name();
                    if (!output.holds(chunk, buffer)) {
                        throw new VerificationException(plan.aligned().name() + ": tensor '" + tensor
                                + "': the disk gave back other bytes than were written");
                    }
                    meter.advance(tensor, chunk.targetBytes());
                }
            }
        });
    }

    private void checkInputsUnchanged() throws IOException {
        if (sft.isPresent()) {
            sft.get().checkUnchanged();
        }
        aligned.checkUnchanged();
    }

    private List<GgufFile> inputs() {
        List<GgufFile> inputs = new ArrayList<>(aligned.files());
        sft.ifPresent(model -> inputs.addAll(model.files()));
        return inputs;
    }

    private ExpoReport report(
            List<TensorTask> tasks, List<Path> paths, List<String> sftSha256, List<String> alignedSha256, long nanos) {
        List<String> identical = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i) != plan.tasks().get(i)) {
                identical.add(tasks.get(i).aligned().name());
            }
        }
        return new ExpoReport(
                plan,
                paths,
                shards.totalBytes(),
                count(tasks, TensorTask.Extrapolate.class),
                count(tasks, TensorTask.Convert.class),
                count(tasks, TensorTask.Copy.class),
                identical,
                sftSha256,
                alignedSha256,
                how.threads(),
                nanos);
    }

    private static int count(List<TensorTask> tasks, Class<? extends TensorTask> kind) {
        return (int) tasks.stream().filter(kind::isInstance).count();
    }
}
