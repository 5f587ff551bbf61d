package io.github.expogguf.gguf;

import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.small;
import static io.github.expogguf.gguf.GgufBytes.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.expogguf.GgufFormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of {@link GgufLimits}, broken once, with the words of the message; published attacks among them. */
class GgufReaderRejectionTest {

    private static final int F32 = 0;
    private static final int Q4_0 = 2;
    private static final int Q8_0 = 8;
    private static final int Q4_K = 12;
    private static final int I8 = 24;
    private static final int I64 = 27;
    private static final int UINT8 = 0;
    private static final int UINT32 = 4;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int UINT64 = 10;
    private static final long MAX = Long.MAX_VALUE;

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{1}")
    @MethodSource({"starts", "counts", "keys", "values", "alignments", "names", "shapes", "types", "offsets", "data"})
    void rejectsWithAClearMessage(GgufBytes bytes, String message) throws Exception {
        Path path = bytes.write(directory.resolve("m.gguf"));

        assertThatThrownBy(() -> GgufReader.read(path))
                .isInstanceOf(GgufFormatException.class)
                .hasMessage("m.gguf: " + message);
    }

    private static Stream<Arguments> starts() {
        return Stream.of(
                arguments(file().magic("GGML"), "not a GGUF file: starts with 'GGML', expected 'GGUF' (at byte 0)"),
                arguments(
                        file().magic("PK\3\4"),
                        "not a GGUF file: starts with 'PK\\x03\\x04', expected 'GGUF' (at byte 0)"),
                arguments(
                        file().magic("version https://git-lfs.github.com/spec/v1\n"),
                        "not a GGUF file but perhaps a Git LFS pointer to one: starts with 'vers' (at byte 0)"),
                arguments(file().version(0), "unknown GGUF version 0, expected 2 or 3 (at byte 4)"),
                arguments(
                        file().version(1),
                        "GGUF version 1, which llama.cpp gave up in 2023, expected 2 or 3 (at byte 4)"),
                arguments(file().version(4), "unknown GGUF version 4, expected 2 or 3 (at byte 4)"),
                arguments(file().version(-1), "unknown GGUF version 4294967295, expected 2 or 3 (at byte 4)"),
                arguments(
                        file().version(0x0300_0000),
                        "big-endian GGUF version 3, expected little-endian (at byte 4)"));
    }

    private static Stream<Arguments> counts() {
        return Stream.of(
                arguments(file().tensorCount(-1), "18446744073709551615 tensors, expected at most 16384 (at byte 8)"),
                arguments(
                        file().tensorCount(1L << 59),
                        "576460752303423488 tensors, expected at most 16384 (at byte 8)"),
                arguments(file().tensorCount(16_385), "16385 tensors, expected at most 16384 (at byte 8)"),
                arguments(
                        file().tensorCount(1),
                        "1 tensors need at least 33 bytes each, but the file ends after 8 (at byte 8)"),
                arguments(
                        file().pairCount(1L << 60),
                        "1152921504606846976 key/value pairs, expected at most 16384 (at byte 16)"),
                arguments(
                        file().pairCount(1),
                        "1 key/value pairs need at least 14 bytes each, but the file ends after 0 (at byte 16)"),
                arguments(
                        file().uint32("a", 1).pairCount(2),
                        "2 key/value pairs need at least 14 bytes each, but the file ends after 17 (at byte 16)"),
                arguments(
                        file().string("a", "b".repeat(40)).pairCount(2),
                        "key 1: length of key needs 8 bytes, but the file ends after 0 (at byte 85)"));
    }

    private static Stream<Arguments> keys() {
        return Stream.of(
                arguments(
                        small().rawPair(text(""), UINT32, new byte[4]), "key 3: key is empty (at byte 148)"),
                arguments(
                        file().string("k".repeat(65_536), ""),
                        "key 0: key of 65536 bytes, expected at most 65535 (at byte 24)"),
                arguments(
                        file().rawPair(text(-1, ascii("abc")), UINT32, new byte[4]),
                        "key 0: key of 18446744073709551615 bytes, but the file ends after 11 (at byte 24)"),
                arguments(
                        file().rawPair(text(12, ascii("abc")), UINT32, new byte[4]),
                        "key 0: key of 12 bytes, but the file ends after 11 (at byte 24)"),
                arguments(
                        file().string("a\0b", ""), "key 0: key 'a\\x00b' contains a NUL byte (at byte 32)"),
                arguments(
                        file().rawPair(text(ascii("a\u00ffb")), UINT32, new byte[4]),
                        "key 0: key 'aÿb' is not UTF-8 (at byte 32)"),
                arguments(
                        file().string("general.name", "a").uint32("general.name", 1),
                        "key 'general.name': appears twice (at byte 77)"),
                arguments(
                        file().string("\u001b[31m\u202e", "a").uint32("\u001b[31m\u202e", 1),
                        "key '\\x1b[31m\\u{202e}': appears twice (at byte 69)"));
    }

    private static Stream<Arguments> values() {
        byte[] key = text("k");
        return Stream.of(
                arguments(
                        file().rawPair(key, 13, new byte[8]),
                        "key 'k': unknown value type 13, expected 0 to 12 (at byte 33)"),
                arguments(
                        file().rawPair(key, -1, new byte[8]),
                        "key 'k': unknown value type -1, expected 0 to 12 (at byte 33)"),
                arguments(
                        file().rawPair(key, UINT64, new byte[7]),
                        "key 'k': value needs 8 bytes, but the file ends after 7 (at byte 37)"),
                arguments(
                        file().rawPair(key, BOOL, new byte[] {2}),
                        "key 'k': bool with the byte 2, expected 0 or 1 (at byte 37)"),
                arguments(
                        file().rawPair(key, STRING, text(1L << 63, ascii("abc"))),
                        "key 'k': string of 9223372036854775808 bytes, but the file ends after 3 (at byte 37)"),
                arguments(
                        file().rawPair(key, STRING, text(4, ascii("abc"))),
                        "key 'k': string of 4 bytes, but the file ends after 3 (at byte 37)"),
                arguments(
                        file().array("k", 13, 1, new byte[8]),
                        "key 'k': unknown element type 13, expected 0 to 12 (at byte 37)"),
                arguments(
                        file().array("k", ARRAY, 1, new byte[20]),
                        "key 'k': array of arrays, which ggml does not read either (at byte 37)"),
                arguments(
                        file().array("k", BOOL, 3, new byte[] {0, 1, 7}),
                        "key 'k': bool with the byte 7, expected 0 or 1 (at byte 51)"),
                arguments(
                        file().array("k", UINT8, 1L << 61, new byte[8]),
                        "key 'k': 2305843009213693952 array elements, expected at most 268435456 (at byte 41)"),
                arguments(
                        file().array("k", UINT8, -1, new byte[8]),
                        "key 'k': 18446744073709551615 array elements, expected at most 268435456 (at byte 41)"),
                arguments(
                        file().array("k", FLOAT32, 1 << 20, new byte[8]),
                        "key 'k': 1048576 array elements need at least 4 bytes each, but the file ends after 8"
                                + " (at byte 41)"),
                arguments(
                        file().array("k", STRING, 2, new byte[8]),
                        "key 'k': 2 array elements need at least 8 bytes each, but the file ends after 8 (at byte 41)"),
                arguments(
                        file().array("k", STRING, 2, GgufBytes.concat(text("ab"), text(9, ascii("abc")))),
                        "key 'k': string of 9 bytes, but the file ends after 3 (at byte 59)"),
                arguments(
                        file().array("k", STRING, 2, GgufBytes.concat(text("ab"), text(-1, ascii("abc")))),
                        "key 'k': string of 18446744073709551615 bytes, but the file ends after 3 (at byte 59)"));
    }

    private static Stream<Arguments> alignments() {
        String key = "general.alignment";
        String expected = ", expected a power of two from 1 to 65536 (at byte 53)";
        return Stream.of(
                arguments(file().uint32(key, 0), "key 'general.alignment': alignment 0" + expected),
                arguments(file().uint32(key, 24), "key 'general.alignment': alignment 24" + expected),
                arguments(file().uint32(key, 1 << 17), "key 'general.alignment': alignment 131072" + expected),
                arguments(file().uint32(key, 1L << 31), "key 'general.alignment': alignment 2147483648" + expected),
                arguments(
                        file().uint16(key, 32),
                        "key 'general.alignment': value of type UINT16, expected UINT32 (at byte 55)"),
                arguments(
                        file().array(key, UINT32, 1, little(4).putInt(32).array()),
                        "key 'general.alignment': value of type ARRAY[UINT32], expected UINT32 (at byte 69)"));
    }

    private static Stream<Arguments> names() {
        return Stream.of(
                arguments(file().tensor("", F32, 0, 8).data(32), "tensor 0: name is empty (at byte 24)"),
                arguments(
                        file().tensor("n".repeat(64), F32, 0, 8).data(32),
                        "tensor 0: name of 64 bytes, expected at most 63 (at byte 24)"),
                arguments(
                        file().tensor("a\0", F32, 0, 8).data(32),
                        "tensor 0: name 'a\\x00' contains a NUL byte (at byte 32)"),
                arguments(
                        file().rawTensor(text(ascii("\u00c3(")), 1, F32, 0, 8).data(32),
                        "tensor 0: name 'Ã(' is not UTF-8 (at byte 32)"),
                arguments(
                        file().rawTensor(text(1L << 62, ascii("a")), 1, F32, 0, 8).data(32),
                        "tensor 0: name of 4611686018427387904 bytes, but the file ends after 64 (at byte 24)"),
                arguments(
                        file().tensor("a", F32, 0, 8).tensor("a", F32, 32, 8).data(64),
                        "tensor 'a': appears twice (at byte 66)"));
    }

    private static Stream<Arguments> shapes() {
        return Stream.of(
                arguments(
                        file().rawTensor(text("a"), 0, F32, 0).data(32),
                        "tensor 'a': 0 dimensions, expected 1 to 4 (at byte 33)"),
                arguments(
                        file().rawTensor(text("a"), 5, F32, 0, 1, 1, 1, 1, 1).data(32),
                        "tensor 'a': 5 dimensions, expected 1 to 4 (at byte 33)"),
                arguments(
                        file().rawTensor(text("a"), -1, F32, 0, 1).data(32),
                        "tensor 'a': 4294967295 dimensions, expected 1 to 4 (at byte 33)"),
                arguments(
                        file().tensor("a", F32, 0, 32, 0).data(32),
                        "tensor 'a': dimension 1 is 0, expected 1 to 2^63 - 1 (at byte 45)"),
                arguments(
                        file().tensor("a", F32, 0, -1).data(32),
                        "tensor 'a': dimension 0 is 18446744073709551615, expected 1 to 2^63 - 1 (at byte 37)"),
                arguments(
                        file().tensor("a", F32, 0, 1L << 32, 1L << 32).data(32),
                        "tensor 'a': shape 4294967296x4294967296 has 2^63 elements or more (at byte 37)"),
                arguments(
                        file().tensor("a", F32, 0, 4, 1_073_741_823, 1_073_741_825).data(32),
                        "tensor 'a': data of 4x1073741823x1073741825 values of F32 ends beyond 2^63 bytes"
                                + " (at byte 65)"),
                arguments(
                        file().tensor("a", F32, 0, (1L << 62) - 1).data(32),
                        "tensor 'a': data of 4611686018427387903 values of F32 ends beyond 2^63 bytes (at byte 49)"),
                arguments(
                        file().tensor("a", Q4_0, 0, 1_024_819_115_206_086_208L).data(32),
                        "tensor 'a': data of 576460752303423492 bytes at offset 0 of the data section, but the file of"
                                + " 96 bytes ends before (data section at byte 64)"),
                arguments(
                        file().tensor("a", I64, 0, 1_530_000_000, 1_530_000_000).data(32),
                        "tensor 'a': data of 1530000000x1530000000 values of I64 ends beyond 2^63 bytes (at byte 57)"),
                arguments(
                        file().tensor("a", Q4_K, 0, 4_095, 2).data(32),
                        "tensor 'a': row length 4095 is not a multiple of 256 (block size of Q4_K) (at byte 53)"),
                arguments(
                        file().tensor("a", Q8_0, 0, 1, 32).data(64),
                        "tensor 'a': row length 1 is not a multiple of 32 (block size of Q8_0) (at byte 53)"));
    }

    private static Stream<Arguments> types() {
        Stream<Arguments> removed = Stream.of(4, 5, 31, 32, 33, 36, 37, 38)
                .map(type -> arguments(
                        file().tensor("a", type, 0, 256).data(256),
                        "tensor 'a': type " + type + " was removed from ggml (at byte 45)"));
        Stream<Arguments> unknown = Stream.of(-1, 43, 255, Integer.MIN_VALUE)
                .map(type -> arguments(
                        file().tensor("a", type, 0, 256).data(256),
                        "tensor 'a': type " + type + " is unknown, ggml 0.23.0 has 0 to 42 (at byte 45)"));
        return Stream.concat(removed, unknown);
    }

    private static Stream<Arguments> offsets() {
        String expected = ", expected 32 (end of the tensor before it, padded to 32) (at byte 82)";
        return Stream.of(
                arguments(
                        file().tensor("a", F32, 32, 8).data(64),
                        "tensor 'a': offset 32, expected 0 (end of the tensor before it, padded to 32) (at byte 49)"),
                arguments(
                        file().tensor("a", F32, 0, 8).tensor("b", F32, 0, 8).data(64),
                        "tensor 'b': offset 0" + expected),
                arguments(
                        file().tensor("a", F32, 0, 8).tensor("b", F32, 64, 8).data(96),
                        "tensor 'b': offset 64" + expected),
                arguments(
                        file().tensor("a", F32, 0, 8).tensor("b", F32, -32, 8).data(64),
                        "tensor 'b': offset 18446744073709551584" + expected),
                arguments(
                        file().tensor("a", I8, 0, MAX - 63)
                                .tensor("b", I8, MAX - 63, MAX - 63)
                                .tensor("c", I8, -128, 256)
                                .data(256),
                        "tensor 'b': data of 9223372036854775744 values of I8 ends beyond 2^63 bytes (at byte 82)"));
    }

    private static Stream<Arguments> data() {
        return Stream.of(
                arguments(
                        file().tensor("a", F32, 0, 8),
                        "tensor 'a': data of 32 bytes at offset 0 of the data section, but the file of 57 bytes ends"
                                + " before (data section at byte 64)"),
                arguments(
                        file().tensor("a", F32, 0, 8).data(31),
                        "tensor 'a': data of 32 bytes at offset 0 of the data section, but the file of 95 bytes ends"
                                + " before (data section at byte 64)"),
                arguments(
                        file().tensor("a", F32, 0, 8).tensor("b", F32, 32, 9).data(32 + 35),
                        "tensor 'b': data of 36 bytes at offset 32 of the data section, but the file of 163 bytes ends"
                                + " before (data section at byte 96)"),
                arguments(
                        file().tensor("a", I8, 0, MAX - 127).tensor("b", I8, MAX - 127, 8).data(32),
                        "tensor 'a': data of 9223372036854775680 bytes at offset 0 of the data section, but the file of"
                                + " 128 bytes ends before (data section at byte 96)"),
                // the F16 tensor of a million values in 200 bytes that made Ollama publish its heap (CVE-2026-7482)
                arguments(
                        file().tensor("a", 1, 0, 1_000_000).data(136),
                        "tensor 'a': data of 2000000 bytes at offset 0 of the data section, but the file of 200 bytes"
                                + " ends before (data section at byte 64)"));
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
        assertThat(GgufReader.read(small().version(2).write(directory.resolve("m.gguf"))).version()).isEqualTo(2);
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

        assertThat(GgufReader.read(file().tensor("a", F32, 0, 1).data(4).write(path)).trailingBytes()).isZero();
        assertThat(GgufReader.read(file().tensor("a", F32, 0, 1).data(32).write(path)).trailingBytes()).isZero();
        assertThat(GgufReader.read(file().tensor("a", F32, 0, 1).data(40).write(path)).trailingBytes()).isEqualTo(8);
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
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int round = 0; round < 2_000; round++) {
                byte[] bytes = whole.clone();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(random.nextBoolean() ? 256 : 16);
                }
                channel.write(ByteBuffer.wrap(bytes), 0);
                readOrReject(path, bytes.length);
            }
        }
    }

    private static void readOrReject(Path path, int fileBytes) throws IOException {
        try {
            GgufFile file = GgufReader.read(path);
            file.metadata().asMap().values().forEach(MetadataValue::toString);
            assertThat(file.tensors()).allMatch(tensor -> file.fileOffset(tensor) + tensor.byteCount() <= fileBytes);
        } catch (GgufFormatException rejected) {
            assertThat(rejected).hasMessageStartingWith("m.gguf: ");
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
                .hasMessage("m.gguf: key 'k': string of 300000000 bytes, but only 268435411 are left of the largest"
                        + " header (268435456 bytes) (at byte 37)");
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
