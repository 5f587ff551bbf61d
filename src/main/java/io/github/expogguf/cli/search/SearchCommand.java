package io.github.expogguf.cli.search;

import io.github.expogguf.CancelledException;
import io.github.expogguf.cli.option.CardFlags;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.ComputeFlags;
import io.github.expogguf.cli.option.GpuFlags;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RepeatableWords;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.SamplingFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.PairOrGuide;
import io.github.expogguf.cli.option.model.PresetFlag;
import io.github.expogguf.cli.option.model.RuleFlags;
import io.github.expogguf.cli.option.model.RunInputs;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.option.value.SourceConverters;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.cli.report.PlanNotes;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.report.WriteReport;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.JudgeCommand;
import io.github.expogguf.score.RewardModel;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.ProfileSearch;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchLog;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds alpha by listening to the models. */
@Command(
        name = "search",
        description = {
            "Finds the best alpha of a pair: extrapolates in memory, scores every model on the same prompts with the"
                    + " same seeds, and shows the curve.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "The best alpha is the one closest to 0 whose score is within one standard",
            "error of the maximum, by prompt; it is 0, the aligned model, unless the",
            "maximum is above that by more than two. JSON and CSV have for every alpha the",
            "score with its error, the difference to alpha 0 with its error (both of the",
            "prompts held out, with --holdout), the same of the prompts that chose",
            "(selection), the guards and the bounds violated.",
            "Examples:",
            "  expo-gguf search --sft SFT.gguf --aligned DPO.gguf --type Q8_0 \\",
            "      --prompts PROMPTS.jsonl --judge 'python3 my_metric.py' \\",
            "      --max-length-ratio 1.3 --log SEARCH.log --html SEARCH.html",
            "  expo-gguf search --sft SFT.gguf --aligned DPO.gguf --type Q4_K_M \\",
            "      --preferences PAIRS.jsonl --write BEST.gguf",
            "Whether other rules than one alpha for all tensors are worth it:",
            "  expo-gguf search --sft SFT.gguf --aligned DPO.gguf --prompts PROMPTS.jsonl \\",
            "      --judge 'python3 my_metric.py' --try-profile no-norms,depth --try-gradient",
            "With prompts alone, which suggests an alpha that nothing judged:",
            "  expo-gguf search --sft SFT.gguf --aligned DPO.gguf --prompts PROMPTS.jsonl"
        })
public final class SearchCommand extends Subcommand {

    private static final int DEFAULT_MAX_TOKENS = 512;

    @Mixin
    private PairOrGuide models;

    @Option(
            names = "--delta",
            paramLabel = "SFT2,ALIGNED2,BETA",
            order = 2,
            converter = SourceConverters.ToDelta.class,
            description = "A further difference, added with its own weight at every alpha. May be repeated.")
    private List<Ingredients.Delta<Path>> deltas = new ArrayList<>();

    @Mixin
    private LikeFlag like;

    @Mixin
    private ScoreFlags score;

    @Mixin
    private SpaceFlags space;

    @Mixin
    private PresetFlag preset;

    @Mixin
    private RuleFlags rules;

    @Mixin
    private TypeFlags types;

    @Mixin
    private SearchOutputFlags outputs;

    @Mixin
    private CardFlags cards;

    @Mixin
    private RunFlags run;

    @Mixin
    private BoundFlags bounds;

    @Mixin
    private ChatTemplateFlags template;

    @Mixin
    private SamplingFlags sampling;

    @Mixin
    private ComputeFlags compute;

    @Mixin
    private NativeFlags nativeLibrary;

    @Mixin
    private GpuFlags gpu;

    @Override
    public ExitCode execute() throws IOException {
        sources(); // refused before any work, if some are missing
        if (outputs.log().isPresent()) {
            SearchLog.input(outputs.log().get(), RunInputs.SEED).ifPresent(sampling::continueWithSeed);
        }
        GenerationOptions generation = checked(() -> score.kind() == ScoreFlags.Kind.NONE
                ? sampling.comparable(DEFAULT_MAX_TOKENS)
                : sampling.generation(DEFAULT_MAX_TOKENS));
        int contextTokens = checked(() -> sampling.contextTokens(0));
        PlanOptions recipe = recipe();
        if (models.isOfLogits()) {
            checkLogits(recipe);
        }
        outputs.check();
        checkCards();
        try (Scoring scoring = new Scoring(contextTokens)) {
            Measurements measurements = checked(() -> score.measurements(generation, scoring.scorer()));
            ScoreFlags.notes(measurements).forEach(console()::note);
            boolean hasJudge = measurements.scorer().isPresent();
            checked(() -> bounds.bounds(measurements, hasJudge, OptionalDouble.empty()));
            try (Searched searched = searched(recipe, scoring.load())) {
                SearchOptions asked = checked(() -> space.options(
                        bounds.bounds(measurements, hasJudge, searched.distance()),
                        preset.publishedAlpha(),
                        preset.publishedAlpha().or(searched::suggestedAlpha)));
                SearchOptions options = searched instanceof SearchedWeights weights
                        ? checked(() -> TriedProfiles.of(weights.pair(), recipe, asked, console()::note))
                        : asked;
                if (searched instanceof SearchedWeights weights) {
                    note(weights, recipe);
                    look(weights, options);
                }
                if (!hasJudge && !options.bounds().isEmpty()) {
                    console().note(BoundFlags.note(options.bounds()));
                }
                SearchReport report = search(searched, measurements, options, contextTokens);
                print(report);
                outputs.write(report);
                switch (searched) {
                    case SearchedLogits _ -> report.result().best().ifPresent(this::tellUse);
                    case SearchedWeights pair -> {
                        if (outputs.chosen().path().isPresent()) {
                            write(pair, recipe, report, outputs.chosen().path().get());
                        }
                    }
                }
                if (json()) {
                    console().print(SearchJson.of(report));
                }
            }
        }
        return ExitCode.OK;
    }

    private Searched searched(PlanOptions recipe, LoadOptions load) throws IOException {
        if (models.isOfLogits()) {
            return SearchedLogits.of(sources(), models, load, console()::note);
        }
        Extrapolator pair = Extrapolator.open(sources());
        try {
            Plan plan = checked(() -> {
                outputs.chosen().check(pair, recipe);
                return pair.plan(recipe);
            });
            rules.requireUse(this, plan);
            types.requireUse(this, plan);
            DeltaDistance distance = DeltaDistance.of(pair.sample(Extrapolator.SAMPLE_ELEMENTS, looking()));
            return new SearchedWeights(sources(), pair, plan, distance, load);
        } catch (Throwable failure) {
            pair.close();
            throw failure;
        }
    }

    private void note(SearchedWeights pair, PlanOptions recipe) {
        PlanNotes.print(console(), List.of(pair.plan()));
        AdapterText.note(console(), pair.pair().adapters());
        preset.notes(pair.plan()).forEach(console()::warning);
        preset.publishedAlpha().ifPresent(alpha -> console().note("the published alpha is " + Numbers.brief(alpha)));
        PlanNotes.ofReference(recipe).ifPresent(console()::note);
        if (!deltas.isEmpty()) {
            console()
                    .note("further deltas hold at alpha 0, too: what is called the aligned model here is the aligned"
                            + " model with these");
        }
    }

    /**
     * Says which alphas of a grid are lost ones, and where the first to be tried would not arrive; refuses a pair of
     * which nothing could be written that is worth it.
     */
    private void look(SearchedWeights weights, SearchOptions options) throws IOException {
        WorkOptions how = looking();
        Refusals refusals = Refusals.ofPair(weights.pair(), how);
        refusals.requireTwo(how);
        List<Float> grid = options.alphas();
        float largest = grid.isEmpty() ? options.maxAlpha() : Collections.max(grid);
        PlanOptions chosen = outputs.chosen().winner(weights.plan().options()).withAlpha(largest);
        outputs.chosen().require(refusals, weights.pair(), chosen, how);
        if (!grid.isEmpty()) {
            refusals.distanceOf(weights.at(Alphas.farthest(grid)))
                    .ifPresent(far -> console().warning(far.text()));
        }
        Optional<Float> first = grid.isEmpty() ? options.start() : Optional.of(Collections.max(grid));
        if (first.isPresent()) {
            refusals.doubtsInMemory(weights.at(first.get()), how).forEach(console()::warning);
        }
    }

    private WorkOptions looking() {
        return WorkOptions.defaults()
                .withThreads(run.threads())
                .withCancellation(console().cancellation());
    }

    /** Makes sure that nothing is asked of weights, of which none are computed. */
    private void checkLogits(PlanOptions recipe) {
        models.requireLogits(
                this,
                sources(),
                rules.hasDistances() || bounds.hasDistance(),
                recipe,
                outputs.chosen().path());
        if (preset.isGiven()) {
            throw usage("the alpha of a --preset is for weights; with " + models.word()
                    + ", --start says where to look first");
        }
        if (space.trying().isPresent()) {
            throw usage(space.trying().get() + " shares out the alpha of weights; with " + models.word()
                    + " there is one alpha");
        }
    }

    private void tellUse(Trial best) {
        if (best.alpha() != 0) {
            texts().out().println(models.use(best.alpha()));
        }
    }

    private void checkCards() throws IOException {
        if (cards.isAny() && outputs.chosen().path().isEmpty()) {
            throw usage("--card and --modelfile go with --write");
        }
        checked(() -> {
            cards.check(
                    this,
                    outputs.chosen().path().stream().toList(),
                    false,
                    outputs.chosen().writing().force());
            return true;
        });
    }

    private PlanOptions recipe() throws IOException {
        if (rules.hasDistances()) {
            throw usage(
                    "--rule says a distance, but a search changes alpha: give the rule an alpha or a factor, as *0.5");
        }
        List<PlanOptions> recipes = checked(() -> rules.planOptions(Optional.of(List.of(0f)), types));
        if (rules.hasProfiles() && space.trying().isPresent()) {
            throw usage("--profile is of all models of a search, and comes before what "
                    + space.trying().get() + " tries: name it there, as in --try-profile no-norms+depth");
        }
        if (recipes.size() > 1) {
            throw usage("the models of a search have one --type");
        }
        return recipes.getFirst();
    }

    /** What scores answers, if anything does; a reward model stays open until the search has ended. */
    private final class Scoring implements AutoCloseable {

        private final Optional<AnswerScorer> scorer;
        private final LoadOptions load;

        Scoring(int contextTokens) throws IOException {
            ScoreFlags.Kind kind = checked(score::kind);
            checked(() -> {
                space.check(kind);
                return kind;
            });
            nativeLibrary.load();
            load = gpu.options(SearchCommand.this);
            ComputeOptions how = compute.options(
                    run, contextTokens, progress -> {}, console().cancellation());
            scorer = score.rewardModel().isPresent()
                    ? Optional.of(RewardModel.load(score.rewardModel().get(), how, load))
                    : checked(() -> score.judge()
                            .map(command -> new JudgeCommand(command, console().cancellation())));
        }

        Optional<AnswerScorer> scorer() {
            return scorer;
        }

        /** How all models of the search are loaded. */
        LoadOptions load() {
            return load;
        }

        @Override
        public void close() {
            if (scorer.orElse(null) instanceof RewardModel model) {
                model.close();
            }
        }
    }

    private SearchReport search(Searched searched, Measurements measurements, SearchOptions options, int contextTokens)
            throws IOException {
        long start = System.nanoTime();
        ChatTemplate used = template(searched, measurements);
        Map<String, String> inputs = inputs(searched, measurements, used, contextTokens);
        Optional<RepeatableWords> words = outputs.chosen().path().isEmpty()
                ? Optional.empty()
                : Optional.of(repeatable(measurements, options, contextTokens));
        try (SearchLog log = openLog(inputs, measurements);
                ProgressPrinter printer = run.progress(console())) {
            SearchProgress progress = new SearchProgress(
                    texts().out(),
                    printer,
                    new SearchTable(showsUnicode(), options, Terminal.ofStdout().columns()),
                    !options.alphas().isEmpty(),
                    System::nanoTime);
            ComputeOptions how =
                    compute.options(run, contextTokens, progress, console().cancellation());
            try (SearchRun evaluator = new SearchRun(searched, used, measurements, how, Optional.ofNullable(log))) {
                Optional<ProfileSearchResult> profiles = space.trying().isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                checked(() -> ProfileSearch.run(options, evaluator, evaluator.known(), progress)));
                SearchResult result = profiles.isPresent()
                        ? profiles.get().uniform()
                        : checked(() -> measurements.isUnjudged()
                                ? AlphaSearch.runUnjudged(options, evaluator, evaluator.known(), progress)
                                : AlphaSearch.run(options, evaluator, evaluator.known(), progress));
                int answers = measurements.prompts().isEmpty() ? 0 : measurements.answersPerPrompt();
                return new SearchReport(
                        label(score.kind()),
                        inputs,
                        words,
                        answers,
                        options,
                        result,
                        profiles,
                        System.nanoTime() - start);
            } catch (CancelledException stopped) {
                outputs.log().ifPresent(file -> console().note("the same command goes on from " + file));
                throw stopped;
            }
        }
    }

    /** What the numbers are that are called scores. */
    private static String label(ScoreFlags.Kind kind) {
        return kind == ScoreFlags.Kind.NONE ? ScoreFlags.LIKENESS : kind.label();
    }

    /** The template, tried on all prompts; one that asks for the date gets that of the log which is gone on with. */
    private ChatTemplate template(Searched searched, Measurements measurements) throws IOException {
        if (outputs.log().isPresent()) {
            Optional<String> time = SearchLog.input(outputs.log().get(), ChatTemplateFlags.TIME);
            time.ifPresent(template::setTime);
        }
        return checked(() -> template.of(searched.name(), searched.metadata(), measurements.conversations()));
    }

    private @Nullable SearchLog openLog(Map<String, String> inputs, Measurements measurements) throws IOException {
        return outputs.log().isEmpty()
                ? null
                : checked(() -> SearchLog.open(outputs.log().get(), inputs, measurements.asked()));
    }

    private Ingredients<Path> sources() {
        return like.in(this, models.sources(this)).withDeltas(deltas);
    }

    /** What the evaluations depend on; not where was searched, so that a log serves a wider search, too. */
    private Map<String, String> inputs(
            Searched searched, Measurements measurements, ChatTemplate used, int contextTokens) throws IOException {
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put("expo-gguf", Versions.EXPO_GGUF);
        inputs.put("llama.cpp", Versions.llamaCpp());
        gpu.inUse().ifPresent(gpus -> inputs.put("gpus", gpus));
        inputs.putAll(searched.inputs());
        inputs.putAll(score.inputs());
        inputs.putAll(ChatTemplateFlags.describe(used));
        if (!measurements.prompts().isEmpty()) {
            inputs.putAll(RunInputs.ofAnswers(measurements.generation()));
        }
        inputs.put("ctx-size", Integer.toString(contextTokens));
        return inputs;
    }

    /** What was left to this version to choose is said, so that another version chooses no other. */
    private RepeatableWords repeatable(Measurements measurements, SearchOptions options, int contextTokens)
            throws IOException {
        Map<String, String> chosen = new HashMap<>();
        if (!measurements.prompts().isEmpty()) {
            SamplingOptions tokens = measurements.generation().sampling();
            int most = measurements.generation().maxTokens();
            chosen.put("--temp", Float.toString(tokens.temperature()));
            chosen.put("--seed", Integer.toUnsignedString(tokens.seed()));
            chosen.put("--predict", Integer.toString(most == Integer.MAX_VALUE ? -1 : most));
        }
        chosen.put("--ctx-size", Integer.toString(contextTokens));
        if (options.alphas().isEmpty()) {
            options.start().ifPresent(start -> chosen.put("--start", Float.toString(start)));
            chosen.put("--max-alpha", Float.toString(options.maxAlpha()));
            chosen.put("--max-evaluations", Integer.toString(options.maxEvaluations()));
        }
        return repeatable(chosen);
    }

    private boolean showsUnicode() {
        return texts().out().charset().newEncoder().canEncode('\u00b1');
    }

    private void print(SearchReport report) {
        texts().out().print(new SearchVerdict(report, new SearchTable(showsUnicode())).text());
    }

    private void write(SearchedWeights pair, PlanOptions recipe, SearchReport report, Path output) throws IOException {
        if (template.isAny()) {
            console()
                    .note(output + " has the chat template of the aligned model; 'quantize --chat-template FILE'"
                            + " writes another into a file");
        }
        Trial best = report.best()
                .orElseThrow(() -> usage("no alpha keeps the bounds, so that " + output + " is not written"));
        List<TensorAlphaRule> alphaRules = new ArrayList<>(recipe.alphaRules());
        alphaRules.addAll(best.evaluation().profile().rules());
        Map<String, MetadataValue> evidence = new LinkedHashMap<>(SearchEvidence.of(report, best));
        evidence.putAll(preset.repositories(pair.plan()));
        PlanOptions winner = outputs.chosen().winner(recipe).toBuilder()
                .alphaRules(alphaRules)
                .build()
                .withAlpha(best.alpha())
                .withEvidence(evidence);
        Refusals refusals = Refusals.ofPair(pair.pair(), looking());
        refusals.distanceOf(checked(() -> pair.pair().plan(winner)))
                .ifPresent(far -> console().warning(far.text()));
        outputs.chosen().require(refusals, pair.pair(), winner, looking());
        ExpoReport written = checked(() -> run.observed(
                console(),
                work -> pair.pair()
                        .write(winner, output, outputs.chosen().writing().withWork(work))));
        List<Path> beside =
                cards.write(List.of(written), outputs.chosen().writing().force());
        new WriteReport(List.of(written), refusals.look(), List.of(), beside).print(texts(), null);
    }
}
