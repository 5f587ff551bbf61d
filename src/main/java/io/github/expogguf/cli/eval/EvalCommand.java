package io.github.expogguf.cli.eval;

import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.ComputeFlags;
import io.github.expogguf.cli.option.GpuFlags;
import io.github.expogguf.cli.option.MeasuringHelp;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.SamplingFlags;
import io.github.expogguf.cli.option.SeedsFlag;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.ModelInputs;
import io.github.expogguf.cli.option.model.PairFlags;
import io.github.expogguf.cli.option.model.PromptFormat;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.report.PlanNotes;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.JudgeCommand;
import io.github.expogguf.score.PreferenceFile;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.score.RewardModel;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores of one model. */
@Command(
        name = "eval",
        description = {
            "Measures a model, or a pair extrapolated in memory at one alpha or several, with standard errors.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "margin: log p(chosen) - log p(rejected) of the answers by the chat template, the token that ends them"
                    + " included; margin-per-token divides each by its tokens; implicit-reward is beta * (margin -"
                    + " margin of the sft model).",
            "accuracy: share of pairs whose margin is positive; ties count half.",
            "length: mean tokens of the answers by the aligned model's. cut-off: share ended by the limit of tokens.",
            "repetition: share of the runs of four words that came before in the same answer.",
            "perplexity: exp of the mean of -log p(token), over the second halves of chunks, as llama-perplexity.",
            "kl: sum of p * (log p - log q) over the vocabulary, p of the aligned model; top1: the same most likely"
                    + " token; both on the text if there is one, else on the aligned model's answers; mean over chunks"
                    + " or answers.",
            "error: standard error, by prompt; seeds: how far the score differs from one of --seeds to the next.",
            "An answer has at most " + GenerateCommand.DEFAULT_MAX_TOKENS
                    + " tokens unless -n says otherwise; a context is as large as its texts need unless -c does.",
            "Examples:",
            "  expo-gguf eval -m MODEL.gguf --preferences PAIRS.jsonl --against-sft SFT.gguf",
            "  expo-gguf eval --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 \\",
            "      --prompts PROMPTS.jsonl --judge 'python3 my_metric.py' --text TEXT.txt",
            "  expo-gguf eval --sft SFT.gguf --aligned DPO.gguf --alpha 0:2:0.25 \\",
            "      --prompts PROMPTS.jsonl --seeds 5 --csv SCORES.csv"
        })
public final class EvalCommand extends Subcommand {

    @Mixin
    private ModelInputs inputs;

    @Option(names = "--preferences", paramLabel = "FILE", order = 5, description = MeasuringHelp.PREFERENCES)
    private @Nullable Path preferences;

    @Option(names = "--prompts", paramLabel = "FILE", order = 6, description = MeasuringHelp.PROMPTS)
    private @Nullable Path prompts;

    @Option(names = "--judge", paramLabel = "COMMAND", order = 7, description = MeasuringHelp.JUDGE)
    private @Nullable String judge;

    @Option(names = "--reward-model", paramLabel = "FILE", order = 8, description = MeasuringHelp.REWARD_MODEL)
    private @Nullable Path rewardModel;

    @Option(names = "--text", paramLabel = "FILE", order = 9, description = "Text for the perplexity.")
    private @Nullable Path text;

    @Option(names = "--chunk", paramLabel = "N", order = 10, defaultValue = "0", description = MeasuringHelp.CHUNK)
    private int chunk;

    @Option(
            names = "--against-sft",
            paramLabel = "FILE",
            order = 11,
            description = "Model that implicit rewards are relative to; default: that of the pair.")
    private @Nullable Path sft;

    @Option(
            names = "--against-aligned",
            paramLabel = "FILE",
            order = 12,
            description = "Model that kl, top1 and length are relative to; a pair is compared with itself at alpha 0.")
    private @Nullable Path aligned;

    @Option(
            names = "--beta",
            paramLabel = "X",
            order = 13,
            defaultValue = "1",
            description = "Factor of the implicit reward; default: 1, the reward per unit of beta.")
    private double beta;

    @Written(orStdout = true)
    @Option(
            names = "--csv",
            paramLabel = "FILE",
            order = 14,
            converter = Converters.ToFileName.class,
            description = "Write the scores as a table, a line for each alpha; - for stdout, in the place of the text.")
    private @Nullable String csv;

    @Option(names = "--force", order = 14, description = "Replace an existing output.")
    private boolean force;

    @Mixin
    private SeedsFlag seeds;

    @Mixin
    private ChatTemplateFlags template;

    @Mixin
    private SamplingFlags sampling;

    @Mixin
    private ComputeFlags compute;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Mixin
    private GpuFlags gpu;

    @Override
    public ExitCode execute() throws IOException {
        checkOptions();
        GenerationOptions generation = checked(() -> sampling.generation(GenerateCommand.DEFAULT_MAX_TOKENS));
        int contextTokens = checked(() -> sampling.contextTokens(0));
        List<PlanOptions> recipes = inputs.recipes(this);
        PlanOptions recipe = recipes.getFirst();
        List<Float> alphas = recipes.stream().map(PlanOptions::alpha).toList();
        PlanNotes.ofReference(recipe).ifPresent(console()::note);
        EvalMeasuring.Materials materials = materials(generation);
        nativeLibrary.load();
        LoadOptions load = gpu.options(this);
        EvalReport report;
        PromptFormat format = new PromptFormat(this, load, template, materials.conversations());
        try (ProgressPrinter progress = run.progress(console())) {
            WorkOptions weights = run.workOptions(progress, console().cancellation());
            ComputeOptions how = compute.options(console(), run, contextTokens, progress);
            try (RewardModel rewards = rewardModel == null ? null : RewardModel.load(rewardModel, how, load);
                    ModelInputs.Opened opened = inputs.open(this, recipe, alphas, weights, format)) {
                if (rewards != null) {
                    materials.scorers().put("reward", rewards);
                }
                EvalMeasuring measuring = new EvalMeasuring(materials, opened, format, how, weights);
                List<EvalReport.Measured> measured = checked(() -> measure(measuring, opened));
                Optional<ChatTemplate> used = format.isUsed() ? opened.model().chatTemplateInUse() : Optional.empty();
                report = new EvalReport(
                        inputs.name(),
                        prediction(recipes.getFirst()),
                        inputs.way(),
                        opened.inputs(),
                        used,
                        seeds.count(),
                        measured);
            }
        }
        print(report);
        return ExitCode.OK;
    }

    private Optional<EvalReport.Prediction> prediction(PlanOptions recipe) {
        return recipe.toStep().isEmpty()
                ? Optional.empty()
                : inputs.pair()
                        .map(pair -> new EvalReport.Prediction(recipe.toStep().getAsDouble(), pair.checkpointSteps()));
    }

    private List<EvalReport.Measured> measure(EvalMeasuring measuring, ModelInputs.Opened opened) throws IOException {
        return inputs.hasAlpha()
                ? measuring.measure(opened.live().orElseThrow(), opened.alphas())
                : List.of(measuring.measure());
    }

    private void print(EvalReport report) throws IOException {
        Optional<TextOutput> table = table();
        if (table.isPresent()) {
            table.get().write(report.csv());
        }
        if (json()) {
            console().print(report.json());
        } else {
            console()
                    .out()
                    .print(
                            isTableToStdout()
                                    ? report.csv()
                                    : report.text(Terminal.ofStdout().columnsOfText()));
        }
    }

    private boolean isTableToStdout() {
        return "-".equals(csv);
    }

    private Optional<TextOutput> table() {
        return csv == null || isTableToStdout() ? Optional.empty() : Optional.of(new TextOutput(Path.of(csv), force));
    }

    private void checkOptions() throws IOException {
        if (json() && isTableToStdout()) {
            throw usage("--json and --csv - both write to stdout: give one of them");
        }
        Optional<TextOutput> table = table();
        if (table.isPresent()) {
            table.get().check();
        }
        if (aligned != null && inputs.pair().isPresent()) {
            throw usage("--against-aligned is for --model; a pair is compared with itself at alpha 0");
        }
        if (aligned != null && inputs.isGuided()) {
            throw usage("--against-aligned is for a model by itself; one with a --guide is compared with itself at"
                    + " alpha 0");
        }
        if (chunk != 0 && chunk < 4) {
            throw usage("--chunk is " + chunk + ", expected at least 4");
        }
        if (!Double.isFinite(beta)) {
            throw usage("--beta is " + beta + ", expected a finite number");
        }
    }

    private EvalMeasuring.Materials materials(GenerationOptions generation) throws IOException {
        int drawn = checked(() -> seeds.checked(generation, prompts != null));
        List<Prompt> asked = prompts == null
                ? List.of()
                : Measurements.builder()
                        .prompts(PromptFile.read(prompts))
                        .answersPerPrompt(drawn)
                        .build()
                        .asked();
        Map<String, AnswerScorer> scorers = new LinkedHashMap<>();
        String command = judge;
        if (command != null) {
            scorers.put(
                    "judge", checked(() -> new JudgeCommand(command, console().cancellation())));
        }
        return new EvalMeasuring.Materials(
                preferences == null ? List.of() : PreferenceFile.read(preferences),
                asked,
                drawn,
                scorers,
                text == null
                        ? Optional.empty()
                        : Optional.of(Map.entry(text.getFileName().toString(), TextFile.read(text))),
                chunk,
                Optional.ofNullable(sft).or(() -> inputs.pair().map(PairFlags::sft)),
                Optional.ofNullable(aligned),
                beta,
                generation);
    }
}
