package io.github.expogguf.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The command beside what else does the job, in turn, each in a process of its own, on a generated pair. The command's
 * time is all of it, from the start of the first JVM: both models read, extrapolated, quantized, hashed, written,
 * flushed, read back. Where the system property {@code before} names a jar of another build, that takes its turn, too.
 *
 * <p>Arguments: {@code [millions of weights] [file type] [rounds] [threads]}: beside {@code llama_model_quantize} on
 * one of the two, whose time is that of the native call alone. With {@code F16}, {@code BF16} or {@code F32} as type:
 * beside copying, reading the bytes of both and writing those of the output. With {@code passes} as type: three alphas
 * and two types in one pass, beside six runs. The files go to the directory in the system property {@code
 * java.io.tmpdir} and are removed.
 */
public final class EndToEnd {

    private static final String JAR = "target/expo-gguf.jar";
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

    /** Who does the job, and how. */
    private record Contender(String name, Run run) {}

    private void compareWithLlama(String fileType, int rounds) throws Exception {
        compare(
                rounds,
                jar -> extrapolate(jar, "0.3", fileType),
                "to " + fileType + ", whole command",
                new Contender("llama_model_quantize, the call, one model", () -> llamaQuantize(fileType)));
    }

    private void compareWithCopy(String fileType, int rounds) throws Exception {
        compare(
                rounds,
                jar -> extrapolate(jar, "0.3", fileType),
                "to " + fileType + ", whole command",
                new Contender("reading both and writing the output", this::copy));
    }

    private void comparePasses(int rounds) throws Exception {
        compare(
                rounds,
                jar -> extrapolate(jar, String.join(",", ALPHAS), String.join(",", TYPES)),
                "three alphas, two types, one pass",
                new Contender("the same in six runs", this::sixRuns));
    }

    private interface Command {
        MeasuredProcess run(String jar) throws Exception;
    }

    private static void compare(int rounds, Command command, String what, Contender other) throws Exception {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("expo-gguf " + what, () -> command.run(JAR)));
        contenders.add(other);
        String before = System.getProperty("before", "");
        if (!before.isEmpty()) {
            contenders.add(new Contender(Path.of(before).getFileName() + " " + what, () -> command.run(before)));
        }
        List<List<MeasuredProcess>> runs = new ArrayList<>();
        contenders.forEach(_ -> runs.add(new ArrayList<>()));
        for (int round = 1; round <= rounds; round++) {
            System.out.printf(Locale.ROOT, "round %d  ", round);
            for (int i = 0; i < contenders.size(); i++) {
                MeasuredProcess run = contenders.get(i).run().run();
                runs.get(i).add(run);
                System.out.printf(Locale.ROOT, "%s%.2f s", i == 0 ? "" : " beside ", run.seconds());
            }
            System.out.println();
        }
        for (int i = 0; i < contenders.size(); i++) {
            Machine.report(contenders.get(i).name(), runs.get(i));
        }
        Machine.ratio("time ratio of the first to the second", runs.get(0), runs.get(1));
        if (runs.size() > 2) {
            Machine.ratio("time ratio of the first to the third", runs.get(0), runs.get(2));
        }
    }

    private MeasuredProcess extrapolate(String jar, String alphas, String types) throws Exception {
        return MeasuredProcess.run(List.of(
                MeasuredProcess.java(),
                "-jar",
                jar,
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
        double processorSeconds = 0;
        long peak = 0;
        for (String alpha : ALPHAS) {
            for (String type : TYPES) {
                MeasuredProcess one = extrapolate(JAR, alpha, type);
                seconds += one.seconds();
                processorSeconds += one.processorSeconds();
                peak = Math.max(peak, one.peakAnonymousBytes());
            }
        }
        return new MeasuredProcess("", seconds, processorSeconds, peak);
    }

    private MeasuredProcess llamaQuantize(String fileType) throws Exception {
        MeasuredProcess process =
                baseline(LlamaQuantize.class, aligned.toString(), output(), fileType, Integer.toString(threads));
        double seconds = Long.parseLong(process.output().strip()) / 1e9;
        return new MeasuredProcess(process.output(), seconds, process.processorSeconds(), process.peakAnonymousBytes());
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
