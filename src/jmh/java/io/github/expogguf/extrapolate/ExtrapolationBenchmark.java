package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.bench.Traffic;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
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

/**
 * The formula over a chunk, beside a plain copy of as many bytes. A fork for every figure, so that each kernel is
 * compiled as the only one; three seconds of warm-up, until the optimizing compiler is done with vector code.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class ExtrapolationBenchmark {

    /** What does the work. */
    public enum Implementation {
        SCALAR,
        SIMD
    }

    private static final float ALPHA = 0.3f;

    @Param({"SCALAR", "SIMD"})
    public Implementation implementation;

    /** 64 Ki weights, three times 256 KiB: the L2 cache. */
    @Param({"65536"})
    public long count;

    private Arena arena;
    private ExtrapolationKernel kernel;
    private MemorySegment sft;
    private MemorySegment aligned;
    private MemorySegment target;
    private MemorySegment copySource;
    private MemorySegment copyTarget;

    @Setup(Level.Trial)
    public void setUp() {
        arena = Arena.ofConfined();
        Extrapolation extrapolation = new Extrapolation(ALPHA);
        kernel = switch (implementation) {
            case SCALAR -> new ScalarKernel(ALPHA);
            case SIMD -> new VectorKernel(ALPHA);
        };
        sft = arena.allocate(count * Float.BYTES, 64);
        aligned = arena.allocate(count * Float.BYTES, 64);
        target = arena.allocate(count * Float.BYTES, 64);
        copySource = arena.allocate(bytes() / 2, 64).fill((byte) 1);
        copyTarget = arena.allocate(bytes() / 2, 64);
        Random random = new Random(2);
        for (long i = 0; i < count; i++) {
            sft.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
            aligned.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        kernel.extrapolate(count, sft, aligned, target);
        for (long i = 0; i < count; i++) {
            float expected = extrapolation.apply(sft.getAtIndex(JAVA_FLOAT, i), aligned.getAtIndex(JAVA_FLOAT, i));
            if (target.getAtIndex(JAVA_FLOAT, i) != expected) {
                throw new IllegalStateException("weight " + i + " is not what the formula gives");
            }
        }
    }

    private long bytes() {
        return sft.byteSize() + aligned.byteSize() + target.byteSize();
    }

    @Benchmark
    public MemorySegment extrapolate(Traffic traffic) {
        kernel.extrapolate(count, sft, aligned, target);
        traffic.add(count, bytes());
        return target;
    }

    @Benchmark
    public MemorySegment copy(Traffic traffic) {
        traffic.add(count, bytes());
        return copyTarget.copyFrom(copySource);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        arena.close();
    }
}
