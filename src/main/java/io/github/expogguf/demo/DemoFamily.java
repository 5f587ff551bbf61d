package io.github.expogguf.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bundled models and questions (resources under /demo, from src/demo). */
final class DemoFamily {

    static final String SFT = "guide-sft-f16.gguf";
    static final String ALIGNED = "guide-dpo-20-f16.gguf";
    private static final String PROMPTS = "prompts.jsonl";
    // the bundled file is flat and has no escapes
    private static final Pattern LINE = Pattern.compile("\\{(?:\"\\w+\": \"[^\"\\\\]*\"(?:, )?)+\\}");
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": \"([^\"\\\\]*)\"");

    private DemoFamily() {}

    /** Copies a bundled model to a directory. */
    static Path unpack(String name, Path directory) throws IOException {
        Path file = directory.resolve(name);
        try (InputStream source = open(name)) {
            Files.copy(source, file);
        }
        return file;
    }

    /** The held-out questions. */
    static List<DemoPrompt> prompts() {
        try (InputStream source = open(PROMPTS)) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(DemoFamily::prompt)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DemoPrompt prompt(String line) {
        if (!LINE.matcher(line).matches()) {
            throw new IllegalStateException("the bundled " + PROMPTS + " holds a line that is not flat: " + line);
        }
        Map<String, String> fields = new HashMap<>();
        Matcher matcher = FIELD.matcher(line);
        while (matcher.find()) {
            fields.put(matcher.group(1), matcher.group(2));
        }
        return new DemoPrompt(field(fields, "prompt"), field(fields, "family"), field(fields, "answer"));
    }

    private static String field(Map<String, String> fields, String name) {
        return Objects.requireNonNull(fields.get(name), name);
    }

    private static InputStream open(String name) throws IOException {
        InputStream source = DemoFamily.class.getResourceAsStream("/demo/" + name);
        if (source == null) {
            throw new IOException("the resource /demo/" + name + " is missing");
        }
        return source;
    }
}
