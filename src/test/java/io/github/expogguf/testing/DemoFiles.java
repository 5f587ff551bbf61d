package io.github.expogguf.testing;

import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The trained miniature family of the repository; its JSON has no escapes. */
public final class DemoFiles {

    public static final Path DIRECTORY = Path.of("src/demo");
    public static final Path SFT = DIRECTORY.resolve("guide-sft-f16.gguf");
    public static final Path ALIGNED = DIRECTORY.resolve("guide-dpo-20-f16.gguf");
    public static final Path DPO_100 = DIRECTORY.resolve("guide-dpo-100-f16.gguf");

    private DemoFiles() {}

    /** A field of every line of prompts.jsonl. */
    public static List<String> prompts(String field) {
        return lines("prompts.jsonl").map(line -> field(line, field)).toList();
    }

    public static List<Prompt> prompts(int count) {
        return prompts("prompt").stream().limit(count).map(Prompt::of).toList();
    }

    public static List<Preference> preferences(int count) {
        return lines("preferences.jsonl")
                .limit(count)
                .map(line -> new Preference(field(line, "prompt"), field(line, "chosen"), field(line, "rejected")))
                .toList();
    }

    /** Writes the first lines of one of its texts into a file, all if there are fewer. */
    public static Path head(String name, int lines, Path target) throws IOException {
        return Files.write(target, lines(name).limit(lines).toList());
    }

    public static String calibrationText() {
        return text("calibration.txt");
    }

    private static Stream<String> lines(String file) {
        return text(file).lines();
    }

    private static String text(String file) {
        try {
            return Files.readString(DIRECTORY.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String field(String line, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\": \"([^\"]*)\"").matcher(line);
        if (!matcher.find()) {
            throw new IllegalStateException(line);
        }
        return matcher.group(1);
    }
}
