package io.github.expogguf.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The miniature family of src/demo; its JSON has no escapes. */
final class DemoFiles {

    static final Path DIRECTORY = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));
    static final Path SFT = DIRECTORY.resolve("guide-sft-f16.gguf");
    static final Path DPO = DIRECTORY.resolve("guide-dpo-100-f16.gguf");

    private DemoFiles() {}

    static List<Prompt> prompts(int count) {
        return fields("prompts.jsonl", count, "prompt").stream()
                .map(values -> Prompt.of(values.getFirst()))
                .toList();
    }

    static List<Preference> preferences(int count) {
        return fields("preferences.jsonl", count, "prompt", "chosen", "rejected").stream()
                .map(values -> new Preference(values.get(0), values.get(1), values.get(2)))
                .toList();
    }

    private static List<List<String>> fields(String file, int count, String... names) {
        try {
            List<List<String>> rows = new ArrayList<>();
            for (String line : Files.readAllLines(DIRECTORY.resolve(file)).subList(0, count)) {
                List<String> values = new ArrayList<>();
                for (String name : names) {
                    Matcher matcher =
                            Pattern.compile("\"" + name + "\": \"([^\"]*)\"").matcher(line);
                    if (!matcher.find()) {
                        throw new IllegalStateException(line);
                    }
                    values.add(matcher.group(1));
                }
                rows.add(values);
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String calibrationText() {
        try {
            return Files.readString(DIRECTORY.resolve("calibration.txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
