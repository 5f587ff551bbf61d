package io.github.expogguf.infer.jinja.value;

/** {@code range(start, stop, step)}; the step is not zero. */
public record PyRange(long start, long stop, long step) implements Sized, OwnRepr {

    private static final int MAX_LENGTH = 100_000; // jinja2.sandbox, MAX_RANGE, version 3.1

    public PyRange {
        if (step == 0) {
            throw new IllegalArgumentException("a step of zero");
        }
    }

    public static PyRange of(long start, long stop, long step) throws JinjaException {
        if (step == 0) {
            throw JinjaException.value("range() arg 3 must not be zero");
        }
        PyRange range = new PyRange(start, stop, step);
        if (range.length() > MAX_LENGTH) {
            throw JinjaException.other(
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + MAX_LENGTH + ").");
        }
        return range;
    }

    @Override
    public long length() {
        boolean empty = step > 0 ? start >= stop : start <= stop;
        if (empty) {
            return 0;
        }
        // exact for any start and stop: their distance fits into an unsigned long
        long distance = step > 0 ? stop - start - 1 : start - stop - 1;
        long size = step == Long.MIN_VALUE ? 1L << 63 : Math.abs(step);
        long steps = Long.divideUnsigned(distance, size);
        return steps < 0 || steps == Long.MAX_VALUE ? Long.MAX_VALUE : steps + 1;
    }

    public long get(long index) {
        return start + index * step;
    }

    public boolean contains(long value) {
        boolean inside = step > 0 ? value >= start && value < stop : value <= start && value > stop;
        return inside && (value - start) % step == 0;
    }

    public PyRange slice(long from, long to, long by) {
        return new PyRange(get(from), get(to), step * by);
    }

    @Override
    public String typeName() {
        return "range";
    }

    @Override
    public String repr() {
        return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
    }
}
