package fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Fetches what pinned.txt names, from npm, by package name, and checks the sha512 recorded there. Maven runs it before
 * it compiles; {@code native/fetch.sh} does on request. In the directory {@code native}:
 *
 * <pre>{@code
 * java fetch/Fetch.java              the libraries for this machine, into build/PLATFORM
 * java fetch/Fetch.java PLATFORM...  for others (linux-x64, linux-arm64, mac-arm64, mac-x64, win-x64, win-arm64); commas
 *                                    do for spaces
 * java fetch/Fetch.java all          for all six
 * java fetch/Fetch.java linux-x64-vulkan, linux-x64-cuda
 *                                    a backend for GPUs alone, that fits the libraries in build/linux-x64
 * java fetch/Fetch.java source       llama.cpp's headers and source, into build/source (`headers` means the same)
 * java fetch/Fetch.java WHAT@v0.4.0  the same of another version of the range, into build/versions/v0.4.0
 * }</pre>
 *
 * <p>What is there and right is left alone. What came from another package is replaced; what was built from source is
 * not.
 */
public final class Fetch {

    private static final Path BUILD = Path.of("build");

    private final Pins pins;
    private final Libraries libraries;
    private final Source source;

    private Fetch(Pins pins, Scratch scratch) {
        this.pins = pins;
        this.libraries = new Libraries(pins, scratch);
        this.source = new Source(pins, scratch);
    }

    /** See the class. */
    public static void main(String[] arguments) {
        Failure.endWith("fetch", () -> {
            Pins pins = Pins.read();
            try (Scratch scratch = new Scratch(BUILD)) {
                Fetch fetch = new Fetch(pins, scratch);
                for (String what : arguments.length == 0
                        ? Pins.host()
                        : String.join(",", arguments).split(",")) {
                    fetch.one(what);
                }
            }
        });
    }

    private void one(String argument) throws IOException {
        int at = argument.indexOf('@');
        String what = at < 0 ? argument : argument.substring(0, at);
        Optional<String> version = at < 0 ? Optional.empty() : Optional.of(argument.substring(at + 1));
        Path directory = BUILD;
        if (version.isPresent()) {
            pins.version(version.get());
            directory = BUILD.resolve("versions").resolve(version.get());
        }
        switch (what) {
            case "all" -> {
                for (String platform : Pins.PLATFORMS) {
                    libraries.fetch(platform, version, directory.resolve(platform));
                }
            }
            case "source", "headers" -> source(version, directory);
            default -> {
                if (what.split("-").length > 2) {
                    libraries.fetchBackend(what, version, directory.resolve(what));
                } else {
                    libraries.fetch(what, version, directory.resolve(what));
                }
            }
        }
    }

    /** The pinned version's is in one place, by whatever name it was asked for. */
    private void source(Optional<String> version, Path directory) throws IOException {
        Path target = directory.resolve("source");
        if (version.isEmpty() || !version.get().equals(pins.newest())) {
            source.fetch(version, target);
            return;
        }
        source.fetch(Optional.empty(), BUILD.resolve("source"));
        if (!Files.isSymbolicLink(target)) {
            Scratch.delete(target);
            Files.createDirectories(directory);
            Files.createSymbolicLink(target, Path.of("..", "..", "source"));
        }
    }
}
