package io.github.expogguf.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * The elements of an array of strings, each found in the array's own bytes: a vocabulary of a million tokens takes four
 * bytes more for each, not an object. Immutable. Methods throw {@link IndexOutOfBoundsException} for an index that no
 * element has.
 *
 * @see MetadataValue#stringElements
 */
public final class StringElements {

    private static final int LENGTH_BYTES = 8;
    private static final long PRIME = (1L << 61) - 1;

    private final byte[] bytes;
    private final int[] starts; // of the characters; one more, for the end of the last

    StringElements(byte[] bytes, int count) {
        this.bytes = bytes;
        this.starts = new int[count + 1];
        ByteBuffer lengths = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        starts[0] = LENGTH_BYTES;
        for (int i = 0; i < count; i++) {
            starts[i + 1] = starts[i] + (int) lengths.getLong(starts[i] - LENGTH_BYTES) + LENGTH_BYTES;
        }
    }

    /** {@return how many there are} */
    public int count() {
        return starts.length - 1;
    }

    /**
     * {@return an element; bytes that are not UTF-8 become replacement characters}
     *
     * @param index from 0
     */
    public String text(int index) {
        return new String(bytes, starts[index], end(index) - starts[index], StandardCharsets.UTF_8);
    }

    /**
     * {@return whether two elements have the same bytes}
     *
     * @param index      from 0
     * @param other      where the second one is
     * @param otherIndex number of the second element, from 0
     */
    public boolean same(int index, StringElements other, int otherIndex) {
        Objects.requireNonNull(other, "other");
        return Arrays.equals(
                bytes, starts[index], end(index), other.bytes, other.starts[otherIndex], other.end(otherIndex));
    }

    /**
     * {@return the polynomial whose coefficients are the bytes of an element, modulo 2^61 - 1} Two different elements
     * of n bytes have the same value at n of all points at most (Carter and Wegman, Universal Classes of Hash
     * Functions, 1979): who does not know the point cannot write elements that collide.
     *
     * @param index from 0
     * @param point where the polynomial is evaluated, from 0 to 2^61 - 2
     * @param first the coefficient before the first byte
     */
    public long hash(int index, long point, int first) {
        long hash = first;
        for (int i = starts[index]; i < end(index); i++) {
            hash = timesModulo(hash, point) + (bytes[i] & 0xFF) + 1; // so that a leading zero counts
        }
        return hash;
    }

    /** Less than 2^61, for factors of less than 2^62 and 2^61. */
    private static long timesModulo(long a, long b) {
        long low = a * b;
        long sum = (low & PRIME) + (low >>> 61 | Math.multiplyHigh(a, b) << 3);
        sum = (sum & PRIME) + (sum >>> 61);
        return sum >= PRIME ? sum - PRIME : sum;
    }

    private int end(int index) {
        return starts[index + 1] - LENGTH_BYTES;
    }
}
