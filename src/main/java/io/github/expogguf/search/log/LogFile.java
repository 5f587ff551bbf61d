package io.github.expogguf.search.log;

import io.github.expogguf.CancelledException;
import io.github.expogguf.run.output.OutputGuard;
import io.github.expogguf.run.output.PartialFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A log that is being written: locked, and on the disk line by line. */
public final class LogFile implements AutoCloseable {

    /**
     * Logs that this JVM writes. Where locks are those of POSIX, a process loses its locks on a file when it closes any
     * channel to it: so a log that is locked here is not opened again.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path place;
    private final FileChannel channel;
    private final List<String> lines;

    private LogFile(Path place, FileChannel channel, List<String> lines) {
        this.place = place;
        this.channel = channel;
        this.lines = lines;
    }

    /**
     * Opens a log to go on with it, or begins one. A last line that was not finished is dropped,
     * and so are blank ones at the end.
     *
     * @throws IllegalArgumentException if the log is of other inputs, or no log of this kind; names the inputs that
     *                                  differ
     * @throws IOException              if it cannot be read or written, or somebody else is writing it
     */
    public static LogFile open(Path file, LogKind kind, Map<String, String> inputs) throws IOException {
        OutputGuard.requireDirectory(file);
        Path place = place(file);
        if (!HELD.add(place)) {
            throw inUse(file, kind);
        }
        try {
            return open(place, file, kind, inputs);
        } catch (Throwable e) {
            HELD.remove(place);
            throw e;
        }
    }

    /** The file without links on the way to it. */
    private static Path place(Path file) throws IOException {
        if (Files.exists(file)) {
            return file.toRealPath();
        }
        return PartialFile.directory(file).toRealPath().resolve(file.getFileName());
    }

    private static LogFile open(Path place, Path file, LogKind kind, Map<String, String> inputs) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            lock(channel, file, kind);
            byte[] bytes = read(channel, file);
            int finished = finishedBytes(bytes);
            String header = kind.header(inputs) + "\n";
            if (finished == 0 && !header.startsWith(new String(bytes, StandardCharsets.UTF_8))) {
                throw notALog(file, kind);
            }
            List<String> lines = new String(bytes, 0, finished, StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (!lines.isEmpty()) {
                checkInputs(file, kind, lines.getFirst(), inputs);
            }
            return new LogFile(place, channel, lines).begun(finished, header);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private LogFile begun(int finished, String header) throws IOException {
        channel.truncate(finished);
        channel.position(finished);
        if (lines.isEmpty()) {
            write(header);
        }
        return this;
    }

    /** One of the inputs that a log was begun with; empty if there is no log, or none of this name. */
    public static Optional<String> input(Path file, LogKind kind, String name) throws IOException {
        if (!Files.isRegularFile(file) || HELD.contains(place(file))) { // opening it will say the latter
            return Optional.empty();
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String header = reader.readLine();
            return header == null
                    ? Optional.empty()
                    : Optional.ofNullable(kind.inputs(header).get(name));
        } catch (IllegalArgumentException | CharacterCodingException notALog) { // which opening it will say
            return Optional.empty();
        }
    }

    /** The finished lines that were there when it was opened, the first one included. */
    public List<String> lines() {
        return lines;
    }

    /** Adds a line; it is on the disk when this returns. */
    public void append(String line) throws IOException {
        write(line + "\n");
    }

    /**
     * As many bytes as it has, since a device may have no end; through the channel that is locked, see {@link #HELD}.
     */
    private static byte[] read(FileChannel channel, Path file) throws IOException {
        if (channel.size() > Integer.MAX_VALUE) {
            throw new IOException(file + ": a log of " + channel.size() + " bytes, which is too large");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // goes on
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** Up to the end of the last line that has one and is not blank, as editors leave some. */
    private static int finishedBytes(byte[] bytes) {
        int end = lineStart(bytes, bytes.length);
        while (end > 0) {
            int start = lineStart(bytes, end - 1);
            if (!new String(bytes, start, end - start, StandardCharsets.UTF_8).isBlank()) {
                return end;
            }
            end = start;
        }
        return 0;
    }

    private static int lineStart(byte[] bytes, int end) {
        int start = end;
        while (start > 0 && bytes[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    private static void lock(FileChannel channel, Path file, LogKind kind) throws IOException {
        try {
            FileLock lock = channel.tryLock(); // released with the channel
            if (lock != null) {
                return;
            }
        } catch (OverlappingFileLockException _) {
            // the same, within this process
        }
        throw inUse(file, kind);
    }

    private static IOException inUse(Path file, LogKind kind) {
        return new IOException(file + ": another " + kind.noun() + " is writing it; give each a log of its own");
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (ClosedByInterruptException _) { // what there is of the line is dropped when the log is opened again
            throw new CancelledException("interrupted");
        } catch (IOException failed) { // which does not name the file, as on a full disk
            throw new FileSystemException(place.toString(), null, failed.getMessage());
        }
    }

    private static void checkInputs(Path file, LogKind kind, String header, Map<String, String> inputs) {
        Map<String, String> written;
        try {
            written = kind.inputs(header);
        } catch (IllegalArgumentException _) {
            throw notALog(file, kind);
        }
        Set<String> keys = new LinkedHashSet<>(written.keySet());
        keys.addAll(inputs.keySet());
        String differences = keys.stream()
                .filter(key -> !String.valueOf(written.get(key)).equals(String.valueOf(inputs.get(key))))
                .map(key -> key + " was " + shown(written.get(key)) + ", is " + shown(inputs.get(key)))
                .collect(Collectors.joining("; "));
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(file + ": is the log of another " + kind.noun() + ": " + differences
                    + " (the same inputs and options go on with it; another file begins anew)");
        }
    }

    private static String shown(@Nullable String value) {
        return value == null ? "not set" : "'" + value + "'";
    }

    private static IllegalArgumentException notALog(Path file, LogKind kind) {
        return new IllegalArgumentException(file + ": is not the log of a " + kind.noun());
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(place);
        }
    }
}
