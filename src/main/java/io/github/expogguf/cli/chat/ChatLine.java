package io.github.expogguf.cli.chat;

import io.github.expogguf.cli.option.SamplingFlags;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Similar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;

/** What a line of a chat asks for. Pure. */
sealed interface ChatLine {

    /** Nothing but blanks. */
    record Nothing() implements ChatLine {}

    /** Something to be answered. */
    record Say(String text) implements ChatLine {}

    /**
     * Another alpha.
     *
     * @param value empty to show the current one
     * @param force whether it may lie where models are lost
     */
    record Alpha(Optional<Float> value, boolean force) implements ChatLine {}

    /** The last answer again, at several alphas; none for a choice around the current one. */
    record Compare(List<Float> alphas) implements ChatLine {}

    /** No more answers at several alphas to every message. */
    record CompareOff() implements ChatLine {}

    /**
     * The model as a file.
     *
     * @param type       empty for the types that the model has here
     * @param force      replaces a file
     * @param requantize accepts what is lost
     */
    record Save(Path path, Optional<TypeChoice> type, boolean force, boolean requantize) implements ChatLine {}

    /** A new conversation. */
    record Reset() implements ChatLine {}

    /** Instructions for the model, none if blank; empty to show the current ones. */
    record Instruct(Optional<String> text) implements ChatLine {}

    /** Another seed; empty to show the current one. */
    record Seed(Optional<Integer> value) implements ChatLine {}

    /** Another temperature; empty to show the current one. */
    record Temperature(Optional<Float> value) implements ChatLine {}

    /** The list of commands. */
    record Help() implements ChatLine {}

    /** The end. */
    record Quit() implements ChatLine {}

    /** Something that is not understood, and why. */
    record Wrong(String problem) implements ChatLine {}

    /** Insists on what a command refuses. */
    String FORCE = "--force";

    /** Accepts what saving refuses because it is lost. */
    String REQUANTIZE = "--allow-requantize";

    /** The commands, as help shows them: what to write, and what it does. */
    List<List<String>> COMMANDS = List.of(
            List.of("/alpha X [--force]", "go on with another alpha; --force: however far"),
            List.of("/compare [X,Y,...]", "answer the last message at several alphas"),
            List.of("/compare off", "end the comparisons of --compare"),
            List.of("/save OUT.gguf [TYPE] [--force]", "write it; --allow-requantize: at any loss"),
            List.of("/reset", "begin a new conversation"),
            List.of("/system TEXT", "instruct the model; /system \"\" takes it back"),
            List.of("/seed N", "seed of the choices; -1 for a random one"),
            List.of("/temp X", "temperature; 0 for the most likely words always"),
            List.of("/help", "show this list"),
            List.of("/quit", "end; so does Ctrl-D"));

    /** Reads a line; never fails. */
    static ChatLine parse(String line) {
        String text = line.strip();
        if (text.isEmpty()) {
            return new Nothing();
        }
        if (!text.startsWith("/")) {
            return new Say(text);
        }
        if (text.startsWith("//")) {
            return new Say(text.substring(1));
        }
        String[] parts = text.split("\\s+", 2);
        String rest = parts.length > 1 ? parts[1] : "";
        try {
            return parse(parts[0], rest);
        } catch (TypeConversionException | IllegalArgumentException wrong) {
            return new Wrong(Failures.message(wrong));
        }
    }

    private static ChatLine parse(String command, String rest) {
        List<String> words = words(rest);
        return switch (command) {
            case "/alpha" -> alpha(words);
            case "/compare" -> rest.strip().equals("off") ? new CompareOff() : new Compare(alphas(rest));
            case "/save" -> save(words);
            case "/reset" -> alone(command, words, new Reset());
            case "/system" -> new Instruct(instructions(rest));
            case "/seed" -> new Seed(atMostOne(command, words).map(new SamplingFlags.ToSeed()::convert));
            case "/temp" -> new Temperature(atMostOne(command, words).map(ChatLine::temperature));
            case "/help", "/?" -> alone(command, words, new Help());
            case "/quit", "/exit" -> alone(command, words, new Quit());
            default -> new Wrong(unknown(command));
        };
    }

    /** Words between blanks; quotes hold blanks together. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)").matcher(text);
        while (matcher.find()) {
            for (int group = 1; group <= 3; group++) {
                if (matcher.group(group) != null) {
                    words.add(matcher.group(group));
                }
            }
        }
        return words;
    }

    private static Optional<String> atMostOne(String command, List<String> words) {
        if (words.size() > 1) {
            throw new IllegalArgumentException(command + " takes one number, not " + words.size());
        }
        return words.stream().findFirst();
    }

    private static ChatLine alone(String command, List<String> words, ChatLine line) {
        return words.isEmpty() ? line : new Wrong(command + " stands alone; what is '" + words.getFirst() + "'?");
    }

    private static List<Float> alphas(String text) {
        return Arrays.stream(text.split("[,\\s]+"))
                .filter(word -> !word.isEmpty())
                .map(new Alphas.ToAlphas()::convert)
                .flatMap(alphas -> alphas.values().stream())
                .distinct()
                .toList();
    }

    private static ChatLine alpha(List<String> all) {
        List<String> words = new ArrayList<>(all);
        boolean force = words.removeIf(FORCE::equals);
        return new Alpha(atMostOne("/alpha", words).map(new Converters.ToAlpha()::convert), force);
    }

    private static ChatLine save(List<String> all) {
        List<String> words = new ArrayList<>(all);
        boolean force = words.removeIf(FORCE::equals);
        boolean requantize = words.removeIf(REQUANTIZE::equals);
        Optional<String> option =
                words.stream().filter(word -> word.startsWith("--")).findFirst();
        if (option.isPresent()) {
            return new Wrong("/save has no option " + option.get() + ", only --force and --allow-requantize");
        }
        if (words.isEmpty() || words.size() > 2) {
            return new Wrong("/save takes a file and perhaps a type, as in: /save out.gguf Q4_K_M");
        }
        Optional<TypeChoice> type =
                words.size() == 2 ? Optional.of(new Converters.ToFileType().convert(words.get(1))) : Optional.empty();
        return new Save(path(words.getFirst()), type, force, requantize);
    }

    /** A path as a shell would have understood it. */
    private static Path path(String text) {
        return Converters.path(text.startsWith("~/") ? System.getProperty("user.home") + text.substring(1) : text);
    }

    private static Optional<String> instructions(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        return Optional.of(quoted ? text.substring(1, text.length() - 1) : text);
    }

    private static float temperature(String text) {
        float value;
        try {
            value = Float.parseFloat(text);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("'" + text + "' is not a number, as in 0.8");
        }
        if (!(value >= 0 && Float.isFinite(value))) {
            throw new IllegalArgumentException("the temperature is " + text + ", expected 0 or more");
        }
        Numbers.requireLargeEnough(text, value);
        return value;
    }

    /** Commands that a line may become. */
    static List<String> completions(String line) {
        return commandNames()
                .filter(name -> name.startsWith(line) && !line.isEmpty())
                .toList();
    }

    private static Stream<String> commandNames() {
        return COMMANDS.stream().map(entry -> entry.getFirst().split(" ", 2)[0]).distinct();
    }

    private static String unknown(String command) {
        List<String> similar = commandNames()
                .filter(known ->
                        Similar.distance(known, command) <= 2 || (known.startsWith(command) && command.length() > 1))
                .toList();
        String hint = similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
        return "there is no " + command + hint + (hint.isEmpty() ? "; " : " ")
                + "/help lists the commands, and // begins a message with one /";
    }
}
