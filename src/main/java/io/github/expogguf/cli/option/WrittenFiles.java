package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.recipe.RecipeFile;
import io.github.expogguf.gguf.SplitNames;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Files that a command is to write: none is an input, {@code --force} or not, and none another. */
final class WrittenFiles {

    private static final String RECIPE = "--recipe ";
    private static final String STDOUT = "-";

    /** Input files and the words that name them. */
    private final Map<Path, String> inputs = new LinkedHashMap<>();

    private final Map<Path, String> outputs = new LinkedHashMap<>();

    WrittenFiles(ParseResult words) throws IOException {
        List<ArgSpec> written = new ArrayList<>();
        List<ArgSpec> read = new ArrayList<>();
        words.matchedArgs().forEach(arg -> (isWritten(arg) ? written : read).add(arg));
        read.sort(Comparator.comparing(arg -> name(arg).equals(RECIPE))); // what is more than a recipe is called so
        for (ArgSpec arg : read) {
            for (String value : arg.originalStringValues()) {
                for (Path file : files(value)) {
                    inputs.putIfAbsent(file.toRealPath(), name(arg) + value);
                }
            }
        }
        for (ArgSpec arg : written) {
            for (String value : arg.originalStringValues()) {
                if (!value.equals(STDOUT)) {
                    requireFile(arg, value);
                    check(name(arg), value);
                } else if (!isForStdout(arg)) {
                    throw new IllegalArgumentException(name(arg) + STDOUT + ": this goes to a file, not to"
                            + " stdout; ./- names a file that is called so");
                }
            }
        }
    }

    static boolean isWritten(ArgSpec arg) {
        return written(arg) != null;
    }

    /** A path of the JDK's forgets what a name ends with. */
    private static void requireFile(ArgSpec arg, String value) {
        Written written = written(arg);
        boolean isDirectory = value.endsWith("/") || value.endsWith(File.separator);
        if (isDirectory && written != null && !written.orDirectory()) {
            throw new IllegalArgumentException(
                    name(arg) + value + ": names a directory, expected a file: add its name");
        }
    }

    private static boolean isForStdout(ArgSpec arg) {
        Written written = written(arg);
        return written != null && written.orStdout();
    }

    private static @Nullable Written written(ArgSpec arg) {
        return arg.userObject() instanceof AnnotatedElement field ? field.getAnnotation(Written.class) : null;
    }

    private static String name(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName() + " " : "";
    }

    /** What a word may name: {@code FILE}, {@code FILE=SCALE}, {@code STEP=FILE}, the words of a judge. */
    private static List<Path> files(String value) {
        int equals = value.indexOf('=');
        Stream<String> names = Stream.of(
                        Stream.of(value),
                        Stream.of(value.split("[\\s,]+")),
                        equals < 0
                                ? Stream.<String>of()
                                : Stream.of(
                                        value.substring(0, equals),
                                        value.substring(0, value.lastIndexOf('=')),
                                        value.substring(equals + 1)))
                .flatMap(part -> part);
        return names.flatMap(WrittenFiles::path).filter(Files::isRegularFile).toList();
    }

    static Stream<Path> path(String name) {
        try {
            return name.isEmpty() ? Stream.empty() : Stream.of(Path.of(name));
        } catch (InvalidPathException _) { // what it is the option says
            return Stream.empty();
        }
    }

    /**
     * Refuses a file that is an input, or a shard of one, or that the same words write already.
     *
     * @param option that names the file, with a blank behind it; empty if none does
     * @throws IllegalArgumentException if it is
     */
    void check(String option, String value) throws IOException {
        for (Path output : path(value).toList()) {
            Path place = output.toAbsolutePath().normalize();
            if (Files.isRegularFile(output)) {
                place = output.toRealPath();
                String input = input(place);
                if (input != null && !isMadeAnew(option, input, place)) {
                    throw new IllegalArgumentException(
                            option + value + ": the output is one of the inputs (" + input + ")");
                }
            }
            String other = Files.isDirectory(output) || isSpecial(output) ? null : outputs.put(place, option + value);
            if (other != null) {
                throw new IllegalArgumentException(option + value + ": " + other + " is the same file");
            }
        }
    }

    /** A model may take the place of the one whose recipe it repeats. */
    private static boolean isMadeAnew(String option, String input, Path place) throws IOException {
        return option.equals("--output ") && input.startsWith(RECIPE) && RecipeFile.isGguf(place);
    }

    private static boolean isSpecial(Path path) {
        return Files.exists(path) && !Files.isRegularFile(path); // as /dev/null
    }

    private @Nullable String input(Path output) {
        if (inputs.containsKey(output)) {
            return inputs.get(output);
        }
        String prefix = SplitNames.prefix(fileName(output));
        if (prefix.equals(fileName(output))) {
            return null;
        }
        return inputs.entrySet().stream()
                .filter(input -> output.resolveSibling(fileName(input.getKey())).equals(input.getKey()))
                .filter(input -> !prefix.equals(fileName(input.getKey())))
                .filter(input -> prefix.equals(SplitNames.prefix(fileName(input.getKey()))))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static String fileName(Path path) {
        return String.valueOf(path.getFileName());
    }
}
