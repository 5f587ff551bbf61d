package fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What pinned.txt says: versions of llama.cpp, the newest first, and the packages that their files come from. */
final class Pins {

    static final List<String> PLATFORMS =
            List.of("linux-x64", "linux-arm64", "mac-arm64", "mac-x64", "win-x64", "win-arm64");

    /** A version of llama.cpp, and the commit that it is. */
    record Version(String name, String commit) {}

    /**
     * A line for a package.
     *
     * @param what it is for: a platform, a platform with a backend, or {@code source}
     * @param version of the llama.cpp in it
     * @param spec its name and version for npm
     * @param integrity its digest, in the registry's form
     */
    record Package(String what, String version, String spec, String integrity) {}

    private final List<Version> versions = new ArrayList<>();
    private final List<Package> packages = new ArrayList<>();

    private Pins() {}

    static Pins read() throws IOException {
        Pins pins = new Pins();
        for (String line : Files.readAllLines(Path.of("pinned.txt"))) {
            String[] words = line.split(" +");
            if (words[0].equals("version")) {
                pins.versions.add(new Version(words[1], words[3]));
            } else if (words.length == 4 && !words[0].equals("#")) {
                pins.packages.add(new Package(words[0], words[1], words[2], words[3]));
            }
        }
        return pins;
    }

    String newest() {
        return versions.getFirst().name();
    }

    Version version(String name) throws IOException {
        return versions.stream()
                .filter(version -> version.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Failure("pinned.txt has no version '" + name + "'"));
    }

    /** That of a version, or the first, which is the newest that there is for it. */
    Package of(String what, Optional<String> version) throws IOException {
        return packages.stream()
                .filter(each -> each.what().equals(what) && each.version().equals(version.orElse(each.version())))
                .findFirst()
                .orElseThrow(() -> new Failure("pinned.txt has no '" + what + "'"
                        + version.map(name -> " of " + name).orElse("")));
    }

    /** The platform of this machine in our names, which are the directories in build/ and in the jars. */
    static String[] host() throws IOException {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String os = system.startsWith("linux")
                ? "linux"
                : system.startsWith("mac") ? "mac" : system.startsWith("windows") ? "win" : "";
        String arch = switch (processor) {
            case "amd64", "x86_64" -> "x64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
        if (os.isEmpty() || arch.isEmpty()) {
            throw new Failure("no llama.cpp libraries are pinned for " + system + " on " + processor);
        }
        return new String[] {os + "-" + arch};
    }
}
