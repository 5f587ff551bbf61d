package io.github.expogguf.run.lora.export;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.PairScan;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.TensorWork;
import io.github.expogguf.run.compute.Workspace;
import io.github.expogguf.run.input.InputReaders;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.run.output.OutputGuard;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.run.rank.DeltaFactors;
import io.github.expogguf.run.rank.LowRankApproximation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Writes the delta of a pair as a LoRA adapter, from the checks before the first byte to the file in its place. */
public final class LoraExport {

    private final OpenModels models;
    private final SourceModel sft;
    private final LoraOptions options;
    private final Path output;
    private final boolean force;
    private final WorkOptions work;
    private final ProgressMeter meter;

    /** {@link io.github.expogguf.run.Extrapolator#exportLora} is the way in. */
    @SuppressWarnings("exports")
    public LoraExport(OpenModels models, LoraOptions options, Path output, OutputOptions how) {
        this.models = models;
        this.sft = models.sft()
                .orElseThrow(() -> new IllegalStateException("there is no SFT model, so there is no delta"));
        this.options = options;
        this.output = output;
        this.force = how.force();
        this.work = how.work();
        this.meter = new ProgressMeter(work.listener());
    }

    public LoraReport execute() throws IOException {
        long start = System.nanoTime();
        Plan pair = models.plan(options.planOptions());
        OutputGuard guard = new OutputGuard(SystemFiles.INSTANCE, inputs());
        guard.checkPlace(output, force);
        NativeLibrary.loadIfAny();
        TensorWork.requireCodecs(pair.tasks());
        RowCodecs.of(options.type());
        List<String> identical = new ArrayList<>();
        LoraPlan plan = models.watching(() -> {
            for (SourceModel model : models.inputs()) {
                NativeHeaderCheck.check(model.ggufFiles());
            }
            return plan(pair, identical);
        });
        Shards shards = Shards.single(output, plan.metadata(), plan.specs());
        guard.checkRoom(output, shards.totalBytes());
        try (LoraFile file =
                new LoraFile(output, plan, shards.files().getFirst().layout())) {
            LoraReport report = models.watching(() -> write(pair, plan, file, identical, start));
            work.cancellation().check();
            file.moveIntoPlace(force);
            return report;
        }
    }

    private LoraPlan plan(Plan pair, List<String> identical) throws IOException {
        boolean[] same = models.identicalTensors(pair.tasks(), work, meter);
        List<TensorTask.Extrapolate> tasks = new ArrayList<>();
        for (int i = 0; i < same.length; i++) {
            if (same[i]) {
                identical.add(pair.tasks().get(i).aligned().name());
            } else if (pair.tasks().get(i) instanceof TensorTask.Extrapolate task) {
                tasks.add(task);
            }
        }
        LoraPlan.SourceFiles files = new LoraPlan.SourceFiles(names(sft), names(models.aligned()));
        LoraPlan plan = LoraPlan.of(pair, files, tasks, options.rank(), options.type());
        if (plan.targets().isEmpty()) {
            throw new UnsupportedTypeException(
                    pair.aligned().name() + ": no tensor has a delta that an adapter could hold");
        }
        return plan;
    }

    private static List<String> names(SourceModel model) {
        return model.sources().stream()
                .map(file -> file.path().getFileName().toString())
                .toList();
    }

    private LoraReport write(Plan pair, LoraPlan plan, LoraFile file, List<String> identical, long start)
            throws IOException {
        try (InputReaders readers = InputReaders.start(models.ingredients())) {
            List<LoraReport.LeftOut> leftOut = leftOut(plan);
            List<LoraReport.Factored> factored = factor(plan, file);
            LoraReport report = new LoraReport(
                    output,
                    file.fileBytes(),
                    plan.rank(),
                    factored,
                    leftOut,
                    identical,
                    bufferBytes(pair, plan.rank(), work.threads()),
                    work.threads(),
                    System.nanoTime() - start);
            float[] shares = new float[factored.size()];
            for (int i = 0; i < shares.length; i++) {
                shares[i] = (float) factored.get(i).keptShare();
            }
            Ingredients<List<String>> sha256 = readers.digests(work.cancellation());
            file.finish(plan.complete(
                    report.keptShare(), shares, sha256.sft().orElseThrow(), sha256.aligned(), file.checksums()));
            file.verify(meter);
            return report;
        }
    }

    private List<LoraReport.Factored> factor(LoraPlan plan, LoraFile file) throws IOException {
        List<DeltaFactors.Target> targets = plan.targets().stream()
                .map(target -> new DeltaFactors.Target(target.task(), plan.rank()))
                .toList();
        List<DeltaFactors.Kept> kept = new DeltaFactors(models, targets, work, meter).run(file::write);
        List<LoraReport.Factored> factored = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            TensorInfo tensor = targets.get(i).task().aligned();
            factored.add(new LoraReport.Factored(
                    tensor.name(),
                    tensor.shape(),
                    kept.get(i).energy(),
                    kept.get(i).kept()));
        }
        return factored;
    }

    private List<LoraReport.LeftOut> leftOut(LoraPlan plan) throws IOException {
        List<TensorTask.Extrapolate> tasks =
                plan.leftOut().stream().map(LoraPlan.LeftOut::task).toList();
        List<TensorDelta> deltas = new PairScan(models, tasks, OptionalLong.empty(), work).run();
        List<LoraReport.LeftOut> leftOut = new ArrayList<>();
        for (int i = 0; i < deltas.size(); i++) {
            leftOut.add(new LoraReport.LeftOut(
                    deltas.get(i).name(),
                    plan.leftOut().get(i).reason(),
                    deltas.get(i).sums().deltaSquares()));
        }
        return leftOut;
    }

    /** Bytes of the largest matrix's factors while they are computed, and of the buffers, for each thread. */
    public static long bufferBytes(Plan pair, int rank, int threads) {
        long largest = pair.tasks().stream()
                .filter(task -> task.aligned().shape().rank() > 1)
                .mapToLong(task -> LowRankApproximation.memoryBytes(
                        task.aligned().shape().dimension(1),
                        task.aligned().shape().rowLength(),
                        rank))
                .max()
                .orElse(0);
        return Math.multiplyExact(threads, Math.addExact(largest, Workspace.byteCount(pair.tasks())));
    }

    private List<SourceFile> inputs() {
        return models.inputs().stream()
                .flatMap(model -> model.sources().stream())
                .toList();
    }
}
