package io.github.expogguf.nativelib;

import java.nio.file.Path;

/** Prints the backends and devices of the libraries in a directory. */
final class BackendsProbe {

    private BackendsProbe() {}

    public static void main(String[] arguments) {
        NativeLibrary library = NativeLibrary.load("here", Path.of(arguments[0]));
        library.startBackends().forEach(System.out::println);
        library.devices().forEach(System.out::println);
    }
}
