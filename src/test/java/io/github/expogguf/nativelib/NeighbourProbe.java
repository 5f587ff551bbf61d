package io.github.expogguf.nativelib;

import io.github.expogguf.NativeLibraryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Main class, started by {@link NeighboursTest}: loads another build of llama.cpp, in the way of JNI or for everybody,
 * and then ours. Arguments: {@code jni|global|global-later DIRECTORY [DIRECTORY of ours]}.
 */
final class NeighbourProbe {

    private static final int RTLD_NOW = 2;
    private static final int RTLD_GLOBAL = 0x100; // dlfcn.h of glibc

    private NeighbourProbe() {}

    public static void main(String[] arguments) throws Throwable {
        if (arguments[0].equals("global-later")) {
            NativeLibrary.load().startBackends();
        }
        LibraryFiles neighbour = LibraryFiles.find(Path.of(arguments[1]), Platform.host());
        for (Path file : new Path[] {neighbour.base(), neighbour.ggml(), neighbour.llama()}) {
            if (arguments[0].equals("jni")) {
                System.load(file.toString());
            } else {
                openForEverybody(file);
            }
        }
        System.out.println(outcome(arguments.length > 2 ? Path.of(arguments[2]) : null));
    }

    private static String outcome(Path ours) {
        try {
            NativeLibrary library = NativeLibrary.load("here", ours);
            return "loaded " + library.llamaVersion() + ", " + library.devices().size() + " device";
        } catch (NativeLibraryException e) {
            return e.getMessage();
        }
    }

    private static void openForEverybody(Path file) throws Throwable {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = (MemorySegment) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("dlopen"),
                            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                    .invokeExact(arena.allocateFrom(file.toString()), RTLD_NOW | RTLD_GLOBAL);
            if (handle.address() == 0) {
                throw new IOException(file + " cannot be opened");
            }
        }
    }
}
