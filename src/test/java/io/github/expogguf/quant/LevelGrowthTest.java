package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Measures what quantizing again does to weights that are values of a type already, and whether dividing first helps:
 * on normally distributed weights and on those of the trained pair, with and without importance. Prints a table.
 */
@Tag("native")
class LevelGrowthTest {

    private static final int ROW_LENGTH = 256;
    private static final int ROWS = 24;
    private static final float[] ALPHAS = {0.1f, 0.3f, 1};

    private record Weights(String name, float[] sft, float[] aligned) {}

    private static final List<Weights> WEIGHTS = List.of(normal(), trained());

    private static Weights normal() {
        Random random = new Random(5);
        float[] sft = new float[ROWS * ROW_LENGTH];
        float[] aligned = new float[sft.length];
        for (int i = 0; i < sft.length; i++) {
            sft[i] = (float) (0.02 * random.nextGaussian());
            aligned[i] = sft[i] + (float) (0.0002 * random.nextGaussian());
        }
        return new Weights("normal", sft, aligned);
    }

    private static Weights trained() {
        return new Weights("trained", read("src/demo/guide-sft-f16.gguf"), read("src/demo/guide-dpo-20-f16.gguf"));
    }

    private static float[] read(String file) {
        try (GgufModel model = GgufModel.open(Path.of(file));
                Arena arena = Arena.ofConfined()) {
            TensorInfo tensor = model.header().tensors().stream()
                    .filter(any -> any.name().equals("blk.1.ffn_up.weight"))
                    .findFirst()
                    .orElseThrow();
            MemorySegment bytes = arena.allocate(ROWS * tensor.rowBytes(), 64);
            model.read(tensor, 0, bytes);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, ROWS * ROW_LENGTH);
            RowCodecs.of(tensor.type()).dequantize(ROW_LENGTH, ROWS, bytes, floats);
            return floats.toArray(JAVA_FLOAT);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static Stream<GgmlType> growing() {
        return Arrays.stream(GgmlType.values()).filter(type -> LevelGrowth.factor(type) != 1);
    }

    /**
     * Those with rows of 256 at most; for the ternary and binary ones, and the floats, what they hold stays exactly.
     */
    static Stream<GgmlType> others() {
        return Arrays.stream(GgmlType.values())
                .filter(type -> WeightTypes.isSupported(type)
                        && LevelGrowth.factor(type) == 1
                        && ROW_LENGTH % type.blockSize() == 0);
    }

    private static List<float[]> importances(GgmlType type) {
        float[] uneven = new float[ROW_LENGTH];
        Random random = new Random(6);
        for (int i = 0; i < uneven.length; i++) {
            uneven[i] = (float) Math.exp(random.nextGaussian());
        }
        float[] even = new float[ROW_LENGTH];
        Arrays.fill(even, 1);
        List<float[]> all = new ArrayList<>(List.of(even, uneven));
        if (!WeightTypes.needsImportance(type)) {
            all.add(null);
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("growing")
    void weightsGrowByTheFactorAndDividingFirstMeasuresBetterAtEveryAlpha(GgmlType type) {
        float factor = LevelGrowth.factor(type);
        for (Weights weights : WEIGHTS) {
            for (float[] importance : importances(type)) {
                float[] sft = roundTrip(type, weights.sft, importance);
                float[] aligned = roundTrip(type, weights.aligned, importance);
                double growth = fit(roundTrip(type, aligned, importance), aligned);
                assertThat(growth).as(weights.name).isCloseTo(factor, within(0.007));
                StringBuilder line = new StringBuilder(String.format(
                        Locale.ROOT,
                        "growth | %-7s | %-7s | %-13s | x %.4f | error of the result, plain and divided by %s:",
                        type,
                        weights.name,
                        importance == null ? "no importance" : importance[0] == importance[1] ? "even" : "uneven",
                        growth,
                        factor));
                for (float alpha : ALPHAS) {
                    float[] target = extrapolate(sft, aligned, alpha);
                    double plain = error(roundTrip(type, target, importance), target);
                    double divided = error(roundTrip(type, divide(target, factor), importance), target);
                    line.append(String.format(Locale.ROOT, " | alpha %.1f %.4f %.4f", alpha, plain, divided));
                    assertThat(divided)
                            .as("%s, %s, alpha %s", type, weights.name, alpha)
                            .isLessThan(plain);
                }
                System.out.println(line);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("others")
    void otherTypesKeepTheSizeOfTheirWeights(GgmlType type) {
        for (Weights weights : WEIGHTS) {
            for (float[] importance : importances(type)) {
                float[] aligned = roundTrip(type, weights.aligned, importance);
                assertThat(fit(roundTrip(type, aligned, importance), aligned))
                        .as(weights.name)
                        .isCloseTo(1, within(0.003));
            }
        }
    }

    private static float[] extrapolate(float[] sft, float[] aligned, float alpha) {
        float[] result = new float[sft.length];
        for (int i = 0; i < result.length; i++) {
            float delta = aligned[i] - sft[i];
            float step = alpha * delta;
            result[i] = aligned[i] + step;
        }
        return result;
    }

    private static float[] divide(float[] values, float divisor) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i] / divisor;
        }
        return result;
    }

    /** The factor of the second in a least-squares fit to the first. */
    private static double fit(float[] values, float[] weights) {
        double product = 0;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            product += (double) values[i] * weights[i];
            squares += (double) weights[i] * weights[i];
        }
        return product / squares;
    }

    /** Root mean square of the difference, as a share of that of the target. */
    private static double error(float[] values, float[] target) {
        double squares = 0;
        double all = 0;
        for (int i = 0; i < values.length; i++) {
            double difference = (double) values[i] - target[i];
            squares += difference * difference;
            all += (double) target[i] * target[i];
        }
        return Math.sqrt(squares / all);
    }

    private static float[] roundTrip(GgmlType type, float[] values, float[] importance) {
        long rows = values.length / ROW_LENGTH;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(type.rowBytes(ROW_LENGTH) * rows, 64);
            MemorySegment floats = arena.allocateFrom(JAVA_FLOAT, values);
            MemorySegment weights =
                    importance == null ? MemorySegment.NULL : arena.allocateFrom(JAVA_FLOAT, importance);
            RowCodecs.of(type).quantize(ROW_LENGTH, rows, floats, weights, packed);
            RowCodecs.of(type).dequantize(ROW_LENGTH, rows, packed, floats);
            return floats.toArray(JAVA_FLOAT);
        }
    }
}
