package io.github.expogguf.cli;

import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.PlanOptions;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code extrapolate} and {@code quantize} share: plan, then write and report, or only print the plan. */
abstract class WritingCommand extends Subcommand {

    @Mixin
    private TypeOptions types;

    @Mixin
    private OutputFileOptions outputFile;

    @Mixin
    private RunOptions run;

    @Mixin
    private NativeOptions nativeLibrary;

    @Option(names = "--dry-run", order = 42, description = "Print the plan, as 'plan' does, and write nothing.")
    private boolean dryRun;

    /** Name in the schema of the report. */
    abstract String name();

    /** Weight of the delta. */
    abstract float alpha();

    /** Opens the model or models. */
    abstract Extrapolator open() throws IOException;

    /** Refuses or remarks on a plan before anything is written. */
    abstract void check(Plan plan);

    @Override
    final ExitCode execute() throws IOException {
        if (outputFile.output().isEmpty() && !dryRun) {
            throw usage("Missing required option: '--output=OUT'");
        }
        OutputOptions how = run.withThreads(outputFile.outputOptions());
        PlanOptions options = checked(() -> types.planOptions(alpha()));
        try (Extrapolator models = open()) {
            Plan plan = checked(() -> models.plan(options));
            check(plan);
            if (dryRun) {
                new PlanReport(models, plan, how, outputFile.output().orElse(Path.of("."))).print(console(), json());
            } else {
                write(models, options, outputFile.output().orElseThrow(), how);
            }
        }
        return ExitCode.OK;
    }

    private void write(Extrapolator models, PlanOptions options, Path output, OutputOptions how) throws IOException {
        nativeLibrary.load();
        ExpoReport report =
                checked(() -> run.observed(console(), how, observed -> models.write(options, output, observed)));
        new WriteReport(report).print(console(), json() ? name() : null);
    }
}
