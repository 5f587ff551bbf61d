package io.github.expogguf.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * What a run of the command in this process left.
 *
 * @param exitCode as the shell would see it
 * @param out      stdout
 * @param err      stderr
 */
public record Ran(int exitCode, String out, String err) {

    /** Runs the command; paths may stand among the words. */
    public static Ran run(Object... words) {
        return runWithInput("", words);
    }

    /** Same, with something on stdin. */
    public static Ran runWithInput(String input, Object... words) {
        String[] args = Stream.of(words).map(Object::toString).toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        int exitCode = Main.run(args, in, utf8(out), utf8(err));
        return new Ran(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Same, without keeping what goes to stdout. */
    public static Ran runWithoutOutput(Object... words) {
        String[] args = Stream.of(words).map(Object::toString).toArray(String[]::new);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Main.run(
                args, InputStream.nullInputStream(), new PrintStream(OutputStream.nullOutputStream()), utf8(err));
        return new Ran(exitCode, "", err.toString(StandardCharsets.UTF_8));
    }

    /** Runs the command while somebody reads what it prints; stdin is empty. */
    public static int runPrintingTo(OutputStream out, OutputStream err, Object... words) {
        String[] args = Stream.of(words).map(Object::toString).toArray(String[]::new);
        return Main.run(args, InputStream.nullInputStream(), utf8(out), utf8(err));
    }

    private static PrintStream utf8(OutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    /** The one document on stdout. */
    public JsonObject json() {
        return JsonParser.parseString(out).getAsJsonObject();
    }
}
