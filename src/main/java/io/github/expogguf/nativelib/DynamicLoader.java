package io.github.expogguf.nativelib;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The loader of Linux ({@code dlfcn.h} of glibc), which looks a function up among those that were loaded for everybody
 * ({@code RTLD_GLOBAL}) before it looks where a library is linked to, and when it is called for the first time. On
 * other systems a library says which library each function is in, and there is nothing to do here.
 */
final class DynamicLoader {

    private static final int RTLD_NOW = 2;
    private static final MemorySegment RTLD_DEFAULT = MemorySegment.NULL;

    private DynamicLoader() {}

    /** A function that was loaded for everybody. */
    @SuppressWarnings("restricted") // downcalls are what this package is about
    static Optional<MemorySegment> findForEverybody(String name) {
        if (!Platform.host().isLinux()) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = (MemorySegment) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("dlsym"),
                            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS))
                    .invokeExact(RTLD_DEFAULT, arena.allocateFrom(name));
            return found.address() == 0 ? Optional.empty() : Optional.of(found);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Loads a library and links all its functions now, before another library can come in between; whoever opens it
     * next, gets this one. A library that cannot be loaded is passed over: opening it will say why.
     */
    @SuppressWarnings("restricted") // downcalls are what this package is about
    static void link(Path library) {
        if (!Platform.host().isLinux()) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment _ = (MemorySegment) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("dlopen"),
                            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                    .invokeExact(arena.allocateFrom(library.toString()), RTLD_NOW);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
