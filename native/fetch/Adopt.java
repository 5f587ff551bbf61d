package fetch;

import java.nio.file.Path;
import names.OwnNames;

/**
 * Makes libraries that were built here as those that are fetched: {@code java fetch/Adopt.java DIRECTORY ORIGIN VERSION}
 * gives them names of their own and writes their list.
 */
public final class Adopt {

    private Adopt() {}

    /** See the class. */
    public static void main(String[] arguments) {
        Failure.endWith("adopt", () -> {
            Path directory = Path.of(arguments[0]);
            OwnNames.give(directory);
            new FileList(arguments[1], arguments[2]).write(directory);
        });
    }
}
