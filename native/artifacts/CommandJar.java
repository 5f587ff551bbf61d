package artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the jar of what the command has beside the library: its classes, the demonstration, and llama.cpp's libraries. It
 * becomes part of {@code expo-gguf.jar}.
 *
 * <p>{@code java native/artifacts/CommandJar.java PLATFORM[,PLATFORM...] LIBRARIES CLASSES TIME JAR}, as
 * {@link NativeJar}, but for the last, which is the jar.
 */
public final class CommandJar {

    /** Rooms that embedders do without; the POM leaves them out of the library. */
    private static final String[] ROOMS = {
        "io/github/expogguf/cli", "io/github/expogguf/launch", "io/github/expogguf/demo", "demo"
    };

    /** Of the libraries that the jar of the command holds. */
    private static final String[] LICENSES = {"META-INF/LICENSE.apache-2.0", "META-INF/LICENSE.jline"};

    private CommandJar() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        JarEntries entries = new JarEntries();
        for (String room : ROOMS) {
            entries.addAll(Path.of(arguments[2], room), room + "/");
        }
        for (String license : LICENSES) {
            entries.add(license, Files.readAllBytes(Path.of(arguments[2], license)));
        }
        for (String platform : arguments[0].split(",")) {
            entries.addAll(Path.of(arguments[1], platform), "native/" + platform + "/");
        }
        entries.write(Path.of(arguments[4]), arguments[3]);
    }
}
