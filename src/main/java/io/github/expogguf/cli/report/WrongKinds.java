package io.github.expogguf.cli.report;

import io.github.expogguf.cli.files.FileKind;
import io.github.expogguf.cli.files.FileProbe;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.terminal.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Files among the words of a command line that are sound, but of another kind than their option takes. */
final class WrongKinds {

    private static final String ADAPTER = "--adapter";
    private static final String IMATRIX = "--imatrix";
    /** Options whose values have several files. */
    private static final Set<String> OF_SEVERAL = Set.of("--delta", "--guide");

    /** Options whose files are of other kinds than models. */
    private static final Set<String> OF_OTHERS = Set.of(
            "-o",
            "--output",
            "--card",
            "--modelfile",
            "--recipe",
            "--prompts",
            "--preferences",
            "--text",
            "--messages",
            "--judge",
            "--chat-template",
            "--grammar-file",
            "--tensor-type-file",
            "--log",
            "--csv",
            "--html",
            "--json-file",
            "--write",
            "--lib-path");

    private WrongKinds() {}

    /** What each is, and which option takes it, one line each. */
    static List<String> lines(List<String> words) {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String option = equals > 0 ? word.substring(0, equals) : words.get(i - 1);
            if ((equals > 0 || !word.startsWith("-")) && !OF_OTHERS.contains(option)) {
                files(option, word.substring(equals + 1))
                        .flatMap(file -> line(option, file).stream())
                        .filter(line -> !lines.contains(line))
                        .forEach(lines::add);
            }
        }
        return lines;
    }

    private static Stream<String> files(String option, String value) {
        return switch (option) {
            case ADAPTER -> Stream.of(value.split(",")).map(adapter -> adapter.replaceFirst("=[-+.0-9eE]*$", ""));
            case "--checkpoint" -> Stream.of(value.substring(value.indexOf('=') + 1));
            default -> OF_SEVERAL.contains(option) ? Stream.of(value.split(",")) : Stream.of(value);
        };
    }

    private static Optional<String> line(String option, String file) {
        try {
            Path path = Path.of(file);
            if (!Files.isRegularFile(path) && !Files.isDirectory(path)) {
                return Optional.empty();
            }
            FoundFile found = FileProbe.look(path);
            return hint(option, found)
                    .map(hint ->
                            Printable.line(path.toAbsolutePath().normalize().getFileName() + ": " + hint));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> hint(String option, FoundFile found) {
        boolean isRight = switch (option) {
            case ADAPTER ->
                found.kind() == FileKind.LORA
                        || found.kind() == FileKind.PEFT_FOLDER
                        || (found.kind() == FileKind.PEFT_FILE
                                && Files.exists(found.path().resolveSibling("adapter_config.json")));
            case IMATRIX -> found.kind() == FileKind.IMATRIX;
            default -> found.kind().isModel();
        };
        return isRight ? Optional.empty() : Optional.of(found.kindHint()).filter(hint -> !hint.isEmpty());
    }
}
