package io.github.expogguf.run.input;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import java.util.List;

/**
 * The files of a model in blocks of equal size, numbered through all files; the last of each file may be shorter.
 */
final class FileBlocks {

    /** Large enough for a disk, small enough for a processor's cache. */
    static final int BYTES = 1 << 19;

    private final GgufModel model;
    private final List<GgufFile> files;
    private final int[] firstBlocks; // of each file, and their number

    FileBlocks(GgufModel model) {
        this.model = model;
        this.files = model.files();
        this.firstBlocks = new int[files.size() + 1];
        for (int i = 0; i < files.size(); i++) {
            long blocks = Math.ceilDiv(files.get(i).fileBytes(), BYTES);
            firstBlocks[i + 1] = Math.toIntExact(firstBlocks[i] + blocks);
        }
    }

    List<GgufFile> files() {
        return files;
    }

    /** Number of blocks of all files. */
    int count() {
        return firstBlocks[files.size()];
    }

    /** Number of the first block of a file. */
    int first(int file) {
        return firstBlocks[file];
    }

    /** Where in all blocks, one after the other, a byte of a tensor is. */
    long position(TensorInfo tensor, long offset) {
        int file = model.fileIndex(tensor);
        return (long) BYTES * firstBlocks[file] + files.get(file).fileOffset(tensor) + offset;
    }

    /** The block that a position is in. */
    static int at(long position) {
        return Math.toIntExact(position / BYTES);
    }
}
