package io.github.expogguf.corpus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Main class: the corpus and the sweeps, or the largest headers of the corpus, in one JVM; prints what was wrong, by
 * part, and the figures.
 */
final class CorpusProbe {

    static final String CORPUS = "corpus";
    static final String CUTS = "cut off";
    static final String BITS = "bits";

    /** Argument after the directory: the largest headers alone. */
    static final String LARGE = "large";

    private CorpusProbe() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        if (arguments.length > 1 && arguments[1].equals(LARGE)) {
            largestHeaders(Files.createDirectory(directory.resolve("large")));
        } else {
            corpus(Files.createDirectory(directory.resolve("corpus")));
            sweeps(Files.createDirectory(directory.resolve("sweeps")));
        }
        System.out.println("end");
    }

    private static void corpus(Path directory) throws IOException {
        List<BadInput> inputs =
                Corpus.all().stream().filter(input -> !input.isLarge()).toList();
        CorpusRun commands = run(inputs, directory);
        figure("corpus of bad and odd inputs", inputs.size() + " cases, " + commands.runs() + " commands");
        figure(
                "corpus, longest run and most memory of one command",
                "%.2f s of processor time, %.0f MB allocated"
                        .formatted(commands.mostSeconds(), commands.mostBytes() / 1e6));
    }

    private static void largestHeaders(Path directory) throws IOException {
        List<BadInput> inputs = Corpus.all().stream().filter(BadInput::isLarge).toList();
        CorpusRun commands = run(inputs, directory);
        figure(
                "headers of the largest size, printed in full and written again",
                "%d cases, %d commands, longest run %.1f s of processor time"
                        .formatted(inputs.size(), commands.runs(), commands.mostSeconds()));
    }

    private static CorpusRun run(List<BadInput> inputs, Path directory) throws IOException {
        CorpusRun commands = new CorpusRun(Files.createDirectory(directory.resolve("good")));
        for (BadInput input : inputs) {
            commands.run(input, Files.createTempDirectory(directory, input.name()));
        }
        print(CORPUS, commands.problems());
        return commands;
    }

    private static void sweeps(Path directory) throws IOException {
        SweepRun sweep = new SweepRun(directory);
        sweep.cutOffAtEveryByte();
        print(CUTS, sweep.problems());
        int before = sweep.problems().size();
        sweep.turnOverEveryBitOfTheHeader();
        print(BITS, sweep.problems().subList(before, sweep.problems().size()));
        figure("small file cut off at every byte", sweep.fileBytes() + " lengths");
        figure(
                "every bit of its header turned over",
                sweep.headerBits() + " bits, " + sweep.accepted() + " accepted and extrapolated");
    }

    private static void print(String part, List<String> problems) {
        problems.forEach(problem -> System.out.println(part + ": " + problem.replace('\n', ' ')));
    }

    private static void figure(String what, String figure) {
        System.out.println("figure | " + what + " | " + figure);
    }
}
