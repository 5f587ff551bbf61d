package io.github.expogguf.cli.eval;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.ComputeFlags;
import io.github.expogguf.cli.option.GpuFlags;
import io.github.expogguf.cli.option.GrammarFlags;
import io.github.expogguf.cli.option.MeasuringHelp;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.SamplingFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.Written;
import io.github.expogguf.cli.option.model.ModelInputs;
import io.github.expogguf.cli.option.model.PromptFormat;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.cli.terminal.TextOutput;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Guards;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Answers for judges outside. */
@Command(
        name = "generate",
        description = {
            "Lets a model, or a pair extrapolated in memory, answer prompts, and writes the answers to a file.",
            ""
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        footer = {
            "",
            "A line of PROMPTS is a JSON object with 'prompt' or 'instruction', a text or a conversation of role and"
                    + " content.",
            "An answer has at most " + GenerateCommand.DEFAULT_MAX_TOKENS
                    + " tokens unless -n says otherwise; a context is as large as its texts need unless -c does.",
            "Examples:",
            "  expo-gguf generate -m MODEL.gguf --prompts PROMPTS.jsonl -o ANSWERS.jsonl",
            "  expo-gguf generate --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 --temp 0 \\",
            "      --prompts alpaca_eval.json --format alpaca-eval -o OUTPUTS.json"
        })
public final class GenerateCommand extends Subcommand {

    static final int DEFAULT_MAX_TOKENS = 1024;

    @Mixin
    private ModelInputs inputs;

    @Option(names = "--prompts", paramLabel = "FILE", required = true, order = 8, description = MeasuringHelp.PROMPTS)
    private Path prompts;

    @Written
    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            required = true,
            order = 10,
            description = "File to write; it appears when all answers are there.")
    private Path output;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "jsonl",
            order = 11,
            converter = ToFormat.class,
            completionCandidates = ToFormat.class,
            description = "jsonl: the fields of every prompt, then response, tokens and finish_reason (stop or length)."
                    + " alpaca-eval: the array that AlpacaEval reads. Default: ${DEFAULT-VALUE}.")
    private AnswerFormat answerFormat;

    @Option(
            names = "--generator",
            paramLabel = "NAME",
            order = 12,
            description = "Name of the model for AlpacaEval; default: the name of the file, with the alpha of a pair.")
    private @Nullable String generator;

    @Option(names = "--force", order = 41, description = "Replace an existing output.")
    private boolean force;

    @Mixin
    private ChatTemplateFlags template;

    @Mixin
    private SamplingFlags sampling;

    @Mixin
    private GrammarFlags grammar;

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
        GenerationOptions generation = checked(() -> grammar.apply(sampling.generation(DEFAULT_MAX_TOKENS)));
        int contextTokens = checked(() -> sampling.contextTokens(0));
        PlanOptions recipe = inputs.recipe(this);
        TextOutput target = new TextOutput(output, force);
        target.check();
        List<Prompt> asked = PromptFile.read(prompts);
        nativeLibrary.load();
        long start = System.nanoTime();
        PromptFormat format = new PromptFormat(
                this,
                gpu.options(this),
                template,
                asked.stream().map(Prompt::messages).toList());
        List<Answer> answers;
        ChatTemplate used;
        String name;
        Map<String, String> made;
        Optional<Float> alpha;
        try (ProgressPrinter progress = run.progress(console())) {
            WorkOptions how = run.workOptions(progress, console().cancellation());
            ComputeOptions room = compute.options(console(), run, contextTokens, progress);
            try (ModelInputs.Opened opened = inputs.open(this, recipe, List.of(), how, format)) {
                made = opened.inputs();
                alpha = opened.live().filter(_ -> inputs.hasAlpha()).map(ExtrapolatedModel::alpha);
                name = generatorName(alpha);
                used = opened.model().chatTemplateInUse().orElseThrow();
                answers = Answers.generate(opened.model(), asked, generation, room);
            }
        }
        target.write(answerFormat.write(answers, name, withoutExtension(prompts)));
        report(answers, alpha, made, used, System.nanoTime() - start);
        return ExitCode.OK;
    }

    private String generatorName(Optional<Float> alpha) {
        if (generator != null) {
            return generator;
        }
        String name = inputs.name().replaceFirst("\\.gguf$", "");
        return inputs.hasAlpha()
                ? name + "-" + inputs.way().orElse("expo") + "-" + Numbers.brief(alpha.orElseThrow())
                : name;
    }

    private static String withoutExtension(Path file) {
        return file.getFileName().toString().replaceFirst("\\.jsonl?$", "");
    }

    private void report(
            List<Answer> answers,
            Optional<Float> alpha,
            Map<String, String> made,
            ChatTemplate used,
            long elapsedNanos) {
        long tokens = answers.stream().mapToLong(Answer::tokens).sum();
        double cutOff = Guards.cutOff(answers);
        if (json()) {
            JsonObject document = Json.document("generate");
            document.addProperty("output", output.toString());
            document.addProperty(
                    "alpha", alpha.map(Numbers::brief).map(Double::valueOf).orElse(null));
            document.add("inputs", Json.tree(made));
            document.add("template", ChatTemplateFlags.json(used));
            document.addProperty("answers", answers.size());
            document.addProperty("tokens", tokens);
            document.addProperty("cutOff", cutOff);
            document.addProperty("repetition", Guards.repetition(answers));
            document.addProperty("elapsedSeconds", elapsedNanos / 1e9);
            console().print(document);
            return;
        }
        Columns.print(
                console().out(),
                Printable.message(output.toString()) + ": " + Units.count(answers.size(), "answer") + ", "
                        + Units.count(tokens, "token") + ", " + Numbers.percent(cutOff, 1) + " cut off, in "
                        + Units.duration(elapsedNanos));
    }

    /** Name of a format. */
    static final class ToFormat extends Converters.ToConstant<AnswerFormat> {
        ToFormat() {
            super(AnswerFormat.class);
        }
    }
}
