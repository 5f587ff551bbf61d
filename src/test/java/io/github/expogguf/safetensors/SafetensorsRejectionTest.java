package io.github.expogguf.safetensors;

import static io.github.expogguf.safetensors.SafetensorsBytes.file;
import static io.github.expogguf.safetensors.SafetensorsBytes.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.fuzz.Bounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of the format, broken once, and what downloads leave in the place of a file. */
class SafetensorsRejectionTest {

    @TempDir
    private Path directory;

    static Stream<Arguments> files() {
        return Stream.of(
                bad("an empty file; is the download complete?", new byte[0]),
                bad("the file has 5 bytes; is the download complete?", new byte[5]),
                bad("the file has 3 bytes; is the download complete?", new byte[] {'a', 'b', '\n'}),
                bad(
                        "a Git LFS pointer to the file of 4976698672 bytes, not the file itself; download that (git lfs"
                                + " pull)",
                        text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4976698672\n")),
                bad(
                        "an HTML page in the place of the file; download it again",
                        text("<!DOCTYPE html><html><body>404</body></html>")),
                bad("an XML text in the place of the file; download it again", text("\n<?xml version='1.0'?><Error/>")),
                bad(
                        "a text, expected safetensors: '{\"error\":\"Repository not found\"}'",
                        text("{\"error\":\"Repository not found\"}")),
                bad("a GGUF file, expected safetensors", text("GGUF\3\0\0\0\0\0\0\0")),
                bad(
                        "a ZIP archive, as PyTorch's own checkpoints are, expected safetensors",
                        text("PK\3\4\0\0\0\0\0\0\0\0")),
                bad(
                        "not a safetensors file: a header of 18446744073709551615 bytes, expected 2 to 100000000",
                        length(-1)),
                bad("not a safetensors file: a header of 0 bytes, expected 2 to 100000000", length(0)),
                bad(
                        "not a safetensors file: a header of 100000001 bytes, expected 2 to 100000000",
                        length(100_000_001)),
                bad(
                        "a header of 99999999 bytes, expected at most 20971520; java"
                                + " -Dexpo.gguf.max.header.mib=128 allows more",
                        length(99_999_999)),
                bad(
                        "a header of 1000 bytes, but the file ends after 2; is the download complete? (at byte 8)",
                        length(1000)),
                bad("not a safetensors file: byte 8, the first of the header, is no '{'", file(" {}", 0)),
                bad("not UTF-8 text (at byte 10)", file(new byte[] {'{', '"', (byte) 0xC3, '"', '}'}, 0)),
                bad(
                        "the header is not JSON: column 2: expected a name in double quotes or '}', found 'a'",
                        file("{a:1}", 0)),
                bad("the header is not JSON: column 3: expected nothing after the value, found 'x'", file("{}x", 0)),
                bad(
                        "the header is not JSON: column 260: expected at most 255 objects and arrays inside of each"
                                + " other, found '['",
                        file("{\"a\":" + "[".repeat(300), 0)),
                bad(
                        "tensor 'a': is there twice, expected once; download it again",
                        file("{" + vector("a", 0) + "," + vector("a", 0) + "}", 8)),
                bad(
                        "the header is not JSON: column 19: 'dtype' is there twice, expected once",
                        file("{\"a\":{\"dtype\":\"F\",\"dtype\":\"F32\"}}", 0)),
                bad(
                        "tensor 'a\\x1b[31m': expected an object of dtype, shape and data_offsets",
                        file("{\"a\\u001b[31m\":7}", 0)),
                bad(
                        "tensor 'a': expected an object of dtype, shape and data_offsets",
                        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"strides\":[]}}", 4)),
                bad(
                        "__metadata__ is there twice, expected once; download it again",
                        file("{\"__metadata__\":{},\"__metadata__\":{}}", 0)),
                bad("__metadata__ is no JSON object", file("{\"__metadata__\":[]}", 0)),
                bad("__metadata__: the value of 'k' is no text", file("{\"__metadata__\":{\"k\":1}}", 0)),
                bad("tensor 'a': dtype is 'F33', expected one of [F64, F32, ", tensor("\"F33\"", "[2]", "0,8", 8)),
                bad("tensor 'a': dtype is no text, expected one of [", tensor("null", "[2]", "0,8", 8)),
                bad("tensor 'a': shape is no JSON array of at most 64 numbers", tensor("\"F32\"", "2", "0,8", 8)),
                bad(
                        "tensor 'a': shape is no JSON array of at most 64 numbers",
                        tensor("\"F32\"", "[" + "1,".repeat(64) + "2]", "0,8", 8)),
                bad(
                        "tensor 'a': shape: element 1 is no whole number of at most 18 digits",
                        tensor("\"F32\"", "[2,-1]", "0,8", 8)),
                bad(
                        "tensor 'a': shape: element 0 is no whole number of at most 18 digits",
                        tensor("\"F32\"", "[2.0]", "0,8", 8)),
                bad(
                        "tensor 'a': data_offsets: element 1 is no whole number of at most 18 digits",
                        tensor("\"F32\"", "[2]", "0,18446744073709551615", 8)),
                bad(
                        "tensor 'a': shape [4294967296, 4294967296] of F32 has 2^63 bits or more",
                        tensor("\"F32\"", "[4294967296,4294967296]", "0,8", 8)),
                bad(
                        "tensor 'a': shape [2147483648, 2147483648] of F32 has 2^63 bits or more",
                        tensor("\"F32\"", "[2147483648,2147483648]", "0,8", 8)),
                bad("tensor 'a': shape [3] of F4 has 12 bits, expected whole bytes", tensor("\"F4\"", "[3]", "0,2", 2)),
                bad(
                        "tensor 'a': data_offsets are [8, 0], expected a begin and an end",
                        tensor("\"F32\"", "[2]", "8,0", 8)),
                bad("tensor 'a': data_offsets are [0], expected a begin and an end", tensor("\"F32\"", "[2]", "0", 8)),
                bad("tensor 'a': data of 7 bytes, expected 8 for F32 [2]", tensor("\"F32\"", "[2]", "0,7", 7)),
                bad(
                        "tensor 'a': data begins at byte 1 of the data section, expected 0, where that of the tensor"
                                + " before ends",
                        tensor("\"F32\"", "[2]", "1,9", 9)),
                bad(
                        "tensor 'b': data begins at byte 4 of the data section, expected 8, where that of the tensor"
                                + " before ends",
                        file("{" + vector("a", 0) + "," + vector("b", 4) + "}", 12)),
                bad(
                        "tensor 'b': data begins at byte 12 of the data section, expected 8, where that of the tensor"
                                + " before ends",
                        file("{" + vector("a", 0) + "," + vector("b", 12) + "}", 20)),
                bad(
                        "the file has 69 bytes, expected 70; is the download complete?",
                        tensor("\"F32\"", "[2]", "0,8", 7)),
                bad(
                        "the data ends at byte 70, but the file has 71 bytes, 1 too many",
                        tensor("\"F32\"", "[2]", "0,8", 9)));
    }

    private static Arguments bad(String words, byte[] file) {
        return Arguments.of(words, file);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] length(long headerBytes) {
        return ByteBuffer.allocate(10)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerBytes)
                .put(text("{}"))
                .array();
    }

    private static byte[] tensor(String type, String shape, String offsets, int dataBytes) {
        return file(
                "{\"a\":{\"dtype\":" + type + ",\"shape\":" + shape + ",\"data_offsets\":[" + offsets + "]}}",
                dataBytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void rejectsWithAClearMessage(String words, byte[] bytes) throws Exception {
        Path file = Files.write(directory.resolve("m.safetensors"), bytes);

        assertThatThrownBy(() -> Checkpoint.open(file).close())
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(words);
    }

    @Test
    void rejectsWhatIsNoFile() {
        Path device = Path.of("/dev/null");
        if (Files.exists(device)) {
            assertThatThrownBy(() -> Checkpoint.open(device).close())
                    .isInstanceOf(SafetensorsFormatException.class)
                    .hasMessage("/dev/null: not a regular file");
        }
    }

    /** As the real library does; a file of two tensors, with metadata and spaces at the end of the header. */
    private static byte[] whole() {
        return file(
                "{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[8,12]},"
                        + vector("a", 0) + "}   ",
                12);
    }

    @Test
    void aFileThatIsCutOffAnywhereIsRefused() throws Exception {
        byte[] whole = whole();
        assertThat(opens(whole)).isTrue();
        for (int length = 0; length < whole.length; length++) {
            assertThat(opens(Arrays.copyOf(whole, length)))
                    .as("%s bytes", length)
                    .isFalse();
        }
        assertThat(opens(Arrays.copyOf(whole, whole.length + 1))).isFalse();
    }

    @Test
    void aBitThatIsTurnedOverAnywhereIsRefusedOrHarmless() throws Exception {
        byte[] whole = whole();
        int refused = 0;
        for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
            byte[] turned = whole.clone();
            turned[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            refused += opens(turned) ? 0 : 1;
        }
        assertThat(refused).isBetween(whole.length * 4, whole.length * 8 - 12 * 8); // names and data may be others
    }

    /** Every byte of the header in turn becomes each of those that mean something in JSON. */
    @Test
    void aByteThatIsAnotherAnywhereIsRefusedOrHarmless() throws Exception {
        byte[] whole = whole();
        for (int at = 0; at < whole.length - 12; at++) {
            for (char other : "{}[]\",:\\0-eE\n \0\u00ff".toCharArray()) {
                byte[] changed = whole.clone();
                changed[at] = (byte) other;
                opens(changed);
            }
        }
    }

    private boolean opens(byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("m.safetensors"), bytes);
        boolean[] opened = new boolean[1];
        Bounds.check(() -> {
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                opened[0] =
                        !checkpoint.tensors().isEmpty() || checkpoint.tensors().isEmpty();
            } catch (SafetensorsFormatException refused) {
                opened[0] = false;
            }
        });
        return opened[0];
    }
}
