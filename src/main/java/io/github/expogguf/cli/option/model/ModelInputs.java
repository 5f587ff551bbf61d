package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.cli.report.PlanNotes;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.report.TooFar;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;

/** The model that is asked: a file, or a pair that is extrapolated in memory. */
public final class ModelInputs {

    @ArgGroup(exclusive = true, multiplicity = "1")
    private PairOrModelFlags inputs;

    @Mixin
    private LikeFlag like;

    @Mixin
    private LogitFlags logits;

    @Mixin
    private GuideFlag guide;

    @Mixin
    private RuleFlags rules;

    @Mixin
    private TypeFlags types;

    /**
     * A model in llama.cpp.
     *
     * @param model  to be asked
     * @param live   behind it, if it is in no file
     * @param inputs what it was made of, and how, by name
     * @param alphas that are to be measured; the distances are known by now
     * @param models behind that, or null
     */
    public record Opened(
            LlamaModel model,
            Optional<ExtrapolatedModel> live,
            Map<String, String> inputs,
            List<Float> alphas,
            @Nullable Extrapolator models)
            implements AutoCloseable {

        @Override
        public void close() throws IOException {
            try (models) {
                live.ifPresentOrElse(ExtrapolatedModel::close, model::close);
            }
        }
    }

    /** The files of the pair, if there is one. */
    public Optional<PairFlags> pair() {
        return inputs.pair();
    }

    /** Name of the model's file, for reports. */
    public String name() {
        return inputs.aligned().getFileName().toString();
    }

    /** The one recipe; several alphas or types are a wrong option. */
    public PlanOptions recipe(Subcommand command) throws IOException {
        List<PlanOptions> recipes = planOptions(command);
        if (recipes.size() > 1) {
            throw command.usage(
                    guide.isGiven()
                            ? "one model is asked: give --guide one alpha, as in SFT2,ALIGNED2,0.5"
                            : "one model is asked: give one --alpha and one --type");
        }
        return recipes.getFirst();
    }

    /** The same for every alpha that is given, which alone may differ. */
    public List<PlanOptions> recipes(Subcommand command) throws IOException {
        List<PlanOptions> recipes = planOptions(command);
        if (recipes.stream().map(recipe -> recipe.withAlpha(0)).distinct().count() > 1) {
            throw command.usage("one model is asked: give one --type");
        }
        return recipes.stream().distinct().toList();
    }

    private List<PlanOptions> planOptions(Subcommand command) throws IOException {
        Optional<List<Float>> alphas = guide.alphas();
        List<PlanOptions> recipes = command.checked(
                () -> rules.planOptions(alphas.isPresent() ? alphas : inputs.alphas(), inputs.to(), types));
        if (logits.areGiven()) {
            logits.require(command, inputs.pair(), rules, recipes);
        }
        if (guide.isGiven()) {
            guide.require(command, inputs.pair().isPresent(), rules, recipes);
        }
        return recipes;
    }

    /** Whether there is an alpha that can be changed: of a pair, or of a guide. */
    public boolean hasAlpha() {
        return inputs.pair().isPresent() || guide.isGiven();
    }

    /** Whether a model is steered by a pair. */
    public boolean isGuided() {
        return guide.isGiven();
    }

    /** What is done with logits in place of weights: {@code logits} or {@code guided}. */
    public Optional<String> way() {
        return guide.isGiven() ? Optional.of("guided") : logits.areGiven() ? Optional.of("logits") : Optional.empty();
    }

    /**
     * Loads the model; a plain file that is not to be converted goes straight to llama.cpp.
     *
     * @param measured alphas that are to be measured, whatever becomes of the model; none where its answers are used
     * @param template how it is loaded; uses a chat template, after making sure that it passes on all that will be said
     */
    public Opened open(
            Subcommand command, PlanOptions given, List<Float> measured, WorkOptions how, PromptFormat template)
            throws IOException {
        if (logits.areGiven()) {
            PairFlags pair = inputs.pair().orElseThrow();
            Map<String, String> made = RunInputs.ofModels(pair.sources(command));
            made.putAll(RunInputs.ofLogits(Optional.empty()));
            return asking(logits.open(command, pair, given.alpha(), template.load(), how), made, measured, template);
        }
        if (guide.isGiven()) {
            return asking(
                    guide.open(command, inputs.model(), given.alpha(), template.load(), how),
                    guide.inputs(inputs.model()),
                    measured,
                    template);
        }
        if (inputs.pair().isEmpty()
                && given.equals(PlanOptions.builder().build())
                && !Checkpoint.isNamed(inputs.model())) {
            return new Opened(template.load(inputs.model(), how), Optional.empty(), file(), List.of(), null);
        }
        Extrapolator models = Extrapolator.open(like.in(command, inputs.sources(command)));
        try {
            List<PlanOptions> asked = measured.isEmpty()
                    ? List.of(given)
                    : measured.stream().map(given::withAlpha).toList();
            List<PlanOptions> resolved = rules.resolve(command, models, inputs.pair(), asked, how);
            List<Float> alphas = resolved.stream().map(PlanOptions::alpha).toList();
            PlanOptions recipe = resolved.getFirst();
            Plan plan = command.checked(() -> models.plan(recipe));
            rules.requireUse(command, plan);
            types.requireUse(command, plan);
            PlanNotes.print(command.console(), List.of(plan));
            AdapterText.note(command.console(), models.adapters());
            if (inputs.pair().isPresent()) {
                look(command, models, inputs.pair().orElseThrow(), plan, measured.isEmpty() ? List.of() : alphas, how);
            }
            Optional<ChatTemplate> used = template.of(plan.aligned().name(), plan.metadata());
            Map<String, String> made = new LinkedHashMap<>(
                    inputs.pair().isPresent() ? RunInputs.ofModels(like.in(command, inputs.sources(command))) : file());
            made.putAll(RunInputs.ofWeights(plan));
            LiveModel live = command.checked(() -> LiveModel.open(models, recipe, how, template.load()));
            used.ifPresent(live.model()::setChatTemplate);
            return new Opened(live.model(), Optional.of(live), made, alphas, models);
        } catch (Throwable failure) {
            models.close();
            throw failure;
        }
    }

    /** Models that are lost may be measured, and only by mistake be used. */
    static void look(
            BaseCommand command, Extrapolator models, PairFlags pair, Plan plan, List<Float> measured, WorkOptions how)
            throws IOException {
        Plan farthest = measured.isEmpty()
                ? plan
                : command.checked(() -> models.plan(plan.options().withAlpha(Alphas.farthest(measured))));
        Refusals refusals = Refusals.of(models, plan, pair.maxDistance(), how);
        Optional<TooFar> far = pair.saysDistance() ? Optional.empty() : refusals.distanceOf(farthest);
        if (far.isPresent() && measured.isEmpty()) {
            throw command.usage(far.get().refusal());
        }
        far.ifPresent(measuredToo -> command.console().warning(measuredToo.text()));
        refusals.doubtsInMemory(farthest, how).forEach(command.console()::warning);
    }

    private Map<String, String> file() throws IOException {
        return Map.of("model", InputDigest.ofModel(inputs.model()));
    }

    private static Opened asking(
            ExtrapolatedModel live, Map<String, String> made, List<Float> measured, PromptFormat template)
            throws IOException {
        try {
            LlamaModel model = live.model();
            template.of(model.name(), model.metadata()).ifPresent(model::setChatTemplate);
            return new Opened(model, Optional.of(live), made, measured, null);
        } catch (Throwable failure) {
            live.close();
            throw failure;
        }
    }
}
