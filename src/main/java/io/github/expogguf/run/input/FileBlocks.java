package io.github.expogguf.run.input;

import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import java.util.List;

/**
 * The files of a model in blocks of equal size, numbered through all files; the last of each file may be shorter.
 */
final class FileBlocks {

    /** Large enough for a disk, small enough for a processor's cache. */
    static final int BYTES = 1 << 19;

    private final SourceModel model;
    private final List<SourceFile> files;
    private final int[] firstBlocks; // of each file, and their number

    FileBlocks(SourceModel model) {
        this.model = model;
        this.files = model.sources();
        this.firstBlocks = new int[files.size() + 1];
        for (int i = 0; i < files.size(); i++) {
            long blocks = Math.ceilDiv(files.get(i).bytes(), BYTES);
            firstBlocks[i + 1] = Math.toIntExact(firstBlocks[i] + blocks);
        }
    }

    List<SourceFile> files() {
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

    /** Whether the bytes of a tensor stand in a file as the model gives them. */
    boolean has(TensorInfo tensor) {
        return model.place(tensor).isPresent();
    }

    /** Where in all blocks, one after the other, a byte of a tensor is that stands in a file. */
    long position(TensorInfo tensor, long offset) {
        SourceModel.Place place = model.place(tensor).orElseThrow();
        return (long) BYTES * firstBlocks[place.file()] + place.position() + offset;
    }

    /** The block that a position is in. */
    static int at(long position) {
        return Math.toIntExact(position / BYTES);
    }
}
