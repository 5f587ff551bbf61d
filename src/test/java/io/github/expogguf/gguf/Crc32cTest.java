package io.github.expogguf.gguf;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc32cTest {

    @Test
    void hasTheCheckValueOfTheStandard() {
        assertThat(Crc32c.of(MemorySegment.ofArray("123456789".getBytes(US_ASCII))))
                .isEqualTo(0xE306_9283);
        assertThat(Crc32c.of(MemorySegment.ofArray(new byte[0]))).isZero();
    }

    @Test
    void piecesCombineToTheWhole() {
        Random random = new Random(42);
        for (int length = 0; length < 400; length++) {
            byte[] bytes = new byte[length * length];
            random.nextBytes(bytes);
            MemorySegment whole = MemorySegment.ofArray(bytes);
            int combined = 0;
            for (long done = 0; done < bytes.length; ) {
                long piece = Math.min(bytes.length - done, random.nextInt(bytes.length + 1));
                combined = Crc32c.combine(combined, Crc32c.of(whole.asSlice(done, piece)), piece);
                done += piece;
            }
            assertThat(combined).isEqualTo(Crc32c.of(whole));
        }
    }

    /** Two to the 32 bytes and more cannot be looked at in a test, but zeros can be put together from halves. */
    @Test
    void combinesPiecesOfAnyLength() {
        int zeros = Crc32c.of(MemorySegment.ofArray(new byte[1 << 10]));
        int beforeZeros = 0x1234_5678;
        int oneByOne = beforeZeros;
        for (int i = 0; i < 64; i++) {
            oneByOne = Crc32c.combine(oneByOne, zeros, 1 << 10);
        }
        int doubled = zeros;
        long bytes = 1 << 10;
        while (bytes < 1 << 16) {
            doubled = Crc32c.combine(doubled, doubled, bytes);
            bytes *= 2;
        }
        assertThat(Crc32c.combine(beforeZeros, doubled, bytes)).isEqualTo(oneByOne);
        for (; bytes < 1L << 62; bytes *= 2) {
            int half = Crc32c.combine(beforeZeros, doubled, bytes);
            int twice = Crc32c.combine(doubled, doubled, bytes);
            assertThat(Crc32c.combine(half, doubled, bytes)).isEqualTo(Crc32c.combine(beforeZeros, twice, 2 * bytes));
            doubled = twice;
        }
    }

    @Test
    void readsOffHeapMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(9);
            copy.copyFrom(MemorySegment.ofArray("123456789".getBytes(US_ASCII)));
            assertThat(Crc32c.of(copy)).isEqualTo(0xE306_9283);
        }
    }
}
