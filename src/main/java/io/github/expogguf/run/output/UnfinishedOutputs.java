package io.github.expogguf.run.output;

import io.github.expogguf.CancelledException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The outputs of a run while they are written; closing before {@link #moveIntoPlace} leaves what was kept, no more. */
public final class UnfinishedOutputs implements AutoCloseable {

    private final List<UnfinishedOutput> outputs = new ArrayList<>();
    private final RunKeys keys;
    private final Unfinished unfinished;
    private volatile boolean begun;

    /**
     * Locks the places of all files, and then looks at what is there of earlier runs.
     *
     * @throws FileSystemException if something stands in the way
     */
    public UnfinishedOutputs(FileSystem fileSystem, List<PlannedOutput> planned, RunKeys keys, OutputOptions how)
            throws IOException {
        this.keys = keys;
        this.unfinished = how.unfinished();
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

    /** Creates the files, or makes what was found ready. */
    public void begin() throws IOException {
        begun = true;
        for (UnfinishedOutput output : outputs) {
            output.begin();
        }
    }

    public void moveIntoPlace(boolean replace) throws IOException {
        for (UnfinishedOutput output : outputs) {
            output.moveIntoPlace(replace);
        }
    }

    /**
     * Decides, when the run has failed, whether what it has written is kept for another to go on from. Throws what says
     * so; returns if the failure is to be thrown as it is. Once some of several files are in their places, the others
     * are complete and stay, whatever was asked for.
     */
    public void keepAfter(Throwable failure) throws IOException {
        boolean passing = failure instanceof CancelledException
                || failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof VirtualMachineError;
        boolean asked = unfinished == Unfinished.RESUME && passing;
        if (begun && ((asked && !keys.inputsChanged()) || isHalfMoved())) {
            keep();
        } else if (begun || !asked) {
            return;
        }
        if (partialFiles().isEmpty()) {
            return;
        }
        switch (failure) {
            case CancelledException e -> throw new CancelledException(e.getMessage() + "; " + kept(), true);
            case UncheckedIOException e -> throw withWhatIsKept(Objects.requireNonNull(e.getCause()));
            case IOException e -> throw withWhatIsKept(e);
            default -> {}
        }
    }

    private UnfinishedOutputException withWhatIsKept(IOException cause) {
        String file = cause instanceof FileSystemException named && named.getFile() != null
                ? named.getFile()
                : outputs.getFirst().path().toString();
        UnfinishedOutputException failure = new UnfinishedOutputException(file, reason(cause) + "; " + kept(), true);
        failure.initCause(cause);
        return failure;
    }

    private static String reason(IOException failure) {
        return switch (failure) {
            case FileSystemException named when named.getReason() != null -> named.getReason();
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(failure.getMessage());
        };
    }

    private String kept() {
        List<Path> files = partialFiles();
        String more = files.size() > 1 ? " and " + (files.size() - 1) + " more" : "";
        return "what was written is kept in " + files.getFirst() + more;
    }

    /** Whether some files are in their places, or what they replace is gone, and others are not. */
    private boolean isHalfMoved() {
        return outputs.stream().anyMatch(UnfinishedOutput::isHalfMoved)
                || (outputs.stream().anyMatch(UnfinishedOutput::isInPlace) && !isInPlace());
    }

    /** Whether all files are in their places. */
    private boolean isInPlace() {
        return outputs.stream().allMatch(UnfinishedOutput::isInPlace);
    }

    /** Has everything that was begun stay as it is, so that another run can go on. */
    private void keep() {
        files().forEach(JournaledFile::keep);
    }

    /** The partial files that are there. */
    private List<Path> partialFiles() {
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
