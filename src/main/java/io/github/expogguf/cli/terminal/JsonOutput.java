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

    private final char[] escape = {'\\', 'u', 0, 0, 0, 0};

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
                out.write(text, done, i - done);
                for (int unit = i; unit < i + units; unit++) {
                    writeEscape(text.charAt(unit));
                }
                done = i + units;
            }
            i += units - 1;
        }
        out.write(text, done, end - done);
    }

    private void writeEscape(char unit) throws IOException {
        for (int digit = 0; digit < 4; digit++) {
            escape[2 + digit] = HEX.toLowHexDigit(unit >> (12 - 4 * digit));
        }
        out.write(escape, 0, escape.length);
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
