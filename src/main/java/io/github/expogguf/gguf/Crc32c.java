package io.github.expogguf.gguf;

import io.github.expogguf.simd.Unmapped;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * CRC-32C (Castagnoli) of pieces, and of what they make when put together. Checksums of pieces that were computed
 * anywhere, in any order, combine to that of the whole without another look at the bytes: appending n bytes multiplies
 * a checksum, seen as a polynomial over the integers modulo 2, by x^8n.
 */
public final class Crc32c {

    private static final int POLYNOMIAL = 0x82F6_3B78; // RFC 3720, the highest power in the lowest bit
    private static final int ONE = 1 << 31; // x^0
    private static final int BYTE = 1 << 23; // x^8
    private static final int[] POWERS = powers(); // x^(8 * 2^k); a run combines millions of chunks
    private static final long MAX_PIECE = 1L << 30; // a ByteBuffer holds less than 2 GiB

    private Crc32c() {}

    /**
     * {@return the checksum of all bytes}
     *
     * @param bytes off-heap, or a byte array
     * @throws IllegalArgumentException if they are an array of another kind or a mapped file
     */
    public static int of(MemorySegment bytes) {
        Objects.requireNonNull(bytes, "bytes");
        Unmapped.require("what is to be summed", bytes);
        if (!bytes.isNative() && !(bytes.heapBase().orElse(null) instanceof byte[])) {
            throw new IllegalArgumentException("neither off-heap memory nor a byte array");
        }
        CRC32C crc = new CRC32C();
        for (long done = 0; done < bytes.byteSize(); ) {
            long piece = Math.min(MAX_PIECE, bytes.byteSize() - done);
            crc.update(bytes.asSlice(done, piece).asByteBuffer());
            done += piece;
        }
        return (int) crc.getValue();
    }

    /**
     * {@return the checksum of two pieces, one behind the other; that of nothing is 0}
     *
     * @param first       checksum of the first piece
     * @param second      checksum of the second
     * @param secondBytes bytes of the second, not negative
     */
    public static int combine(int first, int second, long secondBytes) {
        int shifted = first;
        for (long left = secondBytes; left != 0; left &= left - 1) {
            shifted = multiply(shifted, POWERS[Long.numberOfTrailingZeros(left)]);
        }
        return shifted ^ second;
    }

    /** x^8, and the square of each before. */
    private static int[] powers() {
        int[] powers = new int[Long.SIZE];
        powers[0] = BYTE;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = multiply(powers[i - 1], powers[i - 1]);
        }
        return powers;
    }

    /** Product of two polynomials, modulo the one of CRC-32C. */
    private static int multiply(int a, int b) {
        int product = 0;
        int multiple = b; // b * x^k for the k-th bit of a
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= multiple;
            }
            multiple = multiple >>> 1 ^ ((multiple & 1) != 0 ? POLYNOMIAL : 0);
        }
        return product;
    }
}
