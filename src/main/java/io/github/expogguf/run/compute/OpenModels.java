package io.github.expogguf.run.compute;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.convert.peft.PeftAdapter;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.Planner;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.ModelPair;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.text.ShortNames;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The models of a run while they are open: planned from, read by number, and watched for changes. Any thread may call.
 */
public final class OpenModels implements AutoCloseable {

    private final Ingredients<SourceModel> models;
    private final ModelPair pair;
    private final Map<String, TrajectoryFit> fits = new ConcurrentHashMap<>(); // by tensor

    private OpenModels(Ingredients<SourceModel> models) {
        this.models = models;
        this.pair = new ModelPair(models.map(OpenModels::planned));
    }

    /**
     * Opens them; each path names a GGUF file, any shard of a set, or a folder of Hugging Face. Reads the headers only,
     * and of folders a sample of the weights.
     *
     * @throws io.github.expogguf.GgufFormatException if a file breaks a rule of the format
     */
    public static OpenModels open(Ingredients<Path> paths) throws IOException {
        return new OpenModels(ModelOpener.open(paths));
    }

    /** Decides everything and computes nothing. */
    public Plan plan(PlanOptions options) {
        return Planner.plan(pair, options);
    }

    /** The lines that tensors of checkpoints followed, by name, as far as they were looked for. */
    public Map<String, TrajectoryFit> fits() {
        return fits;
    }

    /** The models as the planner sees them. */
    public ModelPair pair() {
        return pair;
    }

    /** Something that reads the models. */
    @FunctionalInterface
    public interface WatchedWork<T> {
        T run() throws IOException;
    }

    /**
     * Works with the models, and checks afterwards that none of their files has changed meanwhile. Where one has, that
     * is what is thrown, whatever came of it.
     */
    public <T> T watching(WatchedWork<T> work) throws IOException {
        T result;
        try {
            result = work.run();
        } catch (CancelledException cancelled) {
            throw cancelled;
        } catch (IOException | RuntimeException failure) {
            for (SourceModel model : inputs()) {
                model.checkUnchangedAfter(failure);
            }
            throw failure;
        }
        checkUnchanged();
        return result;
    }

    public void checkUnchanged() throws IOException {
        for (SourceModel model : inputs()) {
            model.checkUnchanged();
        }
    }

    public Ingredients<SourceModel> ingredients() {
        return models;
    }

    public Optional<SourceModel> sft() {
        return models.sft();
    }

    public SourceModel aligned() {
        return models.aligned();
    }

    /**
     * The checkpoints between the first and the last, each as the second of a pair with the first, by their steps; they
     * are closed with these models. None of a pair.
     */
    public List<OpenModels> betweenAsPairs() {
        return models.between().stream()
                .map(checkpoint -> new OpenModels(Ingredients.pair(models.sft().orElseThrow(), checkpoint.model())))
                .toList();
    }

    /** The further deltas, each as a pair; they are closed with these models. */
    public List<OpenModels> deltasAsPairs() {
        return models.deltas().stream()
                .map(delta -> new OpenModels(Ingredients.pair(delta.sft(), delta.aligned())))
                .toList();
    }

    /** The models by the numbers that operands give them. */
    public List<SourceModel> inputs() {
        return models.inOrder();
    }

    /**
     * Refuses adapters whose factors hold infinities or NaN, before anything is computed from them.
     *
     * @throws NonFiniteException if one does
     */
    public void checkAdapters(WorkOptions how) throws IOException {
        WorkOptions quiet = how.withListener(progress -> {});
        for (Ingredients.Adapter<SourceModel> adapter : models.adapters()) {
            Optional<DataScan.NonFinite> bad =
                    DataScan.of(adapter.model(), quiet).nonFinite().stream().findFirst();
            if (bad.isPresent()) {
                String tensor = bad.get().tensor();
                List<String> names = adapter.model() instanceof PeftAdapter peft ? peft.names(tensor) : List.of(tensor);
                String file = adapter.model() instanceof PeftAdapter peft
                        ? peft.file(tensor).toString()
                        : adapter.model().header().name();
                throw new NonFiniteException(file + ": " + Words.noun(names.size(), "tensor") + " "
                        + Names.quoted(names) + ": " + bad.get().problem());
            }
        }
    }

    /**
     * The tasks of each plan, with tensors that are the same in both models copied or converted instead of
     * extrapolated.
     */
    public List<List<TensorTask>> tasks(List<Plan> plans, WorkOptions how, ProgressMeter meter) throws IOException {
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
    public boolean[] identicalTensors(List<TensorTask> tasks, WorkOptions how, ProgressMeter meter) throws IOException {
        return new IdenticalTensors(inputs()).find(tasks, how, meter);
    }

    public static TensorSpec spec(TensorTask task) {
        return TensorSpec.of(task.aligned()).withType(task.targetType());
    }

    private static ModelFiles planned(SourceModel model) {
        List<String> names = model instanceof ConvertedModel converted
                ? converted.sourceNames()
                : model.sources().stream()
                        .map(file -> name(model, file.path().getFileName().toString()))
                        .toList();
        return new ModelFiles(model.header(), names, conversions(model));
    }

    private static Map<String, String> conversions(SourceModel model) {
        return switch (model) {
            case ConvertedModel converted -> conversions(converted, converted::conversion);
            case PeftAdapter adapter -> conversions(adapter, adapter::conversion);
            default -> Map.of();
        };
    }

    private static Map<String, String> conversions(SourceModel model, Function<TensorInfo, String> conversion) {
        return model.header().tensors().stream()
                .collect(Collectors.toMap(TensorInfo::name, tensor -> Sha256.of(conversion.apply(tensor))));
    }

    /** With the folder before it, if an adapter is one: its files have the same names in all folders. */
    private static String name(SourceModel model, String file) {
        String folder = ShortNames.withoutFolders(model.header().name());
        return model instanceof PeftAdapter && !folder.equals(file) ? folder + "/" + file : file;
    }

    @Override
    public void close() throws IOException {
        for (SourceModel model : inputs()) {
            model.close();
        }
    }
}
