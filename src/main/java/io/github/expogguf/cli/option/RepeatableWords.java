package io.github.expogguf.cli.option;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The words that give the same result again, without the folders of files, and what the files were.
 *
 * @param arguments of the command: options that were given, and those whose default has a value; in alphabetical order,
 *                  so that equal runs say the same
 * @param files     that options name, as {@code sha256sum} writes them; not the models that are extrapolated, whose
 *                  digests the output has anyway
 */
public record RepeatableWords(List<String> arguments, List<String> files) {

    private static final Set<String> MODELS = Set.of("--sft", "--aligned", "--adapter", "--delta");

    /** What no result depends on, but for files that are written. */
    private static final Set<String> IDLE = Set.of(
            "--write-type",
            "--card",
            "--modelfile",
            "--force",
            "--resume",
            "--discard-partial",
            "--reuse",
            "--threads",
            "--quiet",
            "--verbose",
            "--lib-path");

    private static final Pattern WORD = Pattern.compile("[^\\s,=]+");

    /**
     * Reads the words of a run, and the files that they name.
     *
     * @param chosen values that take the place of what was said, or of nothing that was said
     */
    static RepeatableWords of(CommandSpec spec, Map<String, String> chosen) throws IOException {
        Set<OptionSpec> given = Set.copyOf(spec.commandLine().getParseResult().matchedOptions());
        List<OptionSpec> options = spec.options().stream()
                .filter(option -> !WrittenFiles.isWritten(option) && !IDLE.contains(option.longestName()))
                .sorted(Comparator.comparing(OptionSpec::longestName))
                .toList();
        List<OptionSpec> said = options.stream()
                .filter(option -> given.contains(option) && option.arity().max() > 0)
                .filter(option -> !chosen.containsKey(option.longestName()))
                .toList();
        FileNames names = new FileNames(said.stream()
                .flatMap(option -> option.originalStringValues().stream())
                .flatMap(value -> files(value).stream())
                .toList());
        List<String> arguments = new ArrayList<>();
        Map<String, Path> files = new TreeMap<>();
        for (OptionSpec option : options) {
            String name = option.longestName();
            if (chosen.containsKey(name)) {
                arguments.addAll(List.of(name, chosen.get(name)));
            } else if (given.contains(option) && option.arity().max() == 0) {
                arguments.add(name);
            } else if (given.contains(option)) {
                for (String value : option.originalStringValues()) {
                    arguments.addAll(List.of(name, name.equals("--judge") ? value : withoutFolders(value, names)));
                    if (!MODELS.contains(name)) {
                        files(value).forEach(file -> files.put(names.of(file), file));
                    }
                }
            } else if (option.defaultValue() != null && option.arity().max() > 0) {
                arguments.addAll(List.of(name, option.defaultValue()));
            }
        }
        List<String> sums = new ArrayList<>();
        for (Path file : files.values()) {
            for (Path part : parts(file)) {
                sums.add(sha256(part) + "  " + names.of(file, part));
            }
        }
        return new RepeatableWords(List.copyOf(arguments), List.copyOf(sums));
    }

    /** The files that a value names, as a whole or in words of it, as a judge's command does. */
    public static List<Path> files(String value) {
        return Stream.concat(Stream.of(value), WORD.matcher(value).results().map(MatchResult::group))
                .flatMap(WrittenFiles::path)
                .filter(Files::isRegularFile)
                .distinct()
                .toList();
    }

    private static String withoutFolders(String value, FileNames names) {
        if (WrittenFiles.path(value).anyMatch(Files::isRegularFile)) {
            return names.of(Path.of(value));
        }
        return WORD.matcher(value)
                .replaceAll(word -> Matcher.quoteReplacement(
                        files(word.group()).stream().map(names::of).findFirst().orElse(word.group())));
    }

    /** All shards of a model. */
    private static List<Path> parts(Path file) throws IOException {
        if (!file.toString().endsWith(".gguf")) {
            return List.of(file);
        }
        try (GgufModel model = GgufModel.open(file)) {
            return model.files().stream().map(GgufFile::path).toList();
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] bytes = new byte[1 << 16];
        try (InputStream input = Files.newInputStream(file)) {
            for (int read = input.read(bytes); read >= 0; read = input.read(bytes)) {
                digest.update(bytes, 0, read);
            }
        }
        return Sha256.digits(digest);
    }
}
