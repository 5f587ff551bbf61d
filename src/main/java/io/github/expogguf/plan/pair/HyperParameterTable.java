package io.github.expogguf.plan.pair;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which hyper-parameters llama.cpp v0.4.0 and v0.5.0 read for an architecture, and what it takes where the key is
 * missing. The data is {@code hyper-parameters.tsv}, whose head says how it is to be read.
 */
final class HyperParameterTable {

    static final HyperParameterTable LLAMA_CPP = read("hyper-parameters.tsv");

    /** Stands for all architectures that no other row of the key names. */
    static final String ANY = "*";

    private static final String ARCHITECTURES = "general.architecture";

    private final Set<String> architectures;
    private final Map<String, Map<String, Row>> rows = new HashMap<>(); // key to architecture
    private final List<Row> all;

    /** What llama.cpp does with a key. */
    enum Use {
        /** The value counts. */
        READ,
        /** It is read and then replaced, or only printed. */
        UNUSED,
        /** It is not read. */
        UNREAD
    }

    /**
     * One row.
     *
     * @param key           without the architecture, except for {@code xielu.*}
     * @param architectures that it holds for; {@link #ANY} for all others
     * @param missing       what a missing key means: a value, {@code required}, {@code ?}, {@code =KEY} or {@code
     *                      @RULE}
     * @param use           what llama.cpp does with the value
     * @param isPerLayer    whether an array has a value for each layer
     * @param zeroIsMissing whether 0 means the same as a missing key
     * @param symbol        where llama.cpp says so
     */
    record Row(
            String key,
            List<String> architectures,
            String missing,
            Use use,
            boolean isPerLayer,
            boolean zeroIsMissing,
            String symbol) {

        static Row parse(String line) {
            String[] cells = line.split("\t", -1);
            List<String> flags = List.of(cells[3].split(" "));
            Use use = flags.contains("unread") ? Use.UNREAD : flags.contains("unused") ? Use.UNUSED : Use.READ;
            return new Row(
                    cells[0],
                    List.of(cells[1].split(" ")),
                    cells[2],
                    use,
                    flags.contains("layers"),
                    flags.contains("zero"),
                    cells[4]);
        }
    }

    private HyperParameterTable(List<Row> all) {
        this.all = List.copyOf(all);
        Set<String> known = new HashSet<>();
        for (Row row : all) {
            if (row.key.equals(ARCHITECTURES)) {
                known.addAll(row.architectures);
            }
            for (String architecture : row.architectures) {
                rows.computeIfAbsent(row.key, _ -> new HashMap<>()).put(architecture, row);
            }
        }
        this.architectures = Set.copyOf(known);
    }

    private static HyperParameterTable read(String resource) {
        try (InputStream in = HyperParameterTable.class.getResourceAsStream(resource);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            List<Row> rows = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    rows.add(Row.parse(line));
                }
            }
            return new HyperParameterTable(rows);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Whether llama.cpp has a loader for the architecture. */
    boolean knows(String architecture) {
        return architectures.contains(architecture);
    }

    /** The row of a key for an architecture; empty where llama.cpp does not read the key, and has no value for it. */
    Optional<Row> row(String architecture, String key) {
        Map<String, Row> byArchitecture = rows.getOrDefault(key, Map.of());
        return Optional.ofNullable(byArchitecture.getOrDefault(architecture, byArchitecture.get(ANY)));
    }

    /** Whether arrays of this key have a value for each layer, for any architecture. */
    boolean isPerLayer(String key) {
        return rows.getOrDefault(key, Map.of()).values().stream().anyMatch(Row::isPerLayer);
    }

    List<Row> all() {
        return all;
    }

    Set<String> architectures() {
        return architectures;
    }
}
