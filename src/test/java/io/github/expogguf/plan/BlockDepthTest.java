package io.github.expogguf.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BlockDepthTest {

    @Test
    void blocksStandAtEqualDistancesAndTheRestAtTheEnds() {
        BlockDepth depth = new BlockDepth(List.of("blk.0.a", "blk.4.a", "blk.2.a"));

        assertThat(depth.of("blk.0.attn_q.weight")).isZero();
        assertThat(depth.of("blk.1.attn_q.weight")).isEqualTo(0.25);
        assertThat(depth.of("blk.4.attn_q.weight")).isEqualTo(1);
        for (String last : List.of("output.weight", "output_norm.weight", "output_norm.bias", "cls.output.weight")) {
            assertThat(depth.of(last)).as(last).isEqualTo(1);
        }
        for (String first : List.of("token_embd.weight", "token_embd_norm.weight", "rope_freqs.weight", "x.blk.9")) {
            assertThat(depth.of(first)).as(first).isZero();
        }
    }

    @Test
    void encoderAndDecoderAreCountedApart() {
        BlockDepth depth = new BlockDepth(List.of("enc.blk.2.a", "dec.blk.4.a"));

        assertThat(depth.of("enc.blk.1.a")).isEqualTo(0.5);
        assertThat(depth.of("dec.blk.1.a")).isEqualTo(0.25);
        assertThat(depth.of("enc.output_norm.weight")).isEqualTo(1);
    }

    @Test
    void aSingleBlockIsTheFirst() {
        assertThat(new BlockDepth(List.of("blk.0.a")).of("blk.0.a")).isZero();
    }
}
