package io.github.expogguf.cli;

import io.github.expogguf.cli.option.OutputFileFlags;
import io.github.expogguf.cli.option.OutputTemplateFlag;
import io.github.expogguf.cli.option.RoundingFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.PairOrModelFlags;
import io.github.expogguf.cli.option.model.PresetFlag;
import io.github.expogguf.cli.option.model.RuleFlags;
import io.github.expogguf.cli.option.model.TargetFlags;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.report.MixtureText;
import io.github.expogguf.cli.report.PairRemarks;
import io.github.expogguf.cli.report.PlanReport;
import io.github.expogguf.cli.report.Refusal;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What would be written, computed from the headers; of a pair, some rows are looked at, too. */
@Command(
        name = "plan",
        description = {
            "Prints what 'extrapolate' (for a pair) or 'quantize' (for one model) would write, without computing it.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "Example:", "  expo-gguf plan --sft SFT.gguf --aligned DPO.gguf --type Q4_K_M"})
final class PlanCommand extends Subcommand {

    @ArgGroup(exclusive = true, multiplicity = "1")
    private PairOrModelFlags inputs;

    @Mixin
    private LikeFlag like;

    @Mixin
    private PresetFlag preset;

    @Mixin
    private RuleFlags rules;

    @Mixin
    private RoundingFlags rounding;

    @Mixin
    private TypeFlags types;

    @Mixin
    private TargetFlags targets;

    @Mixin
    private OutputTemplateFlag template;

    @Mixin
    private OutputFileFlags outputFile;

    @Mixin
    private RunFlags run;

    @Override
    public ExitCode execute() throws IOException {
        OutputOptions how = outputFile
                .outputOptions()
                .withThreads(run.threads())
                .withCancellation(console().cancellation());
        List<PlanOptions> recipes = checked(() -> {
            List<PlanOptions> all = rules.planOptions(preset.alphas(inputs.alphas(), inputs.to()), inputs.to(), types);
            return template.apply(targets.apply(this, rounding.apply(all), types.namesTypes()));
        });
        try (Extrapolator models = Extrapolator.open(like.in(this, inputs.sources(this)))) {
            List<Plan> plans = new ArrayList<>();
            MixtureText mixtures = new MixtureText();
            List<PlanOptions> resolved = rules.resolve(this, models, inputs.pair(), recipes, how.work());
            for (PlanOptions recipe : run.observed(
                    console(), work -> targets.find(this, models, resolved, how.withWork(work), mixtures))) {
                plans.add(checked(() -> preset.explained(models, models.plan(recipe), inputs.alphas())));
            }
            rules.requireUse(this, plans.getFirst());
            types.requireUse(this, plans.getFirst());
            OutputTemplateFlag.check(plans.getFirst());
            preset.note(inputs.alphas()).ifPresent(console()::note);
            preset.notes(plans.getFirst()).forEach(console()::warning);
            PairRemarks.Judged judged = look(models, plans, how.work());
            Path place = Path.of(outputFile.output().orElse("."));
            PlanReport.print(console(), json(), models, plans, judged.look(), judged.refusal(), mixtures, how, place);
        }
        return ExitCode.OK;
    }

    private PairRemarks.Judged look(Extrapolator models, List<Plan> plans, WorkOptions how) throws IOException {
        if (inputs.pair().isEmpty()) {
            Optional<Refusal> ofModel = Refusals.ofNoModel(plans.getFirst())
                    .or(() -> rounding.allowsRequantizing() ? Optional.empty() : Refusals.ofRequantizing(plans));
            ofModel.ifPresent(
                    refusal -> console().warning("'quantize' refuses this: " + Failures.describe(refusal.failure())));
            return new PairRemarks.Judged(PairRemarks.printOfModel(console(), models, plans), ofModel);
        }
        Refusals.Insisting insisting = inputs.pair().get().insisting(rounding.allowsRequantizing());
        PairRemarks.Judged judged = Refusals.judge(console(), models, plans, insisting, how);
        judged.refusal()
                .ifPresent(refusal ->
                        console().warning("'extrapolate' refuses this: " + Failures.describe(refusal.failure())));
        return judged;
    }
}
