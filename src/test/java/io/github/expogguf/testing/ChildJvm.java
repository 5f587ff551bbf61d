package io.github.expogguf.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs a main class of the tests in a JVM of its own, for what a process can do only once. */
public record ChildJvm(int exitCode, String output, String errors) {

    /** The option of a JVM without native access; all others have it. */
    public static final String DENY = "--illegal-native-access=deny";

    /** The option of a JVM with the vector API. */
    public static final String WITH_VECTORS = "--add-modules=jdk.incubator.vector";

    private static final int LAST_LINES = 8;

    private static final List<String> WITHOUT_CORE_DUMPS =
            System.getProperty("os.name").startsWith("Windows")
                    ? List.of()
                    : List.of("sh", "-c", "ulimit -c 0; exec \"$@\"", "sh");

    /**
     * Runs it to its end, in this process's directory.
     *
     * @param environment variables to set, or to remove where the value is null
     */
    public static ChildJvm run(
            Map<String, String> environment, List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return runIn(Path.of("").toAbsolutePath(), environment, options, main, arguments);
    }

    /** Same, in another directory. */
    public static ChildJvm runIn(
            Path directory, Map<String, String> environment, List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("jvm", ".out");
        Path errors = Files.createTempFile("jvm", ".err");
        try {
            ProcessBuilder builder = builder(directory, options, main, arguments)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile());
            environment.forEach((name, value) -> {
                if (value == null) {
                    builder.environment().remove(name);
                } else {
                    builder.environment().put(name, value);
                }
            });
            int exitCode = builder.start().waitFor();
            return new ChildJvm(
                    exitCode,
                    Files.readString(output, StandardCharsets.UTF_8),
                    Files.readString(errors, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    /** What starts it, with the libraries of the class path. */
    public static ProcessBuilder builder(Path directory, List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(WITHOUT_CORE_DUMPS);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                options.contains(DENY) ? DENY : "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                classPath()));
        if (!options.contains(WITH_VECTORS)) {
            command.add("-XX:TieredStopAtLevel=1"); // it lives for too short a time to earn what C2 costs
        }
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeAll(List.of("EXPO_GGUF_LIB_PATH", "LLAMA_CPP_LIB_PATH"));
        return builder;
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The end of what it wrote to stderr, for messages. */
    public String lastWords() {
        List<String> lines = errors.lines().toList();
        return "exit code " + exitCode + ": "
                + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }
}
