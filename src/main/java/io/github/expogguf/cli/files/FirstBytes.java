package io.github.expogguf.cli.files;

import io.github.expogguf.safetensors.FileStart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The beginning of a file that is no GGUF. */
record FirstBytes(byte[] bytes) {

    private static final int COUNT = 4096;

    private static final List<String> ARCHIVES =
            List.of("PK\u0003\u0004", "\u001f\u008b", "\u00fd7zXZ", "(\u00b5/\u00fd", "BZh", "7z\u00bc\u00af", "Rar!");

    private static final int TAR_SIGNATURE = 257; // offset in the first header

    /** Largest header that safetensors allows. */
    private static final long MAX_SAFETENSORS_HEADER = 100_000_000;

    static FirstBytes of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new FirstBytes(in.readNBytes(COUNT));
        }
    }

    private String text() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    boolean isGguf() {
        return text().startsWith("GGUF");
    }

    boolean isLfsPointer() {
        return FileStart.isLfsPointer(text());
    }

    /** What the pointer stands for. */
    OptionalLong lfsBytes() {
        return FileStart.lfsBytes(text());
    }

    boolean isWebPage() {
        return FileStart.isWebPage(text());
    }

    /** A length of 8 bytes, then JSON. */
    boolean isSafetensors() {
        if (bytes.length < 10 || bytes[8] != '{') {
            return false;
        }
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        return length >= 2 && length <= MAX_SAFETENSORS_HEADER;
    }

    /** A zip archive, as torch.save writes it, or a pickle, as it did before. */
    boolean isPyTorch(String name) {
        return text().startsWith("\u0080\u0002")
                || (text().startsWith("PK\u0003\u0004") && name.matches(".*\\.(bin|pt|pth|ckpt)"));
    }

    /** By the signatures of zip, gzip, xz, zstd, bzip2, 7z, rar and tar. */
    boolean isArchive() {
        return ARCHIVES.stream().anyMatch(text()::startsWith) || text().startsWith("ustar", TAR_SIGNATURE);
    }

    /** The imatrix of before GGUF: a number of entries, then the length of the first name, and the name. */
    boolean isOldImatrix() {
        if (bytes.length < 16) {
            return false;
        }
        int entries = littleEndian(0);
        int length = littleEndian(4);
        return entries > 0
                && entries < 1 << 20
                && length > 0
                && length <= 256
                && text().substring(8, Math.min(bytes.length, 8 + length)).matches("[A-Za-z0-9_.]+");
    }

    private int littleEndian(int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }

    /** Whether somebody could read it. */
    boolean isText() {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.codePoints()
                .noneMatch(character -> Character.isISOControl(character) && "\t\r\n".indexOf(character) < 0);
    }

    /** The first line of a text. */
    String firstLine() {
        return new String(bytes, StandardCharsets.UTF_8)
                .stripLeading()
                .lines()
                .findFirst()
                .orElse("");
    }

    /** What it begins with, where nothing better is known. */
    String magic() {
        return text().substring(0, Math.min(4, bytes.length));
    }
}
