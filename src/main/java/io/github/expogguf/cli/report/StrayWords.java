package io.github.expogguf.cli.report;

import io.github.expogguf.cli.report.CommandWords.Kind;
import io.github.expogguf.cli.report.CommandWords.Part;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

/** Words that stand alone where a command takes them behind options, and the command that was meant. */
final class StrayWords {

    private static final String TYPE = "--type";

    /** Commands that take a file to write, and nothing in its place. */
    private static final Set<String> WRITING = Set.of("extrapolate", "quantize", "imatrix", "export-lora");

    private final CommandWords words;
    private final List<Integer> stray;

    /** What stands in the place of words, by their places. */
    private final Map<Integer, List<String>> named = new HashMap<>();

    private StrayWords(CommandWords words) {
        this.words = words;
        this.stray = words.placesOf(Kind.ALONE);
    }

    /** Empty where the command takes all words that stand alone. */
    static Optional<String> message(CommandWords words) {
        boolean takesAll = words.spec().positionalParameters().stream()
                .anyMatch(operand -> operand.arity().max() > 1);
        return takesAll || words.alone().size() <= operands(words)
                ? Optional.empty()
                : Optional.of(new StrayWords(words).text());
    }

    private static int operands(CommandWords words) {
        return words.spec().positionalParameters().size();
    }

    private String text() {
        List<String> alone = words.alone();
        String name = words.spec().name();
        switch (name) {
            case "inspect" -> {
                return "'inspect' takes one file, and there are " + alone.size() + ": " + Names.quoted(alone)
                        + "; name one, as in: "
                        + words.commandWithout(stray.subList(1, stray.size()));
            }
            case "prompt" -> {
                return ofPrompt();
            }
            default -> {}
        }
        boolean hasType = nameTypes();
        boolean hasFiles = nameFiles(name);
        List<Integer> rest =
                stray.stream().filter(place -> !named.containsKey(place)).toList();
        if (rest.size() <= operands(words)) {
            return (hasFiles || !hasType ? "files are named by options: " : "the type is named by an option: ")
                    + command();
        }
        return ofList().orElseGet(() ->
                "the word " + Escape.quote(words.parts().get(rest.getFirst()).name()) + " belongs to no option");
    }

    /** The first word alone of 'verify' is the file that it takes. */
    private boolean isOperand(int place) {
        return words.spec().name().equals("verify") && place == stray.getFirst();
    }

    /** With the output that it needs, too. */
    private String command() {
        boolean hasOutput = !WRITING.contains(words.spec().name())
                || words.has("-o", "--dry-run")
                || named.values().stream().anyMatch(option -> option.getFirst().equals("-o"));
        return words.command(place ->
                        named.getOrDefault(place, words.parts().get(place).words()))
                + (hasOutput ? "" : " -o OUT.gguf");
    }

    private boolean nameTypes() {
        boolean isQuantize = words.spec().name().equals("quantize");
        boolean hasType = !words.spec().optionsMap().containsKey(TYPE) || words.has(TYPE);
        boolean isNamed = false;
        for (int place : stray) {
            String word = words.parts().get(place).name();
            if (!hasType && isType(word, isQuantize)) {
                named.put(place, List.of(TYPE, word));
                hasType = true;
                isNamed = true;
            } else if (isQuantize && hasType && word.matches("[0-9]{1,4}") && !words.has("--threads")) {
                named.put(place, List.of("--threads", word)); // as llama-quantize takes them
            }
        }
        return isNamed;
    }

    /** llama-quantize takes numbers, too. */
    private static boolean isType(String word, boolean mayBeNumber) {
        try {
            TypeChoice.parse(word);
            return (mayBeNumber || !word.matches("[0-9]+")) && !Files.exists(Path.of(word));
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private boolean nameFiles(String command) {
        List<Integer> files = stray.stream()
                .filter(place -> !named.containsKey(place) && !isOperand(place) && mayBeFile(place))
                .toList();
        List<String> options = options(command, files.size());
        for (int i = 0; i < Math.min(files.size(), options.size()); i++) {
            String file = words.parts().get(files.get(i)).name();
            named.put(files.get(i), List.of(options.get(i), file));
        }
        return !files.isEmpty() && !options.isEmpty();
    }

    private boolean mayBeFile(int place) {
        return !words.parts().get(place).name().matches("[-+]?[0-9.]+(e-?[0-9]+)?%?");
    }

    /** Options whose files people name without them, in this order, but for those that are there. */
    private List<String> options(String command, int files) {
        List<String> pair = List.of("--sft", "--aligned");
        boolean hasPair = words.has("--sft", "--aligned", "--adapter", "--checkpoint");
        List<String> order = switch (command) {
            case "quantize" -> List.of("-m", "-o");
            case "imatrix" -> List.of("-m", "--text", "-o");
            case "generate" -> List.of("-m", "--prompts", "-o");
            case "extrapolate", "export-lora" -> List.of("--sft", "--aligned", "-o");
            case "plan", "eval" -> files == 1 && !hasPair ? List.of("-m") : pair;
            case "verify" -> files == 1 && !words.has("--sft") ? List.of("--aligned") : pair;
            case "chat" -> files == 1 ? List.of() : pair;
            case "compare", "search", "listen" -> pair;
            default -> List.of();
        };
        List<String> free = new ArrayList<>();
        for (String option : order) {
            boolean isTaken = words.has(option)
                    || (option.equals("-m") && hasPair)
                    || (pair.contains(option) && words.has("--checkpoint"))
                    || (option.equals("--sft") && !command.equals("verify") && words.has("-m"))
                    || (option.equals("--aligned") && words.has("--adapter"));
            if (!isTaken && words.spec().optionsMap().containsKey(option)) {
                free.add(option);
            }
        }
        return free;
    }

    /** Several values behind an option that takes them joined by commas. */
    private Optional<String> ofList() {
        int last = -1;
        for (int place : stray) {
            if (place == 0 || (last != place - 1 && words.parts().get(place - 1).kind() != Kind.OPTION)) {
                return Optional.empty();
            }
            last = place;
        }
        Part before = words.parts().get(stray.getFirst() - 1);
        Optional<OptionSpec> list = before.option()
                .filter(option ->
                        option.splitRegex().equals(",") && before.value().isPresent());
        if (list.isEmpty() || stray.getLast() - stray.getFirst() != stray.size() - 1) {
            return Optional.empty();
        }
        String joined = before.value().get() + "," + String.join(",", words.alone());
        return Optional.of("several values of " + before.name() + " are joined by commas: "
                + words.command(place -> stray.contains(place)
                        ? List.of()
                        : place == stray.getFirst() - 1
                                ? List.of(before.name(), joined)
                                : words.parts().get(place).words()));
    }

    private String ofPrompt() {
        List<String> alone = words.alone();
        boolean namesModel = !words.has("-m");
        String text = String.join(" ", namesModel ? alone.subList(1, alone.size()) : alone);
        List<String> first = namesModel ? List.of("-m", alone.getFirst(), text) : List.of(text);
        String problem = !namesModel
                ? "a text of several words is put in quotes: "
                : alone.size() > 2
                        ? "the model is named by an option, and a text of several words is put in quotes: "
                        : "files are named by options: ";
        return problem
                + words.command(place -> place == stray.getFirst()
                        ? first
                        : stray.contains(place)
                                ? List.of()
                                : words.parts().get(place).words());
    }

    /** Whether there is such a file. */
    static boolean isFile(String word) {
        try {
            return !word.startsWith("-") && Files.exists(Path.of(word));
        } catch (InvalidPathException _) {
            return false;
        }
    }
}
