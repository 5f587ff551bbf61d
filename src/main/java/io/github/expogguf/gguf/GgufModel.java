package io.github.expogguf.gguf;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An open GGUF file, or all files of a split one, ready for reading tensor data. Files are opened read-only and read
 * with positional reads, never mapped: a mapping whose file is truncated kills the process in native code.
 *
 * <p>Any number of threads may read at once. Interrupting one of them stops neither it nor the others; it is still
 * interrupted afterwards.
 */
public final class GgufModel implements SourceModel {

    private record OpenFile(GgufFile file, InputFile input) {}

    private record Located(TensorInfo tensor, int fileIndex) {}

    private final List<OpenFile> files;
    private final Map<String, Located> tensors = new HashMap<>();
    private final ModelHeader header;

    private GgufModel(List<OpenFile> files, String before) {
        this.files = List.copyOf(files);
        List<TensorInfo> all = new ArrayList<>();
        for (int index = 0; index < files.size(); index++) {
            for (TensorInfo tensor : files.get(index).file.tensors()) {
                tensors.put(tensor.name(), new Located(tensor, index));
                all.add(tensor);
            }
        }
        GgufFile first = files.getFirst().file;
        header = new ModelHeader(before + first.path().getFileName(), first.metadata(), all);
    }

    /**
     * Opens a file, or the whole set if it is a shard of one, and validates every header.
     *
     * @param anyFile the file, or any shard of the set
     * @return the opened file or set, to be closed by the caller
     * @throws GgufFormatException if a file breaks a rule or the set is incomplete
     * @throws IOException         if a file cannot be read
     */
    public static GgufModel open(Path anyFile) throws IOException {
        return open(anyFile, Metadata.EMPTY);
    }

    /**
     * Opens a model. Values that another one has, too, a vocabulary mostly, are not in memory twice.
     *
     * @param anyFile the file, or any shard of a set
     * @param known   metadata of the other model
     * @return the opened file or set, to be closed by the caller
     * @throws IOException if a file cannot be read
     * @see #open(Path)
     */
    public static GgufModel open(Path anyFile, Metadata known) throws IOException {
        return open(anyFile, known, "");
    }

    /**
     * Opens one of several models.
     *
     * @param anyFile the file, or any shard of a set
     * @param known   metadata of another model
     * @param before  what stands before the name of the file in messages, where another model's has the same; else
     *                empty
     * @return the opened file or set, to be closed by the caller
     * @throws IOException if a file cannot be read
     * @see #open(Path)
     */
    public static GgufModel open(Path anyFile, Metadata known, String before) throws IOException {
        Objects.requireNonNull(anyFile, "anyFile");
        Objects.requireNonNull(before, "before");
        List<OpenFile> opened = new ArrayList<>();
        try {
            opened.add(openFile(anyFile, known));
            GgufFile first = opened.getFirst().file;
            Optional<SplitSet> set = SplitSet.of(first);
            return new GgufModel(set.isPresent() ? openSet(set.get(), anyFile, opened) : opened, before);
        } catch (Throwable failure) {
            InputFile.closeAll(opened.stream().map(OpenFile::input).toList(), failure);
            throw failure;
        }
    }

    /** Opens the other shards; every file that was opened is in {@code opened}, whatever happens. */
    private static List<OpenFile> openSet(SplitSet set, Path anyFile, List<OpenFile> opened) throws IOException {
        List<Path> paths = set.paths(anyFile);
        for (int index = 0; index < paths.size(); index++) {
            if (!Files.exists(paths.get(index))) {
                throw new GgufFormatException(
                        paths.get(index),
                        -1,
                        "shard " + (index + 1) + " of " + set.count() + " is missing; it belongs next to "
                                + anyFile.getFileName());
            }
        }
        List<OpenFile> inOrder = new ArrayList<>();
        long headerBytes = opened.getFirst().file.dataOffset();
        for (int index = 0; index < paths.size(); index++) {
            if (index == set.number()) {
                inOrder.add(opened.getFirst());
            } else {
                opened.add(openFile(paths.get(index), Metadata.EMPTY));
                inOrder.add(opened.getLast());
                headerBytes += opened.getLast().file.dataOffset();
                checkHeaders(paths.get(index), headerBytes);
            }
        }
        set.check(inOrder.stream().map(OpenFile::file).toList());
        return inOrder;
    }

    /** All are in memory, and together they have what a single file would have, and a little more for each. */
    private static void checkHeaders(Path path, long bytes) {
        if (bytes > GgufLimits.maxHeaderBytes()) {
            throw new GgufFormatException(
                    path,
                    -1,
                    "the headers of the shards so far have " + bytes + " bytes, expected at most "
                            + GgufLimits.maxHeaderBytes() + "; "
                            + GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, bytes));
        }
    }

    private static OpenFile openFile(Path path, Metadata known) throws IOException {
        return InputFile.opened(GgufReader.open(path), input -> new OpenFile(GgufReader.read(input, known), input));
    }

    /** {@return the metadata of the first file and the tensors of all files, in the order of the files} */
    @Override
    public ModelHeader header() {
        return header;
    }

    /** {@return the files in the order of the set; one for a model that is not split} */
    public List<GgufFile> files() {
        return files.stream().map(OpenFile::file).toList();
    }

    @Override
    public List<SourceFile> sources() {
        return files.stream().map(OpenFile::file).map(SourceFile::of).toList();
    }

    @Override
    public List<GgufFile> ggufFiles() {
        return files();
    }

    @Override
    public Optional<Place> place(TensorInfo tensor) {
        int file = fileIndex(tensor);
        return Optional.of(new Place(file, files.get(file).file.fileOffset(tensor)));
    }

    /**
     * {@return the index in {@link #files} of the file that holds a tensor}
     *
     * @param tensor a tensor of this model
     * @throws IllegalArgumentException if the tensor is not of this model
     */
    public int fileIndex(TensorInfo tensor) {
        Objects.requireNonNull(tensor, "tensor");
        Located located = tensors.get(tensor.name());
        if (located == null || !located.tensor.equals(tensor)) {
            throw new IllegalArgumentException(header.name() + " has no tensor " + Escape.quote(tensor.name())
                    + " of this type, shape and offset");
        }
        return located.fileIndex;
    }

    @Override
    public void read(TensorInfo tensor, long byteOffset, MemorySegment target) throws IOException {
        Objects.requireNonNull(tensor, "tensor");
        Objects.requireNonNull(target, "target");
        OpenFile open = files.get(fileIndex(tensor));
        if (byteOffset < 0 || byteOffset > tensor.byteCount() - target.byteSize()) {
            throw new IndexOutOfBoundsException("tensor " + Escape.quote(tensor.name()) + ": " + target.byteSize()
                    + " bytes at " + byteOffset + " of " + tensor.byteCount());
        }
        long start = open.file.fileOffset(tensor) + byteOffset;
        try {
            open.input.read(target, start, "tensor " + Escape.quote(tensor.name()));
        } catch (IOException e) {
            throw ReadFailure.of(open.file.path(), e);
        }
    }

    /**
     * {@return whether every file still has the size, the time of modification and the identity that it had when it was
     * opened}
     */
    public boolean unchanged() {
        try {
            checkUnchanged();
            return true;
        } catch (IOException changed) {
            return false;
        }
    }

    @Override
    public void checkUnchanged() throws IOException {
        for (OpenFile open : files) {
            open.input.checkUnchanged();
        }
    }

    /** Closes every file; later reads fail. */
    @Override
    public void close() throws IOException {
        InputFile.closeAll(files.stream().map(OpenFile::input).toList());
    }
}
