package io.github.expogguf.cli;

import io.github.expogguf.plan.Plan;
import io.github.expogguf.run.Extrapolator;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The main job: two checkpoints in, one ExPO checkpoint out. */
@Command(
        name = "extrapolate",
        description = {"Writes extrapolated = aligned + alpha * (aligned - sft) as one GGUF file.", ""},
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "Published checkpoints use alphas of 0.1 to 0.5; weakly aligned models stand more.",
            "Example:",
            "  expo-gguf extrapolate --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 \\",
            "      --type Q4_K_M -o OUT.gguf"
        })
final class ExtrapolateCommand extends WritingCommand {

    @Mixin
    private PairOptions pair;

    @Override
    String name() {
        return "extrapolate";
    }

    @Override
    float alpha() {
        return pair.alpha();
    }

    @Override
    Extrapolator open() throws IOException {
        return Extrapolator.open(pair.sft(), pair.aligned());
    }

    @Override
    void check(Plan plan) {
        PlanNotes.of(plan).forEach(console()::note);
    }
}
