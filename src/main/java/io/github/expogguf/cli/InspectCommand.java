package io.github.expogguf.cli;

import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.cli.report.ModelJson;
import io.github.expogguf.cli.report.ModelText;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.plan.task.AdapterSummary;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a file; needs no native library. */
@Command(
        name = "inspect",
        description = {"Shows the metadata and the tensors of a GGUF file.", ""},
        sortOptions = false,
        footer = {"", "Example:", "  expo-gguf inspect --no-tensors MODEL.gguf"})
final class InspectCommand extends Subcommand {

    @Parameters(paramLabel = "FILE", description = "The model; any shard names a whole set.")
    private Path file;

    @Option(names = "--no-tensors", order = 1, description = "Leave out the tensors.")
    private boolean noTensors;

    @Option(names = "--no-metadata", order = 2, description = "Leave out the metadata.")
    private boolean noMetadata;

    @Option(names = "--full", order = 3, description = "Show long arrays and texts in full.")
    private boolean full;

    @Override
    public ExitCode execute() throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            AdapterText.note(
                    console(), AdapterSummary.of(model.header(), 1).stream().toList());
            if (json()) {
                ModelJson document = new ModelJson(model, full);
                console().print(out -> document.write(out, !noMetadata, !noTensors));
            } else {
                new ModelText(model, full, Terminal.ofStdout().columns())
                        .print(console().out(), !noMetadata, !noTensors);
            }
        }
        return ExitCode.OK;
    }
}
