package io.github.expogguf.run.output;

import io.github.expogguf.CancelledException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.imatrix.UnfinishedImatrix;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.Optional;

/**
 * An importance matrix on its way to its place. While a long text is read, the sums so far are kept beside it now and
 * then, for a later run to go on from; closing it removes them, unless the run was one that resumes and did not get to
 * its end.
 */
public final class ImatrixFile implements AutoCloseable {

    private static final long KEEP_NANOS = 20_000_000_000L;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path output;
    private final OutputOptions how;
    private final RunKey key;
    private final Path unfinished;
    private final Optional<UnfinishedImatrix> earlier;
    private boolean kept;
    private long keptAt;

    /**
     * Looks what is there.
     *
     * @param text which is read
     * @throws UnfinishedOutputException if an earlier run has left sums that are not to be used, or are of something
     *                                   else
     */
    public ImatrixFile(
            Path output, OpenModels models, Plan plan, ImatrixOptions options, String text, OutputOptions how)
            throws IOException {
        this.output = output;
        this.how = how;
        this.unfinished = PartialFile.path(output);
        OutputGuard guard = new OutputGuard(
                SystemFiles.INSTANCE,
                models.inputs().stream()
                        .flatMap(model -> model.sources().stream())
                        .toList());
        guard.checkPlace(output, how.force());
        guard.checkAnyRoom(output);
        this.key = new RunKeys(models).ofImatrix(plan, options, text);
        this.earlier = look();
        this.kept = earlier.isPresent();
    }

    private Optional<UnfinishedImatrix> look() throws IOException {
        if (!Files.exists(unfinished, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        return switch (how.unfinished()) {
            case REFUSE ->
                throw new UnfinishedOutputException(
                        unfinished.toString(), "a run that ended too early left this", true);
            case DISCARD -> {
                Files.delete(unfinished);
                yield Optional.empty();
            }
            case RESUME -> Optional.of(readEarlier());
        };
    }

    private UnfinishedImatrix readEarlier() throws IOException {
        UnfinishedImatrix found = UnfinishedImatrix.read(unfinished);
        Optional<String> difference = key.difference(found.key());
        if (difference.isPresent()) {
            throw new UnfinishedOutputException(
                    unfinished.toString(),
                    "a run that ended too early left this; it is of another run: " + difference.get(),
                    false);
        }
        return found;
    }

    /** What an earlier run has summed. */
    public Optional<UnfinishedImatrix> earlier() {
        return earlier;
    }

    /** Keeps the sums, if it is time. */
    public void keep(ImatrixSums sums, int chunks) throws IOException {
        long now = System.nanoTime();
        if (kept && now - keptAt < KEEP_NANOS) {
            return;
        }
        write(unfinished, new UnfinishedImatrix(sums, chunks, key.text())::write, true);
        kept = true;
        keptAt = now;
    }

    /** Writes the file, reads it back, and moves it into its place. */
    public void finish(ImatrixSums sums) throws IOException {
        how.work().cancellation().check();
        write(output, sums::write, how.force());
        Files.deleteIfExists(unfinished);
        kept = false;
    }

    /** Something that is written. */
    @FunctionalInterface
    private interface Content {
        void write(OutputStream out) throws IOException;
    }

    /** Writes sums to a place of their own. */
    public static void write(ImatrixSums sums, Path place, boolean replace) throws IOException {
        write(place, sums::write, replace);
    }

    private static void write(Path place, Content content, boolean replace) throws IOException {
        try (PartialFile file = PartialFile.createUnshared(SystemFiles.INSTANCE, place)) {
            String expected = fill(place, file, content);
            if (!sha256(file.path()).equals(expected)) {
                throw new VerificationException(place + ": the disk gave back other bytes than were written");
            }
            file.moveIntoPlace(replace);
        }
    }

    private static String fill(Path place, PartialFile file, Content content) throws IOException {
        Positions positions = new Positions(file);
        DigestOutputStream digested = new DigestOutputStream(positions, Sha256.newDigest());
        OutputStream out = new BufferedOutputStream(digested, BUFFER_BYTES);
        try {
            content.write(out);
            out.flush();
            file.flush();
        } catch (IOException failed) { // which does not name the file, as on a full disk
            throw PartialFile.notWritten(SystemFiles.INSTANCE, place, positions.at, failed);
        }
        return Sha256.digits(digested.getMessageDigest());
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), Sha256.newDigest())) {
            in.transferTo(OutputStream.nullOutputStream());
            return Sha256.digits(((DigestInputStream) in).getMessageDigest());
        }
    }

    /** From the beginning to the end. */
    private static final class Positions extends OutputStream {

        private final PartialFile file;
        private long at;

        Positions(PartialFile file) {
            this.file = file;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            file.write(at, ByteBuffer.wrap(bytes, offset, length));
            at += length;
        }
    }

    /**
     * What to throw when the run has failed: where the sums so far stay for another run, what says so.
     *
     * @param failure what ended it
     */
    public CancelledException withWhatIsKept(CancelledException failure) {
        return stays()
                ? new CancelledException(failure.getMessage() + "; the sums so far are kept in " + unfinished, true)
                : failure;
    }

    private boolean stays() {
        return kept && how.unfinished() == Unfinished.RESUME;
    }

    @Override
    public void close() throws IOException {
        if (!stays()) {
            Files.deleteIfExists(unfinished);
        }
    }
}
