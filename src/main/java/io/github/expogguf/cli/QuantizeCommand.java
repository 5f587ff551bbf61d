package io.github.expogguf.cli;

import io.github.expogguf.cli.option.RequantizeFlag;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.ModelFlag;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.report.PairLook;
import io.github.expogguf.cli.report.PairRemarks;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One model, the same engine, no extrapolation. */
@Command(
        name = "quantize",
        description = {"Writes one model in another type; the tensors have the bytes that llama-quantize writes.", ""},
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "Examples:",
            "  expo-gguf quantize -m MODEL.gguf --type Q4_K_M -o OUT.gguf",
            "  expo-gguf quantize -m FOLDER --like ANY.gguf --type Q4_K_M -o OUT.gguf"
        })
final class QuantizeCommand extends WritingCommand {

    @Mixin
    private ModelFlag model;

    @Mixin
    private LikeFlag like;

    @Mixin
    private RequantizeFlag requantize;

    @Override
    String name() {
        return "quantize";
    }

    @Override
    List<PlanOptions> recipes(TypeFlags types) throws IOException {
        return types.planOptions();
    }

    @Override
    Extrapolator open() throws IOException {
        return Extrapolator.open(like.in(this, Ingredients.model(model.path())));
    }

    @Override
    PairLook check(Extrapolator models, List<Plan> plans, WorkOptions how) throws IOException {
        Refusals.ofNoModel(plans.getFirst())
                .or(() -> requantize.isGiven() ? Optional.empty() : Refusals.ofRequantizing(plans))
                .ifPresent(refusal -> {
                    throw refusal.failure();
                });
        return PairRemarks.printOfModel(console(), models, plans);
    }
}
