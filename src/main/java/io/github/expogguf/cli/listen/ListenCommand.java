package io.github.expogguf.cli.listen;

import io.github.expogguf.CancelledException;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.GpuFlags;
import io.github.expogguf.cli.option.MeasuringHelp;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.SamplingFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.PairOrGuide;
import io.github.expogguf.cli.option.model.RuleFlags;
import io.github.expogguf.cli.option.model.RunInputs;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.cli.report.PlanNotes;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.report.WriteReport;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.search.votes.Candidates;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.search.votes.ListeningOptions;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.search.votes.VoteLog;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.ShortNames;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Finds alpha by the ears of whoever reads. */
@Command(
        name = "listen",
        description = {
            "Finds the best alpha of a pair by ear: a page of this machine shows two answers at two alphas side by"
                    + " side, blind, and learns from which one you find better.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "Nothing leaves this machine: the page is served on 127.0.0.1 at an address that",
            "nobody can guess. About 30 votes are enough; Ctrl-C ends it, and with --log the",
            "same command goes on. Alphas at which models collapse are not offered.",
            "Example:",
            "  expo-gguf listen --sft SFT.gguf --aligned DPO.gguf --type Q4_K_M \\",
            "      --prompts PROMPTS.jsonl --log VOTES.log --write BEST.gguf"
        })
public final class ListenCommand extends Subcommand {

    private static final int DEFAULT_MAX_TOKENS = 512;
    private static final long LAST_WORD_MILLIS = 3_000; // so that the page shows how it ended

    @Mixin
    private PairOrGuide models;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            order = 4,
            description =
                    MeasuringHelp.PROMPTS + " Without it you type prompts on the page, which is possible with it, too.")
    private @Nullable Path prompts;

    @Option(
            names = "--max-alpha",
            paramLabel = "X",
            order = 11,
            converter = Converters.ToAlpha.class,
            description =
                    "Largest alpha that is heard. Default: the one that lies 2%% of the SFT model's norm away from"
                            + " it, where models of the miniature family began to decline; --logits needs one.")
    private @Nullable Float maxAlpha;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            order = 12,
            converter = ToPort.class,
            description = "Port of the page on 127.0.0.1; 0 for any that is free. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--no-open", order = 13, description = "Print the address of the page, and do not open it.")
    private boolean noOpen;

    @Mixin
    private LikeFlag like;

    @Mixin
    private RuleFlags rules;

    @Mixin
    private TypeFlags types;

    @Mixin
    private ListenOutputFlags outputs;

    @Mixin
    private RunFlags run;

    @Mixin
    private ChatTemplateFlags template;

    @Mixin
    private SamplingFlags sampling;

    @Mixin
    private NativeFlags nativeLibrary;

    @Mixin
    private GpuFlags gpu;

    /** A number of a port. */
    static final class ToPort implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            int number = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
            if (number < 0 || number > 65535) {
                throw new TypeConversionException("'" + text + "' is not a port, 0 to 65535");
            }
            return number;
        }
    }

    @Override
    public ExitCode execute() throws IOException {
        if (outputs.log().isPresent()) {
            VoteLog.input(outputs.log().get(), RunInputs.SEED).ifPresent(sampling::continueWithSeed);
        }
        GenerationOptions generation = checked(() -> sampling.generation(DEFAULT_MAX_TOKENS));
        int contextTokens = checked(() -> sampling.contextTokens(0));
        PlanOptions recipe = recipe();
        if (maxAlpha != null && !(maxAlpha > 0)) {
            throw usage("--max-alpha is " + Numbers.brief(maxAlpha) + ", expected more than 0");
        }
        Ingredients<Path> sources = sources();
        if (models.isOfLogits()) {
            models.requireLogits(this, sources, false, recipe, outputs.chosen().path());
        }
        outputs.check();
        List<Prompt> asked = prompts == null ? List.of() : PromptFile.read(prompts);
        nativeLibrary.load();
        Settings settings = new Settings(asked, generation, contextTokens, gpu.options(this));
        if (models.isOfLogits()) {
            hearLogits(settings);
        } else {
            hearWeights(recipe, settings);
        }
        return ExitCode.OK;
    }

    /** What holds for every answer. */
    private record Settings(List<Prompt> asked, GenerationOptions generation, int contextTokens, LoadOptions load) {}

    private void hearWeights(PlanOptions recipe, Settings settings) throws IOException {
        try (Extrapolator pair = Extrapolator.open(sources())) {
            Plan plan = checked(() -> {
                outputs.chosen().check(pair, recipe);
                return pair.plan(recipe);
            });
            rules.requireUse(this, plan);
            types.requireUse(this, plan);
            PlanNotes.print(console(), List.of(plan));
            AdapterText.note(console(), pair.adapters());
            DeltaDistance distance = distance(pair);
            requireDifference(pair, distance);
            ListeningOptions options = options(distance);
            Plan last = pair.plan(recipe.withAlpha(options.candidates().getLast()));
            Refusals refusals = Refusals.ofPair(pair, looking());
            refusals.requireTwo(looking());
            PlanOptions chosen = outputs.chosen().winner(last.options());
            outputs.chosen().require(refusals, pair, chosen, looking());
            refusals.distanceOf(last).ifPresent(far -> console().warning(far.text()));
            refusals.doubtsInMemory(last, looking()).forEach(console()::warning);
            ChatTemplate used = template(plan.aligned().name(), plan.metadata(), settings.asked());
            hear(
                    settings,
                    options,
                    used,
                    inputs(RunInputs.ofWeights(plan), used, settings),
                    how -> LiveModel.open(pair, recipe, how, settings.load()),
                    (found, inputs) -> write(found, inputs, pair, recipe, refusals));
        }
    }

    private void hearLogits(Settings settings) throws IOException {
        float last = Optional.ofNullable(maxAlpha)
                .orElseThrow(() ->
                        usage(models.word() + " has no distance that says where models collapse: give --max-alpha,"
                                + " the largest alpha that is heard"));
        ListeningOptions options = checked(() -> ListeningOptions.builder()
                .candidates(Candidates.upTo(last, Candidates.DEFAULT_STEPS))
                .build());
        requireTwoFiles();
        ModelHeader header;
        try (GgufModel model = GgufModel.open(models.answering())) {
            header = model.header();
        }
        ChatTemplate used = template(header.name(), header.metadata(), settings.asked());
        hear(
                settings,
                options,
                used,
                inputs(RunInputs.ofLogits(models.steered()), used, settings),
                how -> models.openLogits(settings.load(), how, console()::note),
                (found, _) -> tellUse(found));
    }

    /** The same file twice has no difference at any alpha; others may have, whatever their weights. */
    private void requireTwoFiles() throws IOException {
        if (InputDigest.areSame(models.sft(), sources().aligned())) {
            throw usage(
                    "the two models of the pair are the same file to the byte, so that they are at every alpha, too:"
                            + " there is nothing to choose between");
        }
    }

    /** Opens what is heard. */
    private interface Opening {
        ExtrapolatedModel open(WorkOptions how) throws IOException;
    }

    /** Does with the alpha that was found what is to be done, and says what, for the page. */
    private interface Ending {
        String end(Listening found, Map<String, String> inputs) throws IOException;
    }

    private void hear(
            Settings settings,
            ListeningOptions options,
            ChatTemplate used,
            Map<String, String> inputs,
            Opening opening,
            Ending ending)
            throws IOException {
        try (VoteLog log = openLog(inputs)) {
            List<Vote> known = log == null ? List.of() : log.votes();
            int seed = settings.generation().sampling().seed();
            ListenSession session = new ListenSession(options, settings.asked(), seed, known, Optional.ofNullable(log));
            String names = names(inputs);
            String output = outputs.chosen().path().map(Path::toString).orElse("");
            try (ListenServer server = ListenServer.open(
                            port, session, () -> ListenJson.state(session.state(), options, names, output));
                    ExtrapolatedModel live = open(opening)) {
                live.model().setChatTemplate(used);
                ComputeOptions how = ComputeOptions.builder()
                        .contextTokens(settings.contextTokens())
                        .sequences(1)
                        .threads(run.threads())
                        .cancellation(console().cancellation())
                        .build();
                listen(session, server, new LiveAnswers(live, settings.generation(), how), inputs, ending);
            } catch (CancelledException stopped) {
                noteVotes(session.listening().heard());
                throw stopped;
            }
        }
    }

    /** What became of them, where they led to nothing. */
    private void noteVotes(int votes) {
        if (outputs.log().isPresent()) {
            console().note("the same command goes on from " + outputs.log().get());
        } else if (votes > 0) {
            console()
                    .note(Units.count(votes, "vote")
                            + " lost; --log FILE keeps votes, so that the same command goes on");
        }
    }

    private ExtrapolatedModel open(Opening opening) throws IOException {
        try (ProgressPrinter progress = run.progress(console())) {
            WorkOptions how = run.workOptions(progress, console().cancellation());
            return checked(() -> opening.open(how));
        }
    }

    private PlanOptions recipe() throws IOException {
        List<PlanOptions> recipes = checked(() -> rules.planOptions(Optional.of(List.of(0f)), types));
        if (recipes.size() > 1) {
            throw usage("the models that are heard have one --type");
        }
        if (rules.hasDistances()) {
            throw usage("a rule with a distance has one alpha, and is not for listening");
        }
        return recipes.getFirst();
    }

    private DeltaDistance distance(Extrapolator pair) throws IOException {
        return DeltaDistance.of(pair.sample(Extrapolator.SAMPLE_ELEMENTS, looking()));
    }

    private WorkOptions looking() {
        return WorkOptions.defaults()
                .withThreads(run.threads())
                .withCancellation(console().cancellation());
    }

    /** A sample may have missed what differs. */
    private void requireDifference(Extrapolator pair, DeltaDistance sampled) throws IOException {
        if (sampled.at(0) != 0) {
            return;
        }
        if (DeltaDistance.of(pair.compare(looking())).at(0) == 0) {
            throw usage("the two models are the same in every tensor, so that they are at every alpha, too: there is"
                    + " nothing to choose between");
        }
    }

    private ListeningOptions options(DeltaDistance distance) throws IOException {
        float largest = Candidates.largest(distance);
        if (maxAlpha != null && maxAlpha > largest) {
            console()
                    .warning("models beyond alpha " + Numbers.brief(largest) + " may have collapsed: they lie more"
                            + " than 2 % of the SFT model's norm away from it");
        }
        float last = maxAlpha == null ? largest : maxAlpha;
        return checked(() -> {
            ListeningOptions.Builder options =
                    ListeningOptions.builder().candidates(Candidates.upTo(last, Candidates.DEFAULT_STEPS));
            distance.alphaAt(DeltaDistance.SUGGESTED).ifPresent(options::start);
            return options.build();
        });
    }

    /** The template, tried on all prompts; one that asks for the date gets that of the log which is gone on with. */
    private ChatTemplate template(String name, Metadata metadata, List<Prompt> asked) throws IOException {
        if (outputs.log().isPresent()) {
            VoteLog.input(outputs.log().get(), ChatTemplateFlags.TIME).ifPresent(template::setTime);
        }
        List<List<ChatMessage>> conversations =
                asked.stream().map(Prompt::messages).toList();
        return checked(() -> template.of(name, metadata, conversations));
    }

    private @Nullable VoteLog openLog(Map<String, String> inputs) throws IOException {
        return outputs.log().isEmpty()
                ? null
                : checked(() -> VoteLog.open(outputs.log().get(), inputs));
    }

    /** What the votes depend on; not which alphas may be heard, so that a log serves more of them, too. */
    private Map<String, String> inputs(Map<String, String> extrapolated, ChatTemplate used, Settings settings)
            throws IOException {
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("expo-gguf", Versions.EXPO_GGUF);
        inputs.put("llama.cpp", Versions.llamaCpp());
        inputs.putAll(RunInputs.ofModels(sources()));
        inputs.putAll(extrapolated);
        inputs.put("prompts", prompts == null ? "typed" : InputDigest.ofFile(prompts));
        inputs.putAll(ChatTemplateFlags.describe(used));
        inputs.putAll(RunInputs.ofAnswers(settings.generation()));
        inputs.put("ctx-size", Integer.toString(settings.contextTokens()));
        return inputs;
    }

    /** What is heard, for the page: which model is which. */
    private String names(Map<String, String> inputs) throws IOException {
        ShortNames files = ShortNames.of(Stream.concat(sources().inOrder().stream(), models.steered().stream())
                .toList());
        StringBuilder aligned =
                new StringBuilder("aligned " + files.of(sources().aligned()));
        sources()
                .adapters()
                .forEach(adapter -> aligned.append(" + ")
                        .append(files.of(adapter.model()))
                        .append(" * ")
                        .append(Numbers.brief(adapter.weight())));
        return models.steered()
                        .map(steered -> "model " + files.of(steered) + " \u00b7 guide: ")
                        .orElse("")
                + "SFT " + files.of(models.sft()) + " \u00b7 " + aligned
                + Optional.ofNullable(inputs.get("weights"))
                        .map(rules -> " \u00b7 weights " + rules)
                        .orElse(" \u00b7 logits");
    }

    private void listen(
            ListenSession session, ListenServer server, AnswerSource answers, Map<String, String> inputs, Ending ending)
            throws IOException {
        server.start();
        texts().out().println("the page is at " + server.address());
        texts().out().flush();
        if (!noOpen && !Browser.open(server.address())) {
            console().note("no browser could be opened; open the address above");
        }
        session.prepare(answers, console().cancellation(), problem -> console().warning(Printable.message(problem)));
        Listening found = session.listening();
        texts().out().print(ListenVerdict.of(found));
        try {
            outputs.writeJson(Json.text(ListenJson.document(found, session.options(), inputs)));
            session.end(found.heard() == 0 ? nothing() : ending.end(found, inputs));
        } catch (IOException | RuntimeException failed) {
            session.end("Nothing was written; the terminal says why.");
            throw failed;
        } finally {
            pause();
        }
        if (json()) {
            console().print(ListenJson.document(found, session.options(), inputs));
        }
    }

    private String nothing() {
        outputs.chosen().path().ifPresent(output -> {
            throw usage("nobody voted, so that " + output + " is not written");
        });
        return "Nothing was written.";
    }

    private String tellUse(Listening found) {
        return found.best() == 0 ? "Nothing was written." : tell(models.use(found.best()));
    }

    /** Shows what to do with the alpha, here and on the page. */
    private String tell(String line) {
        texts().out().println(line);
        return "Nothing was written; " + line.replaceFirst(": ", ":\n"); // the page has it in a line of its own
    }

    private String write(
            Listening found, Map<String, String> inputs, Extrapolator pair, PlanOptions recipe, Refusals refusals)
            throws IOException {
        if (outputs.chosen().path().isEmpty()) {
            return found.best() == 0
                    ? "Nothing was written."
                    : tell("write with: " + Printable.message(writing(found.best())));
        }
        Path output = outputs.chosen().path().get();
        if (template.isAny()) {
            console()
                    .note(output + " has the chat template of the aligned model; 'quantize --chat-template FILE'"
                            + " writes another into a file");
        }
        PlanOptions winner =
                outputs.chosen().winner(recipe).withAlpha(found.best()).withEvidence(ListenEvidence.of(found, inputs));
        outputs.chosen().require(refusals, pair, winner, looking());
        ExpoReport written = checked(() -> run.observed(
                console(),
                work -> pair.write(winner, output, outputs.chosen().writing().withWork(work))));
        new WriteReport(List.of(written), refusals.look(), List.of(), List.of()).print(texts(), null);
        return "Written to " + output + ".";
    }

    private String writing(float alpha) {
        List<String> words = new ArrayList<>(List.of("expo-gguf", "extrapolate"));
        words.addAll(wordsOf("models"));
        words.addAll(List.of("--alpha", Numbers.decimal(alpha)));
        words.addAll(wordsOf("rules", "types"));
        words.addAll(List.of("-o", "BEST.gguf"));
        return words.stream().map(Escape::shellWord).collect(Collectors.joining(" "));
    }

    private void pause() {
        try {
            Thread.sleep(LAST_WORD_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Ingredients<Path> sources() {
        return like.in(this, models.sources(this));
    }
}
