package io.github.expogguf.safetensors;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.gguf.FileIdentity;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An open checkpoint, ready for reading tensor data: all files of a folder, or a single one. Files are opened read-only
 * and read with positional reads, never mapped, as those of {@link io.github.expogguf.gguf.GgufModel}.
 *
 * <p>Any number of threads may read at once. Interrupting one of them stops neither it nor the others; it is still
 * interrupted afterwards.
 */
public final class Checkpoint implements AutoCloseable {

    /** What a model's configuration is called. */
    public static final String CONFIG = "config.json";

    private record OpenFile(SafetensorsFile file, InputFile input) {}

    private final List<OpenFile> files;
    private final List<Path> leftOut;
    private final Map<String, SafetensorsTensor> tensors;
    private final Optional<Map<String, @Nullable Object>> config;
    private final List<Description> descriptions;

    /** A file that says something of the tensors. */
    private record Description(Path path, FileIdentity identity) {}

    private Checkpoint(
            List<OpenFile> files,
            List<Description> descriptions,
            List<Path> leftOut,
            Map<String, SafetensorsTensor> tensors,
            Optional<Map<String, @Nullable Object>> config) {
        this.files = List.copyOf(files);
        this.descriptions = List.copyOf(descriptions);
        this.leftOut = List.copyOf(leftOut);
        this.tensors = Collections.unmodifiableMap(tensors);
        this.config = config;
    }

    /**
     * Opens a checkpoint and validates every header. Of a folder with {@code model.safetensors} that; or else, with an
     * index, the files that it names; or else the files whose names begin with {@code model}, or else all but those
     * that begin with {@code consolidated}.
     *
     * @param folderOrFile a folder, an index, a file, or any shard of a set
     * @throws SafetensorsFormatException if a file breaks a rule, the set is incomplete, or its index does not agree
     * @throws IOException                if a file cannot be read
     */
    public static Checkpoint open(Path folderOrFile) throws IOException {
        return open(folderOrFile, List.of(CONFIG));
    }

    private static Checkpoint open(Path folderOrFile, List<String> describing) throws IOException {
        CheckpointFiles found = CheckpointFiles.find(folderOrFile);
        Path first = found.paths().getFirst();
        List<Description> descriptions = new ArrayList<>();
        for (Path path : Stream.concat(
                        describing.stream().map(first::resolveSibling),
                        found.index().map(CheckpointIndex::path).stream())
                .filter(Files::exists)
                .toList()) {
            descriptions.add(new Description(path, FileIdentity.of(path)));
        }
        List<OpenFile> opened = new ArrayList<>();
        try {
            long headerBytes = 0;
            for (Path path : found.paths()) {
                opened.add(openFile(path, opened.size()));
                headerBytes += opened.getLast().file.dataOffset();
                SafetensorsReader.checkLimit(path, "the headers of the files so far, together", headerBytes);
            }
            found.index().ifPresent(index -> index.check(files(opened)));
            return new Checkpoint(
                    opened,
                    descriptions,
                    found.leftOut(),
                    byName(files(opened)),
                    readConfig(first.resolveSibling(CONFIG)));
        } catch (Throwable failure) {
            InputFile.closeAll(inputs(opened), failure);
            throw failure;
        }
    }

    /** Makes a model of a checkpoint, and keeps that open. */
    @FunctionalInterface
    public interface Opening<T> {
        /** The model. */
        T of(Checkpoint checkpoint) throws IOException;
    }

    /**
     * Opens a checkpoint for a model, and closes it where there is none. Where a file has changed meanwhile, that is
     * what is thrown.
     *
     * @param descriptions files that say something of the tensors, as far as they are there, beside the index
     * @see #open(Path)
     */
    public static <T> T open(Path folderOrFile, List<String> descriptions, Opening<T> opening) throws IOException {
        Checkpoint checkpoint = open(folderOrFile, descriptions);
        try {
            return opening.of(checkpoint);
        } catch (Throwable failure) {
            try {
                checkpoint.checkUnchangedAfter(failure);
            } finally {
                checkpoint.close();
            }
            throw failure;
        }
    }

    /** Whether a path looks like a checkpoint: a folder, or a name that ends as one of its files do. */
    public static boolean isNamed(Path path) {
        return CheckpointFiles.isNamed(path);
    }

    /**
     * Names of the files that belong to the checkpoint of a folder, by its index or by the numbers in the names of the
     * others, and that are not there.
     *
     * @throws SafetensorsFormatException if the index is none, or has files under other names
     * @throws IOException                if a file cannot be read
     */
    public static List<String> missing(Path folder) throws IOException {
        return CheckpointFiles.missing(folder);
    }

    /** The index of a folder that says nothing of what is read of it, since {@code model.safetensors} is there, too. */
    public static Optional<Path> passedOver(Path folderOrFile) throws IOException {
        Path index = folderOrFile.resolve("model.safetensors.index.json");
        return Files.isRegularFile(index) && CheckpointFiles.isPassedOver(index)
                ? Optional.of(index)
                : Optional.empty();
    }

    private static OpenFile openFile(Path path, int index) throws IOException {
        return InputFile.opened(
                SafetensorsReader.open(path), input -> new OpenFile(SafetensorsReader.read(input, index), input));
    }

    private static Map<String, SafetensorsTensor> byName(List<SafetensorsFile> files) {
        Map<String, SafetensorsTensor> tensors = new LinkedHashMap<>();
        for (SafetensorsFile file : files) {
            for (SafetensorsTensor tensor : file.tensors()) {
                SafetensorsTensor other = tensors.put(tensor.name(), tensor);
                if (other != null) {
                    throw new SafetensorsFormatException(
                            file.path(),
                            -1,
                            "tensor " + Escape.quote(tensor.name()) + " is in "
                                    + files.get(other.file()).path().getFileName()
                                    + ", too; name the file that is meant");
                }
            }
        }
        return tensors;
    }

    private static Optional<Map<String, @Nullable Object>> readConfig(Path config) throws IOException {
        return Files.exists(config)
                ? Optional.of(Collections.unmodifiableMap(JsonFile.read(config)))
                : Optional.empty();
    }

    /** By name, in the order of the files and of the data in them. */
    public Map<String, SafetensorsTensor> tensors() {
        return tensors;
    }

    /** In the order of their names. */
    public List<SafetensorsFile> files() {
        return files(files);
    }

    /** All files that something is read from: those with tensors, then those that say something of them. */
    public List<SourceFile> sources() {
        List<SourceFile> sources = new ArrayList<>();
        files().forEach(file -> sources.add(new SourceFile(file.path(), file.dataOffset(), file.fileBytes())));
        descriptions.forEach(each -> sources.add(new SourceFile(each.path, 0, each.identity.size())));
        return sources;
    }

    /** One of the files that say something of the tensors, if it is there and was asked for. */
    public Optional<Path> description(String name) {
        return descriptions.stream()
                .map(Description::path)
                .filter(path -> path.endsWith(name))
                .findFirst();
    }

    /** Other files of the folder in safetensors, which are not part of the checkpoint. */
    public List<Path> leftOut() {
        return leftOut;
    }

    /**
     * What {@code config.json} has, if there is one: strings, {@link io.github.expogguf.text.json.JsonNumber}, {@link
     * Double} for NaN and infinities, booleans, null, lists, and maps in the order of the text.
     */
    public Optional<Map<String, @Nullable Object>> config() {
        return config;
    }

    /**
     * Reads part of the data of a tensor.
     *
     * @param tensor     one of {@link #tensors}
     * @param byteOffset first byte, counted from the start of the tensor's data
     * @param target     off-heap segment or segment over a byte array, fully overwritten; its size is the number of
     *                   bytes read
     * @throws IndexOutOfBoundsException if that reaches outside the tensor
     * @throws IOException               if the file cannot be read or has become shorter
     */
    public void read(SafetensorsTensor tensor, long byteOffset, MemorySegment target) throws IOException {
        if (!tensor.equals(tensors.get(tensor.name()))) {
            throw new IllegalArgumentException(
                    "no tensor " + Escape.quote(tensor.name()) + " of this type, shape and place");
        }
        if (byteOffset < 0 || byteOffset > tensor.bytes() - target.byteSize()) {
            throw new IndexOutOfBoundsException("tensor " + Escape.quote(tensor.name()) + ": " + target.byteSize()
                    + " bytes at " + byteOffset + " of " + tensor.bytes());
        }
        OpenFile open = files.get(tensor.file());
        try {
            open.input.read(
                    target,
                    open.file.dataOffset() + tensor.begin() + byteOffset,
                    "tensor " + Escape.quote(tensor.name()));
        } catch (IOException e) {
            throw ReadFailure.of(open.file.path(), e);
        }
    }

    /**
     * Checks that every file still has the size, the time of modification and the identity that it had when it was
     * opened.
     *
     * @throws IOException that names the file which is gone, was replaced or was written to
     */
    public void checkUnchanged() throws IOException {
        for (OpenFile open : files) {
            open.input.checkUnchanged();
        }
        for (Description description : descriptions) {
            description.identity.check(description.path);
        }
    }

    /**
     * For what went wrong while this checkpoint was in use: where one of its files has changed, that is what to tell.
     *
     * @throws IOException as of {@link #checkUnchanged}, with the failure as a suppressed one
     */
    public void checkUnchangedAfter(Throwable failure) throws IOException {
        try {
            checkUnchanged();
        } catch (IOException changed) {
            changed.addSuppressed(failure);
            throw changed;
        }
    }

    /** Closes every file; later reads fail. */
    @Override
    public void close() throws IOException {
        InputFile.closeAll(inputs(files));
    }

    private static List<SafetensorsFile> files(List<OpenFile> opened) {
        return opened.stream().map(OpenFile::file).toList();
    }

    private static List<InputFile> inputs(List<OpenFile> opened) {
        return opened.stream().map(OpenFile::input).toList();
    }
}
