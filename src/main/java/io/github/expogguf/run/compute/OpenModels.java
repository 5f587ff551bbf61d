package io.github.expogguf.run.compute;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.FurtherInputs;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.Sources;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The models of a run while they are open: planned from, read by number, and watched for changes. Any thread may call.
 */
public final class OpenModels implements AutoCloseable {

    private final Optional<GgufModel> sft;
    private final GgufModel aligned;
    private final List<GgufModel> further; // in the order of FurtherInputs
    private final Sources sources;

    private OpenModels(Sources sources, List<GgufModel> opened) {
        this.sources = sources;
        this.aligned = opened.getFirst();
        this.sft = sources.sft().map(_ -> opened.get(1));
        this.further = List.copyOf(opened.subList(sft.isPresent() ? 2 : 1, opened.size()));
    }

    /**
     * Opens them; each path names a GGUF file or any shard of a set. Reads the headers only.
     *
     * @throws io.github.expogguf.GgufFormatException if a file breaks a rule of the format
     */
    public static OpenModels open(Sources sources) throws IOException {
        List<Path> paths = new ArrayList<>(List.of(sources.aligned()));
        sources.sft().ifPresent(paths::add);
        sources.adapters().forEach(adapter -> paths.add(adapter.file()));
        sources.deltas().forEach(delta -> paths.addAll(List.of(delta.sft(), delta.aligned())));
        List<GgufModel> opened = new ArrayList<>();
        try {
            for (Path path : paths) {
                opened.add(
                        opened.isEmpty()
                                ? GgufModel.open(path)
                                : GgufModel.open(
                                        path, opened.getFirst().header().metadata()));
            }
            return new OpenModels(sources, opened);
        } catch (Throwable e) {
            for (GgufModel model : opened) {
                model.close();
            }
            throw e;
        }
    }

    /** Decides everything and computes nothing. */
    public Plan plan(PlanOptions options) {
        return Planner.plan(sft.map(OpenModels::planned), planned(aligned), furtherInputs(), options);
    }

    public FurtherInputs furtherInputs() {
        List<FurtherInputs.Adapter> adapters = new ArrayList<>();
        List<FurtherInputs.Delta> deltas = new ArrayList<>();
        Iterator<ModelFiles> models = further.stream().map(OpenModels::planned).iterator();
        for (Sources.Adapter adapter : sources.adapters()) {
            adapters.add(new FurtherInputs.Adapter(models.next(), adapter.weight()));
        }
        for (Sources.Delta delta : sources.deltas()) {
            deltas.add(new FurtherInputs.Delta(models.next(), models.next(), delta.weight()));
        }
        return new FurtherInputs(adapters, deltas, sources.isAdaptedSft());
    }

    /** Something that reads the models. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Works with the models, and checks afterwards that none of their files has changed meanwhile. Where one has, that
     * is what is thrown, whatever came of it.
     */
    public <T> T watching(Work<T> work) throws IOException {
        T result;
        try {
            result = work.run();
        } catch (CancelledException cancelled) {
            throw cancelled;
        } catch (IOException | RuntimeException failure) {
            for (GgufModel model : inputs()) {
                model.checkUnchangedAfter(failure);
            }
            throw failure;
        }
        checkUnchanged();
        return result;
    }

    public void checkUnchanged() throws IOException {
        for (GgufModel model : inputs()) {
            model.checkUnchanged();
        }
    }

    public Optional<GgufModel> sft() {
        return sft;
    }

    public GgufModel aligned() {
        return aligned;
    }

    /** The models by the numbers that operands give them. */
    public List<GgufModel> inputs() {
        return Stream.of(Stream.of(aligned), sft.stream(), further.stream())
                .flatMap(models -> models)
                .toList();
    }

    /** Adapters, and both models of each further difference, in the order of their numbers. */
    public List<GgufModel> further() {
        return further;
    }

    /**
     * Refuses adapters whose factors hold infinities or NaN, before anything is computed from them.
     *
     * @throws NonFiniteException if one does
     */
    public void checkAdapters(OutputOptions how) throws IOException {
        for (GgufModel adapter : further.subList(0, sources.adapters().size())) {
            OutputOptions quiet =
                    OutputOptions.defaults().withThreads(how.threads()).withCancellation(how.cancellation());
            Optional<DataScan.NonFinite> bad =
                    DataScan.of(adapter, quiet).nonFinite().stream().findFirst();
            if (bad.isPresent()) {
                throw new NonFiniteException(adapter.header().name() + ": tensor '"
                        + bad.get().tensor() + "': " + bad.get().problem());
            }
        }
    }

    /**
     * The tasks of each plan, with tensors that are the same in both models copied or converted instead of
     * extrapolated.
     */
    public List<List<TensorTask>> tasks(List<Plan> plans, OutputOptions how, ProgressMeter meter) throws IOException {
        checkAdapters(how);
        List<TensorTask> extrapolated =
                IdenticalTensors.union(plans.stream().map(Plan::tasks).toList());
        if (extrapolated.stream().noneMatch(TensorTask.Extrapolate.class::isInstance)) {
            return plans.stream().map(Plan::tasks).toList();
        }
        boolean[] identical = identicalTensors(extrapolated, how, meter);
        return plans.stream()
                .map(plan -> IdenticalTensors.replace(plan.tasks(), identical))
                .toList();
    }

    /** Which tensors of those that tasks extrapolate are the same in both models; one at least must be extrapolated. */
    public boolean[] identicalTensors(List<TensorTask> tasks, OutputOptions how, ProgressMeter meter)
            throws IOException {
        return new IdenticalTensors(sft.orElseThrow(), aligned).find(tasks, how.threads(), how.cancellation(), meter);
    }

    public static TensorSpec spec(TensorTask task) {
        return TensorSpec.of(task.aligned()).withType(task.targetType());
    }

    private static ModelFiles planned(GgufModel model) {
        List<String> names = model.files().stream()
                .map(GgufFile::path)
                .map(path -> path.getFileName().toString())
                .toList();
        return new ModelFiles(model.header(), names);
    }

    @Override
    public void close() throws IOException {
        for (GgufModel model : inputs()) {
            model.close();
        }
    }
}
