package io.github.expogguf.cli.report;

import com.google.gson.JsonObject;
import io.github.expogguf.CancelledException;
import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.ExpoException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.MissingBlocksException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.RuleException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.cli.files.FileProbe;
import io.github.expogguf.cli.files.FolderTemplate;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.plan.MissingImportanceException;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one line on stderr, an exit code and, with {@code --json}, a document on stdout. */
public final class Failures {

    /** What to do about a block for multi-token prediction that is not there. */
    static final String MISSING_BLOCKS = "; convert the model again with --no-nextn (convert_hf_to_gguf.py), or mend"
            + " the two keys with --drop-mtp";

    /** What the message on a file advises, and what is known of its kind would advise again. */
    private static final List<String> SAID_ONCE = List.of("is the download complete?", "git lfs pull");

    private static final String FETCH = "download";

    /** What the library says of a file of another kind, where what is known of that says it with the option. */
    private static final List<String> SAID_BY_KIND = List.of(
            ": a LoRA adapter as PEFT saved it, no model: it goes with its base, as an adapter",
            ": no adapter_model.safetensors in this folder, which is a model's: it goes in as the aligned model, not as an"
                    + " adapter");

    public static final String ACCEPT_DIFFERENCE = "--accept-difference";

    /** Commands that write the chat template that they are given. */
    private static final Set<String> TEMPLATE_IS_WRITTEN = Set.of("extrapolate", "quantize", "plan");

    private final Console console;
    private final boolean json;
    private final boolean stackTrace;
    private final List<String> words;

    /** @param json whether a failure is to be printed as JSON, too */
    public Failures(Console console, String[] args, boolean json) {
        // The arguments are searched as they are, because a failure may come before or from parsing them.
        this.words = List.of(args);
        this.console = console;
        this.json = json;
        this.stackTrace = words.contains("--verbose") || words.contains("-v") || isSet("EXPO_GGUF_DEBUG");
    }

    private static boolean isSet(String variable) {
        String value = System.getenv(variable);
        return value != null && !value.isEmpty() && !value.equals("0");
    }

    public int report(Throwable failure) {
        ExitCode exitCode = ExitCode.of(failure);
        String message = switch (failure) {
            case ParameterException usage -> describe(usage);
            case MissingImportanceException missing -> describe(missing, has("--target-size", "--target-bpw"));
            case ChatTemplateException refused
            when !words.isEmpty() && TEMPLATE_IS_WRITTEN.contains(words.getFirst()) ->
                escaped(refused) + wayOut(refused, "FILE");
            default -> describe(failure);
        };
        message = with(with(with(message, ofFolder(failure)), ending(failure)), ofPattern(failure));
        List<String> kinds = wrongKinds(failure, message);
        if (failure instanceof ModelMismatchException && !kinds.isEmpty()) {
            // what else differs follows from that, but for what is missing of an adapter
            message = String.join("\n  ", kinds) + (WrongKinds.haveFactors(words) ? "\n  " + message : "");
        } else {
            Optional<String> ofKind = ofKind(message, kinds);
            String before = failure instanceof InferenceException ? "\n  " : "; ";
            message = ofKind.orElse(message);
            for (String line : kinds) {
                if (ofKind.isEmpty() || !ofKind.get().endsWith(text(line))) {
                    message = with(message, before + withoutName(line, failure, message));
                }
            }
        }
        console.error(message);
        if (failure instanceof ParameterException usage) {
            hint(usage);
        }
        if (stackTrace) {
            failure.printStackTrace(console.err());
        } else if (exitCode == ExitCode.FAILURE) {
            console.err().println("--verbose shows where this came from");
        }
        if (json) {
            console.print(document(exitCode, message, failure));
        }
        return exitCode.code();
    }

    /** With what was tried, where picocli speaks of something else. */
    private String describe(ParameterException usage) {
        CommandSpec spec = usage.getCommandLine().getCommandSpec();
        boolean isOfGrammar = switch (usage) {
            case MissingParameterException _, UnmatchedArgumentException _ -> true;
            case MutuallyExclusiveArgsException _, MaxValuesExceededException _, OverwrittenOptionException _ -> true;
            default -> !words.isEmpty() && words.getFirst().equals("help");
        };
        Optional<String> unknown = isOfGrammar ? UnknownWords.message(spec, words) : Optional.empty();
        String message = unknown.isPresent()
                ? Printable.message(unknown.get())
                : switch (usage) {
                    case MissingParameterException missing -> missing(missing);
                    case UnmatchedArgumentException _ -> "a word belongs to no option";
                    case MutuallyExclusiveArgsException _, MaxValuesExceededException _ ->
                        "two options exclude each other";
                    case OverwrittenOptionException _ -> "an option is given more than once";
                    default -> describe((Throwable) usage);
                };
        if (has("--checkpoint") && !spec.optionsMap().containsKey("--checkpoint")) {
            return with(message, "; --checkpoint is no option of it: it takes a pair, --sft and --aligned");
        }
        if (has("--guide")
                && unknown.isEmpty()
                && usage instanceof MissingParameterException
                && !has("-m", "--model")) {
            return "--guide steers a model: give that with -m";
        }
        return message;
    }

    /** A question ends a sentence, behind which there is no semicolon. */
    private static String with(String message, String more) {
        return message.endsWith("?") && more.startsWith("; ") ? message + " " + more.substring(2) : message + more;
    }

    /** All that is missing at once, and none of the innards of groups. */
    private String missing(MissingParameterException usage) {
        String message = describe((Throwable) usage);
        CommandSpec spec = usage.getCommandLine().getCommandSpec();
        boolean isOfGroup = message.contains("(specify one of these)");
        if (!isOfGroup && !message.startsWith("missing required option")) {
            String operand = usage.getMissing().isEmpty()
                    ? "a value"
                    : usage.getMissing().getFirst().paramLabel();
            return "missing " + operand + ": "
                    + Printable.message(CommandWords.of(spec, words).commandWithout(List.of()))
                    + " " + operand;
        }
        Set<String> missing = new LinkedHashSet<>(Needs.missing(spec, words));
        missing.addAll(
                isOfGroup
                        ? Needs.pairOrOthers(spec)
                        : List.of(message.substring(message.indexOf(": ") + 2).split(", ")));
        return Needs.message(List.copyOf(missing));
    }

    private boolean has(String... options) {
        return words.stream()
                .anyMatch(word -> Arrays.stream(options)
                        .anyMatch(option -> word.equals(option) || word.startsWith(option + "=")));
    }

    /** Of a file of another kind than its option takes the words say more. */
    private String ending(Throwable failure) {
        return failure instanceof GgufFormatException format && !WrongKinds.isForOther(words, format.path())
                ? Printable.line(FileProbe.ending(format.path()))
                : "";
    }

    private String ofPattern(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException wrapper -> ofPattern(Objects.requireNonNull(wrapper.getCause()));
            case NoSuchFileException missing
            when missing.getReason() == null && missing.getFile() != null ->
                QuotedPattern.ending(words, missing.getFile());
            default -> "";
        };
    }

    /** What else is known of the files among the words. */
    private List<String> wrongKinds(Throwable failure, String message) {
        boolean isOfFile = failure instanceof ExpoException
                || failure instanceof ParameterException
                || (failure instanceof IOException && !(failure instanceof FileAlreadyExistsException));
        return !isOfFile
                ? List.of()
                : WrongKinds.lines(words).stream()
                        .filter(line -> !message.contains(text(line)))
                        .filter(line -> SAID_ONCE.stream()
                                .noneMatch(advice -> line.contains(advice) && message.contains(advice)))
                        .filter(line -> !saysWhatToFetch(failure) || !isOfSame(line, failure))
                        .toList();
    }

    /** Of a file that is wrong in a folder the message itself says which one to fetch, and how. */
    private static boolean saysWhatToFetch(Throwable failure) {
        return failure instanceof SafetensorsFormatException refusal
                && refusal.getMessage().contains(FETCH);
    }

    private static boolean isOfSame(String line, Throwable failure) {
        Path file = ((SafetensorsFormatException) failure).path();
        Path named = Path.of(line.substring(0, line.indexOf(": ")));
        return line.contains(FETCH)
                && Stream.of(file, file.toAbsolutePath().resolveSibling("")).anyMatch(path -> path.endsWith(named));
    }

    /** The path that a message begins with, and what is known of the file, which says all that the message does. */
    private static Optional<String> ofKind(String message, List<String> kinds) {
        return SAID_BY_KIND.stream()
                .filter(message::endsWith)
                .map(said -> message.substring(0, message.length() - said.length()))
                .flatMap(path ->
                        kinds.stream().filter(line -> isOn(line, Path.of(path))).map(line -> path + ": " + text(line)))
                .findFirst();
    }

    private static boolean isOn(String line, Path file) {
        Path named = Path.of(line.substring(0, line.indexOf(": ")));
        return file.toAbsolutePath().normalize().endsWith(named);
    }

    /** Without the file, or files, that it is on. */
    private static String text(String line) {
        return line.substring(line.indexOf(": ") + 2);
    }

    /** The message on a file begins with its name. */
    private static String withoutName(String line, Throwable failure, String message) {
        Path own = switch (failure) {
            case GgufFormatException refusal -> refusal.path();
            case SafetensorsFormatException refusal -> refusal.path();
            default -> null;
        };
        String first = line.substring(0, line.length() - text(line).length());
        Path folder = own == null ? null : own.toAbsolutePath().normalize().getParent();
        boolean isOfFolder = folder != null && folder.endsWith(Path.of(first.substring(0, first.indexOf(": "))));
        if (message.startsWith(first) || isOfFolder) {
            return text(line);
        }
        String name = own == null ? "" : WrongKinds.name(own) + ": ";
        return line.startsWith(name) ? line.substring(name.length()) : line;
    }

    private void hint(ParameterException usage) {
        CommandLine command = usage.getCommandLine();
        console.err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }

    private static JsonObject document(ExitCode exitCode, String message, Throwable failure) {
        JsonObject error = new JsonObject();
        error.addProperty("kind", exitCode.label());
        error.addProperty("exitCode", exitCode.code());
        error.addProperty("message", message);
        if (failure instanceof ModelMismatchException mismatch) {
            error.add("differences", Json.strings(mismatch.differences()));
        }
        if (failure instanceof MissingImportanceException missing) {
            error.add("tensors", Json.strings(missing.coverage().required()));
            error.add("remedies", Json.strings(ImportanceNotes.remedies(missing)));
        }
        JsonObject document = Json.document("error");
        document.add("error", error);
        return document;
    }

    /** What happened, for people, escaped. */
    public static String describe(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException wrapper -> describe(Objects.requireNonNull(wrapper.getCause()));
            case CancelledException kept when kept.isResumable() -> escaped(kept) + "; --resume goes on with it";
            case CancelledException _ -> "interrupted; nothing unfinished is left behind";
            case UnfinishedOutputException unfinished ->
                withFile(unfinished, unfinished.getReason())
                        + (unfinished.isResumable() ? "; --resume goes on with it, and" : ";")
                        + " --discard-partial removes it and starts anew";
            case FileAlreadyExistsException exists
            when isFile(exists) -> withFile(exists, "exists already; --force replaces it");
            case FileSystemException other when other.getReason() != null -> withFile(other, other.getReason());
            case NoSuchFileException missing -> withFile(missing, "no such file");
            case AccessDeniedException denied -> withFile(denied, "permission denied");
            case FileSystemException other -> withFile(other, other.getClass().getSimpleName());
            case MissingImportanceException missing -> describe(missing, false);
            case RuleException rules -> Printable.message(withOption(rules));
            case ChatTemplateException refused -> escaped(refused) + wayOut(refused, "FILE|FAMILY");
            case ParameterException usage -> reworded(escaped(usage));
            case ModelMismatchException keys
            when !keys.keys().isEmpty() -> escaped(keys) + "\n" + acceptHint(keys.keys());
            case MissingBlocksException missing -> escaped(missing) + MISSING_BLOCKS;
            case OutOfMemoryError _ -> "not enough memory: " + escaped(failure);
            default -> escaped(failure);
        };
    }

    /** @param isSized whether the types are those that were asked for a size to be kept to */
    private static String describe(MissingImportanceException missing, boolean isSized) {
        return escaped(missing) + Printable.message(ImportanceNotes.remedy(missing, isSized));
    }

    /** What to do about keys that alone keep two models from being a pair. */
    private static String acceptHint(List<String> differing) {
        return "to go on with the aligned model's " + Words.noun(differing.size(), "value") + ": "
                + differing.stream()
                        .map(key -> ACCEPT_DIFFERENCE + " " + Escape.text(key))
                        .collect(Collectors.joining(" "));
    }

    /** The chat template that the folder of a model has, where the GGUF that lends it the tokenizer has none. */
    private String ofFolder(Throwable failure) {
        return failure instanceof ChatTemplateException refused && refused.reason() == Reason.MISSING
                ? WrongKinds.folder(words)
                        .flatMap(FolderTemplate::find)
                        .map(file -> Printable.line("; " + file + " has one"))
                        .orElse("")
                : "";
    }

    /**
     * For the commands that send prompts; the library knows no options.
     *
     * @param template what the command takes for one
     */
    private static String wayOut(ChatTemplateException refused, String template) {
        String option = "; --chat-template " + template;
        return switch (refused.reason()) {
            case MISSING -> option + " gives it one";
            case LEAVES_OUT -> option + " uses another";
            case NOT_EVALUATED, REFUSES -> option + " uses another, --chat-template-kwargs JSON sets its variables";
        };
    }

    /** What the library calls a wrong argument, with the option that it came from. */
    public static String withOption(IllegalArgumentException wrong) {
        if (!(wrong instanceof RuleException rules)) {
            return message(wrong);
        }
        return message(wrong)
                + switch (rules.decides()) {
                    case ALPHA -> " (--rule, --profile)";
                    case TYPE -> " (--tensor-type)";
                };
    }

    private static boolean isFile(FileAlreadyExistsException exists) {
        return !Files.isDirectory(Path.of(exists.getFile()));
    }

    private static String withFile(FileSystemException failure, String problem) {
        return Printable.message(failure.getFile() + ": " + problem);
    }

    private static String escaped(Throwable failure) {
        return Printable.message(message(failure));
    }

    /** What it says, as it is, or its class where it says nothing. */
    public static String message(Throwable failure) {
        return Objects.requireNonNullElseGet(
                failure.getMessage(), () -> failure.getClass().getName());
    }

    /** picocli's words on values, in lower case and without its counting. */
    private static String reworded(String message) {
        String text = message.replaceFirst("^Error: ", "")
                .replaceFirst("^(Invalid value for option '[^']*') at index [0-9]+ ", "$1 ")
                .replaceFirst("^(Invalid value for )positional parameter at index [0-9]+ \\((.*?)\\): ", "$1$2: ");
        return text.length() > 1 && Character.isLowerCase(text.charAt(1))
                ? Character.toLowerCase(text.charAt(0)) + text.substring(1)
                : text;
    }
}
