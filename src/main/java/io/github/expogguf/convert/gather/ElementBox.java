package io.github.expogguf.convert.gather;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Elements of a tensor and where they go: the one at {@code (i, j, ...)} is read at {@code from + i * steps[0] + ...}
 * and written at {@code to + i * strides[0] + ...}; all in elements.
 *
 * @param from    the first element that is read
 * @param to      where it goes
 * @param sizes   number of elements along each axis
 * @param steps   distance of neighbours where they are read
 * @param strides distance of neighbours where they are written
 */
record ElementBox(long from, long to, List<Long> sizes, List<Long> steps, List<Long> strides) {

    ElementBox {
        sizes = List.copyOf(sizes);
        steps = List.copyOf(steps);
        strides = List.copyOf(strides);
    }

    /**
     * A range of a view's elements, counted in their own order, as few boxes.
     *
     * @param first of the range
     * @param end   behind its last
     */
    static void forEach(View view, long first, long end, Consumer<ElementBox> boxes) {
        ElementBox whole = joined(view);
        whole.cut(0, whole.from, 0, first, end, -first, boxes);
    }

    /** All of a view, axes that run through each other's ends as one. */
    private static ElementBox joined(View view) {
        List<Long> sizes = new ArrayList<>();
        List<Long> steps = new ArrayList<>();
        for (int axis = 0; axis < view.sizes().size(); axis++) {
            long size = view.sizes().get(axis);
            long step = view.strides().get(axis);
            int last = sizes.size() - 1;
            if (size == 1) {
                continue;
            }
            if (last >= 0 && steps.get(last) == size * step) {
                sizes.set(last, sizes.get(last) * size);
                steps.set(last, step);
            } else {
                sizes.add(size);
                steps.add(step);
            }
        }
        if (sizes.isEmpty()) {
            sizes.add(1L);
            steps.add(1L);
        }
        return new ElementBox(view.offset(), 0, sizes, steps, rowMajor(sizes));
    }

    private static List<Long> rowMajor(List<Long> sizes) {
        List<Long> strides = new ArrayList<>();
        long stride = 1;
        for (int axis = sizes.size() - 1; axis >= 0; axis--) {
            strides.addFirst(stride);
            stride = Math.multiplyExact(stride, sizes.get(axis));
        }
        return strides;
    }

    /**
     * What a range has of one axis and those within it.
     *
     * @param source of the first element of these axes
     * @param number of that element in the view's order
     * @param shift  what is added to a number for the place in the target
     */
    private void cut(int axis, long source, long number, long first, long end, long shift, Consumer<ElementBox> boxes) {
        long inner = strides.get(axis); // elements of one step along this axis
        long size = sizes.get(axis);
        long begin = Math.clamp(first - number, 0, size * inner);
        long stop = Math.clamp(end - number, 0, size * inner);
        long from = Math.ceilDiv(begin, inner); // whole steps are taken together
        long to = stop / inner;
        if (begin >= stop) {
            return;
        }
        if (from > to) { // within one step
            step(axis, source, number, to, first, end, shift, boxes);
            return;
        }
        if (begin < from * inner) {
            step(axis, source, number, from - 1, first, end, shift, boxes);
        }
        if (from < to) {
            List<Long> box = new ArrayList<>(sizes.subList(axis, sizes.size()));
            box.set(0, to - from);
            boxes.accept(new ElementBox(
                    source + from * steps.get(axis),
                    number + from * inner + shift,
                    box,
                    steps.subList(axis, steps.size()),
                    strides.subList(axis, strides.size())));
        }
        if (to * inner < stop) {
            step(axis, source, number, to, first, end, shift, boxes);
        }
    }

    private void step(
            int axis,
            long source,
            long number,
            long index,
            long first,
            long end,
            long shift,
            Consumer<ElementBox> boxes) {
        cut(axis + 1, source + index * steps.get(axis), number + index * strides.get(axis), first, end, shift, boxes);
    }

    long elementCount() {
        return sizes.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    /** Elements from the first that is read to the last, those between included. */
    long span() {
        long last = 0;
        for (int axis = 0; axis < sizes.size(); axis++) {
            last += (sizes.get(axis) - 1) * steps.get(axis);
        }
        return last + 1;
    }

    /**
     * The same elements in parts that are read together.
     *
     * @param mostSpan most elements from the first to the last of a part
     */
    List<ElementBox> split(long mostSpan) {
        int axis = widest();
        long size = sizes.get(axis);
        long each = Math.clamp(mostSpan / steps.get(axis), 1, size - 1);
        List<ElementBox> parts = new ArrayList<>();
        for (long begin = 0; begin < size; begin += each) {
            List<Long> part = new ArrayList<>(sizes);
            part.set(axis, Math.min(each, size - begin));
            parts.add(new ElementBox(
                    from + begin * steps.get(axis), to + begin * strides.get(axis), part, steps, strides));
        }
        return parts;
    }

    /** Whether the elements stand one after the other, where they are read and where they go. */
    boolean isRun() {
        for (int axis = 0, axes = 0; axis < sizes.size(); axis++) {
            if (sizes.get(axis) > 1 && (++axes > 1 || steps.get(axis) != 1 || strides.get(axis) != 1)) {
                return false;
            }
        }
        return true;
    }

    /** What is done with elements at equal distances. */
    @FunctionalInterface
    interface Run {

        /**
         * One run.
         *
         * @param from the first element, counted from the first of the box
         */
        void accept(long from, long to, long count, long step, long stride);
    }

    /** All elements along the last axis, for every place on the others. */
    void forEachRun(Run run) {
        forEachRun(0, 0, to, run);
    }

    private void forEachRun(int axis, long source, long target, Run run) {
        if (axis == sizes.size() - 1) {
            run.accept(source, target, sizes.get(axis), steps.get(axis), strides.get(axis));
            return;
        }
        for (long i = 0; i < sizes.get(axis); i++) {
            forEachRun(axis + 1, source + i * steps.get(axis), target + i * strides.get(axis), run);
        }
    }

    /** The axis whose neighbours are farthest apart where they are read. */
    private int widest() {
        int axis = -1;
        for (int other = 0; other < sizes.size(); other++) {
            if (sizes.get(other) > 1 && (axis < 0 || steps.get(other) > steps.get(axis))) {
                axis = other;
            }
        }
        return axis;
    }
}
