package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Symbols;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What several copies of these classes in one JVM, each of a class loader of its own, have to agree on: a native
 * callback is there once for a library or for the process, and all copies want to hear of it. The first one installs
 * it, and calls what all have put here. The copies know nothing of each other's classes and may be of other versions,
 * so all that is here is of the JDK's types: a list of functions by name for each purpose, in the system properties.
 */
final class SharedHandlers {

    private static final String PROPERTY = "io.github.expogguf.handlers";

    private final List<Map<String, Object>> handlers;

    private SharedHandlers(List<Map<String, Object>> handlers) {
        this.handlers = handlers;
    }

    /** Those of the whole process for a purpose. */
    @SuppressWarnings("unchecked") // nobody else uses this property
    static SharedHandlers ofProcess(String purpose) {
        Map<String, List<Map<String, Object>>> all = (Map<String, List<Map<String, Object>>>)
                System.getProperties().computeIfAbsent(PROPERTY, _ -> new ConcurrentHashMap<>());
        return new SharedHandlers(all.computeIfAbsent(purpose, _ -> new CopyOnWriteArrayList<>()));
    }

    /** Those of the libraries that are loaded, which another copy may have loaded, too. */
    static SharedHandlers ofLibraries(String purpose) {
        return ofProcess(purpose + " of "
                + Long.toHexString(Symbols.find("ggml_version").orElseThrow().address()));
    }

    /**
     * Adds this copy's.
     *
     * @param install puts the native callback in its place; called if these are the first, and before another copy's
     *                call returns
     */
    void add(Map<String, Object> functions, Runnable install) {
        synchronized (handlers) {
            handlers.add(functions);
            if (handlers.size() == 1) {
                install.run();
            }
        }
    }

    /** Those of all copies, the first one's first. */
    List<Copy> all() {
        return handlers.stream().map(Copy::new).toList();
    }

    /** What one copy of these classes has put here. */
    record Copy(Map<String, Object> functions) {

        private Object function(String name) {
            return Objects.requireNonNull(functions.get(name), name);
        }

        /** Whether it is this copy that the calling thread works for. */
        boolean isMine() {
            return ((BooleanSupplier) function("isMine")).getAsBoolean();
        }

        void run(String name) {
            ((Runnable) function(name)).run();
        }

        String get(String name) {
            return String.valueOf(((Supplier<?>) function(name)).get());
        }

        @SuppressWarnings("unchecked") // as all versions put it there
        void accept(String name, int level, String text) {
            ((BiConsumer<Integer, String>) function(name)).accept(level, text);
        }
    }
}
