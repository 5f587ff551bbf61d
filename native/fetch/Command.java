package fetch;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;

/** A program that is on the PATH, and what it is told. */
record Command(Path directory, String... words) {

    /**
     * Runs it to its end.
     *
     * @param wayOut what to do where there is no such program
     * @return what it printed
     */
    String run(String wayOut) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new Failure("no " + words[0] + " on the PATH: " + wayOut);
        }
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset()).strip();
        try {
            if (process.waitFor() == 0) {
                return output;
            }
        } catch (InterruptedException e) {
            throw new Failure("interrupted");
        }
        List<String> lines = output.lines().toList();
        throw new Failure(String.join(" ", words) + " failed: "
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size())));
    }
}
