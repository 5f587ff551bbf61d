package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;

/** The model that reads a text: a file, or a pair that is extrapolated in memory. */
public final class ImatrixInputs {

    @ArgGroup(exclusive = true, multiplicity = "1")
    private PairOrModelFlags inputs;

    @Mixin
    private LikeFlag like;

    @Mixin
    private RuleFlags rules;

    /** The one recipe; several alphas are a wrong option. */
    public PlanOptions recipe(Subcommand command) throws IOException {
        TypeFlags none = new TypeFlags().withImatrixToCome();
        List<PlanOptions> recipes =
                command.checked(() -> rules.planOptions(inputs.alphas(), inputs.to(), none)).stream()
                        .map(recipe -> recipe.withTypesOfAligned())
                        .distinct()
                        .toList();
        if (recipes.size() > 1) {
            throw command.usage("an importance matrix is of one model: give one --alpha");
        }
        return recipes.getFirst();
    }

    /** The model or models. */
    public Extrapolator open(Subcommand command) throws IOException {
        return Extrapolator.open(like.in(command, inputs.sources(command)));
    }

    /** The recipe with what only the models say; refuses a model that is lost. */
    public PlanOptions resolve(Subcommand command, Extrapolator models, PlanOptions given, WorkOptions how)
            throws IOException {
        PlanOptions recipe = rules.resolve(command, models, inputs.pair(), List.of(given), how)
                .getFirst();
        Plan plan = command.checked(() -> models.plan(recipe));
        rules.requireUse(command, plan);
        AdapterText.note(command.console(), models.adapters());
        if (inputs.pair().isPresent()) {
            ModelInputs.look(command, models, inputs.pair().get(), plan, List.of(), how);
        }
        return recipe;
    }
}
