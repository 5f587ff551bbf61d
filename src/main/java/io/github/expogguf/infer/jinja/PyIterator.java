package io.github.expogguf.infer.jinja;

import org.jspecify.annotations.Nullable;

/** Something that gives its items once, such as a generator. */
final class PyIterator {

    /** What {@link #next} gives at the end. */
    static final Sentinel END = new Sentinel();

    /** Where the items come from. */
    @FunctionalInterface
    interface Source {
        /** The next item, or {@link #END}. */
        @Nullable
        Object next() throws JinjaException;
    }

    private final String typeName;
    private final Source source;
    private boolean ended;

    PyIterator(String typeName, Source source) {
        this.typeName = typeName;
        this.source = source;
    }

    /** A generator, which may be one of a generator of a generator. */
    static PyIterator generator(Work work, Source source) {
        return new PyIterator("generator", () -> {
            work.enter();
            Object item = source.next();
            work.leave();
            return item;
        });
    }

    @Nullable
    Object next() throws JinjaException {
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

    String typeName() {
        return typeName;
    }
}
