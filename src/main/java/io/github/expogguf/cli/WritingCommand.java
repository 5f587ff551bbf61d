package io.github.expogguf.cli;

import io.github.expogguf.cli.option.CardFlags;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.OutputFileFlags;
import io.github.expogguf.cli.option.OutputTemplateFlag;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.ImatrixTextFlags;
import io.github.expogguf.cli.option.model.TargetFlags;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.option.recipe.Recipes;
import io.github.expogguf.cli.report.MixtureText;
import io.github.expogguf.cli.report.PairLook;
import io.github.expogguf.cli.report.PlanReport;
import io.github.expogguf.cli.report.WriteReport;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code extrapolate} and {@code quantize} share: plan, then write and report, or only print the plan. */
abstract class WritingCommand extends Subcommand {

    @Mixin
    private TypeFlags types;

    @Mixin
    private ImatrixTextFlags importance;

    @Mixin
    private TargetFlags targets;

    @Mixin
    private OutputTemplateFlag template;

    @Mixin
    private OutputFileFlags outputFile;

    @Mixin
    private CardFlags cards;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Option(names = "--dry-run", order = 42, description = "Print the plan, as 'plan' does, and write nothing.")
    private boolean dryRun;

    /** Name in the schema of the report. */
    abstract String name();

    /** The options of every output. */
    abstract List<PlanOptions> recipes(TypeFlags types) throws IOException;

    /** Opens the model or models. */
    abstract Extrapolator open() throws IOException;

    /** The options with what only the open models say; these themselves, if they say everything. */
    List<PlanOptions> resolve(Extrapolator models, List<PlanOptions> recipes, WorkOptions how) throws IOException {
        return recipes;
    }

    /** The plan of an output that says why its alpha was chosen, where the command knows. */
    Plan explained(Extrapolator models, Plan plan) {
        return plan;
    }

    /** Refuses the plans of all outputs, or remarks on them, before anything is written. */
    abstract PairLook check(Extrapolator models, List<Plan> plans, WorkOptions how) throws IOException;

    @Override
    public final ExitCode execute() throws IOException {
        if (outputFile.output().isEmpty() && !dryRun) {
            throw usage("Missing required option: '--output=OUT'");
        }
        OutputOptions how = outputFile
                .outputOptions()
                .withThreads(run.threads())
                .withCancellation(console().cancellation());
        importance.check(this, types, outputFile);
        List<PlanOptions> recipes = checked(() -> {
            List<PlanOptions> all = recipes(types);
            boolean hasImportance =
                    importance.isGiven() || all.getFirst().imatrix().isPresent();
            return template.apply(targets.apply(this, all, types.namesTypes(), hasImportance));
        });
        requireNames(recipes);
        try (Extrapolator models = open()) {
            List<Plan> plans = new ArrayList<>();
            MixtureText mixtures = new MixtureText();
            List<PlanOptions> resolved = withImportance(models, resolve(models, recipes, how.work()));
            for (PlanOptions recipe : run.observed(
                    console(), work -> targets.find(this, models, resolved, how.withWork(work), mixtures))) {
                plans.add(checked(() -> explained(models, models.plan(recipe))));
            }
            types.requireUse(this, plans.getFirst());
            OutputTemplateFlag.check(plans.getFirst());
            if (dryRun) {
                PairLook look = check(models, plans, how.work());
                Path place = Path.of(outputFile.output().orElse("."));
                PlanReport.print(console(), json(), models, plans, look, Optional.empty(), mixtures, how, place);
            } else {
                List<Extrapolator.Output> outputs =
                        checked(() -> Recipes.outputs(outputFile.output().orElseThrow(), plans));
                checkCards(outputs);
                nativeLibrary.loadIfAny(console());
                if (how.reuse().isEmpty()) { // or else it shows later what is computed
                    models.announce(plans);
                }
                run.observed(console(), work -> models.fit(plans.getFirst(), work)); // for the looks at checkpoints
                write(models, outputs, check(models, plans, how.work()), mixtures, how);
            }
        }
        return ExitCode.OK;
    }

    private void requireNames(List<PlanOptions> recipes) throws IOException {
        checked(() -> {
            outputFile.output().ifPresent(pattern -> Recipes.requireNames(pattern, recipes));
            return recipes;
        });
    }

    private List<PlanOptions> withImportance(Extrapolator models, List<PlanOptions> recipes) throws IOException {
        if (!importance.isGiven()) {
            return recipes;
        }
        nativeLibrary.load();
        return importance.compute(this, models, recipes, run, outputFile.force());
    }

    private void checkCards(List<Extrapolator.Output> outputs) throws IOException {
        List<Path> paths = outputs.stream().map(Extrapolator.Output::path).toList();
        checked(() -> {
            cards.check(this, paths, outputFile.isSplit(), outputFile.force());
            return paths;
        });
    }

    private void write(
            Extrapolator models,
            List<Extrapolator.Output> outputs,
            PairLook look,
            MixtureText mixtures,
            OutputOptions how)
            throws IOException {
        List<ExpoReport> reports =
                checked(() -> run.observed(console(), work -> models.writeAll(outputs, how.withWork(work))));
        List<Path> beside = cards.write(reports, outputFile.force());
        new WriteReport(reports, look, models.adapters(), beside).print(console(), json() ? name() : null, mixtures);
    }
}
