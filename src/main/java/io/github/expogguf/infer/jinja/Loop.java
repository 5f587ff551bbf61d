package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.Function;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.LoopValue;
import io.github.expogguf.infer.jinja.value.PyIterator;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}: where a loop is. */
final class Loop implements LoopValue {

    /** Runs a recursive loop one level deeper. */
    @FunctionalInterface
    interface Recursion {
        String run(@Nullable Object items, int depth) throws JinjaException;
    }

    private static final Signature CALL = Signature.of("LoopContext.__call__", "self", "iterable");
    private static final Sentinel NOTHING = new Sentinel();

    private final @Nullable Object source; // what the loop is over
    private final int depth;
    private final @Nullable Recursion recursion; // null if the loop is not recursive
    private final Work work;
    private PyIterator items;
    private long index0 = -1;
    private long length = -1; // not known yet
    private @Nullable Object before = NOTHING;
    private @Nullable Object current = NOTHING;
    private @Nullable Object after = NOTHING; // looked at already
    private @Nullable Object changed = NOTHING;

    Loop(@Nullable Object source, PyIterator items, int depth, @Nullable Recursion recursion, Work work) {
        this.source = source;
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
        this.work = work;
    }

    /** Goes to the next item, if there is one. */
    boolean advance() throws JinjaException {
        Object item = after == NOTHING || after == PyIterator.END ? items.next() : after;
        after = NOTHING;
        if (item == PyIterator.END) {
            return false;
        }
        index0++;
        before = current;
        current = item;
        return true;
    }

    @Nullable
    Object current() {
        return current;
    }

    private long index() {
        return index0 + 1;
    }

    @Override
    public long length() throws JinjaException {
        if (length < 0) {
            if (Types.hasLength(source)) {
                length = Types.length(source);
            } else {
                List<@Nullable Object> rest = new ArrayList<>();
                for (Object item = items.next(); item != PyIterator.END; item = items.next()) {
                    work.chargeObjects(1);
                    rest.add(item);
                }
                items = Iteration.of(new PyList(rest), work);
                length = rest.size() + index() + (after == NOTHING || after == PyIterator.END ? 0 : 1);
            }
        }
        return length;
    }

    private @Nullable Object next() throws JinjaException {
        if (after == NOTHING || after == PyIterator.END) {
            after = items.next();
        }
        return after;
    }

    @Override
    public @Nullable Object member(String name) throws JinjaException {
        return switch (name) {
            case "index" -> index();
            case "index0" -> index0;
            case "revindex" -> length() - index0;
            case "revindex0" -> length() - index();
            case "first" -> index0 == 0;
            case "last" -> next() == PyIterator.END;
            case "length" -> length();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> index0 == 0 ? Undefined.because("there is no previous item") : before;
            case "nextitem" -> next() == PyIterator.END ? Undefined.because("there is no next item") : after;
            case "cycle" -> Function.method((positional, named) -> cycle(positional));
            case "changed" -> Function.method((positional, named) -> changed(positional));
            default -> Sentinel.NO_MEMBER;
        };
    }

    private @Nullable Object cycle(List<@Nullable Object> positional) throws JinjaException {
        if (positional.isEmpty()) {
            throw JinjaException.type("no items for cycling given");
        }
        return positional.get((int) (index0 % positional.size()));
    }

    private @Nullable Object changed(List<@Nullable Object> positional) throws JinjaException {
        PyTuple values = new PyTuple(positional);
        boolean same = changed != NOTHING && Comparison.areEqual(changed, values, work);
        changed = same ? changed : values;
        return !same;
    }

    @Override
    public String repr() throws JinjaException {
        return "<LoopContext " + index() + "/" + length() + ">";
    }

    @Override
    public @Nullable Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        Object deeper = CALL.bindMethod(positional, named).get(1);
        if (recursion == null) {
            throw JinjaException.type("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.run(deeper, depth + 1);
    }
}
