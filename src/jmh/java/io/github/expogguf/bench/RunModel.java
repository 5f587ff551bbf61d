package io.github.expogguf.bench;

import io.github.expogguf.cli.estimate.Costs;
import io.github.expogguf.cli.estimate.RunEstimate;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the model of a run that {@code plan} estimates with predicts, beside what the command takes. Its constants are
 * measured first on this machine; the files are in the page cache. Then it prints what a pair in the shape of Llama 3
 * 70B takes on other numbers of cores like these, with a disk of given speeds.
 *
 * <p>Arguments: {@code [millions of weights, by commas] [file types, by commas] [rounds] [cores] [GB/s read] [GB/s
 * written]}, the last three for 70B. The files go to the directory in the system property {@code java.io.tmpdir} and
 * are removed.
 */
public final class RunModel {

    private final int threads = Runtime.getRuntime().availableProcessors();
    private final Costs costs;

    private RunModel(Costs costs) {
        this.costs = costs;
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        List<String> sizes = List.of((arguments.length > 0 ? arguments[0] : "400,1600").split(","));
        List<FileType> types = Stream.of((arguments.length > 1 ? arguments[1] : "F16,Q8_0,Q4_K_M").split(","))
                .map(FileType::parse)
                .toList();
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
        int cores = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 8;
        double readRate = 1e9 * (arguments.length > 4 ? Double.parseDouble(arguments[4]) : 3);
        double writeRate = 1e9 * (arguments.length > 5 ? Double.parseDouble(arguments[5]) : 1.5);
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            Path sft = directory.resolve("sft.gguf");
            Path aligned = directory.resolve("aligned.gguf");
            createSparse(sft, aligned);
            List<String> measured = Calibration.lines(List.copyOf(typesOf(sft, aligned, types)));
            measured.forEach(System.out::println);
            RunModel model = new RunModel(Costs.parse(measured));
            System.out.printf(
                    Locale.ROOT,
                    "%n%-24s %10s %10s %7s %12s %12s %7s%n",
                    model.threads + " threads",
                    "predicted",
                    "measured",
                    "ratio",
                    "processor",
                    "measured",
                    "ratio");
            for (String millions : sizes) {
                new RandomPair(Long.parseLong(millions) * 1_000_000).write(sft, aligned);
                for (FileType type : types) {
                    model.compare(sft, aligned, type, rounds);
                }
            }
            createSparse(sft, aligned);
            System.out.printf(
                    Locale.ROOT,
                    "%n70B on %d cores like this one's, a disk that reads %.1f GB/s and writes %.1f GB/s%n",
                    cores,
                    readRate / 1e9,
                    writeRate / 1e9);
            for (FileType type : types) {
                model.print(sft, aligned, type, cores, readRate, writeRate);
            }
        } finally {
            Disk.deleteAll(directory);
        }
    }

    /** The command that is measured. */
    static List<String> extrapolate(Path sft, Path aligned, String fileType, int threads, Path output) {
        return List.of(
                MeasuredProcess.java(),
                "-jar",
                "target/expo-gguf.jar",
                "extrapolate",
                "--sft",
                sft.toString(),
                "--aligned",
                aligned.toString(),
                "--alpha",
                "0.3",
                "--type",
                fileType,
                "-t",
                Integer.toString(threads),
                "--force",
                "--quiet",
                "-o",
                output.toString());
    }

    private static void createSparse(Path sft, Path aligned) throws IOException {
        GgufLayout layout = Scale.layout(Scale.B70);
        Scale.createSparse(sft, layout);
        Scale.createSparse(aligned, layout);
    }

    private static PlanOptions options(FileType type) {
        return PlanOptions.builder().alpha(0.3f).fileType(type).build();
    }

    /** Of all tensors that are read or written. */
    private static Set<GgmlType> typesOf(Path sft, Path aligned, List<FileType> types) throws IOException {
        Set<GgmlType> all = new TreeSet<>(List.of(GgmlType.F16, GgmlType.F32));
        try (Extrapolator models = Extrapolator.open(sft, aligned)) {
            for (FileType type : types) {
                models.plan(options(type)).tasks().forEach(task -> all.add(task.targetType()));
            }
        }
        return all;
    }

    private record Estimated(RunEstimate estimate, long outputBytes) {}

    private Estimated estimate(Path sft, Path aligned, FileType type) throws IOException {
        try (Extrapolator models = Extrapolator.open(sft, aligned)) {
            Plan plan = models.plan(options(type));
            OutputOptions how = OutputOptions.defaults();
            long outputBytes = models.outputBytes(plan, how);
            long inputBytes = models.inputBytes() + models.repeatedBytes(plan, how.work());
            return new Estimated(
                    RunEstimate.of(costs, List.of(plan), inputBytes, outputBytes)
                            .orElseThrow(),
                    outputBytes);
        }
    }

    private void compare(Path sft, Path aligned, FileType type, int rounds) throws Exception {
        RunEstimate estimate = estimate(sft, aligned, type).estimate;
        Path output = sft.resolveSibling("output.gguf");
        List<MeasuredProcess> runs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            runs.add(MeasuredProcess.run(extrapolate(sft, aligned, type.name(), threads, output)));
        }
        double measured =
                median(runs.stream().mapToDouble(MeasuredProcess::seconds).toArray());
        double processor = median(
                runs.stream().mapToDouble(MeasuredProcess::processorSeconds).toArray());
        double predicted = estimate.seconds(threads, threads);
        System.out.printf(
                Locale.ROOT,
                "%-24s %8.1f s %8.1f s %7.2f %10.1f s %10.1f s %7.2f%n",
                String.format(Locale.ROOT, "%s, %.1f GB", type, Files.size(sft) / 1e9),
                predicted,
                measured,
                predicted / measured,
                estimate.processorSeconds(),
                processor,
                estimate.processorSeconds() / processor);
        Files.delete(output);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[(values.length - 1) / 2]; // of two the lower one: what else runs only adds
    }

    private void print(Path sft, Path aligned, FileType type, int cores, double readRate, double writeRate)
            throws IOException {
        Estimated estimated = estimate(sft, aligned, type);
        RunEstimate estimate = estimated.estimate;
        System.out.printf(
                Locale.ROOT,
                "%-24s %8.0f s; %.0f s if nothing waits for the disk, which would have to move %.2f GB/s%n",
                String.format(Locale.ROOT, "%s, %.0f GB", type, Files.size(sft) / 1e9),
                estimate.seconds(cores, cores, readRate, writeRate, estimated.outputBytes),
                estimate.seconds(cores, cores),
                estimate.diskRate(cores, cores) / 1e9);
    }
}
