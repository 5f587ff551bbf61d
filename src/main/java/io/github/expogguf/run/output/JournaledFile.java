package io.github.expogguf.run.output;

import io.github.expogguf.OutputInUseException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.Shards.Shard;
import io.github.expogguf.run.output.Journal.Slots;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.Unfinished;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One file of an output while it is written: its place, the partial file beside it and the journal of what is in that.
 * Begins with a lock and a look at what is there; nothing is written or removed before {@link #begin}.
 */
final class JournaledFile implements AutoCloseable {

    /** How the file begins. */
    private enum Start {
        /** With nothing; whatever is there of an earlier run is removed. */
        NEW,
        /** With a partial file of an earlier run. */
        RESUMED,
        /** An earlier run has moved it to its place, and ended before all files of the run were in theirs. */
        IN_PLACE
    }

    private final FileSystem fileSystem;
    private final Shard shard;
    private final RunKey key;
    private final int chunkCount;
    private final Journal journal;
    private Start start = Start.NEW;
    private boolean isLeft; // there is a partial file of an earlier run
    private @Nullable Slots slots;
    private int headerChecksum;
    private @Nullable PartialFile partial; // null until it is opened or created
    private volatile boolean begun;

    private JournaledFile(FileSystem fileSystem, Shard shard, RunKey key, int chunkCount, Journal journal) {
        this.fileSystem = fileSystem;
        this.shard = shard;
        this.key = key;
        this.chunkCount = chunkCount;
        this.journal = journal;
    }

    /**
     * Locks the place of a file.
     *
     * @throws OutputInUseException if another run writes it
     */
    static JournaledFile lock(FileSystem fileSystem, Shard shard, RunKey key, int chunkCount) throws IOException {
        return new JournaledFile(fileSystem, shard, key, chunkCount, Journal.lock(fileSystem, shard.path()));
    }

    Path target() {
        return shard.path();
    }

    GgufLayout layout() {
        return shard.layout();
    }

    /**
     * Looks at what is there and opens it if the file goes on from it.
     *
     * @throws UnfinishedOutputException  if there is a partial file, and it is not to be discarded and cannot be gone
     *                                    on from
     * @throws FileAlreadyExistsException if the target exists, may not be replaced, and is not what an earlier run
     *                                    moved there
     */
    void look(boolean force, Unfinished unfinished) throws IOException {
        Path left = PartialFile.path(target());
        if (isSecondName(left)) {
            fileSystem.delete(left);
        }
        isLeft = Files.exists(left, LinkOption.NOFOLLOW_LINKS);
        if (isLeft && unfinished != Unfinished.REFUSE && journal.lockFailure().isPresent()) {
            throw new FileSystemException(
                    left.toString(),
                    null,
                    "another run may be writing this file, which cannot be" + " known because locks fail here ("
                            + journal.lockFailure().get() + "); remove it if none is");
        }
        Optional<String> earlier = journal.found() ? journal.key() : Optional.empty();
        Optional<String> difference = earlier.flatMap(key::difference);
        if (earlier.isPresent() && difference.isEmpty()) {
            slots = journal.slots(chunkCount);
        }
        switch (unfinished) {
            case REFUSE -> {
                if (isLeft) {
                    throw refusal(left, difference);
                }
            }
            case RESUME -> {
                if (isLeft && difference.isPresent()) {
                    throw refusal(left, difference);
                }
                if (slots != null) {
                    resume(left, slots);
                }
            }
            case DISCARD -> {}
        }
        if (start != Start.IN_PLACE) {
            requireFree(force);
        }
    }

    /** A run that ended between the two steps of a move has left one file with both names. */
    private boolean isSecondName(Path left) throws IOException {
        return Files.isRegularFile(left, LinkOption.NOFOLLOW_LINKS)
                && Files.isRegularFile(target(), LinkOption.NOFOLLOW_LINKS)
                && Files.isSameFile(left, target());
    }

    private void resume(Path left, Slots recorded) throws IOException {
        if (isLeft) {
            BasicFileAttributes attributes = attributes(left);
            if (attributes.isRegularFile() && attributes.size() <= layout().fileBytes()) {
                partial = PartialFile.open(fileSystem, target());
                start = Start.RESUMED;
            }
        } else if (recorded.hasHeader() && Files.isRegularFile(target(), LinkOption.NOFOLLOW_LINKS)) {
            partial = PartialFile.inPlace(fileSystem, target());
            start = Start.IN_PLACE;
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private PartialFile opened() {
        return Objects.requireNonNull(partial, "neither opened nor created");
    }

    private Slots recorded() {
        return Objects.requireNonNull(slots, "nothing was recorded");
    }

    private void requireFree(boolean force) throws IOException {
        if (!force && Files.exists(target(), LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target().toString(), null, "exists and would be replaced");
        }
    }

    private UnfinishedOutputException refusal(Path left, Optional<String> difference) throws IOException {
        BasicFileAttributes attributes = attributes(left);
        String what = String.format(
                Locale.ROOT,
                "a run that ended too early left this file of %,d bytes, last written %s ago",
                attributes.size(),
                Words.duration(Duration.between(attributes.lastModifiedTime().toInstant(), Instant.now())));
        if (slots != null) {
            what += String.format(Locale.ROOT, ", %d %% done", 100L * slots.chunkCount() / Math.max(1, chunkCount));
        }
        return new UnfinishedOutputException(
                left.toString(),
                what + difference.map(text -> "; it is of another run: " + text).orElse(""),
                difference.isEmpty());
    }

    /** Whether there is something of an earlier run that could be kept. */
    boolean isFound() {
        return start != Start.NEW;
    }

    /** Whether an earlier run has recorded a chunk of this file, and the file holds it. */
    boolean holdsRecorded(int chunk, long offset, MemorySegment buffer) throws IOException {
        if (start == Start.NEW || !recorded().present().get(1 + chunk)) {
            return false;
        }
        try {
            opened().read(offset, buffer);
        } catch (EOFException _) {
            return false;
        }
        return Crc32c.of(buffer) == recorded(chunk);
    }

    /** The checksum that an earlier run has recorded of a chunk. */
    int recorded(int chunk) {
        return recorded().checksums()[1 + chunk];
    }

    /**
     * Decides about a file that is in its place when it is known how many of its chunks are as recorded.
     *
     * @return whether what was found is still to be used
     */
    boolean settle(int keptChunks, boolean force) throws IOException {
        if (start == Start.IN_PLACE && (keptChunks < chunkCount || !isComplete())) {
            requireFree(force);
            opened().close();
            partial = null;
            start = Start.NEW;
        }
        return start != Start.NEW;
    }

    private boolean isComplete() throws IOException {
        return opened().size() == layout().fileBytes()
                && readHeaderChecksum() == recorded().checksums()[0];
    }

    /** CRC-32C of the header as it is in the file. */
    private int readHeaderChecksum() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(layout().dataOffset());
            opened().read(0, header);
            return Crc32c.of(header);
        }
    }

    /** Creates the files or makes what was found ready. From here on, closing removes them. */
    void begin() throws IOException {
        begun = true;
        journal.keep(false);
        if (start == Start.NEW) {
            if (isLeft) {
                fileSystem.delete(PartialFile.path(target()));
            }
            journal.begin(key, chunkCount);
            partial = PartialFile.create(fileSystem, target());
        }
        opened().keep(false);
        if (start == Start.IN_PLACE) {
            return;
        }
        try {
            opened().extendTo(layout().fileBytes());
            if (start == Start.RESUMED) {
                clearPadding();
            }
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    /** What lies between the tensors was never written, but a power failure may leave anything there. */
    private void clearPadding() throws IOException {
        for (int i = 0; i < layout().tensors().size(); i++) {
            int bytes = layout().paddingBytes(i);
            if (bytes > 0) {
                opened().write(
                                layout().fileOffset(i)
                                        + layout().tensors().get(i).byteCount(),
                                ByteBuffer.allocate(bytes));
            }
        }
    }

    /** Writes a chunk and records it; any thread. */
    void write(int chunk, long offset, MemorySegment bytes, int checksum) throws IOException {
        try {
            opened().write(offset, bytes);
            journal.recordChunk(chunk, checksum);
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    /** Writes a chunk of which it is not known yet whether it may stay; a run that resumes this one does not see it. */
    void writeUnrecorded(long offset, MemorySegment bytes) throws IOException {
        try {
            opened().write(offset, bytes);
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    /** Records a chunk that was written before. */
    void record(int chunk, int checksum) throws IOException {
        try {
            journal.recordChunk(chunk, checksum);
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    /** Reads back part of what was written. */
    void read(long offset, MemorySegment bytes) throws IOException {
        opened().read(offset, bytes);
    }

    /** Writes the final header, which completes the file, and brings all to the disk. */
    void finish(MemorySegment header) throws IOException {
        headerChecksum = Crc32c.of(header);
        if (start == Start.IN_PLACE) {
            if (readHeaderChecksum() != headerChecksum) {
                throw new VerificationException(target() + ": an earlier run moved another file to this place");
            }
            return;
        }
        try {
            opened().write(0, header);
            opened().flush();
            journal.recordHeader(headerChecksum);
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    private FileSystemException notWritten(IOException cause) throws IOException {
        return PartialFile.notWritten(fileSystem, target(), layout().fileBytes(), cause);
    }

    /**
     * The header of the finished file, read from the disk and validated.
     *
     * @throws VerificationException if it is not what was written
     */
    GgufFile reopen() throws IOException {
        if (readHeaderChecksum() != headerChecksum) {
            throw new VerificationException(target() + ": the disk gave back another header than was written");
        }
        return fileSystem.readHeader(opened().path(), layout().metadata());
    }

    boolean isInPlace() {
        return partial != null && partial.isInPlace();
    }

    void moveIntoPlace(boolean replace) throws IOException {
        if (!isInPlace()) {
            opened().moveIntoPlace(replace);
        }
    }

    /** If the file was begun, has closing leave the partial file and the journal, so that another run can go on. */
    void keep() {
        if (begun) {
            journal.keep(true);
            if (partial != null) {
                partial.keep(true);
            }
        }
    }

    /** Removes what was created when the process is about to end and nobody can hear of a failure. */
    void deleteQuietly() {
        if (begun) {
            deleteQuietly(PartialFile.path(target()));
        }
        if (begun || !journal.found()) {
            deleteQuietly(Journal.path(target()));
        }
    }

    private void deleteQuietly(Path path) {
        try {
            fileSystem.delete(path);
        } catch (IOException e) {
            // a stale file is all that is lost, and the next run says what it is
        }
    }

    @Override
    public void close() throws IOException {
        try (journal) {
            if (partial != null) {
                partial.close();
            }
        }
    }
}
