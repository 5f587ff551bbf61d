package io.github.expogguf.run.output;

import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The outputs of a run while they are written; closing before {@link #moveIntoPlace} leaves what was kept, no more. */
public final class UnfinishedOutputs implements AutoCloseable {

    private final List<UnfinishedOutput> outputs = new ArrayList<>();
    private final Unfinished unfinished;
    private volatile boolean begun;

    /**
     * Locks the places of all files, and then looks at what is there of earlier runs.
     *
     * @throws java.nio.file.FileSystemException if something stands in the way
     */
    public UnfinishedOutputs(FileSystem fileSystem, List<PlannedOutput> planned, RunKeys keys, OutputOptions how)
            throws IOException {
        unfinished = how.unfinished();
        try {
            for (PlannedOutput output : planned) {
                outputs.add(new UnfinishedOutput(fileSystem, output, keys));
            }
            for (UnfinishedOutput output : outputs) {
                output.look(how.force(), unfinished);
            }
        } catch (Throwable e) {
            PartialFile.closeAll(outputs, e);
            throw e;
        }
    }

    public UnfinishedOutput get(int output) {
        return outputs.get(output);
    }

    public List<UnfinishedOutput> all() {
        return outputs;
    }

    /** Whether there is something of an earlier run that could be kept. */
    boolean isFound() {
        return outputs.stream().anyMatch(UnfinishedOutput::isFound);
    }

    /** Creates the files, or makes what was found ready. */
    public void begin() throws IOException {
        begun = true;
        for (UnfinishedOutput output : outputs) {
            output.begin();
        }
    }

    boolean isBegun() {
        return begun;
    }

    public void moveIntoPlace(boolean replace) throws IOException {
        for (UnfinishedOutput output : outputs) {
            output.moveIntoPlace(replace);
        }
    }

    /** Whether some files are in their places, or what they replace is gone, and others are not. */
    boolean isHalfMoved() {
        return outputs.stream().anyMatch(UnfinishedOutput::isHalfMoved)
                || (outputs.stream().anyMatch(UnfinishedOutput::isInPlace) && !isInPlace());
    }

    /** Whether all files are in their places. */
    boolean isInPlace() {
        return outputs.stream().allMatch(UnfinishedOutput::isInPlace);
    }

    /** Has everything that was begun stay as it is, so that another run can go on. */
    void keep() {
        files().forEach(JournaledFile::keep);
    }

    /** The partial files that are there. */
    List<Path> partialFiles() {
        return files().map(file -> PartialFile.path(file.target()))
                .filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /** Removes what this run has created when the process is about to end, unless another is to go on from it. */
    public void deleteQuietly() {
        if (unfinished != Unfinished.RESUME && !isHalfMoved()) {
            files().forEach(JournaledFile::deleteQuietly);
        }
    }

    private Stream<JournaledFile> files() {
        return outputs.stream().flatMap(output -> output.files().stream());
    }

    @Override
    public void close() throws IOException {
        PartialFile.closeAll(outputs);
    }
}
