package io.github.expogguf.infer.decode;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Owns a native object: hands it out while it is open, and frees it once it is closed and nobody uses it any more.
 * Safe for any thread.
 */
public final class NativeHandle implements AutoCloseable {

    private final String name;
    private final MemorySegment pointer;
    private final Consumer<MemorySegment> free;
    private int users;
    private boolean closed;

    public NativeHandle(String name, MemorySegment pointer, Consumer<MemorySegment> free) {
        this.name = name;
        this.pointer = pointer;
        this.free = free;
    }

    /** A use of the object; it stays valid until the use is closed. */
    public final class Use implements AutoCloseable {

        private boolean ended;

        public MemorySegment pointer() {
            return pointer;
        }

        @Override
        public void close() {
            synchronized (NativeHandle.this) {
                if (!ended) {
                    ended = true;
                    users--;
                    freeIfUnused();
                }
            }
        }
    }

    /** Begins a use beside others. */
    public synchronized Use use() {
        if (closed) {
            throw new IllegalStateException(name + " is closed");
        }
        users++;
        return new Use();
    }

    /** Begins a use that must be the only one. */
    public synchronized Use useAlone() {
        if (users > 0) {
            throw new IllegalStateException(name + " is in use; it serves one call at a time");
        }
        return use();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            freeIfUnused();
        }
    }

    private void freeIfUnused() {
        if (closed && users == 0) {
            free.accept(pointer);
        }
    }
}
