package io.github.expogguf.gguf;

import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.small;
import static io.github.expogguf.gguf.GgufBytes.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.corpus.BytesCase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of {@link GgufLimits}, broken once; the corpus has the files and the words of the messages. */
class GgufReaderRejectionTest {

    private static final int F32 = 0;
    private static final int Q8_0 = 8;
    private static final int STRING = 8;

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.github.expogguf.corpus.Corpus#rejectedFiles")
    void rejectsWithAClearMessage(BytesCase input) throws Exception {
        Path path = input.write(directory);

        assertThatThrownBy(() -> GgufReader.read(path))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(input.words());
    }

    @Test
    void acceptsTheSmallFileThatTheOthersDifferFrom() throws Exception {
        GgufFile file = GgufReader.read(small().write(directory.resolve("m.gguf")));

        assertThat(file.version()).isEqualTo(3);
        assertThat(file.metadata().architecture()).isEqualTo("llama");
        assertThat(file.metadata().get("tags").orElseThrow().asStrings()).containsExactly("ab", "");
        assertThat(file.tensors())
                .containsExactly(
                        new TensorInfo("a.weight", GgmlType.F32, new Shape(4, 2), 0),
                        new TensorInfo("b.weight", GgmlType.Q8_0, new Shape(32), 32));
        assertThat(GgufReader.read(small().version(2).write(directory.resolve("m.gguf")))
                        .version())
                .isEqualTo(2);
    }

    @Test
    void acceptsTheLargestNames() throws Exception {
        String key = "k".repeat(65_535);
        String name = "ü".repeat(31) + "n";
        GgufFile file = GgufReader.read(
                file().string(key, "").tensor(name, F32, 0, 8).data(32).write(directory.resolve("m.gguf")));

        assertThat(file.metadata().keys()).containsExactly(key);
        assertThat(file.tensors().getFirst().name()).isEqualTo(name);
    }

    @Test
    void countsWhatFollowsTheData() throws Exception {
        Path path = directory.resolve("m.gguf");

        assertThat(GgufReader.read(file().tensor("a", F32, 0, 1).data(4).write(path))
                        .trailingBytes())
                .isZero();
        assertThat(GgufReader.read(file().tensor("a", F32, 0, 1).data(32).write(path))
                        .trailingBytes())
                .isZero();
        assertThat(GgufReader.read(file().tensor("a", F32, 0, 1).data(40).write(path))
                        .trailingBytes())
                .isEqualTo(8);
    }

    @Test
    void rejectsTruncationAtEveryByte() throws Exception {
        Path path = small().write(directory.resolve("m.gguf"));
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (long length = channel.size() - 1; length >= 0; length--) {
                channel.truncate(length);

                GgufFormatException rejection =
                        catchThrowableOfType(GgufFormatException.class, () -> GgufReader.read(path));

                assertThat(rejection).as("%d bytes", length).isNotNull();
                assertThat(rejection.fileOffset()).isLessThanOrEqualTo(length);
                assertThat(rejection).hasMessageContaining(" ends ");
            }
        }
    }

    @Test
    void neverFailsInAnyOtherWayWhateverTheBytes() throws Exception {
        Random random = new Random(7);
        byte[] whole = small().bytes();
        Path path = directory.resolve("m.gguf");
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int round = 0; round < 2_000; round++) {
                byte[] bytes = whole.clone();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    int place = random.nextInt(bytes.length);
                    int value = random.nextInt(random.nextBoolean() ? 256 : 16);
                    if (!GgufBytes.isUpperPartOfADimension(whole, place)) {
                        bytes[place] = (byte) value;
                    }
                }
                channel.write(ByteBuffer.wrap(bytes), 0);
                readOrReject(path, bytes.length);
            }
        }
    }

    private static void readOrReject(Path path, int fileBytes) throws IOException {
        try {
            GgufFile file = GgufReader.read(path);
            file.metadata()
                    .asMap()
                    .values()
                    .forEach(value -> assertThat(value.toString()).isNotNull());
            assertThat(file.tensors()).allMatch(tensor -> file.fileOffset(tensor) + tensor.byteCount() <= fileBytes);
        } catch (GgufFormatException rejected) {
            assertThat(rejected).hasMessageStartingWith(path + ": ");
        }
    }

    @Test
    void rejectsHeadersThatWouldFillTheMemory() throws Exception {
        Path path = file().rawPair(text("k"), STRING, text(300_000_000, new byte[0]))
                .write(directory.resolve("m.gguf"));
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }

        assertThatThrownBy(() -> GgufReader.read(path))
                .hasMessage(path + ": key 'k': string of 300000000 bytes, but only 20971475 are left of the largest"
                        + " header (20971520 bytes; java -Dexpo.gguf.max.header.mib=512 allows more) (at byte 37)");
    }

    @Test
    void theLargestHeaderCanBeAnotherSize() throws Exception {
        Path path = file().string("k", "x".repeat(1 << 20)).write(directory.resolve("m.gguf"));
        assertThat(GgufReader.read(path).metadata().string("k").orElseThrow()).hasSize(1 << 20);
        System.setProperty(GgufLimits.HEADER_PROPERTY, "1");
        try {
            assertThatThrownBy(() -> GgufReader.read(path))
                    .isInstanceOf(GgufFormatException.class)
                    .hasMessageContaining(
                            "of the largest header (1048576 bytes; java -Dexpo.gguf.max.header.mib=2 allows more)");
            for (String value : new String[] {"0", "1025", "64M", "-1", ""}) {
                System.setProperty(GgufLimits.HEADER_PROPERTY, value);
                assertThatThrownBy(() -> GgufReader.read(path))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("expo.gguf.max.header.mib is '" + value + "', expected 1 to 1024");
            }
        } finally {
            System.clearProperty(GgufLimits.HEADER_PROPERTY);
        }
    }

    @Test
    void theLargestCountsCanBeOthers() throws Exception {
        Path path = file().array("k", STRING, 1, text("x"))
                .array("l", STRING, 1, text("y"))
                .write(directory.resolve("m.gguf"));
        assertThat(GgufReader.read(path).metadata().asMap()).hasSize(2);

        assertRefusesWith(GgufLimits.ENTRIES_PROPERTY, path, "2 key/value pairs, expected at most 1");
        assertRefusesWith(GgufLimits.STRINGS_PROPERTY, path, "key 'l': 2 strings in arrays, expected at most 1");
    }

    @Test
    void theWayOutAllowsWhatWasRefusedOrAsMuchAsCanBe() {
        String entries = "java -Dexpo.gguf.max.entries=";
        assertThat(GgufLimits.wayOut(GgufLimits.ENTRIES_PROPERTY, 8193)).isEqualTo(entries + "16384 allows more");
        assertThat(GgufLimits.wayOut(GgufLimits.ENTRIES_PROPERTY, 65_536)).isEqualTo(entries + "65536 allows more");
        assertThat(GgufLimits.wayOut(GgufLimits.ENTRIES_PROPERTY, 65_537))
                .isEqualTo(entries + "65536 allows up to 65536");
        assertThat(GgufLimits.wayOut(GgufLimits.ENTRIES_PROPERTY, -1)).isEqualTo(entries + "65536 allows up to 65536");
        String header = "java -Dexpo.gguf.max.header.mib=";
        assertThat(GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, (64 << 20) + 1))
                .isEqualTo(header + "128 allows more");
        assertThat(GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, 64 << 20))
                .isEqualTo(header + "64 allows more");
        assertThat(GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, Long.MAX_VALUE))
                .isEqualTo(header + "1024 allows up to 1024");
    }

    @Test
    void tensorsAndPairsHaveLimitsOfTheirOwnThatOnePropertySets() {
        assertThat(GgufLimits.maxTensors()).isEqualTo(8192);
        assertThat(GgufLimits.maxPairs()).isEqualTo(4096);
        System.setProperty(GgufLimits.ENTRIES_PROPERTY, "16384");
        try {
            assertThat(GgufLimits.maxTensors()).isEqualTo(16_384);
            assertThat(GgufLimits.maxPairs()).isEqualTo(16_384);
        } finally {
            System.clearProperty(GgufLimits.ENTRIES_PROPERTY);
        }
    }

    /** With the property set to 1. */
    private static void assertRefusesWith(String property, Path path, String words) {
        System.setProperty(property, "1");
        try {
            assertThatThrownBy(() -> GgufReader.read(path))
                    .isInstanceOf(GgufFormatException.class)
                    .hasMessageContaining(words + "; java -D" + property + "=2 allows more");
        } finally {
            System.clearProperty(property);
        }
    }

    @Test
    void rejectsWhatIsNoRegularFile() {
        assertThatThrownBy(() -> GgufReader.read(directory))
                .isInstanceOf(GgufFormatException.class)
                .hasMessageEndingWith(": not a regular file");
        assertThatThrownBy(() -> GgufReader.read(directory.resolve("absent.gguf")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("absent.gguf");
    }
}
