package io.github.expogguf.infer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The miniature family of src/demo. */
final class DemoFiles {

    static final Path DIRECTORY = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));
    static final Path SFT = DIRECTORY.resolve("guide-sft-f16.gguf");

    private DemoFiles() {}

    /** A field of every line of prompts.jsonl; the file has no escapes. */
    static List<String> prompts(String field) {
        Pattern pattern = Pattern.compile("\"" + field + "\": \"([^\"]*)\"");
        try {
            return Files.readAllLines(DIRECTORY.resolve("prompts.jsonl")).stream()
                    .map(pattern::matcher)
                    .filter(Matcher::find)
                    .map(matcher -> matcher.group(1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
