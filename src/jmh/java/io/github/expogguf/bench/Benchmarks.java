package io.github.expogguf.bench;

import io.github.expogguf.extrapolate.ExtrapolationBenchmark;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.RowCodecBenchmark;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.simd.FiniteBenchmark;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the kernel benchmarks on one core and prints a table. Arguments: types, in place of all of them. For other
 * sizes, more forks or longer runs, use {@code org.openjdk.jmh.Main} with the same class path.
 */
public final class Benchmarks {

    private static final List<String> FLOAT_TYPES = List.of("F32", "F16", "BF16");

    /** Where JMH writes its own report of what it ran last; the table goes to stdout. */
    private static final String LOG = "target/bench-kernels.log";

    private final Map<String, Double> copies = new HashMap<>();

    private Benchmarks() {}

    public static void main(String[] arguments) throws RunnerException {
        String[] types = arguments.length > 0
                ? arguments
                : Arrays.stream(GgmlType.values())
                        .filter(WeightTypes::isSupported)
                        .map(GgmlType::name)
                        .toArray(String[]::new);
        System.out.printf("%s, Java %s, one core%n", System.getProperty("os.arch"), Runtime.version());
        System.out.println("GB/s count bytes read and written; 'of copy' is their ratio to a copy of as many bytes");
        System.out.println("weighed: with importance");
        System.out.printf("%-16s %-8s %-6s %12s %8s %8s%n", "", "type", "by", "weights/us", "GB/s", "of copy");
        Benchmarks table = new Benchmarks();
        table.run(options(ExtrapolationBenchmark.class));
        table.run(options(FiniteBenchmark.class));
        for (String type : types) { // in turn, so that the table grows while one waits
            String[] implementations = FLOAT_TYPES.contains(type)
                    ? new String[] {"SCALAR", "SIMD", "GGML"}
                    : RowCodecBenchmark.isWide(GgmlType.valueOf(type), false)
                            ? new String[] {"SIMD", "GGML"}
                            : new String[] {"GGML"};
            table.run(options(RowCodecBenchmark.class).param("type", type).param("implementation", implementations));
            if (!FLOAT_TYPES.contains(type) && RowCodecBenchmark.isWide(GgmlType.valueOf(type), true)) {
                table.run(options(RowCodecBenchmark.class)
                        .exclude("\\.dequantize$")
                        .param("type", type)
                        .param("implementation", "SIMD", "GGML")
                        .param("hasImportance", "true"));
            }
        }
    }

    private static ChainedOptionsBuilder options(Class<?> benchmark) {
        return new OptionsBuilder()
                .include(benchmark.getName() + "\\.")
                .output(LOG)
                .shouldFailOnError(true)
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementIterations(3)
                .measurementTime(TimeValue.milliseconds(500));
    }

    private void run(ChainedOptionsBuilder options) throws RunnerException {
        Collection<RunResult> results = new Runner(options.build()).run();
        for (RunResult result : results) {
            if (method(result).equals("copy")) {
                copies.put(key(result), perSecond(result, "bytes"));
            }
        }
        for (RunResult result : results) {
            if (!method(result).equals("copy")) {
                String type = result.getParams().getParam("type");
                System.out.printf(
                        "%-16s %-8s %-6s %,12.0f %8.2f %8.2f%n",
                        method(result) + (isWeighed(result) ? " weighed" : ""),
                        type == null ? "" : type,
                        result.getParams().getParam("implementation"),
                        perSecond(result, "weights") / 1e6,
                        perSecond(result, "bytes") / 1e9,
                        perSecond(result, "bytes") / copies.get(key(result)));
            }
        }
    }

    private static double perSecond(RunResult result, String counter) {
        return result.getSecondaryResults().get(counter).getScore();
    }

    private static String method(RunResult result) {
        String benchmark = result.getParams().getBenchmark();
        return benchmark.substring(benchmark.lastIndexOf('.') + 1);
    }

    private static boolean isWeighed(RunResult result) {
        return "true".equals(result.getParams().getParam("hasImportance"));
    }

    /** The benchmark class and its parameters. */
    private static String key(RunResult result) {
        BenchmarkParams params = result.getParams();
        StringBuilder key = new StringBuilder(params.getBenchmark().replaceAll("\\.\\w+$", ""));
        for (String name : params.getParamsKeys()) {
            key.append(' ').append(params.getParam(name));
        }
        return key.toString();
    }
}
