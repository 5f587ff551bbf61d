package io.github.expogguf.cli.chat;

import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.report.PairLook;
import io.github.expogguf.cli.report.Refusal;
import io.github.expogguf.cli.report.TooFar;
import io.github.expogguf.cli.report.WriteReport;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.InterruptKey;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Changes and saves the weights of a chat's model, with progress, and so that a failure leaves what was there. */
final class ChatWeights {

    private final Console console;
    private final ChatScreen screen;
    private final RunFlags run;
    private final InterruptKey key;
    private final ChatModel model;
    private boolean intact = true;

    ChatWeights(Console console, ChatScreen screen, RunFlags run, InterruptKey key, ChatModel model) {
        this.console = console;
        this.screen = screen;
        this.run = run;
        this.key = key;
        this.model = model;
    }

    /** Weight of the delta; empty where there is no pair. */
    Optional<Float> alpha() {
        return model.alpha();
    }

    /** @throws IllegalArgumentException where there is no pair */
    float requireAlpha() {
        return model.alpha()
                .orElseThrow(() -> new IllegalArgumentException("there is no alpha to change in "
                        + model.model().name() + ": that takes a pair, --sft and --aligned"));
    }

    String describeAlpha() {
        return ChatScreen.heading(requireAlpha());
    }

    /** Whether the model can answer. */
    boolean areIntact() {
        return intact;
    }

    /**
     * Changes alpha, as the user asks for.
     *
     * @param force goes where models are lost, too
     * @throws IllegalArgumentException if it leads there; the message says how to insist
     */
    void choose(float alpha, boolean force) throws IOException {
        Optional<TooFar> far = force ? Optional.empty() : model.tooFar(alpha);
        if (far.isPresent()) {
            throw new IllegalArgumentException(
                    far.get().text() + "; '/alpha " + Numbers.brief(alpha) + " " + ChatLine.FORCE + "' insists");
        }
        change(alpha);
    }

    /** Says where models are lost among alphas that are compared. */
    void warnOf(List<Float> alphas) {
        if (!alphas.isEmpty()) {
            model.tooFar(Alphas.farthest(alphas)).ifPresent(far -> console.warning(far.text()));
        }
    }

    /** Changes alpha; if that fails or Ctrl-C stops it, the model has the alpha that it had. */
    void change(float alpha) throws IOException {
        float before = requireAlpha();
        try (InterruptKey.StoppableWork work = key.begin()) {
            change(alpha, work.cancellation());
        } catch (Throwable failure) {
            if (!intact) {
                change(before, new Cancellation());
            }
            throw failure;
        }
    }

    /** Changes alpha; if that fails, the caller has to change it again. */
    void change(float alpha, Cancellation cancellation) throws IOException {
        if (intact && requireAlpha() == alpha) {
            return;
        }
        intact = false;
        try (ProgressPrinter progress = progress()) {
            model.setAlpha(alpha, run.workOptions(progress, cancellation));
        }
        intact = true;
    }

    /** Writes the model as it is now. */
    void save(ChatLine.Save save, ChatRecord record) throws IOException {
        PlanOptions now = model.recipe();
        PlanOptions recipe = save.type().map(type -> type.in(now)).orElse(now);
        ExpoReport report;
        try (InterruptKey.StoppableWork work = key.begin();
                ProgressPrinter progress = progress()) {
            require(recipe, save.requantize(), run.workOptions(progress, work.cancellation()));
            report = model.save(
                    recipe,
                    save.path(),
                    OutputOptions.defaults()
                            .withWork(run.workOptions(progress, work.cancellation()))
                            .withForce(save.force())
                            .withUnfinished(save.force() ? Unfinished.DISCARD : Unfinished.REFUSE));
        } catch (FileAlreadyExistsException there) {
            if (Files.isDirectory(save.path())) {
                throw there;
            }
            throw new FileSystemException(
                    there.getFile(),
                    null,
                    "exists already; '/save " + word(save.path())
                            + save.type()
                                    .flatMap(TypeChoice::fileType)
                                    .map(type -> " " + type)
                                    .orElse("")
                            + " " + ChatLine.FORCE + "' replaces it");
        }
        new WriteReport(List.of(report), PairLook.NONE, List.of(), List.of()).text(screen.reports());
        report.files().forEach(file -> record.addSaved(file.toString()));
    }

    private void require(PlanOptions recipe, boolean insists, WorkOptions work) throws IOException {
        Optional<Refusal> refusal = model.refusal(recipe, insists, work);
        if (refusal.isPresent()) {
            throw refusal.get().failure();
        }
    }

    /** As a line of the chat has it. */
    private static String word(Path file) {
        String text = file.toString();
        return text.matches("[^\\s\"']+") ? text : text.contains("\"") ? "'" + text + "'" : "\"" + text + "\"";
    }

    /** Draws progress, if somebody wants to see it, until it is closed. */
    ProgressPrinter progress() {
        return run.progress(console);
    }
}
