package io.github.expogguf.documents;

import com.google.gson.Gson;
import io.github.expogguf.cli.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs commands one after the other in this process's directory. Arguments: a file of calls, a file for results. */
final class PageProbe {

    private PageProbe() {}

    /** A call of the command, and what it gets on stdin. */
    record Call(List<String> words, String input) {}

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
