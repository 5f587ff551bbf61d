package io.github.expogguf.corpus;

import com.sun.management.ThreadMXBean;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gives one input of the corpus to every command that reads such a thing, and lists what is not as it should be: exit
 * code, message, terminal safety, files left behind, time and memory.
 */
final class CorpusRun {

    /** For each run of a command. */
    private static final long MAX_NANOS = 1_000_000_000L;

    /** The first may run in code that is not compiled yet, another while the machine is busy. */
    private static final int LARGE_ATTEMPTS = 4;

    /** Garbage included; for the largest headers the heap of the JVM is the bound. */
    private static final long MAX_ALLOCATED = 256_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String DEMO_MODEL = "src/demo/guide-sft-f16.gguf";
    private static final String DEMO_ALIGNED = "src/demo/guide-dpo-20-f16.gguf";

    private final Path directory;
    private final TinyPair good;
    private final List<String> problems = new ArrayList<>();
    private int runs;
    private long mostNanos;
    private long mostBytes;

    /** The directory takes what all runs share. */
    CorpusRun(Path directory) throws IOException {
        this.directory = directory;
        this.good = TinyPair.write(directory);
        Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"a\"}\n");
        Files.writeString(
                directory.resolve("preferences.jsonl"),
                "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n");
        Ran.run("verify", good.sft()); // loads classes and libraries outside of the bounds
    }

    /** What was wrong so far. */
    List<String> problems() {
        return problems;
    }

    /** Commands that ran so far. */
    int runs() {
        return runs;
    }

    /** Longest run, in processor time of its thread. */
    double mostSeconds() {
        return mostNanos / 1e9;
    }

    /** Most bytes that a run allocated on the heap, whether or not they were collected meanwhile. */
    long mostBytes() {
        return mostBytes;
    }

    /** Runs one case in a directory of its own, which is empty. */
    void run(BadInput input, Path place) throws IOException {
        Path file = input.write(place);
        List<String> before = listing(place);
        for (Object[] command : commands(input, file, place)) {
            check(input, command, run(input, command));
            runs++;
            List<String> after = listing(place);
            if (input.exitCode() != 0 && !after.equals(before)) {
                problem(input, command, "left " + after + " where " + before + " was");
            }
        }
    }

    private record Cost(Ran ran, long nanos, long bytes) {

        static Cost of(Supplier<Ran> run) {
            long bytes = THREADS.getTotalThreadAllocatedBytes();
            long nanos = THREADS.getCurrentThreadCpuTime();
            Ran ran = run.get();
            nanos = THREADS.getCurrentThreadCpuTime() - nanos;
            return new Cost(ran, nanos, THREADS.getTotalThreadAllocatedBytes() - bytes);
        }
    }

    private Ran run(BadInput input, Object[] command) {
        Supplier<Ran> run = () -> input.isLarge() ? Ran.runWithoutOutput(command) : Ran.run(command);
        Cost cost = Cost.of(run);
        for (int i = 1; i < LARGE_ATTEMPTS && input.isLarge() && cost.nanos > MAX_NANOS; i++) {
            cost = Cost.of(run);
        }
        if (cost.nanos > MAX_NANOS || (!input.isLarge() && cost.bytes > MAX_ALLOCATED)) {
            problem(input, command, "took " + cost.nanos / 1e9 + " s and " + cost.bytes + " bytes");
        }
        mostNanos = Math.max(mostNanos, cost.nanos);
        mostBytes = Math.max(mostBytes, cost.bytes);
        return cost.ran;
    }

    private void check(BadInput input, Object[] command, Ran ran) {
        boolean isFinding = command[0].equals("verify")
                && ((input.kind() == BadInput.Kind.MODEL && input.exitCode() == 3)
                        || input.kind() == BadInput.Kind.WRITTEN_RECIPE);
        int expected = isFinding ? ExitCode.VERIFICATION.code() : input.exitCode();
        if (ran.exitCode() != expected) {
            problem(input, command, "exit code " + ran.exitCode() + ", expected " + expected + ": " + ran.err());
            return;
        }
        boolean showsWords = input.exitCode() != 0
                || (!input.isLarge() && command[0].equals("inspect") && command[1].equals("--full"));
        if (isFinding && input.isLarge()) {
            return; // it stands in the report, which is not kept
        }
        String said = isFinding || input.exitCode() == 0 ? ran.out() : ran.err();
        if (showsWords && !said.contains(input.words())) {
            problem(input, command, "said " + said);
        }
        (ran.out() + ran.err())
                .codePoints()
                .filter(CorpusRun::isDangerous)
                .findFirst()
                .ifPresent(character -> problem(input, command, "printed U+%04x raw".formatted(character)));
        if (ran.err().contains("\tat ") || ran.err().contains("Exception")) {
            problem(input, command, "printed a stack trace: " + ran.err());
        }
    }

    private static boolean isDangerous(int character) {
        return (character != '\n' && Character.isISOControl(character))
                || Character.getType(character) == Character.FORMAT
                || Character.getType(character) == Character.SURROGATE;
    }

    private List<Object[]> commandsOnSmall(BadInput input, Path file, Path place) {
        Path output = place.resolve("out.gguf");
        Path prompts = directory.resolve("prompts.jsonl");
        Path preferences = directory.resolve("preferences.jsonl");
        Object[] quantize = {"quantize", "-q", "-m", good.aligned(), "-o", output, "--type", "Q4_K"};
        Object[] eval = {"eval", "-q", "-m", DEMO_MODEL};
        return switch (input.kind()) {
            case MODEL ->
                input.exitCode() == 0
                        ? List.of(
                                words("inspect", file),
                                words("inspect", "--full", file),
                                words("inspect", "--json", file),
                                words("plan", "-m", file),
                                words("plan", "--json", "-m", file),
                                words("extrapolate", "-q", "--sft", file, "--aligned", twin(file), "-o", output),
                                words("verify", output),
                                words("inspect", output),
                                words("verify", "--json", output, "--sft", file, "--aligned", twin(file)),
                                words("quantize", "-q", "--force", "--json", "-m", output, "-o", output + "2"))
                        : List.of(
                                words("inspect", file),
                                words("inspect", "--json", "--full", file),
                                words("plan", "-m", file),
                                words("plan", "--sft", file, "--aligned", good.aligned()),
                                words("extrapolate", "--sft", good.sft(), "--aligned", file, "-o", output),
                                words("quantize", "--json", "-m", file, "-o", output, "--type", "Q8_0"),
                                words("verify", file),
                                switch (input.name().hashCode()
                                        & 3) { // what llama.cpp is to load is opened in the same way by all four
                                    case 0 -> words("generate", "-m", file, "--prompts", prompts, "-o", output);
                                    case 1 ->
                                        words(
                                                "search",
                                                "--sft",
                                                good.sft(),
                                                "--aligned",
                                                file,
                                                "--preferences",
                                                preferences);
                                    case 2 -> words("eval", "-m", file, "--preferences", preferences);
                                    default -> words("chat", "-m", file);
                                });
            case FOLDER ->
                List.of(
                        words("plan", "--sft", good.sft(), "--aligned", file, "--like", good.aligned()),
                        words("extrapolate", "--sft", file, "--aligned", good.aligned(), "-o", output),
                        words("quantize", "-m", file, "--like", good.aligned(), "--type", "Q8_0", "-o", output));
            case PEFT_FOLDER ->
                List.<Object[]>of(words("extrapolate", "-q", "--sft", good.sft(), "--adapter", file, "-o", output));
            case ADAPTER ->
                List.of(
                        words("extrapolate", "-q", "--sft", good.sft(), "--adapter", file, "-o", output),
                        words("extrapolate", "--sft", good.sft(), "--adapter", file, "--type", "Q8_0", "-o", output));
            case RECIPE ->
                List.of(
                        words("plan", "--sft", good.sft(), "--aligned", good.aligned(), "--recipe", file),
                        words(
                                "extrapolate",
                                "-q",
                                "--sft",
                                good.sft(),
                                "--aligned",
                                good.aligned(),
                                "--recipe",
                                file,
                                "-o",
                                output));
            case WRITTEN_RECIPE ->
                List.of(
                        words("verify", file),
                        words(
                                "extrapolate",
                                "-q",
                                "--sft",
                                file,
                                "--aligned",
                                twin(file),
                                "--recipe",
                                file,
                                "-o",
                                output));
            case TEMPLATE ->
                List.<Object[]>of(
                        words("generate", "-q", "-m", file, "--prompts", prompts, "-n", 1, "-t", 1, "-o", output));
            case IMATRIX ->
                input.exitCode() == ExitCode.MISMATCH.code()
                        ? List.<Object[]>of(words(quantize, "--imatrix", file))
                        : List.of(
                                words(quantize, "--imatrix", file),
                                words("verify", "-q", good.aligned(), "--imatrix", file));
            case PROMPTS ->
                List.of(
                        words("generate", "-q", "-m", DEMO_MODEL, "--prompts", file, "-o", output),
                        words(eval, "--prompts", file));
            case PREFERENCES ->
                List.of(
                        words(eval, "--preferences", file),
                        words("search", "-q", "--sft", DEMO_MODEL, "--aligned", DEMO_ALIGNED, "--preferences", file));
            case TEXT -> List.<Object[]>of(words(eval, "--text", file));
            case TYPE_LIST -> List.<Object[]>of(words(quantize, "--tensor-type-file", file));
        };
    }

    private List<Object[]> commands(BadInput input, Path file, Path place) {
        return input.isLarge() ? commandsOnLarge(file, place) : commandsOnSmall(input, file, place);
    }

    /** The same model with a byte behind its data, which means nothing: one that is the same to the byte is refused. */
    private Path twin(Path file) {
        try {
            Path twin = Files.copy(file, directory.resolve("twin.gguf"), StandardCopyOption.REPLACE_EXISTING);
            return Files.write(twin, new byte[1], StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that differ in how much of a header they hold. */
    private List<Object[]> commandsOnLarge(Path file, Path place) {
        return List.of(
                words("inspect", "--full", file),
                words("inspect", "--json", "--full", file),
                words(
                        "extrapolate",
                        "-q",
                        "--force",
                        "--sft",
                        file,
                        "--aligned",
                        twin(file),
                        "-o",
                        place.resolve("out.gguf")),
                words("verify", file));
    }

    private static Object[] words(Object... words) {
        return words;
    }

    private static Object[] words(Object[] first, Object... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray();
    }

    private void problem(BadInput input, Object[] command, String what) {
        problems.add(input.name() + ": "
                + String.join(" ", Stream.of(command).map(String::valueOf).toList()) + ": " + what);
    }

    private static List<String> listing(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return new ArrayList<>(new TreeSet<>(
                    files.map(file -> file.getFileName().toString()).toList()));
        }
    }
}
