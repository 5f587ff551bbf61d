package io.github.expogguf.convert.gather;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Elements of a tensor, without a copy: element {@code (i, j, ...)} is the one at {@code offset + i * strides[0] + j *
 * strides[1] + ...}. Axis 0 is the outermost, as in torch; the elements follow each other in row-major order.
 *
 * @param offset  of the first element, in elements
 * @param sizes   number of elements along each axis
 * @param strides distance of two neighbours along each axis, in elements
 */
public record View(long offset, List<Long> sizes, List<Long> strides) {

    /** @throws IllegalArgumentException if a number is negative, or there are more sizes than strides or fewer */
    public View {
        sizes = List.copyOf(sizes);
        strides = List.copyOf(strides);
        if (sizes.size() != strides.size()
                || offset < 0
                || LongStream.concat(longs(sizes), longs(strides)).anyMatch(number -> number < 0)) {
            throw new IllegalArgumentException("offset " + offset + ", sizes " + sizes + ", strides " + strides);
        }
    }

    /** {@return all of a tensor of that shape, in its own order} */
    public static View of(long... shape) {
        List<Long> sizes = LongStream.of(shape).boxed().toList();
        return new View(0, sizes, rowMajor(sizes, 1));
    }

    /** {@return number of elements} */
    public long elementCount() {
        return product(sizes);
    }

    /**
     * {@return this with one axis seen as several}
     *
     * @param axis  which
     * @param parts their sizes, the outermost first
     * @throws IllegalArgumentException if there is no such axis, or the sizes do not make up its size
     */
    public View split(int axis, List<Long> parts) {
        if (product(parts) != size(axis)) {
            throw new IllegalArgumentException("axis of " + size(axis) + " elements as " + parts);
        }
        List<Long> newSizes = new ArrayList<>(sizes);
        List<Long> newStrides = new ArrayList<>(strides);
        newSizes.remove(axis);
        newSizes.addAll(axis, parts);
        newStrides.remove(axis);
        newStrides.addAll(axis, rowMajor(parts, strides.get(axis)));
        return new View(offset, newSizes, newStrides);
    }

    /**
     * {@return this with two axes exchanged}
     *
     * @throws IllegalArgumentException if one of them is not there
     */
    public View swap(int one, int other) {
        size(one);
        size(other);
        List<Long> newSizes = new ArrayList<>(sizes);
        List<Long> newStrides = new ArrayList<>(strides);
        Collections.swap(newSizes, one, other);
        Collections.swap(newStrides, one, other);
        return new View(offset, newSizes, newStrides);
    }

    /**
     * {@return every {@code step}-th element of an axis, from one to before another}
     *
     * @throws IllegalArgumentException if there is no such axis, or it has no such elements
     */
    public View take(int axis, long from, long to, long step) {
        if (from < 0 || from > to || to > size(axis) || step < 1) {
            throw new IllegalArgumentException(
                    "elements " + from + " to " + to + " by " + step + " of an axis of " + size(axis));
        }
        List<Long> newSizes = new ArrayList<>(sizes);
        List<Long> newStrides = new ArrayList<>(strides);
        newSizes.set(axis, Math.ceilDiv(to - from, step));
        newStrides.set(axis, Math.multiplyExact(strides.get(axis), step));
        return new View(Math.addExact(offset, Math.multiplyExact(strides.get(axis), from)), newSizes, newStrides);
    }

    /** {@return number of elements along an axis} */
    public long size(int axis) {
        if (axis < 0 || axis >= sizes.size()) {
            throw new IllegalArgumentException("axis " + axis + " of " + sizes.size());
        }
        return sizes.get(axis);
    }

    private static List<Long> rowMajor(List<Long> sizes, long innermost) {
        Long[] strides = new Long[sizes.size()];
        long stride = innermost;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride = Math.multiplyExact(stride, sizes.get(axis));
        }
        return Arrays.asList(strides);
    }

    private static long product(List<Long> sizes) {
        return longs(sizes).reduce(1, Math::multiplyExact);
    }

    private static LongStream longs(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue);
    }
}
