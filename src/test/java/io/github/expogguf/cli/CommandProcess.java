package io.github.expogguf.cli;

import com.google.gson.Gson;
import io.github.expogguf.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs commands one after the other in a process of its own, for a directory, a class path or options of Java that this
 * one does not have. As a program, it reads calls from stdin and writes what they left to stdout, a JSON object a line.
 */
public final class CommandProcess implements AutoCloseable {

    /** A call of the command, and what it gets on stdin. */
    private record Call(List<String> words, String input) {}

    private final Path directory;
    private final Path errors;
    private final Process process;
    private final BufferedWriter calls;
    private final BufferedReader results;
    private final Gson gson = new Gson();

    private CommandProcess(Path directory, Path errors, Process process) {
        this.directory = directory;
        this.errors = errors;
        this.process = process;
        this.calls = process.outputWriter(StandardCharsets.UTF_8);
        this.results = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts it in a directory, with options of Java beside those that bound its memory. */
    public static CommandProcess start(Path directory, String... options) throws IOException {
        Path errors = Files.createTempFile("commands", ".err");
        List<String> all =
                Stream.concat(Stream.of("-Xmx1g"), Stream.of(options)).toList();
        Process process = ChildJvm.builder(directory, all, CommandProcess.class)
                .redirectError(errors.toFile())
                .start();
        return new CommandProcess(directory, errors, process);
    }

    /** Runs a command; paths may stand among the words, and are relative to the directory of the process. */
    public Ran run(Object... words) throws IOException {
        return runWithInput("", words);
    }

    /** Same, with something on stdin. */
    public Ran runWithInput(String input, Object... words) throws IOException {
        calls.write(gson.toJson(new Call(Stream.of(words).map(Object::toString).toList(), input)));
        calls.newLine();
        calls.flush();
        String result = results.readLine();
        if (result == null) {
            throw new AssertionError(List.of(words) + " ended the process: " + Files.readString(errors));
        }
        return gson.fromJson(result, Ran.class);
    }

    /** Removes everything from the directory, of links not what they lead to. */
    public void emptyDirectory() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        calls.close();
        try {
            process.waitFor();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Files.delete(errors);
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream results = System.out;
        System.setOut(System.err); // whatever prints past the command is no result
        Gson gson = new Gson();
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = calls.readLine(); line != null; line = calls.readLine()) {
            Call call = gson.fromJson(line, Call.class);
            String result = gson.toJson(Ran.runWithInput(call.input, call.words.toArray()));
            results.write((result + "\n").getBytes(StandardCharsets.UTF_8));
            results.flush();
        }
    }
}
