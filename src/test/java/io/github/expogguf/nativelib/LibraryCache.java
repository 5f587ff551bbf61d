package io.github.expogguf.nativelib;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** The first of the {@link CachePlaces}, for tests of others. */
public final class LibraryCache {

    private LibraryCache() {}

    /** Where libraries are unpacked on a system, if that is not among the temporary files. */
    public static Path usual(String system, UnaryOperator<String> property, UnaryOperator<String> environment) {
        return CachePlaces.find(Platform.of(system, "amd64"), property, environment)
                .getFirst()
                .directory();
    }
}
