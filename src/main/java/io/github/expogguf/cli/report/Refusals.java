package io.github.expogguf.cli.report;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.cli.report.Refusal.Reason;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What could be written, but would not be what was asked for: refused before anything is written, unless the user
 * insists.
 *
 * @param models opened
 * @param look   what was seen of them
 * @param farthest distance from the SFT model that the user allows; empty for where models are not lost
 */
public record Refusals(Extrapolator models, PairLook look, OptionalDouble farthest) {

    /** Where less than this share of alpha would arrive, the output is the aligned model in all but name. */
    private static final double TOO_LITTLE = 0.25;

    private static final String ACCEPTS = "--allow-requantize accepts the loss";

    /**
     * What a user insists on.
     *
     * @param inputs   what {@code --allow-requantize} says: that they are coarse, or in the output's type already
     * @param distance whether the command line says how far the whole model is to go
     * @param farthest as {@link Refusals} has it
     */
    public record Insisting(boolean inputs, boolean distance, OptionalDouble farthest) {}

    /** Says what there is to say of a pair and what is to be written of it, but why it is not, if it is not. */
    public static PairRemarks.Judged judge(
            Console console, Extrapolator models, List<Plan> plans, Insisting insisting, WorkOptions how)
            throws IOException {
        return PairRemarks.print(
                console,
                models,
                plans,
                look -> new Refusals(models, look, insisting.farthest).find(plans, insisting, how),
                how);
    }

    /**
     * Looks at a pair or checkpoints that stay in memory, and says nothing of them; at one model not at all.
     *
     * @param plan     any of them
     * @param farthest as {@link Refusals} has it
     */
    public static Refusals of(Extrapolator models, Plan plan, OptionalDouble farthest, WorkOptions how)
            throws IOException {
        PairLook look = models.files().sft().isEmpty() ? PairLook.NONE : PairRemarks.look(models, plan, how);
        return new Refusals(models, look, farthest);
    }

    /** The same of a pair whose alphas are measured. */
    public static Refusals ofPair(Extrapolator models, WorkOptions how) throws IOException {
        return new Refusals(models, PairRemarks.lookAtPair(models, how), OptionalDouble.empty());
    }

    /** Why an output would lie too far from the SFT model, if it would. */
    public Optional<TooFar> distanceOf(Plan plan) {
        return farthest.isEmpty() ? TooFar.of(look, plan) : TooFar.beyond(farthest.getAsDouble(), look, plan);
    }

    /** The reason not to write any of the outputs; the first of several. */
    private Optional<Refusal> find(List<Plan> plans, Insisting insisting, WorkOptions how) throws IOException {
        Optional<Refusal> same = ofSame(how);
        if (same.isPresent()) {
            return same;
        }
        for (Plan plan : plans) {
            Optional<Refusal> found = insisting.distance() ? Optional.empty() : tooFar(plan);
            if (found.isEmpty() && !insisting.inputs()) {
                String with = plans.size() > 1 ? " with " + PlanReport.title(plan) : "";
                found = ofInputs(plan, "would arrive" + with, Optional.empty(), how);
            }
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Why there is nothing to extrapolate, whatever the user insists on. */
    public Optional<Refusal> ofSame(WorkOptions how) throws IOException {
        if (models.files().sft().isEmpty()
                || !models.files().further().isEmpty()
                || look.samples().isEmpty()) {
            return Optional.empty();
        }
        String same = "the SFT model and the aligned model are ";
        if (look.samples().getFirst().isOneModel()) {
            return Optional.of(
                    same(same + "one model in two types, between which there is rounding and nothing else: there"
                            + " is nothing to extrapolate; take the other model of the pair, or, if it is this one, a"
                            + " file of it in F32, F16 or BF16"));
        }
        return areSame(how)
                ? Optional.of(same(same + "the same"
                        + (haveOtherBytes() ? " in every weight" : " to the byte")
                        + ": there is nothing to extrapolate"))
                : Optional.empty();
    }

    /** Refuses what {@link #ofSame} has a reason for. */
    public void requireTwo(WorkOptions how) throws IOException {
        Optional<Refusal> same = ofSame(how);
        if (same.isPresent()) {
            throw same.get().failure();
        }
    }

    private static Refusal same(String problem) {
        return new Refusal(Reason.SAME_MODELS, mismatch(problem));
    }

    /** Read to the end only where a sample of their weights is the same. */
    private boolean areSame(WorkOptions how) throws IOException {
        return look.distance().filter(pair -> pair.at(0) == 0).isPresent()
                && (haveOtherBytes()
                        ? models.compare(how).total().changedShare() == 0
                        : InputDigest.areSame(
                                models.files().sft().orElseThrow(),
                                models.files().aligned()));
    }

    /** The files of two types are never the same either. */
    private boolean haveOtherBytes() {
        return isOfFolders()
                || look.samples().getFirst().tensors().stream()
                        .anyMatch(tensor ->
                                tensor.sft().type() != tensor.aligned().type());
    }

    /** The files of a folder and of a GGUF are never the same, whatever their weights are. */
    private boolean isOfFolders() {
        return !models.conversions().isEmpty();
    }

    /** The same file twice, be it by a link, is no pair. */
    public static ModelMismatchException mismatch(String problem) {
        return new ModelMismatchException(problem, List.of(problem));
    }

    /** A LoRA adapter or an importance matrix is no model, whose mixture of types would mean something. */
    public static Optional<Refusal> ofNoModel(Plan plan) {
        String type = plan.aligned().metadata().string("general.type").orElse("model");
        return type.equals("adapter") || type.equals("imatrix")
                ? Optional.of(new Refusal(
                        Reason.NO_MODEL,
                        new UnsupportedTypeException(Escape.text(plan.aligned().name()) + ": general.type is '" + type
                                + "', expected a model")))
                : Optional.empty();
    }

    /** Quantizing what is quantized already loses a second time. */
    public static Optional<Refusal> ofRequantizing(List<Plan> plans) {
        return plans.stream()
                .flatMap(plan -> plan.tasks().stream()
                        .filter(Refusals::isRequantized)
                        .map(task -> new Refusal(
                                Reason.QUANTIZED_ALREADY,
                                new UnsupportedTypeException(String.format(
                                        Locale.ROOT,
                                        "%s: tensor '%s' is quantized already (%s); %s",
                                        plan.aligned().name(),
                                        task.aligned().name(),
                                        task.aligned().type(),
                                        ACCEPTS)),
                                ACCEPTS)))
                .findFirst();
    }

    private static boolean isRequantized(TensorTask task) {
        return task instanceof TensorTask.Convert && task.aligned().type().isQuantized();
    }

    private Optional<Refusal> tooFar(Plan plan) {
        return distanceOf(plan)
                .map(far -> new Refusal(Reason.TOO_FAR, new IllegalArgumentException(far.refusal()), TooFar.INSISTING));
    }

    /**
     * Why a model that was tried in memory, or a delta, is not to be written, if it is not: the inputs are coarse, or
     * in the type of the output already. How far it goes was said when it was tried.
     *
     * @param insists whether the user takes inputs that are coarse, or in the output's type already
     * @param roomier what tells the command another type, with {@code %s} in its place
     */
    public Optional<Refusal> ofTried(Plan plan, String roomier, boolean insists, WorkOptions how) throws IOException {
        Optional<Refusal> same = ofSame(how);
        return same.isPresent() || insists ? same : ofInputs(plan, "would arrive", Optional.of(roomier), how);
    }

    /** @param roomier the remedy of a command that does not round as it is asked to */
    private Optional<Refusal> ofInputs(Plan plan, String verb, Optional<String> roomier, WorkOptions how)
            throws IOException {
        Optional<CoarseStep> coarse = coarse(plan);
        Optional<RealisedReport> lost = lost(plan, how);
        if (lost.isEmpty() && coarse.isEmpty()) {
            return Optional.empty();
        }
        String what = lost.map(little -> little.onlyPart(verb))
                .orElseGet(
                        () -> coarse.get().cause() + ", which " + coarse.get().weight() + " multiplies");
        List<String> remedies = new ArrayList<>();
        remedies.add(coarse.map(CoarseStep::remedy)
                .or(() -> roomier.map(words -> room(words, lost.get())))
                .orElseGet(() -> lost.get().remedy()));
        if (coarse.isPresent() && hasLogits(plan)) {
            remedies.add(
                    "'chat' and 'generate' take these files with --logits, which extrapolates what the models say");
        }
        remedies.add(ACCEPTS);
        String between =
                lost.isPresent() && coarse.isPresent() ? "; " + coarse.get().inAnyType() + ": " : "; ";
        return Optional.of(new Refusal(
                coarse.isPresent() ? Reason.ROUNDED_INPUTS : Reason.LITTLE_ARRIVES,
                new UnsupportedTypeException(
                        Escape.text(plan.aligned().name()) + ": " + what + between + String.join("; ", remedies)),
                remedies,
                lost.map(_ -> plan)));
    }

    private static String room(String words, RealisedReport lost) {
        return String.format(Locale.ROOT, words, lost.roomierType()) + " has room for such steps";
    }

    /** Empty for a step that is mostly training's, and where rounding at random is asked for, which insists. */
    private Optional<CoarseStep> coarse(Plan plan) {
        return isStochastic(plan) ? Optional.empty() : look.coarse(plan);
    }

    private static boolean isStochastic(Plan plan) {
        return plan.options()
                .rounding()
                .filter(Rounding.Stochastic.class::isInstance)
                .isPresent();
    }

    /** What arrives, where that is so little that the output would be the aligned model in all but name. */
    private Optional<RealisedReport> lost(Plan plan, WorkOptions how) throws IOException {
        if (isStochastic(plan) || plan.tasks().stream().noneMatch(Refusals::keepsType)) {
            return Optional.empty();
        }
        RealisedReport predicted = RealisedReport.of(PlanReport.predict(models, plan, how), plan, look);
        return predicted
                .overall()
                .filter(all -> all.share() < TOO_LITTLE && all.isLow() && predicted.isLostToSameType())
                .map(_ -> predicted);
    }

    /** What there is to say of a model that is extrapolated in memory and would not be what was asked for. */
    public List<String> doubtsInMemory(Plan plan, WorkOptions how) throws IOException {
        List<String> doubts = new ArrayList<>();
        List<String> same = look.samples().stream()
                .limit(1)
                .filter(PairComparison::isOneModel)
                .flatMap(pair -> pair.noiseDoubt().stream())
                .map(Remark::text)
                .toList();
        if (!same.isEmpty()) {
            return same;
        }
        look.samples().stream()
                .limit(1)
                .flatMap(pair -> ConstantRemarks.of(pair, plan).stream())
                .forEach(doubts::add);
        if (plan.options().rank() > 0) {
            return doubts; // the directions are looked for once, when the weights are computed
        }
        Optional<CoarseStep> coarse = coarse(plan);
        Optional<RealisedReport> lost = lost(plan, how);
        String name = Escape.text(plan.aligned().name()) + ": ";
        String logits =
                hasLogits(plan) ? "--logits extrapolates what the two models say, from files of any type; " : "";
        if (lost.isPresent()) {
            doubts.add(name + lost.get().onlyPart("arrives") + "; " + logits
                    + coarse.map(CoarseStep::remedyInAnyType).orElseGet(() -> room("--type %s", lost.get())));
        } else {
            coarse.ifPresent(step -> doubts.add(name + step.cause() + "; " + logits + step.remedy()));
        }
        return doubts;
    }

    private boolean hasLogits(Plan plan) {
        Ingredients<?> made = Recipe.read(plan.metadata()).orElseThrow().models();
        return made.adapters().isEmpty() && made.deltas().isEmpty() && !isOfFolders();
    }

    /** Both inputs are on the grid of the output already. */
    private static boolean keepsType(TensorTask task) {
        return task instanceof TensorTask.Extrapolate pair
                && pair.aligned().type() == pair.targetType()
                && pair.sft().type() == pair.targetType()
                && !(pair.rounding() instanceof Rounding.Stochastic);
    }
}
