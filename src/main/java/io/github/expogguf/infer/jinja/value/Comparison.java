package io.github.expogguf.infer.jinja.value;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code ==}, {@code <}, {@code in} and {@code is sameas} as Python has them. */
public final class Comparison {

    private final Work work;
    private int nesting;

    private Comparison(Work work) {
        this.work = work;
    }

    public static boolean areEqual(@Nullable Object left, @Nullable Object right, Work work) throws JinjaException {
        return new Comparison(work).equal(left, right);
    }

    @SuppressWarnings("ReferenceEquality") // a view equals itself, as every object does that has no == of its own
    private boolean equal(@Nullable Object left, @Nullable Object right) throws JinjaException {
        Work.checkNesting(++nesting);
        work.charge(1);
        boolean result = switch (left) {
            case String text -> Types.isString(right) && sameText(text, Types.string(right));
            case Markup markup -> Types.isString(right) && sameText(markup.text(), Types.string(right));
            case PyList list -> right instanceof PyList other && equalItems(list.items(), other.items());
            case PyTuple tuple -> right instanceof PyTuple other && equalItems(tuple.items(), other.items());
            case PyDict dict -> right instanceof PyDict other && equalDicts(dict, other);
            case PyRange range -> right instanceof PyRange other && equalRanges(range, other);
            case DictView view -> view == right || (right instanceof DictView other && equalViews(view, other));
            case Undefined undefined -> right instanceof Undefined;
            case Object number
            when Types.isNumber(number) -> {
                chargeNumbers(number, right);
                yield Types.isNumber(right) && equalNumbers(number, right);
            }
            case null, default -> left == right;
        };
        nesting--;
        return result;
    }

    private boolean sameText(String left, String right) throws JinjaException {
        if (left.length() != right.length()) {
            return false;
        }
        work.charge(left.length());
        return left.equals(right);
    }

    private void chargeNumbers(@Nullable Object left, @Nullable Object right) throws JinjaException {
        if (left instanceof BigInteger number) {
            work.charge(number.bitLength());
        }
        if (right instanceof BigInteger number) {
            work.charge(number.bitLength());
        }
    }

    private static boolean equalNumbers(@Nullable Object left, @Nullable Object right) throws JinjaException {
        return !PyNumbers.isNan(left) && !PyNumbers.isNan(right) && PyNumbers.compare(left, right) == 0;
    }

    /** Members are equal, too, if they are the same object, as NaN is. */
    @SuppressWarnings("ReferenceEquality") // so it is in Python
    private boolean same(@Nullable Object left, @Nullable Object right) throws JinjaException {
        work.charge(4);
        return left == right || equal(left, right);
    }

    private boolean equalItems(List<@Nullable Object> left, List<@Nullable Object> right) throws JinjaException {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!same(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean equalDicts(PyDict left, PyDict right) throws JinjaException {
        if (left.size() != right.size()) {
            return false;
        }
        for (PyDict.Entry entry : left.entries()) {
            PyDict.Entry other = right.get(entry.key(), work);
            if (other == null || !same(entry.value(), other.value())) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalRanges(PyRange left, PyRange right) {
        long length = left.length();
        return length == right.length()
                && (length == 0 || (left.start() == right.start() && (length == 1 || left.step() == right.step())));
    }

    private boolean equalViews(DictView left, DictView right) throws JinjaException {
        boolean sets = left.kind() != DictView.Kind.VALUES && right.kind() != DictView.Kind.VALUES;
        if (!sets || left.dict().size() != right.dict().size()) {
            return false;
        }
        for (PyDict.Entry entry : left.dict().entries()) {
            if (!contains(right, left.show(entry), work)) {
                return false;
            }
        }
        return true;
    }

    /** {@code left < right}, {@code <=}, {@code >} or {@code >=}. */
    public static boolean order(String operator, @Nullable Object left, @Nullable Object right, Work work)
            throws JinjaException {
        return new Comparison(work).ordered(operator, left, right);
    }

    private boolean ordered(String operator, @Nullable Object left, @Nullable Object right) throws JinjaException {
        Work.checkNesting(++nesting);
        work.charge(1);
        boolean result;
        if (left instanceof Undefined first) {
            throw first.error();
        } else if (right instanceof Undefined second) {
            throw second.error();
        } else if (Types.isNumber(left) && Types.isNumber(right)) {
            chargeNumbers(left, right);
            result = !PyNumbers.isNan(left)
                    && !PyNumbers.isNan(right)
                    && holds(operator, PyNumbers.compare(left, right));
        } else if (Types.isString(left) && Types.isString(right)) {
            result = holds(operator, compare(Types.string(left), Types.string(right)));
        } else if (left instanceof PyList first && right instanceof PyList second) {
            result = orderedItems(operator, first.items(), second.items());
        } else if (left instanceof PyTuple first && right instanceof PyTuple second) {
            result = orderedItems(operator, first.items(), second.items());
        } else {
            throw JinjaException.type("'" + operator + "' not supported between instances of '" + Types.name(left)
                    + "' and '" + Types.name(right) + "'");
        }
        nesting--;
        return result;
    }

    private static boolean holds(String operator, int comparison) {
        return switch (operator) {
            case "<" -> comparison < 0;
            case "<=" -> comparison <= 0;
            case ">" -> comparison > 0;
            default -> comparison >= 0;
        };
    }

    /** By code points, which is not Java's order for those beyond U+FFFF. */
    private int compare(String left, String right) throws JinjaException {
        int length = Math.min(left.length(), right.length());
        work.charge(length / 8);
        for (int i = 0; i < length; i++) {
            if (left.charAt(i) != right.charAt(i)) {
                return Integer.compare(left.codePointAt(startOf(left, i)), right.codePointAt(startOf(right, i)));
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    private static int startOf(String text, int index) {
        boolean second = index > 0 && Character.isSurrogatePair(text.charAt(index - 1), text.charAt(index));
        return second ? index - 1 : index;
    }

    private boolean orderedItems(String operator, List<@Nullable Object> left, List<@Nullable Object> right)
            throws JinjaException {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (!same(left.get(i), right.get(i))) {
                return ordered(operator, left.get(i), right.get(i));
            }
        }
        return holds(operator, Integer.compare(left.size(), right.size()));
    }

    /** The index of the first item that is equal, from one place to another; -1 if there is none. */
    public static int find(List<@Nullable Object> items, @Nullable Object item, int from, int to, Work work)
            throws JinjaException {
        Comparison comparison = new Comparison(work);
        for (int i = from; i < to; i++) {
            if (comparison.same(items.get(i), item)) {
                return i;
            }
        }
        return -1;
    }

    /** {@code item in container}. */
    public static boolean contains(@Nullable Object container, @Nullable Object item, Work work) throws JinjaException {
        return switch (container) {
            case Object text
            when Types.isString(text) -> {
                if (!Types.isString(item)) {
                    throw JinjaException.type("'in <string>' requires string as left operand, not " + Types.name(item));
                }
                work.chargeSearch(Types.string(text), Types.string(item));
                yield Types.string(text).contains(Types.string(item));
            }
            case PyDict dict -> dict.get(item, work) != null;
            case PyRange range when item instanceof Long number -> range.contains(number);
            case DictView view
            when view.kind() == DictView.Kind.KEYS -> view.dict().get(item, work) != null;
            case DictView view
            when view.kind() == DictView.Kind.ITEMS -> {
                if (!(item instanceof PyTuple pair) || pair.items().size() != 2) {
                    yield false;
                }
                PyDict.Entry entry = view.dict().get(pair.items().getFirst(), work);
                yield entry != null
                        && new Comparison(work).same(entry.value(), pair.items().getLast());
            }
            case Object items when Types.isIterable(items) -> search(items, item, work);
            case null, default ->
                throw JinjaException.type("argument of type '" + Types.name(container) + "' is not iterable");
        };
    }

    private static boolean search(@Nullable Object container, @Nullable Object item, Work work) throws JinjaException {
        Comparison comparison = new Comparison(work);
        PyIterator items = Iteration.of(container, work);
        for (Object member = items.next(); member != PyIterator.END; member = items.next()) {
            if (comparison.same(member, item)) {
                return true;
            }
        }
        return false;
    }

    /** Whether both are one object; Python has small ints and most short strings of a template once only. */
    @SuppressWarnings("ReferenceEquality") // identity is what is asked for
    public static boolean areSame(@Nullable Object left, @Nullable Object right) {
        return left == right
                || (left instanceof Boolean && left.equals(right))
                || (left instanceof Long number && left.equals(right) && number >= -5 && number <= 256)
                || (left instanceof String && left.equals(right));
    }
}
