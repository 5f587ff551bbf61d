package io.github.expogguf.gguf;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.thread.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Little-endian reading from the start of a file, through a small buffer, never past its end or the largest header. */
final class HeaderSource {

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputFile file;
    private final long fileBytes;
    private final int maxBytes = GgufLimits.maxHeaderBytes();
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long bufferOffset; // file offset of buffer[0]
    private String subject = "";

    HeaderSource(InputFile file) throws IOException {
        this.file = file;
        this.fileBytes = file.size();
    }

    long fileBytes() {
        return fileBytes;
    }

    long position() {
        return bufferOffset + buffer.position();
    }

    /** Bytes that the header can still have. */
    long remaining() {
        return Math.min(fileBytes, maxBytes) - position();
    }

    /** Names the key or tensor that further problems belong to. */
    void subject(String name) {
        subject = name;
    }

    int readInt(String what) throws IOException {
        require(4, what);
        return buffer.getInt();
    }

    long readLong(String what) throws IOException {
        require(8, what);
        return buffer.getLong();
    }

    /**
     * A count of records that take at least {@code recordBytes} each.
     *
     * @param property system property that allows more
     */
    int readCount(String what, int recordBytes, int max, String property) throws IOException {
        long count = readLong("number of " + what);
        if (Long.compareUnsigned(count, max) > 0) {
            throw problem(
                    8,
                    Long.toUnsignedString(count) + " " + what + ", expected at most " + max + "; "
                            + GgufLimits.wayOut(property, count));
        }
        return requireRoom(count, what, recordBytes);
    }

    /** A count of records, as many as there is room for. */
    int readCount(String what, int recordBytes) throws IOException {
        return requireRoom(readLong("number of " + what), what, recordBytes);
    }

    private int requireRoom(long count, String what, int recordBytes) {
        if (Long.compareUnsigned(count, remaining() / recordBytes) > 0) {
            throw endsEarly(
                    8,
                    Long.toUnsignedString(count) + " " + what + " need at least " + recordBytes + " bytes each",
                    count,
                    recordBytes);
        }
        return (int) count;
    }

    /** The length of a string, which the bytes left can hold. */
    int readLength(String what) throws IOException {
        if (buffer.remaining() < 8) { // the words are put together for a problem alone: vocabularies have many strings
            requireBuffered(8, "length of " + what);
        }
        long length = buffer.getLong();
        if (Long.compareUnsigned(length, remaining()) > 0) {
            throw endsEarly(8, what + " of " + Long.toUnsignedString(length) + " bytes", length, 1);
        }
        return (int) length;
    }

    byte[] readBytes(int count, String what) throws IOException {
        requireLeft(count, what);
        byte[] bytes = new byte[count];
        int done = 0;
        while (done < count) {
            if (!buffer.hasRemaining()) {
                refill();
            }
            int part = Math.min(count - done, buffer.remaining());
            buffer.get(bytes, done, part);
            done += part;
        }
        return bytes;
    }

    /** Passes over bytes; the caller has compared their number with {@link #remaining}. */
    void skip(int count) {
        if (count <= buffer.remaining()) {
            buffer.position(buffer.position() + count);
        } else {
            moveTo(position() + count);
        }
    }

    /** Goes to a place between the start and the furthest that was read or skipped to. */
    void moveTo(long position) {
        bufferOffset = position;
        buffer.limit(0);
    }

    /** Passes over the bytes that follow if they are these; stays in place if they are others. */
    boolean skipIfSame(byte[] expected) throws IOException {
        long start = position();
        int done = expected.length <= remaining() ? 0 : -1;
        while (done >= 0 && done < expected.length) {
            if (!buffer.hasRemaining()) {
                refill();
            }
            int part = Math.min(expected.length - done, buffer.remaining());
            boolean isSame = buffer.slice(buffer.position(), part).mismatch(ByteBuffer.wrap(expected, done, part)) < 0;
            buffer.position(buffer.position() + part);
            done = isSame ? done + part : -1;
        }
        if (done < 0) {
            moveTo(start);
        }
        return done >= 0;
    }

    /** A problem with the field that ended here and began {@code fieldBytes} earlier. */
    GgufFormatException problem(long fieldBytes, String text) {
        return problem(fieldBytes, text, -1);
    }

    private GgufFormatException problem(long fieldBytes, String text, long expectedBytes) {
        return new GgufFormatException(
                file.path(), position() - fieldBytes, subject.isEmpty() ? text : subject + ": " + text, expectedBytes);
    }

    /**
     * A problem with what needs more bytes than are left.
     *
     * @param wanted records that are not there, of {@code recordBytes} each; negative for 2^63 and more
     */
    private GgufFormatException endsEarly(long fieldBytes, String text, long wanted, int recordBytes) {
        boolean isCutOff = fileBytes <= maxBytes && !isAbsurd(wanted);
        return problem(
                fieldBytes,
                text + ", but " + left(wanted, recordBytes),
                isCutOff ? position() + wanted * recordBytes : -1);
    }

    private static boolean isAbsurd(long wanted) {
        return wanted < 0 || wanted > GgufLimits.MAX_BYTES;
    }

    private void require(int count, String what) throws IOException {
        if (buffer.remaining() < count) {
            requireBuffered(count, what);
        }
    }

    private void requireBuffered(int count, String what) throws IOException {
        requireLeft(count, what);
        while (buffer.remaining() < count) {
            refill();
        }
    }

    private void requireLeft(int count, String what) {
        if (count > remaining()) {
            throw endsEarly(0, what + " needs " + count + " bytes", count, 1);
        }
    }

    private String left(long wanted, int recordBytes) {
        if (fileBytes <= maxBytes) {
            return "the file ends after " + remaining();
        }
        long needed = isAbsurd(wanted) ? -1 : Math.max(maxBytes + 1L, position() + wanted * recordBytes);
        return "only " + remaining() + " are left of the largest header (" + maxBytes + " bytes; "
                + GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, needed) + ")";
    }

    private void refill() throws IOException {
        bufferOffset += buffer.position();
        buffer.compact();
        int count;
        try {
            count = file.read(buffer, bufferOffset + buffer.position());
        } catch (IOException e) {
            throw ReadFailure.of(file.path(), e);
        }
        buffer.flip();
        if (count < 0) {
            throw problem(0, "the file became shorter than " + fileBytes + " bytes while it was read");
        }
    }
}
