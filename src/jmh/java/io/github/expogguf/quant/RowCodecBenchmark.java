package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.bench.Traffic;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.simd.FloatKernels;
import io.github.expogguf.simd.ScalarFloatKernels;
import io.github.expogguf.simd.VectorFloatKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
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
 * Dequantizing and quantizing a chunk, for every type, beside a plain copy of as many bytes.
 *
 * <p>A fork for every figure: the JIT compiler would otherwise have seen the other types' calls and compile for all of
 * them. Three seconds of warm-up: before the optimizing compiler is done, vector code is hundreds of times slower.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class RowCodecBenchmark {

    /** What does the work. */
    public enum Implementation {
        GGML,
        SCALAR,
        SIMD
    }

    private static final long ROW_LENGTH = 4096;

    @Param({"Q4_K"})
    public GgmlType type;

    @Param({"GGML"})
    public Implementation implementation;

    /** Rows of 4096 weights: 2 fit the L1 cache, 32 the L2 cache, as a chunk of the pipeline does, 4096 neither. */
    @Param({"32"})
    public long rowCount;

    /** Whether values are weighed by importance; types that cannot do without always are. */
    @Param({"false"})
    public boolean hasImportance;

    private Arena arena;
    private RowCodec codec;
    private MemorySegment floats;
    private MemorySegment back;
    private MemorySegment packed;
    private MemorySegment importance;
    private MemorySegment copySource;
    private MemorySegment copyTarget;

    @Setup(Level.Trial)
    public void setUp() {
        arena = Arena.ofConfined();
        codec = codec();
        long count = rowCount * ROW_LENGTH;
        floats = arena.allocate(count * Float.BYTES, 64);
        back = arena.allocate(count * Float.BYTES, 64);
        packed = arena.allocate(rowCount * type.rowBytes(ROW_LENGTH), 64);
        Random random = new Random(1);
        for (long i = 0; i < count; i++) {
            floats.setAtIndex(JAVA_FLOAT, i, (float) (0.02 * random.nextGaussian()));
        }
        importance = MemorySegment.NULL;
        if (hasImportance || WeightTypes.needsImportance(type)) {
            importance = arena.allocate(ROW_LENGTH * Float.BYTES, 64);
            for (long i = 0; i < ROW_LENGTH; i++) {
                importance.setAtIndex(JAVA_FLOAT, i, random.nextFloat());
            }
        }
        long half = bytes() / 2; // a copy of n bytes reads n and writes n
        copySource = arena.allocate(half, 64).fill((byte) 1);
        copyTarget = arena.allocate(half, 64);
        check(count);
    }

    /** Whether a quantized type has an implementation beside ggml's. */
    public static boolean isWide(GgmlType type, boolean hasImportance) {
        return WideRowCodec.isSupported(type, hasImportance) || WideDequantizingCodec.isSupported(type);
    }

    private RowCodec codec() {
        if (implementation == Implementation.GGML) {
            return new GgmlRowCodec(type);
        }
        if (implementation == Implementation.SIMD && isWide(type, hasImportance)) {
            RowCodec ggml = new GgmlRowCodec(type);
            RowCodec quantizer = WideRowCodec.isSupported(type, hasImportance) ? WideRowCodec.of(ggml) : ggml;
            return WideDequantizingCodec.isSupported(type) ? WideDequantizingCodec.of(quantizer) : quantizer;
        }
        FloatKernels chosen =
                implementation == Implementation.SIMD ? new VectorFloatKernels() : new ScalarFloatKernels();
        LongFunction<FloatKernels> kernels = _ -> chosen;
        return switch (type) {
            case F32 -> new F32Codec(kernels);
            case F16 -> new F16Codec(kernels);
            case BF16 -> new BF16Codec(kernels);
            default -> throw new IllegalArgumentException(type + " has no implementation in Java");
        };
    }

    private long bytes() {
        return packed.byteSize() + floats.byteSize();
    }

    /** The first and the last row are what ggml makes of them. */
    private void check(long count) {
        codec.quantize(ROW_LENGTH, rowCount, floats, importance, packed);
        codec.dequantize(ROW_LENGTH, rowCount, packed, back);
        RowCodec ggml = new GgmlRowCodec(type);
        long rowBytes = type.rowBytes(ROW_LENGTH);
        MemorySegment expected = arena.allocate(rowBytes, 64);
        MemorySegment expectedFloats = arena.allocate(ROW_LENGTH * Float.BYTES, 64);
        for (long row : new long[] {0, rowCount - 1}) {
            long floatOffset = row * ROW_LENGTH * Float.BYTES;
            ggml.quantize(ROW_LENGTH, 1, floats.asSlice(floatOffset, ROW_LENGTH * Float.BYTES), importance, expected);
            ggml.dequantize(ROW_LENGTH, 1, expected, expectedFloats);
            if (packed.asSlice(row * rowBytes, rowBytes).mismatch(expected) != -1
                    || back.asSlice(floatOffset, expectedFloats.byteSize()).mismatch(expectedFloats) != -1) {
                throw new IllegalStateException(type + ": row " + row + " of " + count + " differs from ggml's");
            }
        }
    }

    @Benchmark
    public MemorySegment dequantize(Traffic traffic) {
        codec.dequantize(ROW_LENGTH, rowCount, packed, back);
        traffic.add(rowCount * ROW_LENGTH, bytes());
        return back;
    }

    @Benchmark
    public MemorySegment quantize(Traffic traffic) {
        codec.quantize(ROW_LENGTH, rowCount, floats, importance, packed);
        traffic.add(rowCount * ROW_LENGTH, bytes());
        return packed;
    }

    @Benchmark
    public MemorySegment copy(Traffic traffic) {
        copyTarget.copyFrom(copySource);
        traffic.add(rowCount * ROW_LENGTH, bytes());
        return copyTarget;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        arena.close();
    }
}
