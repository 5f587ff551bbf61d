package io.github.expogguf.nativelib;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.WeightTypes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Main class: what ggml makes of the same values, as a line {@code TYPE checksum} for every type, each without
 * importance and with it where that is possible.
 */
public final class DigestProbe {

    private static final int ROW_LENGTH = 4096;
    private static final int ROWS = 64;

    private DigestProbe() {}

    /** The directory of the libraries, and how many times 262,144 values are quantized to each type. */
    public static void main(String[] arguments) {
        NativeLibrary.load("argument", Path.of(arguments[0]));
        int rounds = Integer.parseInt(arguments[1]);
        for (GgmlType type : GgmlType.values()) {
            if (type.isQuantized() && WeightTypes.isSupported(type)) {
                CRC32C checksum = new CRC32C();
                for (int round = 0; round < rounds; round++) {
                    if (!WeightTypes.needsImportance(type)) {
                        checksum.update(quantize(type, round, false));
                    }
                    checksum.update(quantize(type, round, true));
                }
                System.out.println(type + " " + HexFormat.of().toHexDigits((int) checksum.getValue()));
            }
        }
    }

    private static byte[] quantize(GgmlType type, int seed, boolean weighed) {
        Random random = new Random(seed);
        float[] values = new float[ROWS * ROW_LENGTH];
        float[] weights = new float[ROW_LENGTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.02 * random.nextGaussian());
        }
        if (seed % 2 == 0) { // as for an expert that was never used
            Arrays.fill(weights, 1);
        } else {
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) Math.pow(random.nextGaussian(), 2) + 1e-3f;
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(type.rowBytes(ROW_LENGTH) * ROWS, 64);
            MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            MemorySegment importance =
                    weighed ? arena.allocateFrom(ValueLayout.JAVA_FLOAT, weights) : MemorySegment.NULL;
            GgmlCalls.quantize(type, source, target, ROWS, ROW_LENGTH, importance);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
