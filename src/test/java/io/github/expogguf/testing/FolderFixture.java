package io.github.expogguf.testing;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** A pair of folders, a template, and what the real converter and torch make of them; README.md there says how. */
public final class FolderFixture {

    /**
     * A tensor as it is expected.
     *
     * @param sft          SHA-256 of its values in F32
     * @param extrapolated of what the two converted ones give, or of what torch gives where nothing else follows
     * @param torch        of what torch gives
     * @param ulps         by which the two may differ
     * @param values       by name, where exponentials are rounded
     */
    public record Expected(
            String sft, String aligned, String extrapolated, String torch, int ulps, Map<String, float[]> values) {}

    private final Path folder;

    private FolderFixture(Path folder) {
        this.folder = folder;
    }

    public static FolderFixture of(String name) {
        return new FolderFixture(root().resolve(name));
    }

    public static Stream<String> names() throws IOException {
        try (Stream<Path> folders = Files.list(root())) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("like.gguf")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static Path root() {
        try {
            return Path.of(Objects.requireNonNull(FolderFixture.class.getResource("/folders"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public Path sft() {
        return folder.resolve("sft");
    }

    public Path aligned() {
        return folder.resolve("aligned");
    }

    public Path template() {
        return folder.resolve("like.gguf");
    }

    /** By tensor. */
    public Map<String, Expected> expected() throws IOException {
        Map<String, Expected> expected = new LinkedHashMap<>();
        String name = "";
        for (String line : Files.readAllLines(folder.resolve("expected.txt"))) {
            List<String> fields = List.of(line.split("\t"));
            if (fields.getFirst().isEmpty()) {
                Objects.requireNonNull(expected.get(name)).values().put(fields.get(1), floats(fields));
            } else {
                name = fields.getFirst();
                boolean differs = fields.size() > 5;
                expected.put(
                        name,
                        new Expected(
                                fields.get(2),
                                fields.get(3),
                                fields.get(4),
                                differs ? fields.get(5) : fields.get(4),
                                differs ? Integer.parseInt(fields.get(6)) : 0,
                                new LinkedHashMap<>()));
            }
        }
        return expected;
    }

    private static float[] floats(List<String> fields) {
        float[] values = new float[fields.size() - 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(HexFormat.fromHexDigits(fields.get(i + 2)));
        }
        return values;
    }
}
