package io.github.expogguf.cli;

import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.AcceptFlag;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.PairFiles;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.cli.report.CompareJson;
import io.github.expogguf.cli.report.ComparePage;
import io.github.expogguf.cli.report.CompareReport;
import io.github.expogguf.cli.report.PairNames;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.report.WrongKinds;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What lies between two models. */
@Command(
        name = "compare",
        description = {
            "Shows how two models differ, tensor by tensor, and whether they look like a pair to extrapolate.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {"", "Example:", "  expo-gguf compare --sft SFT.gguf --aligned DPO.gguf --html delta.html"})
final class CompareCommand extends Subcommand {

    @Mixin
    private PairFiles models;

    @Mixin
    private LikeFlag like;

    @Mixin
    private AcceptFlag accept;

    @Option(names = "--tensors", order = 3, description = "Show every tensor instead of layers and kinds.")
    private boolean everyTensor;

    @Written
    @Option(names = "--html", paramLabel = "FILE", order = 4, description = "Write a page with heat maps.")
    private @Nullable Path html;

    @Option(names = "--force", order = 5, description = "Replace an existing output.")
    private boolean force;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() throws IOException {
        Ingredients<Path> sources = like.in(this, models.sources(this));
        TextOutput page = html == null ? null : new TextOutput(html, force);
        if (page != null) {
            page.check();
        }
        nativeLibrary.loadIfAny(console());
        PairComparison comparison;
        try (Extrapolator pair = Extrapolator.open(sources)) {
            AdapterText.note(console(), pair.adapters());
            comparison = run.observed(console(), how -> pair.compare(accept.keys(), how));
        }
        if (comparison.tensors().isEmpty()) {
            if (WrongKinds.haveOther(sources)) {
                throw Refusals.mismatch("the two files have no tensor in common");
            }
            WrongKinds.ofModels(sources).forEach(console()::warning);
        }
        PairNames names = PairNames.of(comparison, sources);
        if (page != null) {
            page.write(ComparePage.of(comparison, names));
        }
        if (json()) {
            console().print(CompareJson.document(comparison, names));
        } else {
            new CompareReport(comparison, names).print(console().out(), everyTensor);
        }
        return ExitCode.OK;
    }
}
