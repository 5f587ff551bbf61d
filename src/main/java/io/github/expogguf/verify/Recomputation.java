package io.github.expogguf.verify;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.QuantizerChange;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.metadata.Origins;
import io.github.expogguf.plan.metadata.OutputMetadata;
import io.github.expogguf.plan.metadata.RealisedMetadata;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.input.FileDigests;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Computes a file again from its inputs, by the recipe that it carries, and compares. */
final class Recomputation {

    /** Keys that files did not have from the beginning; where one is removed, the checksum of the metadata tells. */
    private static final Set<String> SINCE = Set.of(Origins.KEY, RealisedMetadata.SUMS);

    private final GgufModel output;
    private final Recipe recipe;
    private final PlanOptions options;
    private final Ingredients<Path> inputs;
    private final WorkOptions how;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> notes = new ArrayList<>();
    private final Optional<QuantizerChange> sinceWritten;

    Recomputation(GgufModel output, Recipe recipe, PlanOptions options, Ingredients<Path> inputs, WorkOptions how) {
        this.output = output;
        this.recipe = recipe;
        this.options = options;
        this.inputs = inputs;
        this.how = how;
        this.sinceWritten = QuantizerChange.since(recipe.llamaCppVersion());
    }

    /**
     * Adds what differs to the findings, or to the notes where the version of llama.cpp explains it; returns whether
     * the tensors could be compared.
     */
    boolean run(List<Finding> all, List<Finding> explained) throws IOException {
        if (inputs.sft().isPresent() != recipe.alpha().isPresent()) {
            all.add(Finding.ofFile(
                    recipe.alpha().isPresent()
                            ? "was extrapolated, so that the SFT model is needed to compute it again"
                            : "was made from one model; there is no SFT model to it"));
            return false;
        }
        Ingredients<RecordedModel> recorded = recipe.models();
        if (inputs.adapters().size() != recorded.adapters().size()
                || inputs.deltas().size() != recorded.deltas().size()) {
            all.add(Finding.ofFile(
                    "was made with " + Words.plural(recorded.adapters().size(), "adapter") + " and "
                            + Words.plural(recorded.deltas().size(), "further delta") + ", given were "
                            + inputs.adapters().size()
                            + " and " + inputs.deltas().size()));
            return false;
        }
        if (inputs.between().size() != recorded.between().size()) {
            all.add(Finding.ofFile("was made from " + checkpoints(recorded) + ", given were " + checkpoints(inputs)));
            return false;
        }
        List<Finding> otherSteps = otherSteps(inputs.checkpoints(), recorded.checkpoints());
        if (!otherSteps.isEmpty()) {
            all.addAll(otherSteps);
            return false;
        }
        boolean compared;
        try (OpenModels models = OpenModels.open(inputs.withWeightsOf(recorded))) {
            compared = models.watching(() -> run(models));
        }
        all.addAll(findings);
        explained.addAll(notes);
        return compared;
    }

    /** Both by their steps. */
    private static List<Finding> otherSteps(
            List<Ingredients.Checkpoint<Path>> given, List<Ingredients.Checkpoint<RecordedModel>> recorded) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i).step() != recorded.get(i).step()) {
                findings.add(Finding.ofFile("was made from the checkpoint of step "
                        + Numbers.brief(recorded.get(i).step()) + " ("
                        + String.join(", ", recorded.get(i).model().files()) + "), given was step "
                        + Numbers.brief(given.get(i).step()) + " ("
                        + given.get(i).model().getFileName()
                        + ")"));
            }
        }
        return findings;
    }

    private static String checkpoints(Ingredients<?> models) {
        return models.trajectory().isEmpty()
                ? "the two models of a pair"
                : Words.plural(models.between().size() + 2, "checkpoint");
    }

    /**
     * Inputs that are others than the file was made from are all that is said then, whatever else differs. They are
     * known to be others when they were read, which is done once, and twice only where computing with them fails.
     */
    private boolean run(OpenModels models) throws IOException {
        try {
            Plan plan = models.plan(options);
            List<Finding> inHeader = inHeader(plan);
            if (inHeader.isEmpty()) {
                return compareData(models, plan);
            }
            findings.addAll(others(digests(models)));
            findings.addAll(findings.isEmpty() ? inHeader : List.of());
            return false;
        } catch (CancelledException cancelled) {
            throw cancelled;
        } catch (IOException | RuntimeException failure) {
            findings.addAll(others(digests(models)));
            if (findings.isEmpty()) {
                throw failure;
            }
            return false;
        }
    }

    private boolean compareData(OpenModels models, Plan plan) throws IOException {
        DataComparison data = new DataComparison(models, plan, output, how);
        List<Finding> others = others(data.run());
        if (!others.isEmpty()) {
            findings.addAll(others); // everything would differ
            return false;
        }
        findings.addAll(data.findings(sinceWritten));
        notes.addAll(data.notes(sinceWritten));
        if (notes.isEmpty()) { // what arrived of alpha is a sum over all weights
            findings.addAll(inMetadata(
                    data.measured().record(plan.metadata()), key -> key.startsWith(RealisedMetadata.PREFIX)));
        }
        return true;
    }

    private Ingredients<List<String>> digests(OpenModels models) throws IOException {
        List<List<String>> digests = new ArrayList<>();
        for (SourceModel model : models.inputs()) {
            digests.add(FileDigests.of(model, how.cancellation()));
        }
        return models.ingredients().with(digests);
    }

    /** Inputs that are others than the file was made from. */
    private List<Finding> others(Ingredients<List<String>> digests) {
        return OtherInputs.find(digests, inputs, recipe.models());
    }

    /** What differs from the plan without a look at the data. */
    private List<Finding> inHeader(Plan plan) {
        Metadata expected =
                OutputMetadata.withDigests(plan.metadata(), recipe.models().map(RecordedModel::digests));
        List<Finding> found = new ArrayList<>(inMetadata(expected, key -> !isExempt(key)));
        Map<String, TensorInfo> tensors = new HashMap<>();
        output.header().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        if (tensors.size() != plan.tasks().size()) {
            found.add(Finding.ofFile(
                    tensors.size() + " tensors, expected " + plan.tasks().size()));
        }
        for (TensorTask task : plan.tasks()) {
            String name = task.aligned().name();
            TensorInfo tensor = tensors.get(name);
            if (tensor == null) {
                found.add(new Finding(name, "is missing"));
            } else if (tensor.type() != task.targetType()
                    || !tensor.shape().equals(task.aligned().shape())) {
                found.add(new Finding(
                        name,
                        "is " + tensor.type() + " " + tensor.shape() + ", expected " + task.targetType() + " "
                                + task.aligned().shape()));
            }
        }
        return found;
    }

    private List<Finding> inMetadata(Metadata expected, Predicate<String> isCompared) {
        List<Finding> found = new ArrayList<>();
        Metadata actual = output.header().metadata();
        for (String key : expected.keys()) {
            boolean isOfLater = SINCE.contains(key) && actual.get(key).isEmpty();
            if (isCompared.test(key) && !isOfLater && !expected.get(key).equals(actual.get(key))) {
                found.add(Finding.ofFile("metadata '" + key + "' is "
                        + actual.get(key).map(Object::toString).orElse("missing") + ", expected "
                        + expected.get(key).get()));
            }
        }
        for (String key : actual.keys()) {
            if (expected.get(key).isEmpty() && !key.startsWith("split.") && isCompared.test(key)) {
                found.add(Finding.ofFile("metadata '" + key + "' is there, expected none"));
            }
        }
        return found;
    }

    /**
     * The version of llama.cpp, if it is one whose differences are known; what depends on the names of files today; the
     * checksums, which are compared with the data, not with another run's; and what arrived of alpha, which is compared
     * when it is measured.
     */
    private boolean isExempt(String key) {
        return (key.equals(Recipe.LLAMA_CPP_VERSION) && sinceWritten.isPresent())
                || RecordedModel.isFileName(key)
                || key.startsWith(Checksums.PREFIX)
                || key.startsWith(RealisedMetadata.PREFIX);
    }
}
