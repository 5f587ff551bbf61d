package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.files.FileKind;
import io.github.expogguf.cli.files.FolderTemplate;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.files.Weights;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.ShortNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What can be done with the files.
 *
 * @param pair     the two models, if there are two
 * @param remarks  sentences that come before the commands
 * @param commands whole command lines, each a list of words
 * @param exitCode of what keeps the models from being extrapolated
 */
record Advice(Optional<FoundPair> pair, List<String> remarks, List<List<String>> commands, ExitCode exitCode) {

    private static final String PROGRAM = "expo-gguf";
    private static final String TYPE = "Q4_K_M";

    /**
     * Of what was found.
     *
     * @param attempts try a command line without writing anything; what is refused is not advised
     */
    static Advice of(List<FoundFile> files, Function<List<String>, Attempt> attempts) {
        return new Composer(files, attempts).compose();
    }

    /** Puts the parts together. */
    private static final class Composer {

        private final List<FoundFile> files;
        private final Function<List<String>, Attempt> attempts;
        private final List<FoundFile> models;
        private final List<FoundFile> adapters;
        private final List<String> remarks = new ArrayList<>();
        private final List<List<String>> commands = new ArrayList<>();

        Composer(List<FoundFile> files, Function<List<String>, Attempt> attempts) {
            this.files = files;
            this.attempts = attempts;
            models = files.stream().filter(file -> file.kind().isModel()).toList();
            adapters = files.stream()
                    .filter(file -> file.kind() == FileKind.LORA || file.kind() == FileKind.PEFT_FOLDER)
                    .toList();
        }

        private List<FoundFile> of(FileKind kind) {
            return files.stream().filter(file -> file.kind() == kind).toList();
        }

        Advice compose() {
            if (files.isEmpty()) {
                add(PROGRAM, "demo");
                add(PROGRAM, "presets");
                return done(Optional.empty(), ExitCode.OK);
            }
            if (files.stream().anyMatch(file -> !file.kind().isUsable())) {
                List<String> again = new ArrayList<>(List.of(PROGRAM, "doctor"));
                files.forEach(file -> again.add(word(file)));
                remarks.add("When that is mended:");
                commands.add(again);
                boolean isIo = files.stream()
                        .anyMatch(file -> file.kind() == FileKind.MISSING || file.kind() == FileKind.UNREADABLE);
                return done(Optional.empty(), isIo ? ExitCode.IO : ExitCode.BAD_INPUT);
            }
            List<FoundFile> folders = models.stream().filter(Composer::isFolder).toList();
            if (folders.size() == 2 && models.size() == 3) {
                FoundFile template = models.stream()
                        .filter(model -> !isFolder(model))
                        .findFirst()
                        .orElseThrow();
                return two(FoundPair.of(folders.getFirst(), folders.getLast()), Optional.of(template));
            }
            return switch (models.size()) {
                case 0 -> none();
                case 1 -> one(models.getFirst());
                case 2 -> two(FoundPair.of(models.getFirst(), models.getLast()));
                default -> many();
            };
        }

        private Advice none() {
            remarks.add("None of these is a model: give the model that they go with, too.");
            add(PROGRAM, "presets");
            return done(Optional.empty(), ExitCode.OK);
        }

        private Advice one(FoundFile model) {
            if (!adapters.isEmpty()) {
                if (isCoarse(model)) {
                    coarse(List.of(model));
                    return done(Optional.empty(), ExitCode.BAD_INPUT);
                }
                List<String> words = start("extrapolate", "--sft", model);
                adapters.forEach(adapter -> words.addAll(List.of("--adapter", adapterWord(adapter))));
                return tried(Optional.empty(), end(words));
            }
            Optional<String> other = counterpart(model);
            remarks.add("To extrapolate, two are needed: this model, and the one that it was aligned from, or that was"
                    + " aligned from it"
                    + other.map(repository -> ": " + repository).orElse("") + ".");
            other.ifPresentOrElse(
                    repository -> add("hf", "download", repository, "--local-dir", repository.replaceFirst(".*/", "")),
                    () -> add(PROGRAM, "presets"));
            return done(Optional.empty(), ExitCode.OK);
        }

        /** The other model of a published pair. */
        private static Optional<String> counterpart(FoundFile model) {
            return model.header().stream()
                    .flatMap(header -> List.of(PublishedPair.values()).stream()
                            .flatMap(pair -> counterpart(pair, header).stream()))
                    .findFirst();
        }

        private static Optional<String> counterpart(PublishedPair pair, ModelHeader header) {
            List<String> differences = pair.differences(header, header);
            boolean isSft = differences.stream().noneMatch(difference -> difference.startsWith("the SFT"));
            boolean isAligned = differences.stream().noneMatch(difference -> difference.startsWith("the aligned"));
            return isAligned ? Optional.of(pair.sft()) : isSft ? Optional.of(pair.aligned()) : Optional.empty();
        }

        /** In safetensors, whatever it is called. */
        private static boolean isFolder(FoundFile model) {
            return model.kind() != FileKind.MODEL;
        }

        /** Where the aligned model alone is a folder, the other lends it tokenizer and layout. */
        private Advice two(FoundPair pair) {
            return two(
                    pair,
                    isFolder(pair.aligned()) && !isFolder(pair.sft()) ? Optional.of(pair.sft()) : Optional.empty());
        }

        private Advice two(FoundPair pair, Optional<FoundFile> template) {
            if (!pair.isPair()) {
                return done(Optional.of(pair), ExitCode.MISMATCH);
            }
            List<FoundFile> coarse = pair.coarse();
            if (!coarse.isEmpty()) {
                Attempt attempt = attempts.apply(extrapolating(pair, template));
                if (attempt.exitCode() == ExitCode.MISMATCH && adapters.isEmpty()) {
                    return done(Optional.of(pair.withDifferences(attempt.reason())), ExitCode.MISMATCH);
                }
                coarse(coarse);
                remarks.add("Or download the "
                        + (coarse.size() == 1 ? "folder with its" : "folders with their") + " .safetensors; "
                        + ShortNames.of(List.of(
                                        pair.sft().path(), pair.aligned().path()))
                                .of(coarse.getLast().path())
                        + " then serves as --like, for tokenizer and layout.");
                asLogits(pair);
                return done(Optional.of(pair), ExitCode.BAD_INPUT);
            }
            if (isFolder(pair.aligned()) && template.isEmpty()) {
                remarks.add("Safetensors say nothing of a GGUF's tokenizer and layout: download any GGUF of the aligned"
                        + " model, too, a Q4_K_M will do, and name it behind these two; --like takes it.");
                return done(Optional.of(pair), ExitCode.OK);
            }
            return tried(Optional.of(pair), extrapolating(pair, template));
        }

        private List<String> extrapolating(FoundPair pair, Optional<FoundFile> template) {
            List<String> words = start("extrapolate", "--sft", pair.sft());
            pair.published()
                    .filter(published -> published.alpha().isPresent())
                    .ifPresent(published -> words.addAll(2, List.of("--preset", published.toString())));
            words.addAll(List.of("--aligned", word(pair.aligned())));
            template.ifPresent(model -> words.addAll(List.of("--like", word(model))));
            adapters.forEach(adapter -> words.addAll(List.of("--adapter", adapterWord(adapter))));
            template.filter(model -> !hasChatTemplate(model))
                    .flatMap(_ -> FolderTemplate.find(pair.aligned().path()))
                    .ifPresent(file -> words.addAll(List.of("--chat-template", word(file))));
            return end(words);
        }

        /** The command, if it is not refused; else why it is. */
        private Advice tried(Optional<FoundPair> pair, List<String> words) {
            Attempt attempt = attempts.apply(words);
            if (attempt.exitCode() == ExitCode.OK) {
                add("mkdir", place());
                commands.add(words);
                return done(pair.map(FoundPair::tried), ExitCode.OK);
            }
            if (attempt.exitCode() == ExitCode.MISMATCH && pair.isPresent() && adapters.isEmpty()) {
                return done(pair.map(two -> two.withDifferences(attempt.reason())), ExitCode.MISMATCH);
            }
            remarks.add("'" + words.get(1) + "' refuses this: " + String.join(" ", attempt.reason()));
            return done(pair, attempt.exitCode());
        }

        /** Works with two files of any type. */
        private void asLogits(FoundPair pair) {
            if (pair.isCompared() && hasChatTemplate(pair.aligned())) {
                remarks.add("With the files as they are, what the two models say can be extrapolated in place of their"
                        + " weights:");
                List<String> words = start("chat", "--sft", pair.sft());
                words.addAll(List.of("--aligned", word(pair.aligned()), "--logits", "--alpha", "0.3"));
                commands.add(words);
            }
        }

        private static boolean hasChatTemplate(FoundFile model) {
            return model.header()
                    .flatMap(header -> header.metadata().string("tokenizer.chat_template"))
                    .filter(template -> !template.isBlank())
                    .isPresent();
        }

        private void coarse(List<FoundFile> models) {
            ShortNames names =
                    ShortNames.of(models.stream().map(FoundFile::path).toList());
            remarks.add(models.stream()
                            .map(file -> names.of(file.path()) + " is in "
                                    + file.weights().map(Weights::type).orElse(""))
                            .collect(Collectors.joining(", "))
                    + ": rounding to so few bits hides what training changed, so that extrapolating the weights cannot"
                    + " work well. Download the model" + (models.size() == 1 ? "" : "s")
                    + " in F16, BF16, F32 or Q8_0 instead.");
        }

        private Advice many() {
            for (int i = 0; i < models.size(); i++) {
                for (int j = i + 1; j < models.size(); j++) {
                    FoundPair pair = FoundPair.of(models.get(i), models.get(j));
                    if (pair.isPair() && pair.isCompared() && canBeExtrapolated(pair)) {
                        commands.add(List.of(PROGRAM, "doctor", word(pair.sft()), word(pair.aligned())));
                    }
                }
            }
            remarks.add(
                    commands.isEmpty()
                            ? "No two of these models are known to be a pair; of two, 'doctor' says why."
                            : "These are " + models.size() + " models. Of them are pairs:");
            return done(Optional.empty(), commands.isEmpty() ? ExitCode.MISMATCH : ExitCode.OK);
        }

        private boolean canBeExtrapolated(FoundPair pair) {
            List<String> words = start("extrapolate", "--sft", pair.sft());
            words.addAll(List.of("--aligned", word(pair.aligned())));
            return pair.coarse().isEmpty() && attempts.apply(end(words)).exitCode() == ExitCode.OK;
        }

        /** A name that begins like an option, or as a file of words does, is a path all the same. */
        private static String word(FoundFile file) {
            return word(file.path());
        }

        private static String word(Path file) {
            String path = file.toString();
            return path.startsWith("-") || path.startsWith("@") ? "./" + path : path;
        }

        /** What follows the last '=' is a weight. */
        private static String adapterWord(FoundFile file) {
            return word(file) + (word(file).contains("=") ? "=1" : "");
        }

        private static boolean isCoarse(FoundFile model) {
            return model.weights().filter(Weights::coarse).isPresent();
        }

        private static List<String> start(String command, String option, FoundFile model) {
            return new ArrayList<>(List.of(PROGRAM, command, option, word(model)));
        }

        private List<String> end(List<String> words) {
            of(FileKind.IMATRIX).stream()
                    .findFirst()
                    .ifPresent(imatrix -> words.addAll(List.of("--imatrix", word(imatrix))));
            words.addAll(List.of("--type", TYPE, "--card", "--modelfile", "-o", place() + "/"));
            return words;
        }

        /** A directory for the model and what goes with it, of a name that nothing has. */
        private static String place() {
            int number = 1;
            String name = "expo";
            while (Files.exists(Path.of(name))) {
                number++;
                name = "expo-" + number;
            }
            return name;
        }

        private void add(String... words) {
            commands.add(List.of(words));
        }

        private Advice done(Optional<FoundPair> pair, ExitCode exitCode) {
            return new Advice(pair, remarks, commands, exitCode);
        }
    }

    /** How the pair is told of. */
    static String title(FoundPair pair) {
        Path sft = pair.sft().path();
        Path aligned = pair.aligned().path();
        ShortNames names = ShortNames.of(List.of(sft, aligned));
        return Escape.text(names.of(sft) + " (SFT) and " + names.of(aligned) + " (aligned)")
                + (pair.isPair() ? (pair.isCompared() ? " are a pair" : " may be a pair") : " are not a pair")
                + pair.published()
                        .map(published -> ", published as " + published
                                + published
                                        .alpha()
                                        .map(alpha -> " with alpha " + Numbers.brief(alpha))
                                        .orElse(", without an alpha"))
                        .orElse(pair.isOrderSure() || !pair.isPair() ? "" : "; which is which, their order says");
    }

    /** A command as a shell takes it, on as many lines as fit; an option and its value stay together. */
    static List<String> lines(List<String> words, int width) {
        List<String> parts = new ArrayList<>();
        boolean isValue = false;
        for (String word : words) {
            if (isValue && !word.startsWith("-")) {
                parts.add(parts.removeLast() + " " + Escape.shellWord(word));
            } else {
                parts.add(Escape.shellWord(word));
            }
            isValue = word.startsWith("-");
        }
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(parts.removeFirst());
        for (String part : parts) {
            if (line.length() + 1 + part.length() + 2 > width) {
                lines.add(line + " \\");
                line = new StringBuilder("    ").append(part);
            } else {
                line.append(' ').append(part);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
