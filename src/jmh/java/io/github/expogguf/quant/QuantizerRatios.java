package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.quant.lanes.Lanes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * The SIMD quantizers beside ggml's on one core: the same rows in turn, in one JVM, until both have had their time;
 * processor time of the thread, so that other work on the machine counts little. Each type has a JVM of its own. Prints
 * weights per microsecond and the ratio, with the 10th and the 90th percentile of the ratio over the turns. Arguments:
 * types, else all.
 */
public final class QuantizerRatios {

    private static final int ROW_LENGTH = 4096;
    private static final int ROWS = 16;
    private static final int WARM_UP_TURNS = 300;
    private static final int TURNS = 60;

    /** First argument of the JVM for one type. */
    private static final String ONE = "--one";

    private QuantizerRatios() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 2 && arguments[0].equals(ONE)) {
            GgmlType type = GgmlType.parse(arguments[1]);
            for (boolean hasImportance : new boolean[] {false, true}) {
                if (WideRowCodec.isSupported(type, hasImportance)) {
                    compare(type, hasImportance);
                }
            }
            return;
        }
        List<GgmlType> types = arguments.length > 0
                ? Arrays.stream(arguments).map(GgmlType::parse).toList()
                : Arrays.stream(GgmlType.values())
                        .filter(type -> WideRowCodec.isSupported(type, false) || WideRowCodec.isSupported(type, true))
                        .toList();
        System.out.printf(
                Locale.ROOT,
                "Java %s, ggml %s, vectors of %d bits, %d weights a turn%n",
                System.getProperty("java.version"),
                NativeLibrary.load().ggmlVersion(),
                32 * Lanes.LANES,
                ROW_LENGTH * ROWS);
        System.out.println("type     imatrix   ggml/µs   SIMD/µs   ratio (10 % to 90 %)");
        for (GgmlType type : types) {
            compareInOwnJvm(type);
        }
    }

    /** As a file of that type has it: the JIT compiler sees no other type. */
    private static void compareInOwnJvm(GgmlType type) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        QuantizerRatios.class.getName(),
                        ONE,
                        type.name())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(type + ": the measurement failed");
        }
    }

    private static void compare(GgmlType type, boolean hasImportance) {
        RowCodec ggml = new GgmlRowCodec(type);
        RowCodec wide = WideRowCodec.of(ggml);
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(1);
            MemorySegment floats = arena.allocate((long) ROW_LENGTH * ROWS * Float.BYTES, 64);
            for (int i = 0; i < ROW_LENGTH * ROWS; i++) {
                floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.02 * random.nextGaussian()));
            }
            MemorySegment importance = MemorySegment.NULL;
            if (hasImportance) {
                importance = arena.allocate((long) ROW_LENGTH * Float.BYTES, 64);
                for (int i = 0; i < ROW_LENGTH; i++) {
                    importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.exp(random.nextGaussian()));
                }
            }
            MemorySegment expected = arena.allocate(type.rowBytes(ROW_LENGTH) * ROWS, 64);
            MemorySegment packed = arena.allocate(expected.byteSize(), 64);
            for (int turn = 0; turn < WARM_UP_TURNS; turn++) {
                nanos(wide, floats, importance, packed);
            }
            double[] ggmlNanos = new double[TURNS];
            double[] wideNanos = new double[TURNS];
            for (int turn = 0; turn < TURNS; turn++) {
                ggmlNanos[turn] = nanos(ggml, floats, importance, expected);
                wideNanos[turn] = nanos(wide, floats, importance, packed);
            }
            if (packed.mismatch(expected) >= 0) {
                throw new IllegalStateException(type + ": the bytes differ");
            }
            print(type, hasImportance, ggmlNanos, wideNanos);
        }
    }

    private static void print(GgmlType type, boolean hasImportance, double[] ggml, double[] wide) {
        double[] ratios = new double[TURNS];
        Arrays.setAll(ratios, turn -> ggml[turn] / wide[turn]);
        Arrays.sort(ratios);
        Arrays.sort(ggml);
        Arrays.sort(wide);
        double weights = 1000.0 * ROW_LENGTH * ROWS;
        System.out.printf(
                Locale.ROOT,
                "%-8s %-7s %9.1f %9.1f %7.2f (%.2f to %.2f)%n",
                type,
                hasImportance ? "yes" : "no",
                weights / ggml[TURNS / 2],
                weights / wide[TURNS / 2],
                ratios[TURNS / 2],
                ratios[TURNS / 10],
                ratios[TURNS - TURNS / 10]);
    }

    private static long nanos(RowCodec codec, MemorySegment floats, MemorySegment importance, MemorySegment target) {
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        codec.quantize(ROW_LENGTH, ROWS, floats, importance, target);
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start;
    }
}
