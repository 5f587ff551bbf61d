package io.github.expogguf.cli.option;

import io.github.expogguf.infer.ImatrixOptions;
import picocli.CommandLine.Option;

/** How a text is read for an importance matrix, named as llama-imatrix does, where {@code -c} is the chunk. */
public final class ImatrixFlags {

    @Option(
            names = "--chunk",
            paramLabel = "N",
            order = 70,
            defaultValue = "512",
            description =
                    "Tokens of a chunk of the text. Default: ${DEFAULT-VALUE} as in llama-imatrix, whatever the model was"
                            + " trained with.")
    private int chunkTokens;

    @Option(
            names = {"-b", "--batch-size"},
            paramLabel = "N",
            order = 70,
            defaultValue = "2048",
            description = "Tokens that are read at a time; fewer take less memory, and change the order of the sums."
                    + " Default: ${DEFAULT-VALUE}.")
    private int batchTokens;

    @Option(
            names = "--chunks",
            paramLabel = "N",
            order = 70,
            defaultValue = "-1",
            description = "Read at most this many chunks; -1, the default: all.")
    private int chunks;

    @Option(names = "--process-output", order = 70, description = "Collect the inputs of output.weight, too.")
    private boolean processOutput;

    @Option(
            names = "--parse-special",
            order = 70,
            description =
                    "Let names of control tokens in the text stand for these, as a text needs that a chat template"
                            + " wrote.")
    private boolean parseSpecial;

    /** The options of the library. */
    public ImatrixOptions options(BaseCommand command, RunFlags run) {
        requireTokens(command, "--chunk", chunkTokens);
        requireTokens(command, "--batch-size", batchTokens);
        if (chunks < 1 && chunks != ImatrixOptions.ALL_CHUNKS) {
            throw command.usage("--chunks is " + chunks + ", expected 1 or more, or -1 for all");
        }
        return ImatrixOptions.builder()
                .chunkTokens(chunkTokens)
                .batchTokens(batchTokens)
                .chunks(chunks)
                .processOutput(processOutput)
                .parseSpecial(parseSpecial)
                .threads(run.contextThreads())
                .build();
    }

    private static void requireTokens(BaseCommand command, String option, int tokens) {
        if (tokens < ImatrixOptions.MIN_TOKENS || tokens > ImatrixOptions.MAX_TOKENS) {
            throw command.usage(option + " is " + tokens + ", expected " + ImatrixOptions.MIN_TOKENS + " to "
                    + ImatrixOptions.MAX_TOKENS);
        }
    }
}
