package fetch;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fetches any package from npm, for the scripts: {@code java fetch/Unpack.java SPEC INTEGRITY DIRECTORY}, the digest in
 * the registry's form. The directory gets {@code package/}.
 */
public final class Unpack {

    private Unpack() {}

    /** See the class. */
    public static void main(String[] arguments) {
        Failure.endWith(
                "unpack",
                () -> NpmPackage.fetch(arguments[0], arguments[1], Files.createDirectories(Path.of(arguments[2]))));
    }
}
