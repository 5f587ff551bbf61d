package io.github.expogguf.cli;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.OutputOptions;
import io.github.expogguf.run.Sources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What lies between two models. */
@Command(
        name = "compare",
        description = {
            "Shows how two models differ, tensor by tensor, and whether they look like a pair to extrapolate.", ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "Example:", "  expo-gguf compare --sft SFT.gguf --aligned DPO.gguf --html delta.html"})
final class CompareCommand extends Subcommand {

    @Option(
            names = "--sft",
            paramLabel = "FILE",
            required = true,
            order = 1,
            description = "The model before alignment; any shard names a whole set.")
    private Path sft;

    @Option(
            names = "--aligned",
            paramLabel = "FILE",
            order = 2,
            description = "The model after alignment (DPO, RLHF, ...); with --adapter the SFT model if it is left out.")
    private Path aligned;

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 2,
            converter = SourceConverters.ToAdapter.class,
            description = "LoRA adapter that is added to the aligned model. May be repeated.")
    private List<Sources.Adapter> adapters = new ArrayList<>();

    @Option(names = "--tensors", order = 3, description = "Show every tensor instead of layers and kinds.")
    private boolean everyTensor;

    @Option(names = "--html", paramLabel = "FILE", order = 4, description = "Write a page with heat maps.")
    private Path html;

    @Option(names = "--force", order = 5, description = "Replace an existing page.")
    private boolean force;

    @Mixin
    private RunOptions run;

    @Mixin
    private NativeOptions nativeLibrary;

    @Override
    ExitCode execute() throws IOException {
        if (aligned == null && adapters.isEmpty()) {
            throw usage("Missing required option: '--aligned=FILE' (or --adapter, to make the SFT model one)");
        }
        TextOutput page = html == null ? null : new TextOutput(html, force);
        if (page != null) {
            page.check();
        }
        nativeLibrary.load();
        PairComparison comparison;
        Sources sources = Sources.pair(sft, aligned == null ? sft : aligned).withAdapters(adapters);
        try (Extrapolator models = Extrapolator.open(sources)) {
            comparison = run.observed(console(), OutputOptions.defaults(), models::compare);
        }
        if (page != null) {
            page.write(ComparePage.of(comparison));
        }
        if (json()) {
            console().print(CompareJson.document(comparison));
        } else {
            new CompareReport(comparison).print(console().out(), everyTensor);
        }
        return ExitCode.OK;
    }
}
