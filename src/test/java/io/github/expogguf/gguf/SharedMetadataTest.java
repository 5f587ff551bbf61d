package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.corpus.BytesCase;
import io.github.expogguf.corpus.Corpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading a header beside another one. */
class SharedMetadataTest {

    private static final int BUFFER = 1 << 16; // of HeaderSource

    @TempDir
    private Path directory;

    private Metadata read(Metadata metadata, Metadata known) throws IOException {
        return GgufReader.read(GgufWriter.writeFile(directory.resolve("m.gguf"), metadata, List.of()), known)
                .metadata();
    }

    private static Metadata one(MetadataValue value) {
        return new Metadata(Map.of("k", value));
    }

    @Test
    void whatIsInBothIsTheSameObjectAndWhatIsNotIsReadAsEver() throws IOException {
        Random random = new Random(3);
        int shared = 0;
        int others = 0;
        for (int round = 0; round < 200; round++) {
            Metadata known = RandomMetadata.of(random, 12);
            Map<String, MetadataValue> values =
                    new LinkedHashMap<>(RandomMetadata.of(random, 12).asMap());
            known.asMap().forEach((key, value) -> {
                if (random.nextBoolean()) {
                    values.put(key, value);
                }
            });
            Metadata written = new Metadata(values);
            Metadata read = read(written, known);

            assertThat(read.asMap()).containsExactlyEntriesOf(written.asMap());
            for (String key : read.keys()) {
                boolean isShared = read.get(key).get() == known.get(key).orElse(null);
                assertThat(isShared)
                        .as(key)
                        .isEqualTo(isLong(read.get(key).get()) && read.get(key).equals(known.get(key)));
                shared += isShared ? 1 : 0;
                others += isShared ? 0 : 1;
            }
        }
        assertThat(shared).isGreaterThan(100);
        assertThat(others).isGreaterThan(100);
    }

    private static boolean isLong(MetadataValue value) {
        return value.type() == MetadataType.STRING || value.type() == MetadataType.ARRAY;
    }

    @Test
    void aDifferenceIsFoundAtEveryEndOfTheBuffer() throws IOException {
        MetadataValue known = MetadataValue.ofString("x".repeat(3 * BUFFER));
        for (int place : new int[] {0, 1, BUFFER - 60, BUFFER - 1, BUFFER, 2 * BUFFER + 7, 3 * BUFFER - 1}) {
            StringBuilder text = new StringBuilder(known.asString());
            text.setCharAt(place, 'y');
            MetadataValue written = MetadataValue.ofString(text.toString());

            assertThat(read(one(written), one(known)).get("k")).contains(written);
        }
        MetadataValue same = MetadataValue.ofString(known.asString());
        assertThat(read(one(same), one(known)).get("k").get()).isSameAs(known);
    }

    @Test
    void textsOfOtherLengthsInAsManyBytesAreOthers() throws IOException {
        MetadataValue written = MetadataValue.ofStrings(List.of("ab", "c"));
        MetadataValue known = MetadataValue.ofStrings(List.of("a", "bc"));

        assertThat(read(one(written), one(known)).get("k").get().asStrings()).containsExactly("ab", "c");
    }

    @Test
    void sharedStringsCountForTheirLimit() {
        int most = GgufLimits.maxStrings();
        MetadataValue half = MetadataValue.array(MetadataType.STRING, most / 2 + 1, new byte[8 * (most / 2 + 1)]);
        Metadata twice = new Metadata(Map.of("a", half, "b", half));

        assertThatThrownBy(() -> read(twice, twice))
                .hasMessageContaining("strings in arrays, expected at most " + most);
    }

    static Stream<BytesCase> rejected() {
        return Corpus.rejectedFiles().filter(input -> !input.isLarge());
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void whatIsRefusedIsRefusedInTheSameWords(BytesCase input) throws IOException {
        Path file = input.write(directory);
        Metadata known = GgufReader.read(GgufBytes.small().write(directory.resolve("known.gguf")))
                .metadata();
        String alone = message(file, Metadata.EMPTY);

        assertThat(alone).isNotEmpty();
        assertThat(message(file, known)).isEqualTo(alone);
    }

    private static String message(Path file, Metadata known) throws IOException {
        try {
            GgufReader.read(file, known);
            return "";
        } catch (GgufFormatException refusal) {
            return refusal.getMessage();
        }
    }
}
