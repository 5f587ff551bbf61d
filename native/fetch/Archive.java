package fetch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * What npm packs: files of a tar archive in the form of POSIX ({@code ustar}, and {@code pax} for long names), in gzip.
 * The JDK has no reader for tar, and what runs before Maven compiles can have no library.
 */
final class Archive {

    private static final int BLOCK = 512;

    private final InputStream in;
    private final Path directory;
    /** Of the next file, where it does not fit into its header. */
    private String longName = "";

    private Archive(InputStream in, Path directory) {
        this.in = in;
        this.directory = directory;
    }

    /** Writes the files of an archive into a directory and below. */
    static void unpack(Path archive, Path directory) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16)) {
            Archive reader = new Archive(in, directory);
            for (byte[] header = reader.block(); header[0] != 0; header = reader.block()) {
                reader.entry(header);
            }
        }
    }

    private byte[] block() throws IOException {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length < BLOCK) {
            throw new EOFException("the archive ends within a file");
        }
        return block;
    }

    private void entry(byte[] header) throws IOException {
        int size = Integer.parseInt(text(header, 124, 12).strip(), 8);
        byte[] content = in.readNBytes(size);
        if (content.length < size) {
            throw new EOFException("the archive ends within a file");
        }
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
        switch (header[156]) {
            case 0, '0' -> write(name(header), content);
            case 'x' -> longName = path(content);
            case '5',
                    'g' -> {} // directories come with their files; what holds for all files says nothing that is needed
            default ->
                throw new IOException(name(header) + " is of a kind that npm does not pack: " + (char) header[156]);
        }
    }

    private String name(byte[] header) {
        String name = text(header, 0, 100);
        String prefix = text(header, 345, 155);
        String whole = longName.isEmpty() ? prefix.isEmpty() ? name : prefix + "/" + name : longName;
        longName = "";
        return whole;
    }

    /** Of lines like {@code 25 path=package/index.js}, where the number is the length of the line in bytes. */
    private static String path(byte[] records) {
        String path = "";
        int start = 0;
        while (start < records.length) {
            int space = start;
            while (records[space] != ' ') {
                space++;
            }
            int length = Integer.parseInt(new String(records, start, space - start, StandardCharsets.UTF_8));
            String record = new String(records, space + 1, start + length - space - 2, StandardCharsets.UTF_8);
            if (record.startsWith("path=")) {
                path = record.substring("path=".length());
            }
            start += length;
        }
        return path;
    }

    private static String text(byte[] header, int start, int length) {
        int end = start;
        while (end < start + length && header[end] != 0) {
            end++;
        }
        return new String(header, start, end - start, StandardCharsets.UTF_8);
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = directory.resolve(name).normalize();
        if (!file.startsWith(directory.normalize())) {
            throw new IOException("a file outside its package: " + name);
        }
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }
}
