package fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@code files.txt} beside the libraries says: lines {@code # origin} and {@code # llama.cpp version}, then sha256,
 * bytes and name of each file.
 */
record FileList(String origin, String version) {

    private static final String NAME = "files.txt";
    private static final String VERSION = "# llama.cpp ";

    /** With the licence of llama.cpp, which goes where the libraries go. */
    void write(Path directory) throws IOException {
        Files.copy(Path.of("LICENSE.llama.cpp"), directory.resolve("LICENSE.llama.cpp"));
        Files.writeString(directory.resolve(NAME), text(directory));
    }

    /** What is said of a directory, if it says it of exactly the files that are there; null otherwise. */
    static FileList ofComplete(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        String text = Files.readString(file);
        List<String> lines = text.lines().toList();
        if (lines.size() < 3 || !lines.get(0).startsWith("# ") || !lines.get(1).startsWith(VERSION)) {
            return null;
        }
        FileList list = new FileList(lines.get(0).substring(2), lines.get(1).substring(VERSION.length()));
        return list.text(directory).equals(text) ? list : null;
    }

    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(file -> !file.endsWith(NAME)).sorted().toList();
        }
    }

    private String text(Path directory) throws IOException {
        StringBuilder text = new StringBuilder("# " + origin + "\n" + VERSION + version + "\n");
        for (Path file : files(directory)) {
            text.append(HexFormat.of().formatHex(NpmPackage.digest("SHA-256", file)))
                    .append(' ')
                    .append(Files.size(file))
                    .append(' ')
                    .append(file.getFileName())
                    .append('\n');
        }
        return text.toString();
    }

    /** The name of ggml's base library there, where it is one of our own; empty otherwise. */
    static String ownBase(Path directory) throws IOException {
        return files(directory).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.matches("(lib)?x[0-9a-z]*-base[.].*"))
                .collect(Collectors.joining());
    }
}
