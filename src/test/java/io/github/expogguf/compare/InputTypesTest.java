package io.github.expogguf.compare;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Measures what the type of the inputs does to a delta, and holds the documents to the figures, which it prints. */
@Tag("native")
class InputTypesTest {

    private static final int ROW_LENGTH = 256;
    private static final int ROWS = 4096;
    private static final double DEVIATION = 0.02;
    private static final double STEP = 0.001 * DEVIATION;

    private final float[] sft = new float[ROWS * ROW_LENGTH];
    private final float[] aligned = new float[sft.length];

    InputTypesTest() {
        Random random = new Random(1);
        for (int i = 0; i < sft.length; i++) {
            sft[i] = (float) (DEVIATION * random.nextGaussian());
            aligned[i] = sft[i] + (float) (STEP * random.nextGaussian());
        }
    }

    @Test
    void theErrorOfTheDeltaIsTheOneInThePage() throws IOException {
        String row = String.format(
                Locale.ROOT,
                "| %.0f | %.2f | %.1f | %.1f |",
                error(GgmlType.F32),
                error(GgmlType.F16),
                error(GgmlType.BF16),
                error(GgmlType.Q8_0));
        System.out.println("error of a step from inputs in F32, F16, BF16, Q8_0: " + row);
        assertThat(words("compare.md")).contains(row);
    }

    @Test
    void theDeltaOfTwoBf16FilesPointsWhereThePageSays() throws IOException {
        float[] trueDelta = minus(aligned, sft);
        float[] delta = minus(rounded(GgmlType.BF16, aligned), rounded(GgmlType.BF16, sft));
        double slope = dot(delta, trueDelta) / dot(trueDelta, trueDelta);
        double correlation = dot(delta, trueDelta) / Math.sqrt(dot(trueDelta, trueDelta) * dot(delta, delta));
        String figures = String.format(Locale.ROOT, "(%.3f of it, correlation %.2f)", slope, correlation);
        System.out.println("delta of BF16 files: " + figures);
        assertThat(words("compare.md")).contains(figures);
    }

    /** Eight significant bits fit the eleven of F16, but for weights so small that F16 has fewer for them. */
    @Test
    void f16FilesOfABf16CheckpointLoseWhatThePageSays() throws IOException {
        float[] sftAsTrained = rounded(GgmlType.BF16, sft);
        float[] alignedAsTrained = rounded(GgmlType.BF16, aligned);
        float[] step = minus(alignedAsTrained, sftAsTrained);
        float[] read = minus(rounded(GgmlType.F16, alignedAsTrained), rounded(GgmlType.F16, sftAsTrained));
        float[] error = minus(read, step);
        String figure = String.format(Locale.ROOT, "F16 files %.6f of", Math.sqrt(dot(error, error) / dot(step, step)));
        System.out.println("error of a step of a BF16 checkpoint: " + figure + " it");
        assertThat(words("compare.md")).contains(figure);
    }

    @Test
    void alphaFromBf16ToF16IsRoundedToEighthsAsThePageSays() throws IOException {
        String figures = String.format(
                Locale.ROOT,
                "of 0.1 arrives %.3f, of 0.3 %.3f, of 0.5 %.3f",
                arrived(0.1f),
                arrived(0.3f),
                arrived(0.5f));
        System.out.println("alpha from BF16 to F16: " + figures);
        assertThat(words("realised-alpha.md")).contains(figures);
    }

    private static String words(String page) throws IOException {
        return Files.readString(Path.of("docs", page)).replaceAll("\\s+", " ");
    }

    private double error(GgmlType type) {
        float[] trueDelta = minus(aligned, sft);
        float[] error = minus(minus(rounded(type, aligned), rounded(type, sft)), trueDelta);
        return Math.sqrt(dot(error, error) / dot(trueDelta, trueDelta));
    }

    private double arrived(float alpha) {
        float[] from = rounded(GgmlType.BF16, aligned);
        float[] delta = minus(from, rounded(GgmlType.BF16, sft));
        float[] extrapolated = new float[from.length];
        for (int i = 0; i < from.length; i++) {
            extrapolated[i] = from[i] + alpha * delta[i];
        }
        float[] change = minus(rounded(GgmlType.F16, extrapolated), from);
        return dot(change, delta) / dot(delta, delta);
    }

    private static float[] rounded(GgmlType type, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(JAVA_FLOAT, values.length).copyFrom(MemorySegment.ofArray(values));
            MemorySegment packed = arena.allocate(ROWS * type.rowBytes(ROW_LENGTH), 64);
            RowCodec codec = RowCodecs.of(type);
            codec.quantize(ROW_LENGTH, ROWS, floats, MemorySegment.NULL, packed);
            codec.dequantize(ROW_LENGTH, ROWS, packed, floats);
            return floats.toArray(JAVA_FLOAT);
        }
    }

    private static float[] minus(float[] a, float[] b) {
        float[] difference = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
