package io.github.expogguf.run;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.Shards.Shard;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.verify.Crc32c;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All files of an output while they are written. Chunks go to their final places as they come; their checksums are kept, so
 * that {@link #holds} can prove that the disk holds what was computed. Closing before {@link #moveIntoPlace} leaves nothing.
 */
final class PartialOutput implements AutoCloseable {

    private final Shards shards;
    private final List<PartialFile> files = new ArrayList<>();
    private final int[] fileOfTensor;
    private final int[] checksums; // one per chunk

    PartialOutput(Shards shards, int chunkCount) throws IOException {
        this.shards = shards;
        this.checksums = new int[chunkCount];
        this.fileOfTensor = new int[shards.tensorCount()];
        for (int i = 0; i < shards.files().size(); i++) {
            Shard shard = shards.files().get(i);
            Arrays.fill(fileOfTensor, shard.firstTensor(), shard.firstTensor() + shard.tensorCount(), i);
        }
        try {
            for (Shard shard : shards.files()) {
                PartialFile file = PartialFile.create(shard.path());
                files.add(file);
                file.extendTo(shard.layout().fileBytes());
            }
        } catch (Throwable e) {
            PartialFile.closeAll(files, e);
            throw e;
        }
    }

    /** Writes a chunk to its place; any thread. */
    void write(Chunk chunk, MemorySegment bytes) throws IOException {
        checksums[chunk.index()] = Crc32c.of(bytes);
        files.get(fileOfTensor[chunk.tensor()]).write(fileOffset(chunk), bytes);
    }

    /** CRC-32C of the data of every tensor, when all chunks are written; takes the chunks from the first on. */
    int[] tensorChecksums(Chunks chunks) {
        int[] combined = new int[shards.tensorCount()];
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            combined[chunk.tensor()] = Crc32c.combine(
                    combined[chunk.tensor()], checksums[chunk.index()], chunk.bytes(written(chunk).type()));
        }
        return combined;
    }

    /** Writes the headers with the final metadata, which completes the files, and brings all to the disk. */
    void finish(Metadata metadata) throws IOException {
        List<Shard> complete = shards.withMetadata(metadata).files();
        for (int i = 0; i < files.size(); i++) {
            files.get(i).write(0, ByteBuffer.wrap(complete.get(i).layout().headerBytes()));
            files.get(i).flush();
        }
    }

    /** Whether the file holds what was written for a chunk. */
    boolean holds(Chunk chunk, MemorySegment buffer) throws IOException {
        MemorySegment bytes = buffer.asSlice(0, chunk.bytes(written(chunk).type()));
        files.get(fileOfTensor[chunk.tensor()]).read(fileOffset(chunk), bytes);
        return Crc32c.of(bytes) == checksums[chunk.index()];
    }

    /** The headers of the finished files, read back from the disk and validated. */
    List<GgufFile> reopen() throws IOException {
        List<GgufFile> reopened = new ArrayList<>();
        for (PartialFile file : files) {
            reopened.add(GgufReader.read(file.path()));
        }
        return reopened;
    }

    /** The first file, or the only one, for messages. */
    Path path() {
        return shards.files().getFirst().path();
    }

    private long fileOffset(Chunk chunk) {
        Shard shard = shards.files().get(fileOfTensor[chunk.tensor()]);
        return shard.layout().fileOffset(chunk.tensor() - shard.firstTensor()) + chunk.offset(written(chunk).type());
    }

    private TensorInfo written(Chunk chunk) {
        Shard shard = shards.files().get(fileOfTensor[chunk.tensor()]);
        return shard.layout().tensors().get(chunk.tensor() - shard.firstTensor());
    }

    /** Moves the files to their places, the first shard last: a set without it does not load, so no half set looks whole. */
    void moveIntoPlace(boolean replace) throws IOException {
        for (PartialFile file : files.reversed()) {
            file.moveIntoPlace(replace);
        }
    }

    /** Removes the files when the process is about to end. */
    void deleteQuietly() {
        files.forEach(PartialFile::deleteQuietly);
    }

    @Override
    public void close() throws IOException {
        PartialFile.closeAll(files);
    }
}
