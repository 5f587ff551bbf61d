package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.OutputFileFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.ImatrixRun;
import io.github.expogguf.run.output.ImatrixFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An importance matrix that is computed on the model that is written. */
public final class ImatrixTextFlags {

    @Option(
            names = "--imatrix-text",
            paramLabel = "FILE",
            order = 21,
            description = "Compute the importance matrix first, on the model itself, with this text, as 'imatrix' does;"
                    + " takes the memory of the model before it is quantized.")
    private @Nullable Path text;

    @Written
    @Option(
            names = "--save-imatrix",
            paramLabel = "FILE",
            order = 21,
            description = "Keep the importance matrix that --imatrix-text computed.")
    private @Nullable Path saved;

    /** What decides the weights, of recipes that differ in nothing else. */
    private record Weights(float alpha, List<TensorAlphaRule> rules) {}

    /** Whether it is asked for. */
    public boolean isGiven() {
        return text != null;
    }

    /** Refuses what cannot be, before any work. */
    public void check(BaseCommand command, TypeFlags types, OutputFileFlags output) throws IOException {
        if (text == null) {
            if (saved != null) {
                throw command.usage("--save-imatrix keeps what --imatrix-text computes: give that, too");
            }
            return;
        }
        if (types.hasImatrix()) {
            throw command.usage("--imatrix-text computes what --imatrix reads: give one of them");
        }
        types.withImatrixToCome();
        if (saved != null) {
            new TextOutput(saved, output.force()).check();
        }
        String place = output.output().orElse("");
        boolean isOneFile = !place.isEmpty() && !place.contains("{") && !Files.isDirectory(Path.of(place));
        if (isOneFile && !output.isSplit() && output.outputOptions().unfinished() == Unfinished.REFUSE) {
            new TextOutput(Path.of(place), output.force()).check();
        }
    }

    /** The recipes with their importance matrices. */
    public List<PlanOptions> compute(
            BaseCommand command, Extrapolator models, List<PlanOptions> recipes, RunFlags run, boolean force)
            throws IOException {
        Path file = Objects.requireNonNull(text);
        if (saved != null
                && recipes.stream().map(ImatrixTextFlags::weights).distinct().count() > 1) {
            throw command.usage("--save-imatrix keeps one importance matrix, and every alpha has its own");
        }
        ImatrixRun.CalibrationText read =
                new ImatrixRun.CalibrationText(file.getFileName().toString(), TextFile.read(file));
        ImatrixOptions options =
                ImatrixOptions.builder().threads(run.contextThreads()).build();
        String name =
                saved == null ? ImatrixRun.DEFAULT_NAME : saved.getFileName().toString();
        Map<Weights, Imatrix> computed = new HashMap<>();
        List<PlanOptions> all = new ArrayList<>();
        for (PlanOptions recipe : recipes) {
            Imatrix imatrix = computed.get(weights(recipe));
            if (imatrix == null) {
                ImatrixSums sums = command.checked(() -> run.observed(
                        command.console(),
                        how -> ImatrixRun.compute(models, recipe, read, options, LoadOptions.defaults(), how)));
                if (saved != null) {
                    ImatrixFile.write(sums, saved, force);
                }
                imatrix = sums.imatrix(name);
                computed.put(weights(recipe), imatrix);
            }
            all.add(recipe.toBuilder().imatrix(imatrix).build());
        }
        long chunks =
                all.getFirst().imatrix().flatMap(Imatrix::source).orElseThrow().chunkCount();
        command.console()
                .note("the importance matrix is of " + Units.count(chunks, "chunk") + " of "
                        + Escape.text(read.name())
                        + (saved != null
                                ? ""
                                : computed.size() > 1
                                        ? "; 'verify' needs that of each alpha again: 'expo-gguf imatrix' writes it"
                                        : "; 'verify' needs it again: --save-imatrix FILE keeps it"));
        return all;
    }

    private static Weights weights(PlanOptions recipe) {
        return new Weights(recipe.alpha(), recipe.alphaRules());
    }
}
