package io.github.expogguf.cli.terminal;

import java.io.BufferedWriter;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Where JSON is written to, as UTF-8, with what could steer a terminal or turn the direction of reading as escapes:
 * documents are read by eye, too. Such characters stand in strings alone, and no character is divided between two
 * calls.
 */
public final class JsonOutput extends FilterWriter {

    private static final HexFormat HEX = HexFormat.of();

    /** Escapes that follow each other go out together: a file may hold millions. */
    private final char[] escapes = new char[6 << 10];

    private int escaped; // of these units

    JsonOutput(OutputStream out) {
        super(new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)));
    }

    @Override
    public void write(int unit) throws IOException {
        if (isPlain((char) unit)) {
            out.write(unit);
        } else {
            write(String.valueOf((char) unit), 0, 1);
        }
    }

    @Override
    public void write(char[] units, int from, int count) throws IOException {
        write(String.valueOf(units, from, count), 0, count);
    }

    @Override
    public void write(String text, int from, int count) throws IOException {
        int end = from + count;
        int done = from;
        for (int i = from; i < end; i++) {
            if (isPlain(text.charAt(i))) {
                continue;
            }
            int character = text.codePointAt(i);
            int units = Character.charCount(character);
            if (isUnsafe(character)) {
                if (i > done) {
                    writeEscapes();
                    out.write(text, done, i - done);
                }
                for (int unit = i; unit < i + units; unit++) {
                    escape(text.charAt(unit));
                }
                done = i + units;
            }
            i += units - 1;
        }
        writeEscapes();
        out.write(text, done, end - done);
    }

    private void escape(char unit) throws IOException {
        if (escaped == escapes.length) {
            writeEscapes();
        }
        escapes[escaped++] = '\\';
        escapes[escaped++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) {
            escapes[escaped++] = HEX.toLowHexDigit(unit >> shift);
        }
    }

    private void writeEscapes() throws IOException {
        if (escaped > 0) {
            out.write(escapes, 0, escaped);
            escaped = 0;
        }
    }

    /** Whether a character is printable ASCII, as nearly every one is, and needs no closer look. */
    private static boolean isPlain(char unit) {
        return unit == '\n' || (unit >= ' ' && unit <= '~');
    }

    private static boolean isUnsafe(int character) {
        int type = Character.getType(character);
        return type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE;
    }
}
