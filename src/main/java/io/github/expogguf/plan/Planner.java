package io.github.expogguf.plan;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.RuleException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.metadata.Origins;
import io.github.expogguf.plan.metadata.OutputMetadata;
import io.github.expogguf.plan.metadata.RealisedMetadata;
import io.github.expogguf.plan.mixture.TypeChooser;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.plan.pair.PredictionBlocks;
import io.github.expogguf.plan.pair.PredictionCheck;
import io.github.expogguf.plan.pair.TokenMatches;
import io.github.expogguf.plan.pair.UnpairedTensors;
import io.github.expogguf.plan.task.FactoredWeights;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.ModelPair;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.Operands;
import io.github.expogguf.plan.task.Parametrisations;
import io.github.expogguf.plan.task.TensorOperands;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.LevelGrowth;
import io.github.expogguf.quant.StochasticRounding;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Roles;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Turns one model, or a pair, and options into a {@link Plan}. Pure: no I/O, no native calls; any thread may call. */
public final class Planner {

    /**
     * BF16 has the range of F32 and few digits, most alignment deltas are one or none of its steps; nobody asked for
     * the type.
     */
    private static final Rounding KEPT_BF16 = new Rounding.Stochastic(0);

    /** In distances from the first checkpoint to the last: further than training was watched, nothing is known. */
    private static final double FAR = 1;

    private final Optional<ModelHeader> sft;
    private final Optional<TensorOperands> operands;
    private final ModelPair pair;
    private final Ingredients<ModelFiles> models;
    private final ModelHeader aligned;
    private final PlanOptions options;
    private final TensorAlphas alphas;
    private final ImportanceCheck importance;
    private final Optional<UnpairedTensors> unpaired;

    private Planner(ModelPair pair, Ingredients<ModelFiles> models, PlanOptions options) {
        this.pair = pair;
        this.models = models;
        this.sft = models.sft().map(ModelFiles::header);
        this.aligned = models.aligned().header();
        this.options = options;
        this.alphas = new TensorAlphas(aligned, options, pair.rules());
        this.importance = new ImportanceCheck(aligned, options);
        this.operands = sft.map(_ -> TensorOperands.of(models, options.acceptedDifferences(), pair.tokens()));
        this.unpaired = sft.map(model -> UnpairedTensors.of(model, aligned));
    }

    /**
     * Plans the output of a pair.
     *
     * @param sft     the SFT model
     * @param aligned the aligned model, which gives the output its metadata and the order of its tensors
     * @param options alpha, types, and everything else that decides the output
     * @return the plan
     * @see #plan(Ingredients, PlanOptions)
     */
    public static Plan plan(ModelFiles sft, ModelFiles aligned, PlanOptions options) {
        return plan(Ingredients.pair(sft, aligned), options);
    }

    /**
     * Plans to quantize one model.
     *
     * @param model   the model, which gives the output its metadata and the order of its tensors
     * @param options types, and everything else that decides the output; alpha is 0
     * @return the plan
     * @see #plan(Ingredients, PlanOptions)
     */
    public static Plan plan(ModelFiles model, PlanOptions options) {
        return plan(Ingredients.model(model), options);
    }

    /**
     * Plans the output; the aligned model gives it its metadata and the order of its tensors.
     *
     * @param models  the opened models, by what they are for
     * @param options alpha, types, and everything else that decides the output
     * @return the plan
     * @throws io.github.expogguf.ModelMismatchException if the models are not a pair, an adapter or a model of a
     *                                                   difference does not match, or the imatrix is not for them
     * @throws UnsupportedTypeException                  if a tensor cannot be read, or not be written in the type it
     *                                                   should get
     * @throws IllegalArgumentException                  if options contradict each other, or there is no SFT model and
     *                                                   alpha is not 0
     */
    public static Plan plan(Ingredients<ModelFiles> models, PlanOptions options) {
        return plan(new ModelPair(models), options);
    }

    /**
     * Plans one of several outputs of the same models.
     *
     * @param pair    the models, with what is known of their tokens and names
     * @param options alpha, types, and everything else that decides the output
     * @return the plan
     * @see #plan(Ingredients, PlanOptions)
     */
    public static Plan plan(ModelPair pair, PlanOptions options) {
        Objects.requireNonNull(pair, "pair");
        Ingredients<ModelFiles> models = pair.models();
        if (models.sft().isEmpty() && options.alpha() != 0) {
            throw new IllegalArgumentException("alpha is " + options.alpha() + ", but there is no SFT model");
        }
        if (models.sft().isEmpty() && !options.alphaRules().isEmpty()) {
            throw new RuleException(
                    RuleException.Decides.ALPHA, "there are rules for alpha, but there is no SFT model");
        }
        if (models.sft().isEmpty() && options.rank() > 0) {
            throw new IllegalArgumentException("rank is " + options.rank() + ", but there is no SFT model");
        }
        if (options.sizeTarget().isPresent() && options.fileType().isEmpty()) {
            throw new IllegalArgumentException("a size is asked for, and no types for it were found yet");
        }
        requireSteps(models, options);
        ModelFiles aligned = models.aligned();
        Ingredients<ModelFiles> kept = options.dropMtp()
                ? models.withAligned(new ModelFiles(
                        PredictionBlocks.of(aligned.header()).dropped(), aligned.files(), aligned.conversions()))
                : models;
        PredictionCheck.requirePresent(kept.aligned().header(), options.overrides());
        List<String> notes = notes(aligned.header(), kept, options, pair.tokens());
        Planner planner = new Planner(pair, kept, options);
        List<TensorTask> tasks = planner.tasks();
        ImportanceCoverage coverage = planner.importance.finish();
        planner.refuseFactored(tasks);
        return new Plan(
                options,
                planner.sft,
                planner.aligned,
                metadata(kept, options, tasks),
                tasks,
                coverage,
                planner.alphas.idle(),
                notes);
    }

    private static Metadata metadata(Ingredients<ModelFiles> models, PlanOptions options, List<TensorTask> tasks) {
        Metadata made = Origins.plan(OutputMetadata.of(models, options, tasks), models, options.imatrix(), tasks);
        return Checksums.plan(RealisedMetadata.plan(made, tasks), tasks);
    }

    private static void requireSteps(Ingredients<ModelFiles> models, PlanOptions options) {
        if (models.trajectory().isPresent() && options.toStep().isEmpty()) {
            throw new IllegalArgumentException(
                    "the models are checkpoints of a training run, and no step is said that is to be predicted");
        }
        if (models.trajectory().isEmpty() && options.toStep().isPresent()) {
            throw new IllegalArgumentException("step "
                    + Numbers.brief(options.toStep().getAsDouble())
                    + " is to be predicted, but the models are no checkpoints of a training run");
        }
    }

    /**
     * Refuses what is no pair, and says what is remarkable about one.
     *
     * @param aligned the whole aligned model
     * @param kept    with what is left of it
     */
    private static List<String> notes(
            ModelHeader aligned, Ingredients<ModelFiles> kept, PlanOptions options, TokenMatches known) {
        Set<String> accepted = options.acceptedDifferences();
        List<String> notes = new ArrayList<>();
        if (options.dropMtp()) {
            notes.add(PredictionCheck.dropped(aligned));
        }
        Ingredients<ModelHeader> models = kept.withAdapters(List.of()).map(ModelFiles::header);
        Pairing.requireKnown(accepted, models.inOrder());
        models.sft().ifPresent(sft -> {
            Roles roles = models.trajectory().isEmpty() ? Roles.PAIR : Roles.FIRST_AND_LAST;
            Pairing.check(sft, models.aligned(), accepted, known, roles);
            ModelHeader compared = options.dropMtp() ? PredictionBlocks.of(sft).dropped() : sft;
            Pairing.notes(compared, models.aligned(), accepted).stream()
                    .map(roles::in)
                    .forEach(notes::add);
        });
        kept.trajectory()
                .flatMap(run -> note(run, options.toStep().orElseThrow()))
                .ifPresent(notes::add);
        return notes;
    }

    /** Where a step lies that is not soon after the last checkpoint. */
    private static Optional<String> note(Ingredients.Trajectory<?> run, double step) {
        String name = "step " + Numbers.brief(step);
        String last = "the last checkpoint, of step " + Numbers.brief(run.lastStep());
        if (step < run.firstStep()) {
            return Optional.of(name + " lies before the first checkpoint, of step " + Numbers.brief(run.firstStep()));
        }
        if (step <= run.lastStep()) {
            return Optional.of(
                    name + " does not lie beyond " + last + ": what is written is smoothed, and not extrapolated");
        }
        double spans = (step - run.lastStep()) / (run.lastStep() - run.firstStep());
        return spans > FAR
                ? Optional.of(name + " lies " + spans(spans)
                        + " times as far beyond " + last + ", as that is from the first: no checkpoint has shown that"
                        + " training goes straight on so far")
                : Optional.empty();
    }

    /** One decimal, and of a large number two digits. */
    private static String spans(double spans) {
        return Numbers.brief(
                spans < 1e6
                        ? Math.round(spans * 10) / 10.0
                        : new BigDecimal(Math.min(spans, Double.MAX_VALUE))
                                .round(new MathContext(2))
                                .doubleValue());
    }

    private List<TensorTask> tasks() {
        List<GgmlType> types = TypeChooser.choose(aligned, options, pair.rules());
        List<TensorTask> tasks = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            tasks.add(parametrised(task(aligned.tensors().get(i), types.get(i))));
        }
        return tasks;
    }

    private void refuseFactored(List<TensorTask> tasks) {
        if (extrapolates(tasks)) {
            FactoredWeights.refuse(sft.orElseThrow(), aligned);
            models.deltas()
                    .forEach(delta -> FactoredWeights.refuse(
                            delta.sft().header(), delta.aligned().header()));
            models.between()
                    .forEach(checkpoint ->
                            FactoredWeights.refuse(checkpoint.model().header(), aligned));
        }
    }

    private TensorTask parametrised(TensorTask task) {
        return task instanceof TensorTask.Extrapolate extrapolate
                ? extrapolate.with(
                        Parametrisations.of(aligned.metadata(), task.aligned().name()))
                : task;
    }

    private static boolean extrapolates(List<TensorTask> tasks) {
        return tasks.stream().anyMatch(TensorTask.Extrapolate.class::isInstance);
    }

    private TensorTask task(TensorInfo tensor, GgmlType target) {
        if (tensor.type().isInteger()) {
            return new TensorTask.Copy(tensor, "integer tensor");
        }
        float alpha = alphas.of(tensor);
        Optional<Operands> values = operands.flatMap(found -> operands(found, tensor));
        if (values.isEmpty()
                && operands.filter(found -> found.isAdapted(tensor)).isPresent()) {
            throw new ModelMismatchException(
                    aligned.name() + ": an adapter changes tensor " + Escape.quote(tensor.name())
                            + ", which the SFT model has no counterpart of",
                    List.of("an adapter changes " + tensor.name()));
        }
        boolean changes = values.isPresent() && changes(values.get(), alpha);
        if (!changes && tensor.type() == target) {
            return new TensorTask.Copy(tensor, whyNotExtrapolated(tensor, target));
        }
        requireReadable(aligned, tensor);
        if (!WeightTypes.isSupported(target)) {
            throw new UnsupportedTypeException(aligned.name() + ": tensor " + Escape.quote(tensor.name())
                    + " cannot be written as " + target + ", which ggml only reads or computes with");
        }
        boolean usesImportance = importance.usesImportance(tensor, target);
        if (!changes) {
            return new TensorTask.Convert(tensor, target, usesImportance);
        }
        Rounding rounding = rounding(tensor, target);
        requireReadable(sft.orElseThrow(), values.get().sft());
        for (int i = 0; i < models.deltas().size(); i++) {
            Ingredients.Delta<ModelFiles> delta = models.deltas().get(i);
            Operands.Delta operands = values.get().further().get(i);
            requireReadable(delta.sft().header(), operands.sft());
            requireReadable(delta.aligned().header(), operands.aligned());
        }
        for (int i = 0; i < models.between().size(); i++) {
            requireReadable(
                    models.between().get(i).model().header(),
                    values.get().between().get(i));
        }
        int rank = alpha == 0 ? 0 : DeltaRank.of(aligned, tensor, options.rank());
        return new TensorTask.Extrapolate(values.get().withRank(rank), alpha, target, usesImportance, rounding);
    }

    private Optional<Operands> operands(TensorOperands found, TensorInfo tensor) {
        Optional<Operands> pair = found.of(tensor);
        return options.toStep().isEmpty()
                ? pair
                : pair.flatMap(values -> found.between(tensor)
                        .map(between -> values.withPrediction(new Operands.Prediction(
                                between, options.toStep().getAsDouble()))));
    }

    /** Whether the result has other values than the file of the aligned model. */
    private boolean changes(Operands values, float alpha) {
        return values.aligned() instanceof Operand.Adapted
                || !values.further().isEmpty()
                || (alpha != 0 && !models.alignedIsSft());
    }

    private Rounding rounding(TensorInfo tensor, GgmlType target) {
        options.rounding().ifPresent(asked -> requireSupport(asked, tensor, target));
        return options.rounding().orElseGet(() -> {
            if (tensor.type() != target) {
                return Rounding.NEAREST;
            }
            if (target == GgmlType.BF16 && options.fileType().isEmpty()) {
                return KEPT_BF16;
            }
            float growth = LevelGrowth.factor(target);
            return growth == 1 ? Rounding.NEAREST : new Rounding.Divided(growth);
        });
    }

    private void requireSupport(Rounding asked, TensorInfo tensor, GgmlType target) {
        if (asked instanceof Rounding.Stochastic && !StochasticRounding.isSupported(target)) {
            throw new UnsupportedTypeException(aligned.name() + ": tensor " + Escape.quote(tensor.name())
                    + " cannot be rounded stochastically to " + target + ", expected one of "
                    + StochasticRounding.supportedTypes());
        }
    }

    private String whyNotExtrapolated(TensorInfo tensor, GgmlType target) {
        if (sft.isEmpty()) {
            return "is " + target + " already";
        }
        Optional<String> reason = unpaired.flatMap(found -> found.reason(tensor.name()));
        if (reason.isPresent()) {
            return reason.get();
        }
        if (models.alignedIsSft()) {
            return "no adapter changes it";
        }
        if (alphas.rule(tensor.name()).isPresent()) {
            return "alpha is 0 by a rule";
        }
        return options.alpha() != 0 && TensorAlphas.isLeftBy(options, tensor)
                ? "a vector, and the rank is of matrices"
                : "alpha is 0";
    }

    private static void requireReadable(ModelHeader model, Operand operand) {
        operand.tensors().forEach(tensor -> requireReadable(model, tensor));
    }

    private static void requireReadable(ModelHeader model, TensorInfo tensor) {
        if (!WeightTypes.isSupported(tensor.type())) {
            throw new UnsupportedTypeException(model.name() + ": tensor " + Escape.quote(tensor.name()) + " is of type "
                    + tensor.type() + ", which ggml cannot turn into 32-bit floats; it can only be copied");
        }
    }
}
