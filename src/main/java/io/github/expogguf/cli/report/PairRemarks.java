package io.github.expogguf.cli.report;

import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the user of a pair hears before the work begins: of the plans, and of the weights by a look at some of their
 * rows.
 */
public final class PairRemarks {

    private PairRemarks() {}

    /** What is made of a look at the models. */
    @FunctionalInterface
    interface Judge {

        /** Why nothing is to be written, if it is not. */
        Optional<Refusal> refusal(PairLook look) throws IOException;
    }

    /**
     * What was seen, and made of it.
     *
     * @param look    at the models
     * @param refusal of the outputs, which nobody was told of yet
     */
    public record Judged(PairLook look, Optional<Refusal> refusal) {

        /** The look, where nothing is refused. */
        public PairLook require() {
            if (refusal.isPresent()) {
                throw refusal.get().failure();
            }
            return look;
        }
    }

    /** Prints a line for each, but for what a refusal says; none for a plausible pair. */
    static Judged print(Console console, Extrapolator models, List<Plan> plans, Judge judge, WorkOptions how)
            throws IOException {
        PlanNotes.print(console, plans);
        List<Remark> remarks = new ArrayList<>(AdapterText.remarks(models.adapters()));
        remarks.addAll(FolderText.remarks(models.conversions()));
        remarks.addAll(FolderText.ofTokens(models, plans));
        FolderText.ofChatTemplate(models, plans).ifPresent(remarks::add);
        PairLook look = PairLook.NONE;
        try {
            PairComparison pair = models.sample(Extrapolator.SAMPLE_ELEMENTS, how);
            remarks.addAll(ofWeights(models, pair, plans.getFirst(), how));
            look = look(models, pair, plans.getFirst(), how);
        } catch (NativeLibraryException e) { // a plan needs none, except to look at some types
            console.note("the weights were not looked at: llama.cpp's libraries are needed to read their types");
        }
        Optional<Refusal> refusal = judge.refusal(look);
        List<Remark> said = refusal.filter(Refusal::saysRounding).isEmpty()
                ? List.of()
                : look.samples().stream()
                        .flatMap(pair -> pair.noiseDoubt().stream())
                        .toList();
        remarks.stream()
                .filter(remark -> !said.contains(remark))
                .forEach(remark -> console.remark(remark.weight(), Printable.line(remark.text())));
        remarks.addAll(0, ofModels(plans)); // printed with the plans
        return new Judged(look.withRemarks(remarks), refusal);
    }

    /** The same, without a word. */
    static PairLook look(Extrapolator models, Plan plan, WorkOptions how) throws IOException {
        try {
            return look(models, models.sample(Extrapolator.SAMPLE_ELEMENTS, how), plan, how);
        } catch (NativeLibraryException e) {
            return PairLook.NONE;
        }
    }

    /** The same where there are no checkpoints, whose lines a plan alone tells. */
    static PairLook lookAtPair(Extrapolator models, WorkOptions how) throws IOException {
        try {
            return look(models, models.sample(Extrapolator.SAMPLE_ELEMENTS, how), how);
        } catch (NativeLibraryException e) {
            return PairLook.NONE;
        }
    }

    private static PairLook look(Extrapolator models, PairComparison pair, Plan plan, WorkOptions how)
            throws IOException {
        PairLook look = look(models, pair, how);
        try {
            return look.withFits(models.fit(plan, how));
        } catch (NonFiniteException e) { // whoever writes says it
            return look;
        }
    }

    private static PairLook look(Extrapolator models, PairComparison pair, WorkOptions how) throws IOException {
        return PairLook.of(List.of(), pair, models.sampleDeltas(Extrapolator.SAMPLE_ELEMENTS, how));
    }

    /** The same of one model, which has nothing to be compared with. */
    public static PairLook printOfModel(Console console, Extrapolator model, List<Plan> plans) throws IOException {
        PlanNotes.print(console, plans);
        List<Remark> remarks = new ArrayList<>(FolderText.remarks(model.conversions()));
        remarks.addAll(FolderText.ofTokens(model, plans));
        FolderText.ofChatTemplate(model, plans).ifPresent(remarks::add);
        remarks.forEach(remark -> console.remark(remark.weight(), Printable.line(remark.text())));
        remarks.addAll(0, ofModels(plans));
        return new PairLook(remarks, Optional.empty());
    }

    /** Prints what there is to say of a difference that is written itself, and not of a model. */
    public static void printOfDelta(Console console, Extrapolator models, PairLook look) throws IOException {
        List<Remark> remarks = new ArrayList<>(FolderText.remarks(models.conversions()));
        look.samples().forEach(pair -> remarks.addAll(pair.weightDoubts()));
        remarks.forEach(remark -> console.remark(remark.weight(), Printable.line(remark.text())));
    }

    private static List<Remark> ofModels(List<Plan> plans) {
        return PlanNotes.ofModels(plans).stream()
                .map(text -> new Remark(Remark.Weight.NOTE, text))
                .toList();
    }

    private static List<Remark> ofWeights(Extrapolator models, PairComparison pair, Plan plan, WorkOptions how)
            throws IOException {
        List<Remark> remarks = new ArrayList<>();
        ConstantRemarks.of(pair, plan).ifPresent(text -> remarks.add(new Remark(Remark.Weight.WARNING, text)));
        if (plan.options().toStep().isEmpty()) {
            remarks.addAll(pair.doubts());
            return remarks;
        }
        List<Double> steps = Recipe.read(plan.metadata()).orElseThrow().models().checkpoints().stream()
                .map(Ingredients.Checkpoint::step)
                .toList();
        remarks.addAll(CheckpointRemarks.of(pair, models.sampleBetween(Extrapolator.SAMPLE_ELEMENTS, how), steps));
        return remarks;
    }
}
