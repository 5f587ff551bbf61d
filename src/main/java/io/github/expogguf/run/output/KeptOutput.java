package io.github.expogguf.run.output;

import io.github.expogguf.CancelledException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Decides, when a run fails, whether what it has written is kept for another to go on from, and says so. */
public final class KeptOutput {

    private final UnfinishedOutputs outputs;
    private final RunKeys keys;
    private final Unfinished unfinished;

    public KeptOutput(UnfinishedOutputs outputs, RunKeys keys, Unfinished unfinished) {
        this.outputs = outputs;
        this.keys = keys;
        this.unfinished = unfinished;
    }

    /**
     * Throws what is to be thrown instead of a failure; returns if that is to be thrown as it is. Once some of several
     * files are in their places, the others are complete and stay, whatever was asked for.
     */
    public void rethrow(Throwable failure) throws IOException {
        boolean passing = failure instanceof CancelledException
                || failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof VirtualMachineError;
        boolean asked = unfinished == Unfinished.RESUME && passing;
        if (outputs.isBegun() && ((asked && !keys.inputsChanged()) || outputs.isHalfMoved())) {
            outputs.keep();
        } else if (outputs.isBegun() || !asked) {
            return;
        }
        if (outputs.partialFiles().isEmpty()) {
            return;
        }
        switch (failure) {
            case CancelledException e -> throw new CancelledException(e.getMessage() + "; " + kept(), true);
            case UncheckedIOException e -> throw unfinished(Objects.requireNonNull(e.getCause()));
            case IOException e -> throw unfinished(e);
            default -> {}
        }
    }

    private UnfinishedOutputException unfinished(IOException cause) {
        String file = cause instanceof FileSystemException named && named.getFile() != null
                ? named.getFile()
                : outputs.get(0).path().toString();
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
        List<Path> files = outputs.partialFiles();
        String more = files.size() > 1 ? " and " + (files.size() - 1) + " more" : "";
        return "what was written is kept in " + files.getFirst() + more;
    }
}
