package io.github.expogguf.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.bench.Traffic;
import io.github.expogguf.quant.RowCodecBenchmark;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Counting what is not finite, which happens to every chunk. Forks and warm-up as in {@link RowCodecBenchmark}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class FiniteBenchmark {

    @Param({"SCALAR", "SIMD"})
    public RowCodecBenchmark.Implementation implementation;

    /** 128 Ki floats fit the L2 cache. */
    @Param({"131072"})
    public long count;

    private Arena arena;
    private FloatKernels kernels;
    private MemorySegment floats;
    private MemorySegment copySource;
    private MemorySegment copyTarget;

    @Setup(Level.Trial)
    public void setUp() {
        arena = Arena.ofConfined();
        kernels = switch (implementation) {
            case GGML -> throw new IllegalArgumentException("ggml does not count");
            case SCALAR -> new ScalarFloatKernels();
            case SIMD -> new VectorFloatKernels();
        };
        floats = arena.allocate(count * Float.BYTES, 64).fill((byte) 1);
        floats.set(JAVA_FLOAT, floats.byteSize() - 12, Float.NaN);
        copySource = arena.allocate(floats.byteSize() / 2, 64).fill((byte) 1);
        copyTarget = arena.allocate(floats.byteSize() / 2, 64);
        if (count() != 1) {
            throw new IllegalStateException("one NaN, but " + count() + " counted");
        }
    }

    private long count() {
        return Finite.countNonFinite(kernels, floats, count);
    }

    @Benchmark
    public long countNonFinite(Traffic traffic) {
        traffic.add(count, floats.byteSize());
        return count();
    }

    @Benchmark
    public MemorySegment copy(Traffic traffic) {
        traffic.add(count, floats.byteSize());
        return copyTarget.copyFrom(copySource);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        arena.close();
    }
}
