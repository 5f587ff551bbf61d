package io.github.expogguf.corpus;

import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.concat;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.small;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** What people give to a command by mistake: no model at all, or one that did not arrive as a whole. */
public enum BadFile implements BadInput {
    EMPTY(new byte[0], "magic number needs 4 bytes, but the file ends after 0"),
    ONE_BYTE(ascii("G"), "magic number needs 4 bytes, but the file ends after 1"),
    MAGIC_ALONE(ascii("GGUF"), "version needs 4 bytes, but the file ends after 0"),
    MAGIC_AND_VERSION_ALONE(ascii("GGUF\3\0\0\0"), "number of tensors needs 8 bytes, but the file ends after 0"),
    LFS_POINTER(
            ascii("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4000000000\n"),
            "not a GGUF file but perhaps a Git LFS pointer to one: starts with 'vers'"),
    HTML_OF_A_LOGIN_PAGE(ascii("<!DOCTYPE html><html><body>Please log in"), "not a GGUF file: starts with '<!DO'"),
    JSON_OF_AN_ERROR(ascii("{\"error\":\"Repository not found\"}"), "not a GGUF file: starts with '{\"er'"),
    SAFETENSORS(
            concat(
                    little(8).putLong(60).array(),
                    ascii("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}   ")),
            "not a GGUF file: starts with '<\\x00\\x00\\x00'"),
    PYTORCH_ZIP(ascii("PK\3\4\0\0\b\b"), "not a GGUF file: starts with 'PK\\x03\\x04'"),
    PICKLE(ascii("\u0080\2ctorch._utils\n"), "not a GGUF file: starts with '\\x80\\x02ct'"),
    GGML_OF_2023(ascii("lmgg\0\0\0\0"), "not a GGUF file: starts with 'lmgg'"),
    GGJT_OF_2023(ascii("tjgg\3\0\0\0"), "not a GGUF file: starts with 'tjgg'"),
    LORA_OF_2023(ascii("algg\1\0\0\0"), "not a GGUF file: starts with 'algg'"),
    GZIP(ascii("\u001f\u008b\b\0"), "not a GGUF file: starts with '\\x1f\\x8b\\x08\\x00'"),
    ELF(ascii("\177ELF\2\1\1\0"), "not a GGUF file: starts with '\\x7fELF'"),
    UTF_16(ascii("\u00ff\u00feG\0"), "not a GGUF file: starts with 'ÿþG\\x00'"),
    BYTE_ORDER_MARK_BEFORE_THE_MAGIC(
            concat(ascii("\u00ef\u00bb\u00bf"), small().bytes()), "not a GGUF file: starts with 'ï»¿G'"),
    RANDOM_BYTES(random(), "not a GGUF file: starts with "),
    DOWNLOAD_OF_ZEROS(new byte[4096], "not a GGUF file: starts with '\\x00\\x00\\x00\\x00'"),
    DOWNLOAD_THAT_STOPPED(java.util.Arrays.copyOf(small().bytes(), 200), "but the file ends after"),
    MISSING(5, "no such file") {
        @Override
        public Path write(Path directory) {
            return directory.resolve("m.gguf");
        }
    },
    DIRECTORY(3, "not a regular file") {
        @Override
        public Path write(Path directory) throws IOException {
            return Files.createDirectory(directory.resolve("m.gguf"));
        }
    },
    LINK_TO_NOWHERE(5, "no such file") {
        @Override
        public Path write(Path directory) throws IOException {
            return Files.createSymbolicLink(directory.resolve("m.gguf"), directory.resolve("nowhere"));
        }
    },
    LINK_TO_ITSELF(5, "symbolic links") {
        @Override
        public Path write(Path directory) throws IOException {
            return Files.createSymbolicLink(directory.resolve("m.gguf"), Path.of("m.gguf"));
        }
    },
    LINK_TO_A_DEVICE(3, "not a regular file") {
        @Override
        public Path write(Path directory) throws IOException {
            return Files.createSymbolicLink(directory.resolve("m.gguf"), Path.of("/dev/null"));
        }
    },
    DEVICE(3, "not a regular file") {
        @Override
        public Path write(Path directory) {
            return Path.of("/dev/zero");
        }
    },
    TERABYTE_OF_NOTHING(3, "not a GGUF file: starts with '\\x00\\x00\\x00\\x00'") {
        @Override
        public Path write(Path directory) throws IOException {
            return sparse(directory, new byte[0]);
        }
    },
    TERABYTE_THAT_CLAIMS_A_STRING_OF_3_GIGABYTES(3, "bytes, but only ") {
        @Override
        public Path write(Path directory) throws IOException {
            return sparse(
                    directory,
                    concat(
                            ascii("GGUF"),
                            little(4 + 16 + 9 + 12)
                                    .putInt(3)
                                    .putLong(1)
                                    .putLong(1)
                                    .putLong(1)
                                    .put((byte) 'k')
                                    .putInt(Gguf.STRING)
                                    .putLong(3_000_000_000L)
                                    .array()));
        }
    };

    private final byte[] bytes;
    private final int exitCode;
    private final String words;

    BadFile(byte[] bytes, String words) {
        this.bytes = bytes;
        this.exitCode = 3;
        this.words = words;
    }

    BadFile(int exitCode, String words) {
        this.bytes = null;
        this.exitCode = exitCode;
        this.words = words;
    }

    private static byte[] random() {
        byte[] bytes = new byte[10_000];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static Path sparse(Path directory, byte[] start) throws IOException {
        Path path = Files.write(directory.resolve("m.gguf"), start);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        return path;
    }

    @Override
    public Path write(Path directory) throws IOException {
        return Files.write(directory.resolve("m.gguf"), bytes);
    }

    @Override
    public int exitCode() {
        return exitCode;
    }

    @Override
    public String words() {
        return words;
    }
}
