package io.github.expogguf.cli;

import io.github.expogguf.cli.option.RoundingFlags;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.PairFlags;
import io.github.expogguf.cli.option.model.PresetFlag;
import io.github.expogguf.cli.option.model.RuleFlags;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.report.PairLook;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The main job: two checkpoints in, one ExPO checkpoint out. */
@Command(
        name = "extrapolate",
        description = {
            "Writes extrapolated = aligned + alpha * (aligned - sft) as one GGUF file, from GGUF files or from"
                    + " Hugging Face folders.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "Published checkpoints use alphas of 0.1 to 0.5; weakly aligned models stand more.",
            "Example:",
            "  expo-gguf extrapolate --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 \\",
            "      --type Q4_K_M -o OUT.gguf",
            "Of two folders of Hugging Face, with any GGUF of the aligned model:",
            "  expo-gguf extrapolate --sft SFT-FOLDER --aligned ALIGNED-FOLDER \\",
            "      --like ANY.gguf --type Q4_K_M -o OUT.gguf",
            "Several alphas and types in one pass, an output each:",
            "  expo-gguf extrapolate --sft SFT.gguf --aligned DPO.gguf \\",
            "      --alpha 0.1,0.3,0.5 --type Q4_K_M,Q8_0 -o out-{alpha}-{type}.gguf",
            "The model at a later step of training, from its checkpoints:",
            "  expo-gguf extrapolate --checkpoint 0=BASE.gguf --checkpoint 100=S100.gguf \\",
            "      --checkpoint 200=S200.gguf --to 300 --type Q4_K_M -o S300.gguf"
        })
final class ExtrapolateCommand extends WritingCommand {

    @Mixin
    private PairFlags pair;

    @Mixin
    private LikeFlag like;

    @Mixin
    private PresetFlag preset;

    @Mixin
    private RuleFlags rules;

    @Mixin
    private RoundingFlags rounding;

    @Override
    String name() {
        return "extrapolate";
    }

    @Override
    List<PlanOptions> recipes(TypeFlags types) throws IOException {
        return rounding.apply(rules.planOptions(preset.alphas(pair.alphas(), pair.to()), pair.to(), types));
    }

    @Override
    Extrapolator open() throws IOException {
        return Extrapolator.open(like.in(this, pair.sources(this)));
    }

    @Override
    List<PlanOptions> resolve(Extrapolator models, List<PlanOptions> recipes, WorkOptions how) throws IOException {
        return rules.resolve(this, models, Optional.of(pair), recipes, how);
    }

    @Override
    Plan explained(Extrapolator models, Plan plan) {
        return preset.explained(models, plan, pair.alphas());
    }

    @Override
    PairLook check(Extrapolator models, List<Plan> plans, WorkOptions how) throws IOException {
        rules.requireUse(this, plans.getFirst());
        preset.note(pair.alphas()).ifPresent(console()::note);
        preset.notes(plans.getFirst()).forEach(console()::warning);
        Refusals.Insisting insisting = pair.insisting(rounding.allowsRequantizing());
        return checked(Refusals.judge(console(), models, plans, insisting, how)::require);
    }
}
