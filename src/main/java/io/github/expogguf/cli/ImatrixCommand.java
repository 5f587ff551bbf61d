package io.github.expogguf.cli;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.GpuFlags;
import io.github.expogguf.cli.option.ImatrixFlags;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.UnfinishedFlags;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.ImatrixInputs;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.ImatrixRun;
import io.github.expogguf.run.output.OutputGuard;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What matters to a model, measured on a text. */
@Command(
        name = "imatrix",
        description = {
            "Computes the importance matrix of a model, or of a pair extrapolated in memory, on a text: the file that"
                    + " llama-imatrix writes.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "Examples:",
            "  expo-gguf imatrix --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 \\",
            "      --text TEXT.txt -o imatrix.gguf",
            "  expo-gguf extrapolate --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 \\",
            "      --imatrix imatrix.gguf --type IQ4_XS -o OUT.gguf"
        })
final class ImatrixCommand extends Subcommand {

    @Mixin
    private ImatrixInputs inputs;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            required = true,
            order = 9,
            description = "What the model reads: text like what it will be asked.")
    private Path text;

    @Written
    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            required = true,
            order = 10,
            description = "File to write, a GGUF.")
    private Path output;

    @Option(names = "--force", order = 41, description = "Replace an existing output.")
    private boolean force;

    @Mixin
    private UnfinishedFlags unfinished;

    @Mixin
    private ImatrixFlags reading;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Mixin
    private GpuFlags gpu;

    @Override
    public ExitCode execute() throws IOException {
        ImatrixOptions options = reading.options(this, run);
        PlanOptions given = inputs.recipe(this);
        new OutputGuard(SystemFiles.INSTANCE, List.of()).checkPlace(output, force);
        ImatrixRun.CalibrationText read =
                new ImatrixRun.CalibrationText(text.getFileName().toString(), TextFile.read(text));
        nativeLibrary.load();
        LoadOptions load = gpu.options(this);
        long start = System.nanoTime();
        ImatrixSums sums;
        try (Extrapolator models = inputs.open(this)) {
            sums = run.observed(console(), work -> {
                PlanOptions recipe = inputs.resolve(this, models, given, work);
                OutputOptions how = OutputOptions.defaults()
                        .withForce(force)
                        .withUnfinished(unfinished.unfinished())
                        .withWork(work);
                return checked(() -> ImatrixRun.write(models, recipe, read, options, load, output, how));
            });
        }
        report(sums, System.nanoTime() - start);
        return ExitCode.OK;
    }

    private void report(ImatrixSums sums, long elapsedNanos) {
        long chunks = sums.chunkCount();
        if (sums.unaskedExperts() > 0) {
            console()
                    .note(
                            Units.count(sums.unaskedExperts(), "expert")
                                    + ", counted in every tensor, got no token of the text; all of their weights count the same");
        }
        if (json()) {
            JsonObject document = Json.document("imatrix");
            document.addProperty("file", output.toString());
            document.addProperty("bytes", sums.fileBytes());
            document.addProperty("sha256", sums.sha256());
            document.addProperty("tensors", sums.entries().size());
            document.addProperty("chunks", chunks);
            document.addProperty("chunkTokens", sums.chunkTokens());
            document.add("datasets", Json.strings(sums.datasets()));
            document.addProperty("unaskedExperts", sums.unaskedExperts());
            document.addProperty("elapsedSeconds", elapsedNanos / 1e9);
            console().print(document);
            return;
        }
        console().out().println(Printable.message(output.toString()));
        Columns.print(
                console().out(),
                "  " + Units.bytes(sums.fileBytes()) + ", the inputs of "
                        + Units.count(sums.entries().size(), "tensor") + " over "
                        + Units.count(chunks, "chunk") + " of " + Units.count(sums.chunkTokens(), "token") + " of "
                        + Escape.text(sums.datasets().getFirst()) + ", in " + Units.duration(elapsedNanos));
    }
}
