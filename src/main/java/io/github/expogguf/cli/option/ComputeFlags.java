package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.value.WorkWords;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How many texts models work on at a time; with what {@link RunFlags} and {@link SamplingFlags} say. */
public final class ComputeFlags {

    private static final int MOST_SEQUENCES = 256; // LLAMA_MAX_SEQ, llama.cpp v0.5.0

    @Option(
            names = {"-np", "--parallel"},
            paramLabel = "N",
            defaultValue = "8",
            order = 71,
            converter = ToSequences.class,
            description =
                    "Texts to work on at a time; each needs memory for its own context. Default: ${DEFAULT-VALUE}.")
    private int sequences;

    /** Texts at a time. */
    public int sequences() {
        return sequences;
    }

    /** All options; progress is drawn, and Ctrl-C stops the work. */
    public ComputeOptions options(Console console, RunFlags run, int contextTokens, ProgressPrinter progress) {
        return options(run, contextTokens, listener(progress), console.cancellation());
    }

    /** All options. */
    public ComputeOptions options(
            RunFlags run, int contextTokens, Progress.Listener listener, Cancellation cancellation) {
        return ComputeOptions.builder()
                .contextTokens(contextTokens)
                .sequences(sequences)
                .threads(run.threads())
                .listener(listener)
                .cancellation(cancellation)
                .build();
    }

    /** Shows how many texts are done, and the time that is left if the rest takes as long. */
    private static Progress.Listener listener(ProgressPrinter printer) {
        AtomicReference<Task> current = new AtomicReference<>(new Task("", 0));
        return progress -> {
            WorkWords words = WorkWords.of(progress);
            Task task = current.updateAndGet(
                    last -> last.name.equals(words.name()) ? last : new Task(words.name(), System.nanoTime()));
            String text = words.withTimeLeft(System.nanoTime() - task.startNanos);
            printer.show(() -> text, () -> text);
        };
    }

    private record Task(String name, long startNanos) {}

    /** A number of sequences that llama.cpp has. */
    static final class ToSequences implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            int number = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
            if (number < 1 || number > MOST_SEQUENCES) {
                throw new TypeConversionException(
                        "'" + text + "' is not a number of sequences, 1 to " + MOST_SEQUENCES);
            }
            return number;
        }
    }
}
