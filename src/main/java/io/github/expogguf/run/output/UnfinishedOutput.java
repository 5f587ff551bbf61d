package io.github.expogguf.run.output;

import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.Shards.Shard;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * All files of an output while they are written. Chunks go to their final places as they come; their checksums are
 * kept, so that {@link #holds} can prove that the disk holds what was computed.
 */
public final class UnfinishedOutput implements AutoCloseable {

    private final FileSystem fileSystem;
    private final PlannedOutput planned;
    private final Shards shards;
    private final List<JournaledFile> files = new ArrayList<>();
    private final int[] fileOfTensor;
    private final int[] firstChunk; // by file; behind the last, the number of chunks
    private final int[] checksums; // one per chunk
    private final boolean[] kept; // chunks that an earlier run has written
    private boolean moving; // what was there before is not whole any more

    /** Locks the places of all files. */
    UnfinishedOutput(FileSystem fileSystem, PlannedOutput planned, RunKeys keys) throws IOException {
        this.fileSystem = fileSystem;
        this.planned = planned;
        this.shards = planned.shards();
        this.fileOfTensor = new int[shards.tensorCount()];
        for (int i = 0; i < shards.files().size(); i++) {
            Shard shard = shards.files().get(i);
            Arrays.fill(fileOfTensor, shard.firstTensor(), shard.firstTensor() + shard.tensorCount(), i);
        }
        this.firstChunk = firstChunks();
        int chunkCount = firstChunk[shards.files().size()];
        this.checksums = new int[chunkCount];
        this.kept = new boolean[chunkCount];
        try {
            for (int i = 0; i < shards.files().size(); i++) {
                Shard shard = shards.files().get(i);
                files.add(JournaledFile.lock(
                        fileSystem, shard, keys.of(planned, shard), firstChunk[i + 1] - firstChunk[i]));
            }
        } catch (Throwable e) {
            PartialFile.closeAll(files, e);
            throw e;
        }
    }

    private int[] firstChunks() {
        int[] first = new int[shards.files().size() + 1];
        Chunks chunks = chunks();
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            first[fileOfTensor[chunk.tensor()] + 1]++;
        }
        Arrays.parallelPrefix(first, Integer::sum);
        return first;
    }

    private Chunks chunks() {
        return new Chunks(planned.plan().aligned().tensors());
    }

    /** Looks at what is there of an earlier run; see {@link JournaledFile#look}. */
    void look(boolean force, Unfinished unfinished) throws IOException {
        for (JournaledFile file : files) {
            file.look(force, unfinished);
        }
    }

    /** Whether there is something of an earlier run that could be kept. */
    public boolean isFound() {
        return files.stream().anyMatch(JournaledFile::isFound);
    }

    /** Keeps a chunk if an earlier run has written it; any thread. */
    public void keepIfWritten(Chunk chunk, MemorySegment buffer) throws IOException {
        JournaledFile file = file(chunk);
        int number = numberInFile(chunk);
        if (file.holdsRecorded(number, fileOffset(chunk), buffer.asSlice(0, bytes(chunk)))) {
            checksums[chunk.index()] = file.recorded(number);
            kept[chunk.index()] = true;
        }
    }

    /** Decides what is kept when {@link #keepIfWritten} has seen all chunks. */
    public void settle(boolean force) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            int keptChunks = 0;
            for (int chunk = firstChunk[i]; chunk < firstChunk[i + 1]; chunk++) {
                keptChunks += kept[chunk] ? 1 : 0;
            }
            if (!files.get(i).settle(keptChunks, force)) {
                Arrays.fill(kept, firstChunk[i], firstChunk[i + 1], false);
            }
        }
    }

    /** Whether an earlier run has written a chunk. */
    public boolean isKept(Chunk chunk) {
        return kept[chunk.index()];
    }

    /**
     * Writes a chunk that was not computed but copied from another file; any thread. It may be written again until it
     * is {@linkplain #recordTaken recorded}.
     */
    public void take(Chunk chunk, MemorySegment bytes) throws IOException {
        checksums[chunk.index()] = Crc32c.of(bytes);
        file(chunk).writeUnrecorded(fileOffset(chunk), bytes);
    }

    /** Records the chunks of tensors that were copied, when it is known that they stay. */
    public void recordTaken(IntPredicate tensors) throws IOException {
        Chunks chunks = chunks();
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            if (tensors.test(chunk.tensor()) && !isKept(chunk)) {
                file(chunk).record(numberInFile(chunk), checksums[chunk.index()]);
            }
        }
    }

    /** Bytes of all chunks that are kept. */
    public long keptBytes() {
        return Arrays.stream(keptBytesByFile()).sum();
    }

    /** Bytes that have still to be written, by file. */
    long[] missingBytes() {
        long[] missing = keptBytesByFile();
        for (int i = 0; i < missing.length; i++) {
            JournaledFile file = files.get(i);
            missing[i] = file.isInPlace() ? 0 : file.layout().fileBytes() - missing[i];
        }
        return missing;
    }

    private long[] keptBytesByFile() {
        long[] bytes = new long[files.size()];
        Chunks chunks = chunks();
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            bytes[fileOfTensor[chunk.tensor()]] += isKept(chunk) ? bytes(chunk) : 0;
        }
        return bytes;
    }

    /**
     * Creates the files, or makes what was found ready. From here on, closing before {@link #moveIntoPlace} leaves
     * nothing.
     */
    void begin() throws IOException {
        for (JournaledFile file : files) {
            file.begin();
        }
    }

    /** Writes a chunk to its place; any thread. */
    public void write(Chunk chunk, MemorySegment bytes) throws IOException {
        int checksum = Crc32c.of(bytes);
        checksums[chunk.index()] = checksum;
        file(chunk).write(numberInFile(chunk), fileOffset(chunk), bytes, checksum);
    }

    /** CRC-32C of the data of every tensor, when all chunks are written. */
    public int[] tensorChecksums() {
        int[] combined = new int[shards.tensorCount()];
        Chunks chunks = chunks();
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            combined[chunk.tensor()] = Crc32c.combine(combined[chunk.tensor()], checksums[chunk.index()], bytes(chunk));
        }
        return combined;
    }

    /** Writes the headers with the final metadata, which completes the files, and brings all to the disk. */
    public void finish(Metadata metadata) throws IOException {
        List<Shard> complete = shards.withMetadata(metadata).files();
        for (int i = 0; i < files.size(); i++) {
            try (Arena arena = Arena.ofConfined()) {
                files.get(i).finish(complete.get(i).layout().header(arena));
            }
        }
    }

    /** Whether the file holds what was written for a chunk. */
    public boolean holds(Chunk chunk, MemorySegment buffer) throws IOException {
        return Crc32c.of(read(chunk, buffer)) == checksums[chunk.index()];
    }

    /** Reads a chunk back into a buffer that is large enough; any thread. */
    public MemorySegment read(Chunk chunk, MemorySegment buffer) throws IOException {
        MemorySegment bytes = buffer.asSlice(0, bytes(chunk));
        file(chunk).read(fileOffset(chunk), bytes);
        return bytes;
    }

    /** The headers of the finished files, read back from the disk and validated. */
    public List<GgufFile> reopen() throws IOException {
        List<GgufFile> reopened = new ArrayList<>();
        for (JournaledFile file : files) {
            reopened.add(file.reopen());
        }
        return reopened;
    }

    /** The first file, or the only one, for messages. */
    public Path path() {
        return shards.files().getFirst().path();
    }

    public PlannedOutput planned() {
        return planned;
    }

    private JournaledFile file(Chunk chunk) {
        return files.get(fileOfTensor[chunk.tensor()]);
    }

    private int numberInFile(Chunk chunk) {
        return chunk.index() - firstChunk[fileOfTensor[chunk.tensor()]];
    }

    private long bytes(Chunk chunk) {
        return chunk.bytes(written(chunk).type());
    }

    private long fileOffset(Chunk chunk) {
        Shard shard = shards.files().get(fileOfTensor[chunk.tensor()]);
        return shard.layout().fileOffset(chunk.tensor() - shard.firstTensor())
                + chunk.offset(written(chunk).type());
    }

    private TensorInfo written(Chunk chunk) {
        Shard shard = shards.files().get(fileOfTensor[chunk.tensor()]);
        return shard.layout().tensors().get(chunk.tensor() - shard.firstTensor());
    }

    /**
     * Moves the files to their places, the first shard last: a set without it does not load, so no half set looks
     * whole. For the same reason the first shard of a set that is replaced is removed before the others are.
     */
    void moveIntoPlace(boolean replace) throws IOException {
        JournaledFile first = files.getFirst();
        if (replace
                && files.size() > 1
                && !first.isInPlace()
                && Files.exists(first.target(), LinkOption.NOFOLLOW_LINKS)) {
            fileSystem.delete(first.target());
            moving = true;
        }
        for (JournaledFile file : files.reversed()) {
            file.moveIntoPlace(replace);
        }
    }

    /** Whether some files are in their places, or what they replace is gone, and others are not. */
    boolean isHalfMoved() {
        return (moving || files.stream().anyMatch(JournaledFile::isInPlace))
                && !files.stream().allMatch(JournaledFile::isInPlace);
    }

    boolean isInPlace() {
        return files.stream().allMatch(JournaledFile::isInPlace);
    }

    List<JournaledFile> files() {
        return files;
    }

    @Override
    public void close() throws IOException {
        PartialFile.closeAll(files);
    }
}
