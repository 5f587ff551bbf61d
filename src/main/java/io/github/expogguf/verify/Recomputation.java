package io.github.expogguf.verify;

import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.nativelib.QuantizerChange;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.metadata.OutputMetadata;
import io.github.expogguf.plan.metadata.RealisedMetadata;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.ChunkLoop;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.ImportanceTable;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.PackedRows;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.StepMeasurement;
import io.github.expogguf.run.compute.TensorWork;
import io.github.expogguf.run.input.FileDigests;
import io.github.expogguf.run.rank.DirectionPasses;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Computes a file again from its inputs, by the recipe that it carries, and compares. */
final class Recomputation {

    private final GgufModel output;
    private final Recipe recipe;
    private final PlanOptions options;
    private final WorkOptions how;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> notes = new ArrayList<>();
    private final Optional<QuantizerChange> sinceWritten;

    Recomputation(GgufModel output, Recipe recipe, PlanOptions options, WorkOptions how) {
        this.output = output;
        this.recipe = recipe;
        this.options = options;
        this.how = how;
        this.sinceWritten = QuantizerChange.since(recipe.llamaCppVersion());
    }

    /**
     * Adds what differs to the findings, or to the notes where the version of llama.cpp explains it; returns whether
     * the tensors could be compared.
     */
    boolean run(Ingredients<Path> inputs, List<Finding> all, List<Finding> explained) throws IOException {
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

    private boolean run(OpenModels models) throws IOException {
        Ingredients<List<String>> digests = digests(models);
        compareDigests(digests);
        if (!findings.isEmpty()) {
            return false; // other inputs: everything would differ
        }
        Plan plan = models.plan(options);
        compareMetadata(OutputMetadata.withDigests(plan.metadata(), digests), key -> !isExempt(key));
        Map<String, TensorInfo> tensors = new HashMap<>();
        output.header().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        compareTable(plan, tensors);
        if (!findings.isEmpty()) {
            return false;
        }
        compareBytes(models, plan, tensors);
        return true;
    }

    private Ingredients<List<String>> digests(OpenModels models) throws IOException {
        List<List<String>> digests = new ArrayList<>();
        for (GgufModel model : models.inputs()) {
            digests.add(FileDigests.of(model, how.cancellation()));
        }
        return models.ingredients().with(digests);
    }

    private void compareDigests(Ingredients<List<String>> digests) {
        if (digests.trajectory().isPresent()) {
            for (Ingredients.Checkpoint<List<String>> checkpoint : digests.checkpoints()) {
                RecordedModel recorded = recipe.models().checkpoints().stream()
                        .filter(each -> each.step() == checkpoint.step())
                        .findFirst()
                        .orElseThrow()
                        .model();
                compareDigests(checkpoint.model(), recorded, "checkpoint of step " + Numbers.brief(checkpoint.step()));
            }
        } else {
            recipe.models().sft().ifPresent(sft -> compareDigests(digests.sft().orElseThrow(), sft, "SFT model"));
            compareDigests(digests.aligned(), recipe.models().aligned(), "aligned model");
        }
        List<RecordedModel> further = recipe.models().further();
        for (int i = 0; i < further.size() - recipe.models().between().size(); i++) { // checkpoints are the last
            compareDigests(
                    digests.further().get(i),
                    further.get(i),
                    String.join(", ", further.get(i).files()) + " model");
        }
    }

    /** @param role as in {@code SFT model} */
    private void compareDigests(List<String> digests, RecordedModel recorded, String role) {
        if (!digests.equals(recorded.digests())) {
            findings.add(Finding.ofFile("the " + role + " is another than the file was made from: SHA-256 " + digests
                    + ", recorded " + recorded.digests()));
        }
    }

    private void compareMetadata(Metadata expected, Predicate<String> isCompared) {
        Metadata actual = output.header().metadata();
        for (String key : expected.keys()) {
            if (isCompared.test(key) && !expected.get(key).equals(actual.get(key))) {
                findings.add(Finding.ofFile("metadata '" + key + "' is "
                        + actual.get(key).map(Object::toString).orElse("missing") + ", expected "
                        + expected.get(key).get()));
            }
        }
        for (String key : actual.keys()) {
            if (expected.get(key).isEmpty() && !key.startsWith("split.") && isCompared.test(key)) {
                findings.add(Finding.ofFile("metadata '" + key + "' is there, expected none"));
            }
        }
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

    private void compareTable(Plan plan, Map<String, TensorInfo> tensors) {
        if (tensors.size() != plan.tasks().size()) {
            findings.add(Finding.ofFile(
                    tensors.size() + " tensors, expected " + plan.tasks().size()));
        }
        for (TensorTask task : plan.tasks()) {
            String name = task.aligned().name();
            TensorInfo tensor = tensors.get(name);
            if (tensor == null) {
                findings.add(new Finding(name, "is missing"));
            } else if (tensor.type() != task.targetType()
                    || !tensor.shape().equals(task.aligned().shape())) {
                findings.add(new Finding(
                        name,
                        "is " + tensor.type() + " " + tensor.shape() + ", expected " + task.targetType() + " "
                                + task.aligned().shape()));
            }
        }
    }

    private void compareBytes(OpenModels models, Plan plan, Map<String, TensorInfo> tensors) throws IOException {
        ProgressMeter meter = new ProgressMeter(how.listener());
        List<TensorTask> tasks = models.tasks(List.of(plan), how, meter).getFirst();
        Map<Integer, BlockDifferences> differences = new TreeMap<>(); // by tensor in the plan
        StepMeasurement measured = new StepMeasurement(tasks);
        try (Arena arena = Arena.ofShared();
                FirstDirections directions = new FirstDirections(models.fits())) {
            ChunkComputer computer = DirectionPasses.computer(directions, models, List.of(tasks), how, meter);
            TensorWork work = new TensorWork(tasks, new ImportanceTable(options.imatrix(), tasks, arena));
            new ChunkLoop(computer, PackedRows.ofFiles(models.inputs()), how, meter)
                    .run(plan, List.of(work), new ChunkLoop.Sink() {
                        @Override
                        public void accept(int output, Chunk chunk, MemorySegment bytes) throws IOException {
                            BlockDifferences found = compare(
                                    Objects.requireNonNull(
                                            tensors.get(chunk.aligned().name())),
                                    chunk,
                                    bytes);
                            if (found.blocks() > 0) {
                                synchronized (differences) {
                                    differences.merge(chunk.tensor(), found, BlockDifferences::and);
                                }
                            }
                        }

                        @Override
                        public boolean measures() {
                            return true;
                        }

                        @Override
                        public void measured(int output, Chunk chunk, StepSums sums) {
                            measured.add(chunk, sums);
                        }
                    });
        }
        Map<GgmlType, BlockDifferences> explained = new EnumMap<>(GgmlType.class);
        differences.forEach((tensor, difference) -> {
            TensorTask task = tasks.get(tensor);
            if (sinceWritten.isPresent() && sinceWritten.get().types().contains(task.targetType())) {
                explained.merge(task.targetType(), difference, BlockDifferences::plus);
            } else {
                findings.add(new Finding(
                        task.aligned().name(),
                        "differs from what the recipe gives, first in row " + difference.firstRow()));
            }
        });
        explained.forEach(
                (type, difference) -> notes.add(Finding.ofFile(Words.plural(difference.blocks(), type + " block")
                        + " of " + Words.plural(difference.tensors(), "tensor")
                        + (difference.blocks() == 1 ? " differs: " : " differ: ")
                        + sinceWritten.orElseThrow().describe(type))));
        if (explained.isEmpty()) { // what arrived of alpha is a sum over all weights
            compareMetadata(measured.record(plan.metadata()), key -> key.startsWith(RealisedMetadata.PREFIX));
        }
    }

    private BlockDifferences compare(TensorInfo tensor, Chunk chunk, MemorySegment expected) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actual = arena.allocate(expected.byteSize());
            output.read(tensor, chunk.offset(tensor.type()), actual);
            return BlockDifferences.between(tensor, chunk.firstRow(), actual, expected);
        }
    }
}
