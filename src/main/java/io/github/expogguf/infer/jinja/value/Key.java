package io.github.expogguf.infer.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * The form of a value in which equal keys are equal in Java. All but objects are comparable, so that a hash table stays
 * fast when a template chooses its keys badly.
 */
public final class Key {

    private enum None {
        NONE
    }

    /** A tuple, written so that equal tuples are written alike. */
    private record Tuple(String written) implements Comparable<Tuple> {
        @Override
        public int compareTo(Tuple other) {
            return written.compareTo(other.written);
        }
    }

    private Key() {}

    public static Object of(@Nullable Object value, Work work) throws JinjaException {
        return switch (value) {
            case null -> None.NONE;
            case Boolean truth -> truth ? 1L : 0L;
            case Double number -> number(number);
            case PyTuple tuple -> new Tuple(written(tuple, work, 0));
            case PyValue other -> hashable(other);
            default -> value;
        };
    }

    private static Object hashable(PyValue value) throws JinjaException {
        Object key = value.key();
        if (key == null) {
            throw JinjaException.type("unhashable type: '" + value.typeName() + "'");
        }
        return key;
    }

    private static Object number(double number) {
        if (number != Math.rint(number) || Double.isInfinite(number)) {
            return number;
        }
        return PyNumbers.integer(new BigDecimal(number).toBigInteger());
    }

    private static String written(PyTuple tuple, Work work, int nesting) throws JinjaException {
        Work.checkNesting(nesting);
        StringBuilder written = new StringBuilder("(");
        for (Object item : tuple.items()) {
            String part = item instanceof PyTuple inner ? written(inner, work, nesting + 1) : part(of(item, work));
            work.charge(part.length() + 8L);
            written.append(part.length()).append(':').append(part);
        }
        return written.append(')').toString();
    }

    private static String part(Object key) {
        return switch (key) {
            case String text -> "s" + text;
            case Long number -> "n" + number;
            case BigInteger number -> "n" + number.toString(16) + "x";
            case Double number -> "d" + number;
            default -> "o" + System.identityHashCode(key);
        };
    }
}
