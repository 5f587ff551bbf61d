package io.github.expogguf.convert.gather;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Against the same steps on arrays whose every element is moved. */
class ViewTest {

    @Test
    void viewIsWhatMovingEveryElementGives() {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 300; round++) {
            long[] shape = random.longs(1 + random.nextInt(4), 1, 7).toArray();
            View view = View.of(shape);
            Moved moved = Moved.of(shape);
            for (int step = 0; step < 4; step++) {
                int axis = random.nextInt(moved.shape().size());
                long size = moved.shape().get(axis);
                switch (random.nextInt(3)) {
                    case 0 -> {
                        List<Long> parts = factors(size, random);
                        view = view.split(axis, parts);
                        moved = moved.split(axis, parts);
                    }
                    case 1 -> {
                        int other = random.nextInt(moved.shape().size());
                        view = view.swap(axis, other);
                        moved = moved.swap(axis, other);
                    }
                    default -> {
                        long from = random.nextLong(size);
                        long to = random.nextLong(from, size) + 1;
                        long by = random.nextLong(1, 4);
                        view = view.take(axis, from, to, by);
                        moved = moved.take(axis, from, to, by);
                    }
                }
            }
            assertThat(view.sizes()).isEqualTo(moved.shape());
            assertThat(elements(view)).isEqualTo(moved.elements());
            assertThat(view.elementCount()).isEqualTo(moved.elements().size());
        }
    }

    @Test
    void headsOfHalfRotationsAreInterleaved() {
        View rows = View.of(8).split(0, List.of(2L, 2L, 2L)).swap(1, 2);

        assertThat(elements(rows)).containsExactly(0L, 2L, 1L, 3L, 4L, 6L, 5L, 7L);
    }

    @Test
    void refusesWhatIsNotThere() {
        View view = View.of(4, 6);
        assertThatThrownBy(() -> view.split(1, List.of(4L, 2L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("axis of 6 elements as [4, 2]");
        assertThatThrownBy(() -> view.swap(0, 2)).hasMessage("axis 2 of 2");
        assertThatThrownBy(() -> view.swap(-1, 0)).hasMessage("axis -1 of 2");
        assertThatThrownBy(() -> view.take(1, 2, 7, 1)).hasMessage("elements 2 to 7 by 1 of an axis of 6");
        assertThatThrownBy(() -> view.take(1, 2, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> view.take(1, 0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> View.of(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> View.of(1L << 40, 1L << 40, 2)).isInstanceOf(ArithmeticException.class);
    }

    private static List<Long> factors(long size, SplittableRandom random) {
        List<Long> parts = new ArrayList<>();
        long left = size;
        for (long factor = 2; left > 1; factor++) {
            while (left % factor == 0) {
                parts.add(random.nextInt(parts.size() + 1), factor);
                left /= factor;
            }
        }
        return parts.isEmpty() ? List.of(1L) : parts;
    }

    private static List<Long> elements(View view) {
        List<Long> elements = new ArrayList<>();
        collect(view, 0, view.offset(), elements);
        return elements;
    }

    private static void collect(View view, int axis, long at, List<Long> elements) {
        if (axis == view.sizes().size()) {
            elements.add(at);
            return;
        }
        for (long i = 0; i < view.sizes().get(axis); i++) {
            collect(view, axis + 1, at + i * view.strides().get(axis), elements);
        }
    }

    /** An array in row-major order, whose elements are the numbers they had at first. */
    private record Moved(List<Long> shape, List<Long> elements) {

        static Moved of(long... shape) {
            return new Moved(
                    LongStream.of(shape).boxed().toList(),
                    LongStream.range(0, LongStream.of(shape).reduce(1, (a, b) -> a * b))
                            .boxed()
                            .toList());
        }

        Moved split(int axis, List<Long> parts) {
            List<Long> newShape = new ArrayList<>(shape);
            newShape.remove(axis);
            newShape.addAll(axis, parts);
            return new Moved(newShape, elements);
        }

        Moved swap(int one, int other) {
            List<Long> newShape = new ArrayList<>(shape);
            newShape.set(one, shape.get(other));
            newShape.set(other, shape.get(one));
            return rearranged(newShape, index -> {
                long kept = index[one];
                index[one] = index[other];
                index[other] = kept;
            });
        }

        Moved take(int axis, long from, long to, long step) {
            List<Long> newShape = new ArrayList<>(shape);
            newShape.set(
                    axis,
                    LongStream.range(from, to)
                            .filter(i -> (i - from) % step == 0)
                            .count());
            return rearranged(newShape, index -> index[axis] = from + index[axis] * step);
        }

        private Moved rearranged(List<Long> newShape, Consumer<long[]> toOld) {
            long count = newShape.stream().reduce(1L, (a, b) -> a * b);
            return new Moved(
                    newShape,
                    LongStream.range(0, count)
                            .mapToObj(place -> {
                                long[] index = new long[newShape.size()];
                                long rest = place;
                                for (int axis = index.length - 1; axis >= 0; axis--) {
                                    index[axis] = rest % newShape.get(axis);
                                    rest /= newShape.get(axis);
                                }
                                toOld.accept(index);
                                return elements.get((int) flat(index));
                            })
                            .toList());
        }

        private long flat(long[] index) {
            long flat = 0;
            for (int axis = 0; axis < index.length; axis++) {
                flat = flat * shape.get(axis) + index[axis];
            }
            return flat;
        }
    }
}
