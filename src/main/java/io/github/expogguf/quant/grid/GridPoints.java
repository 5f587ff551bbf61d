package io.github.expogguf.quant.grid;

import io.github.expogguf.gguf.GgmlType;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which points of a {@link Codebook} are near to any other point, in the order in which ggml looks at them ({@code
 * iq2xs_init_impl} and {@code iq3xs_init_impl} of ggml-quants.c, ggml 0.25.1). Coordinates are levels from 0; those
 * of a point are packed into an integer, the first one lowest.
 */
final class GridPoints {

    private static final Map<GgmlType, GridPoints> BY_TYPE = new ConcurrentHashMap<>();

    /** Coordinates of a point. */
    final int dimension;

    /** Bits of a packed coordinate. */
    final int bits;

    /** Values of a coordinate. */
    final int levels;

    /** By packed point: its number in the codebook, or {@code -1 - first} where it has none. */
    private final int[] numbers;

    /** From an index {@code first} on: how many there are, then the packed points. */
    private final char[] neighbours;

    private GridPoints(Codebook codebook, int shells) {
        float[] coordinates = codebook.read(); // [entries, dimension]
        float[] distinct = sortedDistinct(coordinates);
        dimension = codebook.length();
        levels = distinct.length;
        bits = Integer.SIZE - Integer.numberOfLeadingZeros(levels - 1);
        numbers = new int[1 << (dimension * bits)];
        Arrays.fill(numbers, -1);
        char[] points = new char[codebook.entries()];
        for (int i = 0; i < points.length; i++) {
            for (int j = 0; j < dimension; j++) {
                int level = Arrays.binarySearch(distinct, coordinates[i * dimension + j]);
                points[i] |= (char) (level << (bits * j));
            }
            numbers[points[i]] = i;
        }
        neighbours = findNeighbours(points, shells);
    }

    /** The points of a type; the first call takes a moment. */
    static GridPoints of(GgmlType type) {
        return BY_TYPE.computeIfAbsent(
                type,
                key -> new GridPoints(
                        Codebook.of(key),
                        switch (key) {
                            case IQ3_S -> 3;
                            case IQ2_S -> 1;
                            default -> 2;
                        }));
    }

    boolean isInCodebook(int point) {
        return numbers[point] >= 0;
    }

    /** The number of a point of the codebook. */
    int number(int point) {
        return numbers[point];
    }

    /** For a point that is not in the codebook: where {@link #neighbours()} has how many there are, and then these. */
    int first(int point) {
        return -1 - numbers[point];
    }

    char[] neighbours() {
        return neighbours;
    }

    private static float[] sortedDistinct(float[] values) {
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        int count = 0;
        for (float value : sorted) {
            if (count == 0 || value != sorted[count - 1]) {
                sorted[count++] = value;
            }
        }
        return Arrays.copyOf(sorted, count);
    }

    /** Points at the least few distances that occur, nearest first, and those of a distance by number. */
    private char[] findNeighbours(char[] points, int shells) {
        char[] found = new char[1 << 16];
        int end = 0;
        int[] distances = new int[points.length];
        for (int point = 0; point < numbers.length; point++) {
            if (numbers[point] >= 0 || !isPossible(point)) {
                continue;
            }
            for (int i = 0; i < points.length; i++) {
                distances[i] = distance(point, points[i]);
            }
            if (found.length - end < points.length + 1) {
                found = Arrays.copyOf(found, 2 * found.length);
            }
            numbers[point] = -1 - end;
            int first = end++;
            int distance = -1;
            for (int shell = 0; shell < shells; shell++) {
                distance = nextDistance(distances, distance);
                for (int i = 0; i < points.length; i++) {
                    if (distances[i] == distance) {
                        found[end++] = points[i];
                    }
                }
            }
            found[first] = (char) (end - first - 1);
        }
        return Arrays.copyOf(found, end);
    }

    private boolean isPossible(int point) {
        for (int j = 0; j < dimension; j++) {
            if (level(point, j) >= levels) {
                return false;
            }
        }
        return true;
    }

    private int distance(int point, int other) {
        int sum = 0;
        for (int j = 0; j < dimension; j++) {
            int difference = level(point, j) - level(other, j);
            sum += difference * difference;
        }
        return sum;
    }

    int level(int point, int coordinate) {
        return point >> (bits * coordinate) & (1 << bits) - 1;
    }

    private static int nextDistance(int[] distances, int last) {
        int next = Integer.MAX_VALUE;
        for (int distance : distances) {
            if (distance > last && distance < next) {
                next = distance;
            }
        }
        return next;
    }
}
