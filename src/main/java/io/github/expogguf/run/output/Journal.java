package io.github.expogguf.run.output;

import io.github.expogguf.OutputInUseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What was written of one file of an output, so that a later run can go on: {@code .NAME.expo-journal} beside it. It is
 * locked for as long as a run writes the file, so it also keeps two runs off one output.
 *
 * <pre>
 * bytes 0-7    length of the key in bytes, CRC-32C of the key; little-endian
 * from 8       the {@link RunKey} as text, zeros up to a multiple of 8
 * then         slots of 8 bytes: CRC-32C of what was written, its complement; zeros where nothing was
 * </pre>
 *
 * <p>Slot 0 is of the final header, slot 1 + i of chunk i of the file. A slot says that its chunk was written, not that
 * it has reached the disk: whoever reads a slot reads the chunk as well, and a power failure costs what had not reached
 * it, no more.
 */
final class Journal implements AutoCloseable {

    private static final int PREFIX_BYTES = 8;
    private static final int SLOT_BYTES = 8;
    private static final int PIECE_BYTES = 1 << 20; // a journal of 400 billion weights has 50 MB
    private static final int MAX_KEY_BYTES = 64 << 20; // a thousand shards of inputs take a megabyte
    private static final int LOCK_ATTEMPTS = 100;

    /**
     * Targets that runs of this JVM are writing. Locks are the processes', and the system drops a process's locks on a
     * file when any channel to it is closed: so a file that is locked here is not opened again.
     */
    private static final Set<Path> TARGETS = ConcurrentHashMap.newKeySet();

    private final FileSystem fileSystem;
    private final Path target;
    private final Path place; // the target without links in its directory
    private final Path path;
    private final boolean found;
    private final Optional<String> lockFailure;
    private final FileSystem.Handle handle;
    private boolean kept;
    private long slotsOffset;

    /** @param lockFailure why the file could not be locked, though nobody holds it; empty if it is locked */
    private record Opened(FileSystem.Handle handle, boolean found, Optional<String> lockFailure) {}

    private Journal(FileSystem fileSystem, Path target, Path place, Opened opened) {
        this.fileSystem = fileSystem;
        this.target = target;
        this.place = place;
        this.path = path(target);
        this.found = opened.found;
        this.lockFailure = opened.lockFailure;
        this.handle = opened.handle;
        this.kept = found;
    }

    /** {@code .NAME.expo-journal} beside the target. */
    static Path path(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".expo-journal");
    }

    /**
     * Opens or creates the journal of a target and locks it, where the file system can.
     *
     * @throws OutputInUseException if another run, in this process or another, writes the target
     */
    static Journal lock(FileSystem fileSystem, Path target) throws IOException {
        Path place = PartialFile.directory(target).toRealPath().resolve(target.getFileName());
        if (!TARGETS.add(place)) {
            throw inUse(target);
        }
        try {
            return new Journal(fileSystem, target, place, openLocked(fileSystem, target));
        } catch (Throwable e) {
            TARGETS.remove(place);
            throw e;
        }
    }

    /**
     * A run that ends removes its journal; what was opened just before is then no journal any more, and one has to look
     * again.
     */
    private static Opened openLocked(FileSystem fileSystem, Path target) throws IOException {
        Path path = path(target);
        for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
            Optional<Opened> opened = tryOpenLocked(fileSystem, target, path);
            if (opened.isPresent()) {
                return opened.get();
            }
        }
        throw inUse(target);
    }

    private static Optional<Opened> tryOpenLocked(FileSystem fileSystem, Path target, Path path) throws IOException {
        FileSystem.Handle handle;
        Object before;
        boolean found = false;
        try {
            handle = PartialFile.createBeside(fileSystem, target, path);
            before = fileKey(path);
        } catch (FileAlreadyExistsException _) {
            found = true;
            before = fileKey(path);
            try {
                handle = fileSystem.open(path);
            } catch (NoSuchFileException _) {
                return Optional.empty();
            }
        }
        try {
            Optional<String> lockFailure = tryLock(handle, target);
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(fileKey(path), before)) {
                return Optional.of(new Opened(handle, found, lockFailure));
            }
        } catch (Throwable e) {
            handle.close();
            throw e;
        }
        handle.close();
        return Optional.empty();
    }

    private static Optional<String> tryLock(FileSystem.Handle handle, Path target) throws OutputInUseException {
        try {
            if (handle.tryLock()) {
                return Optional.empty();
            }
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        throw inUse(target);
    }

    /** Inode and device; null where there is no such file, or the file system has none. */
    private static @Nullable Object fileKey(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    private static OutputInUseException inUse(Path target) {
        return new OutputInUseException(target.toString());
    }

    /** Whether an earlier run left it. */
    boolean found() {
        return found;
    }

    /**
     * Why it could not be locked, as on file systems that have no locks; empty if it is locked. Without a lock, a
     * partial file that is there may be another run's.
     */
    Optional<String> lockFailure() {
        return lockFailure;
    }

    /** The text of the key; empty if none was written, or not all of it. */
    Optional<String> key() throws IOException {
        ByteBuffer prefix = read(0, PREFIX_BYTES);
        if (prefix.remaining() < PREFIX_BYTES) {
            return Optional.empty();
        }
        int length = prefix.getInt();
        int checksum = prefix.getInt();
        if (length < 1 || length > MAX_KEY_BYTES || length > handle.size() - PREFIX_BYTES) {
            return Optional.empty();
        }
        byte[] text = new byte[length];
        read(PREFIX_BYTES, length).get(text);
        if (checksum(text) != checksum) {
            return Optional.empty();
        }
        slotsOffset = slotsOffset(length);
        return Optional.of(new String(text, StandardCharsets.UTF_8));
    }

    /** Begins anew, with a key and empty slots. */
    void begin(RunKey key, int chunkCount) throws IOException {
        byte[] text = key.text().getBytes(StandardCharsets.UTF_8);
        slotsOffset = slotsOffset(text.length);
        ByteBuffer first = littleEndian(Math.toIntExact(slotsOffset));
        first.putInt(text.length).putInt(checksum(text)).put(text).rewind();
        write(first, 0);
        long end = slotsOffset + SLOT_BYTES * (1L + chunkCount);
        for (long at = slotsOffset; at < end; at += PIECE_BYTES) {
            write(littleEndian((int) Math.min(PIECE_BYTES, end - at)), at);
        }
    }

    /**
     * What was recorded.
     *
     * @param present   the slots that hold something: 0 for the final header, 1 + i for chunk i
     * @param checksums by slot
     */
    record Slots(BitSet present, int[] checksums) {

        boolean hasHeader() {
            return present.get(0);
        }

        int chunkCount() {
            return present.cardinality() - (hasHeader() ? 1 : 0);
        }
    }

    /** Reads the slots; only after {@link #key} has found one. */
    Slots slots(int chunkCount) throws IOException {
        Slots slots = new Slots(new BitSet(), new int[1 + chunkCount]);
        for (int i = 0; i <= chunkCount; ) {
            int count = Math.min(PIECE_BYTES / SLOT_BYTES, 1 + chunkCount - i);
            ByteBuffer bytes = read(slotsOffset + (long) SLOT_BYTES * i, SLOT_BYTES * count);
            for (int end = i + count; i < end; i++) {
                if (bytes.remaining() < SLOT_BYTES) {
                    return slots;
                }
                slots.checksums[i] = bytes.getInt();
                slots.present.set(i, bytes.getInt() == ~slots.checksums[i]);
            }
        }
        return slots;
    }

    /** Records the checksum of a chunk that was written; any thread. */
    void recordChunk(int chunk, int checksum) throws IOException {
        record(1L + chunk, checksum);
    }

    /**
     * Records the checksum of the final header, which makes the file complete, and brings all of the journal to the
     * disk.
     */
    void recordHeader(int checksum) throws IOException {
        record(0, checksum);
        handle.force(false);
    }

    private void record(long slot, int checksum) throws IOException {
        write(littleEndian(SLOT_BYTES).putInt(checksum).putInt(~checksum).flip(), slotsOffset + SLOT_BYTES * slot);
    }

    /** Whether the journal stays when it is closed; so it is at first if it was found. */
    void keep(boolean value) {
        kept = value;
    }

    private void write(ByteBuffer bytes, long offset) throws IOException {
        for (long at = offset; bytes.hasRemaining(); ) {
            at += handle.write(bytes, at);
        }
    }

    /** As many of the bytes as there are. */
    private ByteBuffer read(long offset, int count) throws IOException {
        ByteBuffer bytes = littleEndian(Math.clamp(handle.size() - offset, 0, count));
        while (bytes.hasRemaining() && handle.read(bytes, offset + bytes.position()) >= 0) {}
        return bytes.flip();
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long slotsOffset(int keyBytes) {
        return (PREFIX_BYTES + (long) keyBytes + SLOT_BYTES - 1) / SLOT_BYTES * SLOT_BYTES;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Removes the file, unless it is kept, and then lets others have the lock. */
    @Override
    public void close() throws IOException {
        try (handle) {
            if (!kept) {
                fileSystem.delete(path);
            }
        } finally {
            TARGETS.remove(place);
        }
    }

    @Override
    public String toString() {
        return path + " of " + target;
    }
}
