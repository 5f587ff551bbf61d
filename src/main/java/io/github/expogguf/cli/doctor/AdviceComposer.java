package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.files.FileKind;
import io.github.expogguf.cli.files.FoundFile;
import io.github.expogguf.cli.files.Weights;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.ShortNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts the parts of an advice together. */
final class AdviceComposer {

    private static final String INDENT = "  ";
    private static final int SHOWN_REASONS = 3;
    private static final String WITHOUT_IMATRIX = "What follows is without the importance matrix.";

    /** Of more models only those whose headers say that they are a pair are tried. */
    private static final int FEW = 5;

    private final List<FoundFile> files;
    private final Function<List<String>, Attempt> attempts;
    private final NextCommand next;
    private final List<FoundFile> models;
    private final List<String> remarks = new ArrayList<>();
    private final List<List<String>> commands = new ArrayList<>();

    /**
     * Of what was found.
     *
     * @param attempts try a command line without writing anything; what is refused is not advised
     */
    AdviceComposer(List<FoundFile> files, Function<List<String>, Attempt> attempts) {
        this.files = files;
        this.attempts = attempts;
        this.next = NextCommand.with(files);
        this.models = files.stream().filter(file -> file.kind().isModel()).toList();
    }

    Advice compose() {
        if (files.isEmpty()) {
            commands.add(NextCommand.of("demo"));
            commands.add(NextCommand.of("presets"));
            return done(Optional.empty(), ExitCode.OK);
        }
        if (files.stream().anyMatch(file -> !file.kind().isUsable())) {
            remarks.add("When that is mended:");
            commands.add(NextCommand.doctor(files));
            boolean isIo = files.stream()
                    .anyMatch(file -> file.kind() == FileKind.MISSING || file.kind() == FileKind.UNREADABLE);
            return done(Optional.empty(), isIo ? ExitCode.IO : ExitCode.BAD_INPUT);
        }
        if (!models.isEmpty() && !next.adapters().isEmpty()) {
            return adapted();
        }
        List<FoundFile> folders = models.stream().filter(NextCommand::isFolder).toList();
        if (folders.size() == 2 && models.size() == 3) {
            return two(FoundPair.of(folders.getFirst(), folders.getLast()), gguf());
        }
        return switch (models.size()) {
            case 0 -> none();
            case 1 -> one(models.getFirst());
            case 2 -> {
                FoundPair pair = FoundPair.of(models.getFirst(), models.getLast());
                yield two(pair, NextCommand.isFolder(pair.aligned()) ? gguf() : Optional.empty());
            }
            default -> many();
        };
    }

    /** Which lends folders tokenizer and layout. */
    private Optional<FoundFile> gguf() {
        return models.stream().filter(model -> !NextCommand.isFolder(model)).findFirst();
    }

    private Advice none() {
        remarks.add("None of these is a model: give the model that they go with, too.");
        commands.add(NextCommand.of("presets"));
        return done(Optional.empty(), ExitCode.OK);
    }

    private Advice one(FoundFile model) {
        Optional<String> other = counterpart(model);
        remarks.add("To extrapolate, two are needed: this model, and the one that it was aligned from, or that was"
                + " aligned from it"
                + other.map(repository -> ": " + repository).orElse("") + ".");
        commands.add(other.map(NextCommand::downloadOfFolder).orElseGet(() -> NextCommand.of("presets")));
        return done(Optional.empty(), ExitCode.OK);
    }

    /** The other model of a published pair. */
    private static Optional<String> counterpart(FoundFile model) {
        return model.header().stream()
                .flatMap(header ->
                        List.of(PublishedPair.values()).stream().flatMap(pair -> counterpart(pair, header).stream()))
                .findFirst();
    }

    private static Optional<String> counterpart(PublishedPair pair, ModelHeader header) {
        List<String> differences = pair.differences(header, header);
        boolean isSft = differences.stream().noneMatch(difference -> difference.startsWith("the SFT"));
        boolean isAligned = differences.stream().noneMatch(difference -> difference.startsWith("the aligned"));
        return isAligned ? Optional.of(pair.sft()) : isSft ? Optional.of(pair.aligned()) : Optional.empty();
    }

    /** An adapter and the model that it was trained on are a pair, whatever else there is. */
    private Advice adapted() {
        if (gguf().isEmpty()) {
            needTemplate("the model", "these");
            return done(Optional.empty(), ExitCode.OK);
        }
        List<Attempt> refusals = new ArrayList<>();
        for (FoundFile base : bases()) {
            for (List<String> words : adapted(base)) {
                Attempt attempt = attempts.apply(words);
                if (attempt.exitCode() == ExitCode.OK) {
                    return adapted(base, words, refusals);
                }
                refusals.add(attempt);
            }
        }
        return withoutAdapters(refusals.getFirst());
    }

    /** Commands, the best first; a type with few bits may have no room for the steps from a model in the same. */
    private List<List<String>> adapted(FoundFile base) {
        Optional<FoundFile> template = NextCommand.isFolder(base) ? gguf() : Optional.empty();
        return Stream.of(NextCommand.TYPE, NextCommand.FINE_TYPE)
                .limit(isCoarse(base) ? 2 : 1)
                .map(type -> next.extrapolating(base, Optional.empty(), template, type))
                .flatMap(words -> Stream.of(words, NextCommand.withoutImatrix(words)))
                .distinct()
                .toList();
    }

    /** @param refusals of what was tried before */
    private Advice adapted(FoundFile base, List<String> words, List<Attempt> refusals) {
        boolean isWithoutImatrix = !refusals.isEmpty()
                && next.imatrix()
                        .filter(matrix -> !words.contains(NextCommand.word(matrix)))
                        .isPresent();
        if (isWithoutImatrix) {
            refused(refusals.getLast());
            remarks.add(WITHOUT_IMATRIX);
        }
        if (isCoarse(base)) {
            remarks.add(
                    typesOf(List.of(base)) + ": what rounding to so few bits took from it is not in the result either."
                            + " Better take the model in F16, BF16, F32 or Q8_0, or the folder with its .safetensors, if it can"
                            + " be had.");
        }
        List<String> others = models.stream()
                .filter(model -> !words.contains(NextCommand.word(model)))
                .map(model -> names(models).of(model.path()))
                .toList();
        if (!others.isEmpty()) {
            remarks.add("The adapter is the difference from the model that it was trained on, here taken to be "
                    + names(models).of(base.path()) + "; " + Names.list(others) + " is not needed for that.");
        }
        commands.add(NextCommand.mkdir());
        commands.add(words);
        return done(Optional.empty(), isWithoutImatrix ? refusals.getLast().exitCode() : ExitCode.OK);
    }

    /** Models that an adapter may be for: the one that is the SFT model by its name, else the finer ones first. */
    private List<FoundFile> bases() {
        List<FoundFile> folders = models.stream().filter(NextCommand::isFolder).toList();
        List<FoundFile> some = models.size() == 2 || folders.isEmpty() ? models : folders;
        if (some.size() == 2) {
            FoundPair pair = FoundPair.of(some.getFirst(), some.getLast());
            if (pair.isOrderSure()) {
                return List.of(pair.sft());
            }
        }
        List<FoundFile> bases = new ArrayList<>(folders.isEmpty() ? models : folders);
        bases.sort(Comparator.comparing(AdviceComposer::isCoarse));
        return bases;
    }

    /** What the models are by themselves, where the adapter is for none of them. */
    private Advice withoutAdapters(Attempt refusal) {
        refused(refusal);
        if (models.size() == 1) {
            return done(Optional.empty(), refusal.exitCode());
        }
        List<FoundFile> others = new ArrayList<>(files);
        others.removeAll(next.adapters());
        Advice rest = new AdviceComposer(others, attempts).compose();
        if (!rest.commands().isEmpty()) {
            remarks.add("What follows is without "
                    + Names.list(next.adapters().stream()
                            .map(adapter -> names(files).of(adapter.path()))
                            .toList())
                    + ".");
        }
        remarks.addAll(rest.remarks());
        commands.addAll(rest.commands());
        return done(rest.pair(), refusal.exitCode());
    }

    private Advice two(FoundPair pair, Optional<FoundFile> template) {
        if (!pair.isPair()) {
            return done(Optional.of(pair), ExitCode.MISMATCH);
        }
        if (NextCommand.isFolder(pair.aligned()) && template.isEmpty()) {
            needTemplate("the aligned model", "these two");
            return done(Optional.of(pair), ExitCode.OK);
        }
        List<String> words = next.extrapolating(pair, template);
        if (pair.coarse().isEmpty()) {
            return tried(pair, words);
        }
        Attempt attempt = attempts.apply(NextCommand.withoutImatrix(words));
        if (attempt.exitCode() == ExitCode.MISMATCH) {
            return done(Optional.of(pair.withDifferences(attempt.reason())), ExitCode.MISMATCH);
        }
        coarse(pair);
        asLogits(pair);
        return done(Optional.of(pair), ExitCode.BAD_INPUT);
    }

    private void needTemplate(String model, String behind) {
        remarks.add("Safetensors say nothing of a GGUF's tokenizer and layout: download any GGUF of " + model
                + ", too, a Q4_K_M will do, and name it behind " + behind
                + "; --like takes it. With its repository in the place of OWNER/REPO:");
        commands.add(NextCommand.downloadOfTemplate());
    }

    /** The command, if it is not refused; else why it is. */
    private Advice tried(FoundPair pair, List<String> words) {
        Attempt attempt = attempts.apply(words);
        if (attempt.exitCode() == ExitCode.OK) {
            commands.add(NextCommand.mkdir());
            commands.add(words);
            return done(Optional.of(pair.tried()), ExitCode.OK);
        }
        List<String> plain = NextCommand.withoutImatrix(words);
        Attempt without = plain.equals(words) ? attempt : attempts.apply(plain);
        if (without.exitCode() == ExitCode.MISMATCH) {
            return done(Optional.of(pair.withDifferences(without.reason())), ExitCode.MISMATCH);
        }
        refused(attempt);
        if (without.exitCode() != ExitCode.OK) {
            return done(Optional.of(pair), without.exitCode());
        }
        remarks.add(WITHOUT_IMATRIX);
        commands.add(NextCommand.mkdir());
        commands.add(plain);
        return done(Optional.of(pair.tried()), attempt.exitCode());
    }

    private void refused(Attempt attempt) {
        List<String> reason = attempt.reason();
        remarks.add("'extrapolate' refuses this: " + (reason.isEmpty() ? "" : reason.getFirst()));
        reason.stream().skip(1).limit(SHOWN_REASONS).forEach(line -> remarks.add(INDENT + line));
        int more = reason.size() - 1 - SHOWN_REASONS;
        if (more > 0) {
            remarks.add(INDENT + "and " + more + " more");
        }
    }

    /** Works with two files of any type. */
    private void asLogits(FoundPair pair) {
        if (pair.isCompared() && NextCommand.hasChatTemplate(pair.aligned())) {
            remarks.add("With the files as they are, what the two models say can be extrapolated in place of their"
                    + " weights:");
            commands.add(NextCommand.asLogits(pair));
        }
    }

    private static ShortNames names(List<FoundFile> files) {
        return ShortNames.of(files.stream().map(FoundFile::path).toList());
    }

    private static String typesOf(List<FoundFile> models) {
        ShortNames names = names(models);
        return models.stream()
                .map(file -> names.of(file.path()) + " is in "
                        + file.weights().map(Weights::type).orElse(""))
                .collect(Collectors.joining(", "));
    }

    private void coarse(FoundPair pair) {
        List<FoundFile> coarse = pair.coarse();
        remarks.add(typesOf(coarse)
                + ": rounding to so few bits hides what training changed, so that extrapolating the weights cannot"
                + " work well. Download the model" + (coarse.size() == 1 ? "" : "s")
                + " in F16, BF16, F32 or Q8_0 instead.");
        boolean isAligned = coarse.contains(pair.aligned());
        remarks.add("Or download the "
                + (coarse.size() == 1 ? "folder with its" : "folders with their") + " .safetensors; "
                + (isAligned
                        ? names(List.of(pair.sft(), pair.aligned()))
                                        .of(pair.aligned().path()) + " then serves as --like, for tokenizer and layout."
                        : "--sft takes that, too."));
    }

    private Advice many() {
        for (int i = 0; i < models.size(); i++) {
            for (int j = i + 1; j < models.size(); j++) {
                FoundPair pair = FoundPair.of(models.get(i), models.get(j));
                Optional<FoundFile> template = template(pair);
                if (canBeExtrapolated(pair, template)) {
                    List<FoundFile> words = new ArrayList<>(List.of(pair.sft(), pair.aligned()));
                    template.filter(model -> !words.contains(model)).ifPresent(words::add);
                    commands.add(NextCommand.doctor(words));
                }
            }
        }
        remarks.add(
                commands.isEmpty()
                        ? "No two of these models are known to be a pair; of two, 'doctor' says why."
                        : "These are " + models.size() + " models. Of them are pairs:");
        return done(Optional.empty(), commands.isEmpty() ? ExitCode.MISMATCH : ExitCode.OK);
    }

    private Optional<FoundFile> template(FoundPair pair) {
        if (!NextCommand.isFolder(pair.aligned())) {
            return Optional.empty();
        }
        return NextCommand.isFolder(pair.sft()) ? gguf() : Optional.of(pair.sft());
    }

    private boolean canBeExtrapolated(FoundPair pair, Optional<FoundFile> template) {
        boolean isToBeTried = pair.isCompared() || models.size() <= FEW;
        boolean hasLayout = !NextCommand.isFolder(pair.aligned()) || template.isPresent();
        return pair.isPair()
                && isToBeTried
                && hasLayout
                && pair.coarse().isEmpty()
                && attempts.apply(NextCommand.withoutImatrix(next.extrapolating(pair, template)))
                                .exitCode()
                        == ExitCode.OK;
    }

    private static boolean isCoarse(FoundFile model) {
        return model.weights().filter(Weights::coarse).isPresent();
    }

    private Advice done(Optional<FoundPair> pair, ExitCode exitCode) {
        return new Advice(pair, remarks, commands, exitCode);
    }
}
