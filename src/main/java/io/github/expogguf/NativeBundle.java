package io.github.expogguf;

import java.net.URL;
import java.util.Optional;

/**
 * llama.cpp's libraries for one platform, as an artifact {@code natives-PLATFORM} brings them: a service, so that it is
 * found on the module path. On the class path, and in jars that were shaded, the files are found by their names.
 */
public interface NativeBundle {

    /** {@return what they are for: {@code linux-x64}, {@code mac-arm64}, {@code win-x64} and so on} */
    String platform();

    /**
     * A file of the bundle.
     *
     * @param name {@code files.txt}, which lists the others with their digests, or one of those
     * @return empty if there is no such file
     */
    Optional<URL> resource(String name);
}
