package io.github.expogguf.cli.report;

import io.github.expogguf.cli.files.FileKind;
import io.github.expogguf.cli.files.FileProbe;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.ShortNames;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Files among the words of a command line that are sound, but of another kind than their option takes. */
public final class WrongKinds {

    private static final String ADAPTER = "--adapter";
    private static final String IMATRIX = "--imatrix";
    private static final String IMATRIX_TEXT = "--imatrix-text";
    private static final String LIKE = "--like";

    /** What options take that is no model to be extrapolated. */
    private static final Map<String, String> TAKEN = Map.of(
            ADAPTER, "a LoRA adapter, as GGUF or as the folder of PEFT",
            IMATRIX, "an importance matrix, as llama-imatrix writes it",
            IMATRIX_TEXT, "a text",
            LIKE, "a GGUF of the same model");

    /** Options for the model whose tokenizer counts, the surest first. */
    private static final List<String> MODELS = List.of("--aligned", "-m", "--model", "--sft");

    /** Options whose values have several files. */
    private static final Set<String> OF_SEVERAL = Set.of("--delta", "--guide");

    /** Options whose models are parts of pairs. */
    private static final Set<String> OF_PAIR = Set.of("--sft", "--aligned", "--checkpoint", "--delta", "--guide");

    /** Commands that take one model and no adapter. */
    private static final Set<String> WITHOUT_ADAPTERS = Set.of("quantize", "prompt", "inspect");

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
            "--target-text",
            "--target-prompts",
            "--save-imatrix",
            "--save-tensor-types",
            "--tensor-type-file",
            "--log",
            "--csv",
            "--html",
            "--json-file",
            "--write",
            "--lib-path");

    private WrongKinds() {}

    /** What those of two models are that are none, one line each. */
    public static List<String> ofModels(Ingredients<Path> models) {
        return lines(Stream.concat(models.sft().stream(), Stream.of(models.aligned()))
                .flatMap(model -> hint("compare", "--aligned", model.toString()).stream()));
    }

    /** Whether one of two models is something else, and not only without tensors. */
    public static boolean haveOther(Ingredients<Path> models) {
        return Stream.concat(models.sft().stream(), Stream.of(models.aligned()))
                .map(model -> FileProbe.look(model).kind())
                .anyMatch(kind -> !kind.isModel() && kind != FileKind.VOCABULARY);
    }

    /** Whether an option takes a file that is no model to be extrapolated. */
    static boolean isForOther(List<String> words, Path file) {
        return words(words)
                .anyMatch(word -> TAKEN.containsKey(word.option())
                        && files(word.option(), word.value()).anyMatch(name -> isSame(name, file)));
    }

    private static boolean isSame(String name, Path file) {
        try {
            return Path.of(name).equals(file);
        } catch (InvalidPathException _) {
            return false;
        }
    }

    /** Whether one that is given as an adapter, and says that it is a model, has factors all the same. */
    static boolean haveFactors(List<String> words) {
        return words(words)
                .filter(word -> word.option().equals(ADAPTER))
                .flatMap(word -> files(word.option(), word.value()))
                .flatMap(WrongKinds::look)
                .flatMap(found -> found.header().stream())
                .flatMap(header -> header.tensors().stream())
                .anyMatch(tensor -> tensor.name().endsWith(".lora_a"));
    }

    /** The folder, or a file of it, that is the model which is written or talked to. */
    static Optional<Path> folder(List<String> words) {
        return MODELS.stream()
                .flatMap(option -> words(words).filter(word -> word.option().equals(option)))
                .findFirst()
                .map(word -> Path.of(word.value()))
                .filter(Checkpoint::isNamed);
    }

    /** What each is, and which option takes it, one line each. */
    static List<String> lines(List<String> words) {
        return lines(words(words)
                .filter(word -> !OF_OTHERS.contains(word.option()))
                .flatMap(word -> files(word.option(), word.value())
                        .filter(file -> !file.isEmpty()) // which would be the current directory
                        .flatMap(file -> hint(words.getFirst(), word.option(), file).stream())));
    }

    /** What a file is, and which option takes it. */
    private record Hint(Path file, String text) {}

    /** Each text once, behind the files that it is on. */
    private static List<String> lines(Stream<Hint> hints) {
        List<Hint> all = hints.distinct().toList();
        ShortNames names = ShortNames.of(all.stream().map(Hint::file).toList());
        Map<String, List<String>> files = all.stream()
                .collect(Collectors.groupingBy(
                        Hint::text,
                        LinkedHashMap::new,
                        Collectors.mapping(hint -> names.of(hint.file()), Collectors.toList())));
        return files.entrySet().stream()
                .map(entry -> Printable.line(Names.list(entry.getValue()) + ": " + entry.getKey()))
                .toList();
    }

    /** A value, and the word before it, which may be its option. */
    private record Word(String option, String value) {}

    private static Stream<Word> words(List<String> words) {
        return IntStream.range(1, words.size()).mapToObj(i -> word(words, i)).flatMap(Optional::stream);
    }

    private static Optional<Word> word(List<String> words, int i) {
        String word = words.get(i);
        int equals = word.startsWith("--") ? word.indexOf('=') : -1;
        if (equals > 0) {
            return Optional.of(new Word(word.substring(0, equals), word.substring(equals + 1)));
        }
        return word.startsWith("-") ? Optional.empty() : Optional.of(new Word(words.get(i - 1), word));
    }

    private static Stream<String> files(String option, String value) {
        return switch (option) {
            case ADAPTER -> Stream.of(value.split(",")).map(adapter -> adapter.replaceFirst("=[-+.0-9eE]*$", ""));
            case "--checkpoint" -> Stream.of(value.substring(value.indexOf('=') + 1));
            default -> OF_SEVERAL.contains(option) ? Stream.of(value.split(",")) : Stream.of(value);
        };
    }

    private static Optional<Hint> hint(String command, String option, String file) {
        return look(file)
                .flatMap(
                        found -> hint(command, option, found)
                                .map(text ->
                                        new Hint(found.path().toAbsolutePath().normalize(), text))
                                .stream())
                .findFirst();
    }

    /** What is there of this name, if anything is. */
    private static Stream<FoundFile> look(String file) {
        try {
            Path path = Path.of(file);
            return Files.isRegularFile(path) || Files.isDirectory(path)
                    ? Stream.of(FileProbe.look(path))
                    : Stream.empty();
        } catch (InvalidPathException _) {
            return Stream.empty();
        }
    }

    /** What a line calls a file that has its name for itself. */
    static String name(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }

    private static Optional<String> hint(String command, String option, FoundFile found) {
        boolean isRight = switch (option) {
            case ADAPTER ->
                found.kind() == FileKind.LORA
                        || found.kind() == FileKind.PEFT_FOLDER
                        || found.kind() == FileKind.PEFT_FILE
                        || found.kind() == FileKind.PEFT_WITHOUT_CONFIG; // which the error is about
            case IMATRIX -> found.kind() == FileKind.IMATRIX;
            case IMATRIX_TEXT ->
                found.kind() == FileKind.TEXT || found.kind() == FileKind.OTHER || found.kind() == FileKind.EMPTY;
            case LIKE -> found.kind() == FileKind.MODEL;
            default -> found.kind().isModel();
        };
        String what = TAKEN.containsKey(option)
                ? ofOther(option, found)
                : OF_PAIR.contains(option) ? found.kindHint() : ofModel(command, found);
        String taken = TAKEN.containsKey(option) ? option + " takes " + TAKEN.get(option) : "";
        String hint = what.isEmpty() || taken.isEmpty() ? what + taken : then(what, taken);
        return Optional.of(hint).filter(text -> !isRight && !text.isEmpty());
    }

    /** One part of a message behind another. */
    private static String then(String text, String more) {
        return text + (text.endsWith("?") ? " " : "; ") + more;
    }

    /** Where one model is taken, which an adapter is not without its base. */
    private static String ofModel(String command, FoundFile found) {
        return switch (found.kind()) {
            case LORA, PEFT_FILE, PEFT_FOLDER ->
                "it is " + (found.kind() == FileKind.LORA ? "a LoRA" : "a PEFT")
                        + " adapter, which needs the model that it was trained on: "
                        + (WITHOUT_ADAPTERS.contains(command) ? "'extrapolate' takes the two" : "name the two")
                        + ", --sft MODEL --adapter " + (found.kind() == FileKind.PEFT_FILE ? "FOLDER" : "ADAPTER");
            default -> found.kindHint();
        };
    }

    private static String ofOther(String option, FoundFile found) {
        return option.equals(IMATRIX) && found.kind() == FileKind.TEXT
                ? "it is text: " + IMATRIX_TEXT + " computes an importance matrix from it"
                : found.kindHintOfOther();
    }
}
