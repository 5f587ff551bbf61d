package io.github.expogguf.convert.gather;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.safetensors.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every form in which scales are published, beside a loop over rows and columns. */
class ScalesTest {

    private static final byte ONE = 0x38; // in E4M3
    private static final int ROUNDS = 60;

    @TempDir
    private Path directory;

    private record Stored(String name, String type, long[] shape, byte[] bytes) {}

    private Checkpoint checkpoint(String config, Stored... tensors) throws IOException {
        StringBuilder header = new StringBuilder();
        int end = 0;
        for (Stored tensor : tensors) {
            header.append(header.isEmpty() ? "{" : ",")
                    .append("\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(
                                    tensor.name,
                                    tensor.type,
                                    Arrays.toString(tensor.shape),
                                    end,
                                    end + tensor.bytes.length));
            end += tensor.bytes.length;
        }
        header.append("}");
        ByteBuffer bytes =
                ByteBuffer.allocate(Long.BYTES + header.length() + end).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.toString().getBytes(StandardCharsets.US_ASCII));
        for (Stored tensor : tensors) {
            bytes.put(tensor.bytes);
        }
        Path folder = Files.createTempDirectory(directory, "folder");
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        Files.writeString(folder.resolve("config.json"), config);
        return Checkpoint.open(folder);
    }

    private static Stored ones(long... shape) {
        byte[] bytes = new byte[Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact))];
        Arrays.fill(bytes, ONE);
        return new Stored("w", "F8_E4M3", shape, bytes);
    }

    /** Scales that are their own numbers from 1 on. */
    private static Stored counted(String name, long... shape) {
        int count = Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 1; i <= count; i++) {
            bytes.putFloat(i);
        }
        return new Stored(name, "F32", shape, bytes.array());
    }

    private static float[] read(Checkpoint checkpoint, String name, View view, long first, int count)
            throws IOException {
        Gathering gathering = new Gathering(List.of(new Part(name, view, List.of())));
        float[] values = new float[count];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate((long) Float.BYTES * count, Float.BYTES);
            new GatheredElements(checkpoint).read(gathering, first, count, GgmlType.F32, floats);
            MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT, 0, values, 0, count);
        }
        return values;
    }

    private static long[] numbers(String text) {
        return text.isEmpty()
                ? new long[0]
                : Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    /** Formula: the number of the scale, from 1, of expert e, row r and column c, as a divisor for each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "5 8   | w_scale     | ``    | `` | 0 0 0", // one, as ModelOpt and fp8 write it
                "5 8   | w_scale     | 1     | `` | 0 0 0", // the same of compressed-tensors
                "5 8   | w_scale     | 5     | `` | 0 1 0",
                "5 8   | w_scale     | 5 1   | `` | 0 1 0", // for each row, as compressed-tensors and fbgemm_fp8
                "5 8   | w_scale     | 1 8   | `` | 0 0 1",
                "7 9   | w_scale_inv | 4 3   | \"weight_block_size\":[2,3] | 0 3/2 1/3", // DeepSeek
                "7 9   | w_scale     | 4 3   |"
                        + " \"config_groups\":{\"group_0\":{\"weights\":{\"block_structure\":[2,3]}}} | 0 3/2 1/3",
                "2 5 8 | w_scale     | 2     | `` | 1 0 0",
                "2 5 8 | w_scale     | 2 5 1 | `` | 5 1 0",
                "2 5 8 | w_scale     | 2 1 8 | `` | 8 0 1", // Llama 4's experts by fbgemm_fp8: gate_up_proj
                "2 5 8 | w_scale     | 2 8 1 | `` | 8 0 1", // and down_proj
                "2 7 9 | w_scale_inv | 2 4 3 | \"weight_block_size\":[2,3] | 12 3/2 1/3"
            })
    void everyFormIsThatOfALoop(String weights, String name, String scales, String config, String steps)
            throws IOException {
        long[] shape = numbers(weights.strip());
        List<long[]> divisors = new ArrayList<>();
        for (String step : steps.split(" ")) {
            long[] both =
                    Arrays.stream(step.split("/")).mapToLong(Long::parseLong).toArray();
            divisors.add(new long[] {both[0], both.length == 1 ? 1 : both[1]});
        }
        long rows = shape[shape.length - 2];
        long columns = shape[shape.length - 1];
        long all = LongStream.of(shape).reduce(1, Math::multiplyExact);
        SplittableRandom random = new SplittableRandom(3);
        try (Checkpoint checkpoint =
                checkpoint("{\"quantization_config\":{" + config + "}}", ones(shape), counted(name, numbers(scales)))) {
            for (int round = 0; round < ROUNDS; round++) {
                int first = random.nextInt((int) all);
                int count = 1 + random.nextInt((int) all - first);
                float[] values = read(checkpoint, "w", View.of(shape), first, count);
                for (int i = 0; i < count; i++) {
                    long at = first + i;
                    long[] places = {at / columns / rows, at / columns % rows, at % columns};
                    float expected = 1;
                    for (int axis = 0; axis < 3; axis++) {
                        expected += divisors.get(axis)[0] * (places[axis] / divisors.get(axis)[1]);
                    }
                    assertThat(values[i]).as("%s of %s", at, weights).isEqualTo(expected);
                }
            }
        }
    }

    /** Every byte of four bits twice, by the table of the OCP's specification; each block by a power of its own. */
    @Test
    void mxfp4IsUnpackedByItsTable() throws IOException {
        double[] table = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
        byte[] blocks = new byte[2 * 3 * 16];
        new SplittableRandom(5).nextBytes(blocks);
        byte[] exponents = {127, 120, 0, 1, (byte) 252, (byte) 255};
        try (Checkpoint checkpoint = checkpoint(
                "{}",
                new Stored("e_blocks", "U8", new long[] {2, 3, 1, 16}, blocks),
                new Stored("e_scales", "U8", new long[] {2, 3, 1}, exponents))) {
            int all = 2 * 3 * 32;
            for (int first = 0; first < all; first += 7) {
                float[] values = read(checkpoint, "e_blocks", View.of(2, 3, 32), first, all - first);
                for (int i = 0; i < values.length; i++) {
                    int at = first + i;
                    int code = at % 2 == 0 ? blocks[at / 2] & 0xF : blocks[at / 2] >> 4 & 0xF;
                    int exponent = (exponents[at / 32] & 0xFF) - 127;
                    double expected = table[code & 7] * Math.pow(2, exponent) * (code < 8 ? 1 : -1) + 0.0;
                    assertThat(values[i]).isEqualTo(Float.valueOf(exponent == 128 ? Float.NaN : (float) expected));
                }
            }
            float[] turned = read(
                    checkpoint, "e_blocks", View.of(2, 3, 32).take(1, 0, 3, 2).swap(1, 2), 5, 30);
            float[] straight = read(checkpoint, "e_blocks", View.of(2, 3, 32), 0, 96);
            for (int i = 0; i < turned.length; i++) {
                assertThat(turned[i]).isEqualTo(straight[(5 + i) % 2 * 64 + (5 + i) / 2]);
            }
        }
    }

    @Test
    void powersOfTwoScaleEightBits() throws IOException {
        byte[] exponents = {127, (byte) 128, 100};
        try (Checkpoint checkpoint = checkpoint(
                "{\"quantization_config\":{\"weight_block_size\":[1,4]}}",
                ones(3, 4),
                new Stored("w_scale", "F8_E8M0", new long[] {3, 1}, exponents))) {
            assertThat(read(checkpoint, "w", View.of(3, 4), 3, 6))
                    .containsExactly(1, 2, 2, 2, 2, (float) Math.pow(2, -27));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "4   | `` | expected one for all, one for each row, or one for each block, whose size config.json does not",
                "5 7 | `` | expected one for all, one for each row",
                "3 3 | \"weight_block_size\":[2,4] | whose size config.json says (weight_block_size [2, 4]);",
                "1 4 | \"weight_block_size\":[2,2] | whose size config.json says (weight_block_size [2, 2]);", // 3 4
                "3 1 | \"weight_block_size\":[2,4] | whose size config.json says (weight_block_size [2, 4]);", // 3 2
                "3 3 | \"weight_block_size\":[0,0] | whose size config.json says (weight_block_size [0, 0]);",
                "3 3 | \"weight_block_size\":[1e999999,\"2\"] | config.json does not say (weight_block_size, or block_structure of",
                "3 3 | \"config_groups\":{\"a\":{\"weights\":{\"block_structure\":[2,4]}}} | (block_structure [2, 4]); are weights,",
                "5 1 1 | `` | expected one for all"
            })
    void scalesThatDoNotGoWithTheWeightsAreRefused(String scales, String config, String words) throws IOException {
        try (Checkpoint checkpoint = checkpoint(
                "{\"quantization_config\":{" + config + "}}",
                ones(5, 8),
                counted("w_scale", numbers(scales.strip())))) {
            assertThatThrownBy(() -> read(checkpoint, "w", View.of(5, 8), 0, 1))
                    .isInstanceOf(SafetensorsFormatException.class)
                    .hasMessageStartingWith(checkpoint.files().getFirst().path() + ": the scales 'w_scale' of shape ")
                    .hasMessageContaining(words)
                    .hasMessageEndingWith(" Else take the folder that it was quantized from");
        }
    }

    @Test
    void mistralNamesThemOtherwise() throws IOException {
        Stored weights = new Stored("wq.weight", "F8_E4M3", new long[] {1, 2}, new byte[] {ONE, ONE});
        Stored scale = counted("wq.qscale_weight");
        ByteBuffer.wrap(scale.bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 3);
        try (Checkpoint checkpoint = checkpoint("{}", weights, scale)) {
            assertThat(read(checkpoint, "wq.weight", View.of(1, 2), 0, 2)).containsExactly(3, 3);
        }
    }

    @Test
    void thoseOfMxfp8AreNamed() throws IOException {
        try (Checkpoint checkpoint =
                checkpoint("{}", ones(1, 32), new Stored("w_scale", "U8", new long[] {1, 1}, new byte[] {127}))) {
            assertThatThrownBy(() -> read(checkpoint, "w", View.of(1, 32), 0, 1))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageContaining("(as those of MXFP8 are)")
                    .hasMessageEndingWith("take the folder that it was quantized from, as that is published beside it");
        }
    }

    @Test
    void integersAreNoScales() throws IOException {
        try (Checkpoint checkpoint = checkpoint(
                "{}", ones(2, 2), new Stored("w_scale_inv", "I32", new long[] {1}, new byte[] {1, 0, 0, 0}))) {
            assertThatThrownBy(() -> read(checkpoint, "w", View.of(2, 2), 0, 1))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessage(checkpoint.files().getFirst().path()
                            + ": tensor 'w_scale_inv' with the scales of 'w' is of type I32 and shape"
                            + " [1], expected floats (F32, F16, BF16, F64) or powers of two (F8_E8M0); take the folder"
                            + " that it was quantized from, as that is published beside it");
        }
    }
}
