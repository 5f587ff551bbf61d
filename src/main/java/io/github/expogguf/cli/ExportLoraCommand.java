package io.github.expogguf.cli;

import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RequantizeFlag;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.AcceptFlag;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.TwoFileFlags;
import io.github.expogguf.cli.report.LoraReportText;
import io.github.expogguf.cli.report.PairRemarks;
import io.github.expogguf.cli.report.Refusal;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.SplitNames;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The delta as an adapter, so that llama.cpp itself gets a slider for alpha. */
@Command(
        name = "export-lora",
        description = {
            "Writes the difference of a pair as a LoRA adapter for llama.cpp: with --lora-scaled OUT:alpha the aligned model"
                    + " becomes aligned + alpha * (aligned - sft), as far as the rank holds it.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "Example:",
            "  expo-gguf export-lora --sft SFT.gguf --aligned DPO.gguf \\",
            "      --rank 32 -o delta.gguf",
            "  llama-cli -m DPO.gguf --lora-scaled delta.gguf:0.3",
            "On the SFT model the same adapter takes 1 + alpha."
        })
final class ExportLoraCommand extends Subcommand {

    @Mixin
    private TwoFileFlags pair;

    @Option(
            names = {"-r", "--rank"},
            paramLabel = "K",
            defaultValue = "32",
            order = 3,
            description = "Rank of the factors; more keep more of the difference. Default: ${DEFAULT-VALUE}.")
    private int rank;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "F16",
            order = 4,
            description =
                    "File type of the output, whose factors have it: F32, F16, BF16 or Q8_0. Default: ${DEFAULT-VALUE}.")
    private String type;

    @Written
    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            order = 5,
            description = "File to write. Default: the aligned model's name, the rank and the type, in this directory.")
    private @Nullable Path output;

    @Option(names = "--force", order = 6, description = "Replace an existing output.")
    private boolean force;

    @Mixin
    private LikeFlag like;

    @Mixin
    private AcceptFlag accept;

    @Mixin
    private RequantizeFlag requantize;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() throws IOException {
        LoraOptions options = checked(() -> LoraOptions.builder()
                .rank(rank)
                .type(LoraReportText.type(type))
                .acceptedDifferences(accept.keys())
                .build());
        Path place = output == null ? defaultOutput(options) : output;
        pair.requireTwo();
        nativeLibrary.loadIfAny(console());
        LoraReport report;
        try (Extrapolator models = Extrapolator.open(like.in(this, Ingredients.pair(pair.sft(), pair.aligned())))) {
            look(models, options);
            OutputOptions how = OutputOptions.defaults().withForce(force);
            report = checked(
                    () -> run.observed(console(), work -> models.exportLora(options, place, how.withWork(work))));
        }
        LoraReportText.warnings(report).forEach(console()::note);
        if (json()) {
            console().print(LoraReportText.json(report));
        } else {
            LoraReportText.print(report, console().out());
        }
        return ExitCode.OK;
    }

    /** Refuses a delta that is mostly the rounding of the files, unless the user insists. */
    private void look(Extrapolator models, LoraOptions options) throws IOException {
        WorkOptions how = WorkOptions.defaults()
                .withThreads(run.threads())
                .withCancellation(console().cancellation());
        Plan plan = checked(() -> models.plan(TypeChoice.parse("F32").in(options.planOptions())));
        Refusals refusals = Refusals.ofPair(models, how);
        Optional<Refusal> refusal = refusals.ofTried(plan, "--type F32 holds them", requantize.isGiven(), how);
        if (refusal.isPresent()) {
            throw refusal.get().failure();
        }
        PairRemarks.printOfDelta(console(), models, refusals.look());
    }

    /** As in {@code zephyr-7b-beta-F16-delta-r32-F16-LoRA.gguf}. */
    private Path defaultOutput(LoraOptions options) {
        String stem = SplitNames.prefix(pair.aligned().getFileName().toString());
        return Path.of(stem + "-delta-r" + options.rank() + "-" + options.type() + "-LoRA.gguf");
    }
}
