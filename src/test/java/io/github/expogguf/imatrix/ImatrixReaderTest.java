package io.github.expogguf.imatrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The expected weights are those of quantize.cpp, load_imatrix, worked out by hand. */
class ImatrixReaderTest {

    @TempDir
    Path directory;

    @Test
    void dividesSumsByCountsAsLlamaQuantizeDoes() throws IOException {
        Path file = gguf(
                METADATA,
                f32("blk.0.ffn_up.weight.in_sum2", new Shape(3, 2), 1, 2, 7, 3, 5, 0),
                f32("blk.0.ffn_up.weight.counts", new Shape(1, 2), 3, 0),
                f32("output.weight.counts", new Shape(1), 2.5f),
                f32("output.weight.in_sum2", new Shape(2), 10, 1));
        Imatrix imatrix = ImatrixReader.read(file);
        assertThat(imatrix.tensors()).containsExactlyInAnyOrder("blk.0.ffn_up.weight", "output.weight");
        assertThat(imatrix.weights("blk.0.ffn_up.weight").orElseThrow())
                .containsExactly(1f / 3, 2f / 3, 7f / 3, 1, 1, 1); // never asked: all the same
        assertThat(imatrix.weights("output.weight").orElseThrow()).containsExactly(10f / 3, 1f / 3); // 2.5 counts 3
        assertThat(imatrix.unaskedExperts("blk.0.ffn_up.weight")).isEqualTo(1);
        assertThat(imatrix.unaskedExperts("output.weight")).isZero();
        assertThat(imatrix.weights("token_embd.weight")).isEmpty();
    }

    @Test
    void keepsWhereItCameFrom() throws Exception {
        Path file = gguf(METADATA, f32("a.in_sum2", new Shape(1), 1), f32("a.counts", new Shape(1), 1));
        Imatrix.Source source = ImatrixReader.read(file).source().orElseThrow();
        assertThat(source.fileName()).isEqualTo("imatrix.gguf");
        assertThat(source.datasets()).containsExactly("wiki.txt", "code.txt");
        assertThat(source.chunkCount()).isEqualTo(42);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        assertThat(source.sha256()).isEqualTo(HexFormat.of().formatHex(digest));
    }

    @Test
    void readsTheLegacyFormat() throws IOException {
        Path file = legacy(new Legacy()
                .number(2)
                .entry("blk.0.attn_q.weight", 3, 1, 2, 7)
                .entry("output.weight", 0, 5)
                .number(9)
                .text("wiki.txt"));
        Imatrix imatrix = ImatrixReader.read(file);
        assertThat(imatrix.weights("blk.0.attn_q.weight").orElseThrow()).containsExactly(1f / 3, 2f / 3, 7f / 3);
        assertThat(imatrix.weights("output.weight").orElseThrow()).containsExactly(5);
        Imatrix.Source source = imatrix.source().orElseThrow();
        assertThat(source.chunkCount()).isEqualTo(9);
        assertThat(source.datasets()).containsExactly("wiki.txt");
    }

    @Test
    void readsLegacyFilesWithoutTheFieldsThatCameLater() throws IOException {
        Imatrix.Source oldest = ImatrixReader.read(legacy(new Legacy().number(1).entry("a", 1, 1)))
                .source()
                .orElseThrow();
        assertThat(oldest.chunkCount()).isZero();
        assertThat(oldest.datasets()).isEmpty();
        Imatrix.Source older = ImatrixReader.read(
                        legacy(new Legacy().number(1).entry("a", 1, 1).number(5)))
                .source()
                .orElseThrow();
        assertThat(older.chunkCount()).isEqualTo(5);
        Imatrix.Source unnamed = ImatrixReader.read(
                        legacy(new Legacy().number(1).entry("a", 1, 1).number(5).text("")))
                .source()
                .orElseThrow();
        assertThat(unnamed.datasets()).isEmpty();
    }

    @Test
    void refusesValuesThatNoSumOfSquaresHas() throws IOException {
        for (float value : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refuses(
                    gguf(METADATA, f32("a.in_sum2", new Shape(2), 0, value), f32("a.counts", new Shape(1), 1)),
                    "'a.in_sum2': value 1 is " + value + ", expected a finite number from 0 up");
            refuses(
                    gguf(METADATA, f32("a.in_sum2", new Shape(1), 0), f32("a.counts", new Shape(1), value)),
                    "'a.counts': value 0 is " + value);
            refuses(legacy(new Legacy().number(1).entry("a", 1, 0, value)), "'a': value 1 is " + value);
        }
    }

    @Test
    void refusesGgufFilesThatAreNoImatrix() throws IOException {
        TensorData sums = f32("a.in_sum2", new Shape(2), 1, 1);
        TensorData counts = f32("a.counts", new Shape(1), 1);
        refuses(gguf(Map.of(), sums, counts), "not an imatrix: no imatrix.datasets in its metadata");
        refuses(gguf(METADATA), "no entries");
        refuses(gguf(METADATA, f32("a.weight", new Shape(1), 1)), "no entries");
        refuses(gguf(METADATA, sums), "sums and counts do not belong together: 'a' has .in_sum2 and no .counts");
        refuses(gguf(METADATA, counts), "sums and counts do not belong together");
        refuses(gguf(METADATA, sums, f32("b.counts", new Shape(1), 1)), "sums and counts do not belong together");
        refuses(gguf(METADATA, sums, f32("a.counts", new Shape(3), 1, 1, 1)), "'a': 2 sums for 3 counts");
        refuses(
                gguf(METADATA, sums, new TensorData("a.counts", GgmlType.F16, new Shape(1), new byte[2])),
                "'a.counts' is of type F16, expected F32");
        refuses(
                gguf(with("imatrix.datasets", MetadataValue.ofString("x")), sums, counts),
                "imatrix.datasets is of type STRING, expected ARRAY[STRING]");
        refuses(
                gguf(with("imatrix.chunk_count", MetadataValue.ofFloat32(1)), sums, counts),
                "imatrix.chunk_count is of type FLOAT32, expected UINT32");
    }

    @Test
    void refusesLegacyFilesThatAreMalformed() throws IOException {
        Legacy entry = new Legacy().entry("a", 1, 1, 2);
        refuses(legacy(new Legacy()), "the file ends inside the number of entries: 4 bytes needed, 0 left");
        refuses(legacy(new Legacy().number(0).add(entry)), "neither a GGUF file nor an imatrix: 0 entries in");
        refuses(legacy(new Legacy().number(1_000_000).add(entry)), "1000000 entries in 25 bytes");
        refuses(legacy(new Legacy().number(1).text("").number(1).number(1).values(1, 1)), "name of entry 0: 0 bytes");
        refuses(legacy(new Legacy().number(1).number(-5).values(1, 1, 1, 1)), "name of entry 0: -5 bytes");
        refuses(
                legacy(new Legacy().number(1).number(500).values(1, 1, 1, 1)),
                "the file ends inside the name of entry 0");
        refuses(
                legacy(new Legacy().number(1).text("a\0b").number(1).number(1).values(1)),
                "name of entry 0 contains a zero");
        refuses(
                legacy(new Legacy().number(1).text("a").number(-1).number(1).values(1)),
                "'a': -1 calls, expected 0 or more");
        refuses(
                legacy(new Legacy().number(1).text("a").number(1).number(0).values(1, 1)),
                "'a': 0 values, expected 1 to");
        refuses(
                legacy(new Legacy().number(1).text("a").number(1).number(2).values(1)),
                "the file ends inside the values of 'a': 8 bytes needed, 4 left");
        refuses(
                legacy(new Legacy()
                        .number(1)
                        .text("a")
                        .number(1)
                        .number(Integer.MAX_VALUE)
                        .values(1)),
                "entry 'a': 2147483647 values");
        refuses(legacy(new Legacy().number(2).add(entry).add(entry)), "entry 'a' appears twice");
        refuses(
                legacy(new Legacy().number(1).add(entry).number(1).text("x").number(7)),
                "4 bytes after the last field");
        refuses(directory, "not a regular file");
        assertThatThrownBy(() -> ImatrixReader.read(directory.resolve("missing")))
                .isInstanceOf(NoSuchFileException.class);
    }

    /** Of the field that is wrong, not of the one behind it. */
    @Test
    void saysWhereAFileIsWrong() throws IOException {
        Legacy entry = new Legacy().entry("a", 1, 1, 2); // 21 bytes: 4 + 1 name, 4 calls, 4 count, 8 values
        refusesAt(0, legacy(new Legacy().number(0).add(entry)));
        refusesAt(0, legacy(new Legacy().number(1_000_000).add(entry)));
        refusesAt(4, legacy(new Legacy().number(1).text("").number(1).number(1).values(1, 1)));
        refusesAt(8, legacy(new Legacy().number(1).number(500).values(1, 1, 1, 1)));
        refusesAt(
                9,
                legacy(new Legacy().number(1).text("a\0b").number(1).number(1).values(1)));
        refusesAt(
                9, legacy(new Legacy().number(1).text("a").number(-1).number(1).values(1)));
        refusesAt(
                13, legacy(new Legacy().number(1).text("a").number(1).number(0).values(1, 1)));
        refusesAt(
                13,
                legacy(new Legacy()
                        .number(1)
                        .text("a")
                        .number(1)
                        .number(Integer.MAX_VALUE)
                        .values(1)));
        refusesAt(
                17, legacy(new Legacy().number(1).text("a").number(1).number(2).values(1)));
        refusesAt(21, legacy(new Legacy().number(1).entry("a", 1, 0, -1)));
        refusesAt(25, legacy(new Legacy().number(2).add(entry).add(entry)));
        refusesAt(
                25 + 9,
                legacy(new Legacy().number(1).add(entry).number(1).text("x").number(7)));
        refusesAt(25 + 4, legacy(new Legacy().number(1).add(entry).number(1).number(-2)));
        refusesAt(25 + 8, legacy(new Legacy().number(1).add(entry).number(1).number(9)));
        Path gguf = gguf(METADATA, f32("a.in_sum2", new Shape(2), 0, -1), f32("a.counts", new Shape(1), 1));
        String bytes = Files.readString(gguf, StandardCharsets.ISO_8859_1);
        refusesAt(bytes.lastIndexOf(new String(bytes(-1), StandardCharsets.ISO_8859_1)), gguf);
    }

    private static void refusesAt(long offset, Path file) {
        assertThatThrownBy(() -> ImatrixReader.read(file))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageEndingWith(" (at byte " + offset + ")")
                .extracting(refusal -> ((GgufFormatException) refusal).fileOffset())
                .isEqualTo(offset);
    }

    private static void refuses(Path file, String message) {
        assertThatThrownBy(() -> ImatrixReader.read(file))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageContaining(message);
    }

    private static final Map<String, MetadataValue> METADATA = metadata();

    private static Map<String, MetadataValue> metadata() {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.type", MetadataValue.ofString("imatrix"));
        values.put("imatrix.datasets", MetadataValue.ofStrings(List.of("wiki.txt", "code.txt")));
        values.put("imatrix.chunk_count", MetadataValue.ofUint32(42));
        values.put("imatrix.chunk_size", MetadataValue.ofUint32(512));
        return values;
    }

    private static Map<String, MetadataValue> with(String key, MetadataValue value) {
        Map<String, MetadataValue> values = metadata();
        values.put(key, value);
        return values;
    }

    private Path gguf(Map<String, MetadataValue> metadata, TensorData... tensors) throws IOException {
        return GgufWriter.writeFile(directory.resolve("imatrix.gguf"), new Metadata(metadata), List.of(tensors));
    }

    private Path legacy(Legacy content) throws IOException {
        return Files.write(directory.resolve("imatrix.dat"), content.bytes());
    }

    private static TensorData f32(String name, Shape shape, float... values) {
        return new TensorData(name, GgmlType.F32, shape, bytes(values));
    }

    private static byte[] bytes(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    /** Writes the old format field by field. */
    private static final class Legacy {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Legacy number(int value) {
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
            return this;
        }

        Legacy values(float... values) {
            out.writeBytes(ImatrixReaderTest.bytes(values));
            return this;
        }

        Legacy text(String text) {
            byte[] characters = text.getBytes(StandardCharsets.UTF_8);
            number(characters.length);
            out.writeBytes(characters);
            return this;
        }

        Legacy entry(String name, int calls, float... values) {
            return text(name).number(calls).number(values.length).values(values);
        }

        Legacy add(Legacy other) {
            out.writeBytes(other.bytes());
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
