package io.github.expogguf.nativelib;

import io.github.expogguf.NativeLibraryException;
import java.nio.file.Path;

/** Main class: loads the libraries (from the directory that is given, if one is) and says what came of it. */
final class LoadProbe {

    private LoadProbe() {}

    public static void main(String[] arguments) {
        try {
            NativeLibrary library =
                    arguments.length == 0 ? NativeLibrary.load() : NativeLibrary.load("here", Path.of(arguments[0]));
            System.out.println(library.origin());
            System.out.println(library.directory());
            System.out.println(library.devices());
        } catch (NativeLibraryException e) {
            System.out.println(e.getMessage());
            try {
                NativeLibrary.load();
            } catch (NativeLibraryException again) {
                System.out.println("again: " + (again == e));
            }
        }
    }
}
