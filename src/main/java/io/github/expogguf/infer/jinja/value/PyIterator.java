package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** Something that gives its items once, such as a generator. */
public final class PyIterator implements PyValue {

    /** What {@link #next} gives at the end. */
    public static final Sentinel END = new Sentinel();

    /** Where the items come from. */
    @FunctionalInterface
    public interface Source {
        /** The next item, or {@link #END}. */
        public @Nullable Object next() throws JinjaException;
    }

    private final String typeName;
    private final Source source;
    private boolean ended;

    public PyIterator(String typeName, Source source) {
        this.typeName = typeName;
        this.source = source;
    }

    /** A generator, which may be one of a generator of a generator. */
    public static PyIterator generator(Work work, Source source) {
        return new PyIterator("generator", () -> {
            work.enter();
            Object item = source.next();
            work.leave();
            return item;
        });
    }

    public @Nullable Object next() throws JinjaException {
        if (ended) {
            return END;
        }
        Object item;
        try {
            item = source.next();
        } catch (JinjaException e) {
            ended = true;
            throw e;
        }
        ended = item == END;
        return item;
    }

    @Override
    public String typeName() {
        return typeName;
    }
}
