package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.cases.Importance;
import io.github.expogguf.quant.cases.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("native")
class PlainQ80CodecTest extends RowCodecContract {

    private static final long BLOCKS = 2000;
    private static final int BLOCK_BYTES = 34;

    private final RowCodec ggml = new GgmlRowCodec(GgmlType.Q8_0);
    private final RowCodec plain = new PlainQ80Codec(ggml);

    @Override
    List<RowCodec> codecs() {
        return List.of(plain);
    }

    @ParameterizedTest
    @EnumSource
    void writesTheBytesOfGgml(Weights kind) {
        assertThat(new QuantizeProperty(ggml, plain, kind, List.of(Importance.NONE)).check(BLOCKS))
                .isGreaterThanOrEqualTo(BLOCKS);
        new QuantizeProperty(ggml, plain, kind, Importance.ALL).check(BLOCKS);
    }

    @Test
    void roundsHalvesAwayFromZeroAsGgmlDoes() {
        Q80Rounding.assertIsThatOfGgml(plain);
    }

    /** A scale whose inverse is infinite, and one that is no half; ggml has an answer to the first. */
    @Test
    void leavesWhatIsNotUsualToGgml() {
        for (float largest : new float[] {127 * 0x1p-129f, 0x1p20f, 0x1p22f}) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = arena.allocate(JAVA_FLOAT, 64);
                MemorySegment expected = arena.allocate(2 * BLOCK_BYTES);
                MemorySegment packed = arena.allocate(2 * BLOCK_BYTES);
                floats.setAtIndex(JAVA_FLOAT, 5, 1);
                floats.setAtIndex(JAVA_FLOAT, 37, largest);
                ggml.quantize(64, 1, floats, NULL, expected);
                plain.quantize(64, 1, floats, NULL, packed);
                assertThat(packed.mismatch(expected)).isEqualTo(-1);
            }
        }
    }
}
