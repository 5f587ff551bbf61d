package io.github.expogguf.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The command beside what else does the job, in turn, each in a process of its own, on a generated pair. The command's
 * time is all of it, from the start of the first JVM: both models read, extrapolated, quantized, hashed, written,
 * flushed, read back.
 *
 * <p>Arguments: {@code [millions of weights] [file type] [rounds] [threads]}: beside {@code llama_model_quantize} on
 * one of the two, whose time is that of the native call alone. With {@code F16}, {@code BF16} or {@code F32} as type:
 * beside copying, reading the bytes of both and writing those of the output. With {@code passes} as type: three alphas
 * and two types in one pass, beside six runs. The files go to the directory in the system property {@code
 * java.io.tmpdir} and are removed.
 */
public final class EndToEnd {

    private static final List<String> ALPHAS = List.of("0.1", "0.3", "0.5");
    private static final List<String> TYPES = List.of("Q4_K_M", "Q8_0");

    private final Path directory;
    private final Path sft;
    private final Path aligned;
    private final int threads;

    private EndToEnd(Path directory, int threads) {
        this.directory = directory;
        this.sft = directory.resolve("sft.gguf");
        this.aligned = directory.resolve("aligned.gguf");
        this.threads = threads;
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        long millions = arguments.length > 0 ? Long.parseLong(arguments[0]) : 400;
        String fileType = arguments.length > 1 ? arguments[1] : "Q4_K_M";
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        int threads = arguments.length > 3
                ? Integer.parseInt(arguments[3])
                : Runtime.getRuntime().availableProcessors();
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            EndToEnd benchmark = new EndToEnd(directory, threads);
            RandomPair pair = new RandomPair(millions * 1_000_000);
            Machine.print(pair, threads);
            pair.write(benchmark.sft, benchmark.aligned);
            switch (fileType) {
                case "passes" -> benchmark.comparePasses(rounds);
                case "F16", "BF16", "F32" -> benchmark.compareWithCopy(fileType, rounds);
                default -> benchmark.compareWithLlama(fileType, rounds);
            }
        } finally {
            Disk.deleteAll(directory);
        }
    }

    private interface Run {
        MeasuredProcess run() throws Exception;
    }

    private void compareWithLlama(String fileType, int rounds) throws Exception {
        compare(
                rounds,
                "expo-gguf to " + fileType + ", whole command",
                () -> extrapolate("0.3", fileType),
                "llama_model_quantize, the call, one model",
                () -> llamaQuantize(fileType));
    }

    private void compareWithCopy(String fileType, int rounds) throws Exception {
        compare(
                rounds,
                "expo-gguf to " + fileType + ", whole command",
                () -> extrapolate("0.3", fileType),
                "reading both and writing the output",
                this::copy);
    }

    private void comparePasses(int rounds) throws Exception {
        compare(
                rounds,
                "three alphas, two types, one pass",
                () -> extrapolate(String.join(",", ALPHAS), String.join(",", TYPES)),
                "the same in six runs",
                this::sixRuns);
    }

    private static void compare(int rounds, String ourName, Run our, String theirName, Run their) throws Exception {
        List<MeasuredProcess> ours = new ArrayList<>();
        List<MeasuredProcess> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            ours.add(our.run());
            theirs.add(their.run());
            System.out.printf(
                    Locale.ROOT,
                    "round %d   %.2f s beside %.2f s%n",
                    round,
                    ours.getLast().seconds(),
                    theirs.getLast().seconds());
        }
        Machine.report(ourName, ours);
        Machine.report(theirName, theirs);
        Machine.ratio("time ratio of the first to the second", ours, theirs);
    }

    private MeasuredProcess extrapolate(String alphas, String types) throws Exception {
        return MeasuredProcess.run(List.of(
                MeasuredProcess.java(),
                "-jar",
                "target/expo-gguf.jar",
                "extrapolate",
                "--sft",
                sft.toString(),
                "--aligned",
                aligned.toString(),
                "--alpha",
                alphas,
                "--type",
                types,
                "-t",
                Integer.toString(threads),
                "--force",
                "--quiet",
                "-o",
                directory.resolve("o-{alpha}-{type}.gguf").toString()));
    }

    private MeasuredProcess sixRuns() throws Exception {
        double seconds = 0;
        long peak = 0;
        for (String alpha : ALPHAS) {
            for (String type : TYPES) {
                MeasuredProcess one = extrapolate(alpha, type);
                seconds += one.seconds();
                peak = Math.max(peak, one.peakAnonymousBytes());
            }
        }
        return new MeasuredProcess("", seconds, peak);
    }

    private MeasuredProcess llamaQuantize(String fileType) throws Exception {
        MeasuredProcess process =
                baseline(LlamaQuantize.class, aligned.toString(), output(), fileType, Integer.toString(threads));
        double seconds = Long.parseLong(process.output().strip()) / 1e9;
        return new MeasuredProcess(process.output(), seconds, process.peakAnonymousBytes());
    }

    private MeasuredProcess copy() throws Exception {
        return baseline(CopyFiles.class, sft.toString(), aligned.toString(), output());
    }

    private MeasuredProcess baseline(Class<?> program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                MeasuredProcess.java(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return MeasuredProcess.run(command);
    }

    private String output() {
        return directory.resolve("baseline.gguf").toString();
    }
}
