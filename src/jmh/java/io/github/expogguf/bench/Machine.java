package io.github.expogguf.bench;

import io.github.expogguf.nativelib.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What was measured on, and how measurements are said: the median and the spread. */
final class Machine {

    private Machine() {}

    static void print(RandomPair pair, int threads) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "machine   %s, %d cores, %s, Java %s, ggml %s%n",
                processor(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("java.version"),
                NativeLibrary.load().ggmlVersion());
        System.out.printf(
                Locale.ROOT,
                "pair      %,d weights, F16, %,d bytes each; %d threads%n",
                pair.elementCount(),
                pair.fileBytes(),
                threads);
    }

    static void report(String name, List<MeasuredProcess> runs) {
        double[] seconds =
                runs.stream().mapToDouble(MeasuredProcess::seconds).sorted().toArray();
        double[] processor = runs.stream()
                .mapToDouble(MeasuredProcess::processorSeconds)
                .sorted()
                .toArray();
        long peak = runs.stream()
                .mapToLong(MeasuredProcess::peakAnonymousBytes)
                .max()
                .orElse(0);
        System.out.printf(
                Locale.ROOT,
                "%-42s median %6.2f s (from %.2f to %.2f), of processor %.2f s, peak anonymous memory %d MB%n",
                name,
                seconds[seconds.length / 2],
                seconds[0],
                seconds[seconds.length - 1],
                processor[processor.length / 2],
                peak / 1_000_000);
    }

    /** Round by round, so that a slow moment of the machine meets both. */
    static void ratio(String name, List<MeasuredProcess> ours, List<MeasuredProcess> theirs) {
        double[] ratios = new double[ours.size()];
        Arrays.setAll(ratios, i -> ours.get(i).seconds() / theirs.get(i).seconds());
        Arrays.sort(ratios);
        System.out.printf(
                Locale.ROOT,
                "%s: median %.3f (from %.3f to %.3f)%n",
                name,
                ratios[ratios.length / 2],
                ratios[0],
                ratios[ratios.length - 1]);
    }

    static String processor() throws IOException {
        Path information = Path.of("/proc/cpuinfo");
        if (!Files.exists(information)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(information)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }
}
