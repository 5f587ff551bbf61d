package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs commands one after the other in this process's directory. Arguments: a file of calls, a file for results. */
final class PageProbe {

    private PageProbe() {}

    /** A call of the command, and what it gets on stdin. */
    record Call(List<String> words, String input) {}

    /** Runs them in a process of its own, whose directory is another. */
    static List<Ran> run(Path directory, List<Call> calls) throws IOException, InterruptedException {
        Gson gson = new Gson();
        Path asked = Files.write(
                directory.resolve("calls"), calls.stream().map(gson::toJson).toList());
        Path answered = directory.resolve("results");
        ChildJvm jvm = ChildJvm.runIn(
                directory,
                Map.of(),
                List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"),
                PageProbe.class,
                asked.toString(),
                answered.toString());
        assertThat(jvm.exitCode()).as(jvm.lastWords()).isZero();
        return Files.readAllLines(answered).stream()
                .map(line -> gson.fromJson(line, Ran.class))
                .toList();
    }

    /** See the class; both files have a JSON object a line. */
    public static void main(String[] arguments) throws IOException {
        Gson gson = new Gson();
        List<String> results = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            Call call = gson.fromJson(line, Call.class);
            results.add(gson.toJson(Ran.runWithInput(call.input, call.words.toArray())));
        }
        Files.write(Path.of(arguments[1]), results);
    }
}
