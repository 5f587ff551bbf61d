package io.github.expogguf.nativelib;

import java.nio.file.Path;

/** Prints the backends and devices of the libraries in a directory, or of the bundled ones. */
final class BackendsProbe {

    private BackendsProbe() {}

    public static void main(String[] arguments) {
        NativeLibrary library =
                arguments.length == 0 ? NativeLibrary.load() : NativeLibrary.load("here", Path.of(arguments[0]));
        library.startBackends().forEach(System.out::println);
        library.devices().forEach(System.out::println);
    }
}
