package io.github.expogguf.cli.chat;

import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.GpuFlags;
import io.github.expogguf.cli.option.GrammarFlags;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.RunFlags;
import io.github.expogguf.cli.option.SamplingFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.GuideFlag;
import io.github.expogguf.cli.option.model.LikeFlag;
import io.github.expogguf.cli.option.model.LogitFlags;
import io.github.expogguf.cli.option.model.PairFlags;
import io.github.expogguf.cli.option.model.RuleFlags;
import io.github.expogguf.cli.option.model.RunInputs;
import io.github.expogguf.cli.option.model.TypeFlags;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.report.AdapterText;
import io.github.expogguf.cli.report.PlanNotes;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.cli.report.TooFar;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.cli.terminal.InterruptKey;
import io.github.expogguf.cli.terminal.ProgressPrinter;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.load.ModelGuard;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.infer.prompt.HeardConversations;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Talks to a model, and to a pair at any alpha. */
@Command(
        name = "chat",
        description = {
            "Talks to a pair extrapolated in memory, whose alpha can be changed meanwhile, or to a model in a file.",
            ""
        },
        sortOptions = false,
        customSynopsis = {
            "@|bold expo-gguf chat|@ --sft FILE --aligned FILE [--alpha X] [OPTIONS]",
            "       @|bold expo-gguf chat|@ MODEL [OPTIONS]"
        },
        footer = {
            "",
            "In the chat, /help lists commands: /alpha 0.4 changes alpha, /compare answers at several alphas,"
                    + " /save OUT.gguf writes the model, of which --logits makes none. Where the input is no terminal, each line of it is a message"
                    + " or a command, and stdout gets the answers.",
            "Without -c the context has " + ChatCommand.CONTEXT_TOKENS + " tokens, or as many as the model was"
                    + " trained with if these are fewer.",
            "Examples:",
            "  expo-gguf chat --sft SFT.gguf --aligned DPO.gguf --alpha 0.3 --type Q8_0",
            "  expo-gguf chat --sft SFT.gguf --aligned DPO.gguf --compare 0,0.3",
            "  expo-gguf chat MODEL.gguf --temp 0"
        })
public final class ChatCommand extends Subcommand {

    /** Keeps the memory for keys and values small on a laptop; -c 0 is what the model was trained with. */
    static final int CONTEXT_TOKENS = 4096;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Inputs inputs;

    @Mixin
    private LikeFlag like;

    @Mixin
    private LogitFlags logits;

    @Mixin
    private GuideFlag guide;

    @Mixin
    private RuleFlags rules;

    @Mixin
    private TypeFlags types;

    @Option(
            names = "--compare",
            paramLabel = "X",
            split = ",",
            order = 6,
            converter = Alphas.ToAlphas.class,
            description = "Answer every message at each of these alphas, as /compare does with the last one. The"
                    + " conversation goes on with the answer at --alpha; without it, at the last of these.")
    private List<Alphas> compared = new ArrayList<>();

    @Option(
            names = {"-sys", "--system-prompt"},
            paramLabel = "TEXT",
            order = 59,
            description = "Instructions for the model, as with /system.")
    private String system = "";

    @Mixin
    private ChatTemplateFlags template;

    @Mixin
    private SamplingFlags sampling;

    @Mixin
    private GrammarFlags grammar;

    @Mixin
    private RunFlags run;

    @Mixin
    private NativeFlags nativeLibrary;

    @Mixin
    private GpuFlags gpu;

    /** A pair or one model. */
    static final class Inputs {
        @ArgGroup(exclusive = false)
        private @Nullable PairFlags pair;

        @Parameters(paramLabel = "MODEL", description = "One model instead of a pair; any shard names a whole set.")
        private @Nullable Path model;

        @Option(
                names = {"-m", "--model"},
                paramLabel = "FILE",
                required = true,
                order = 4,
                description = "The MODEL, as an option.")
        private @Nullable Path modelOption;

        /** Where there is no pair. */
        private Path model() {
            return Objects.requireNonNull(model == null ? modelOption : model);
        }
    }

    @Override
    public ExitCode execute() throws IOException {
        ChatSettings settings = checked(() -> new ChatSettings(
                grammar.apply(sampling.generation(Integer.MAX_VALUE)),
                system,
                Alphas.of(compared).stream().distinct().toList()));
        checked(() -> sampling.contextTokens(0));
        PlanOptions recipe = recipe();
        nativeLibrary.load();
        LoadOptions options = gpu.options(this);
        ChatScreen screen = new ChatScreen(console(), json());
        ChatRecord record = new ChatRecord();
        try (InterruptKey key = new InterruptKey();
                ChatInput input = ChatInput.open(console(), key);
                ChatModel model = load(recipe, options, key);
                ChatSession session = open(model.model())) {
            screen.greet(model, session.contextTokens());
            ChatWeights weights = new ChatWeights(console(), screen, run, key, model);
            weights.warnOf(settings.compared());
            ExitCode exitCode = new Chat(input, screen, weights, session, key, record, settings).run();
            if (json()) {
                console().print(record.document(model.model(), made(model)));
            }
            return exitCode;
        }
    }

    /** What the model was made of, and how, by name. */
    private Map<String, String> made(ChatModel model) throws IOException {
        PairFlags pair = inputs.pair;
        if (guide.isGiven()) {
            return guide.inputs(inputs.model());
        }
        Map<String, String> made = new LinkedHashMap<>(
                pair == null
                        ? Map.of("model", InputDigest.ofModel(inputs.model()))
                        : RunInputs.ofModels(like.in(this, pair.sources(this))));
        switch (model) {
            case ChatModel.OfFile _ -> {}
            case ChatModel.OfLogits _ -> made.putAll(RunInputs.ofLogits(Optional.empty()));
            case ChatModel.InMemory memory ->
                made.putAll(RunInputs.ofWeights(memory.models().plan(memory.recipe())));
        }
        return made;
    }

    /** How the model is made: one alpha and one type, because one model answers. */
    private PlanOptions recipe() throws IOException {
        Optional<List<Float>> alphas = alphas();
        OptionalDouble to = inputs.pair == null ? OptionalDouble.empty() : inputs.pair.to();
        List<PlanOptions> recipes = checked(() -> rules.planOptions(alphas, to, types));
        if (recipes.size() > 1) {
            throw usage("one model answers: give one --alpha and one --type; --compare takes several alphas");
        }
        if (logits.areGiven()) {
            logits.require(this, Optional.ofNullable(inputs.pair), rules, recipes);
        }
        if (guide.isGiven()) {
            guide.require(this, inputs.pair != null, rules, recipes);
        }
        return recipes.getFirst();
    }

    /** That of the chat; of several that are compared it is the last, unless the command line says it. */
    private Optional<List<Float>> alphas() {
        Optional<List<Float>> last = Optional.of(Alphas.of(compared))
                .filter(alphas -> !alphas.isEmpty())
                .map(alphas -> List.of(alphas.getLast()));
        if (guide.isGiven()) {
            return guide.saidAlphas().or(() -> last).or(guide::alphas);
        }
        if (inputs.pair == null && last.isPresent()) {
            throw usage("--compare takes a pair, --sft and --aligned, or a --guide: one model has no alpha");
        }
        return inputs.pair == null
                ? Optional.of(List.of(0f))
                : inputs.pair.alphas().or(() -> last);
    }

    private ChatModel load(PlanOptions given, LoadOptions options, InterruptKey key) throws IOException {
        PairFlags pair = inputs.pair;
        if (pair != null && logits.areGiven()) {
            return load(key, how -> logits.open(this, pair, given.alpha(), options, how));
        }
        if (guide.isGiven()) {
            return load(key, how -> guide.open(this, inputs.model(), given.alpha(), options, how));
        }
        if (pair == null && given.equals(PlanOptions.builder().build()) && !Checkpoint.isNamed(inputs.model())) {
            LlamaModel model = loadFile(inputs.model(), options, key);
            try {
                model.setChatTemplate(template(model.name(), model.metadata()));
                return new ChatModel.OfFile(model, fileBytes(inputs.model()));
            } catch (Throwable failure) {
                model.close();
                throw failure;
            }
        }
        Extrapolator models =
                Extrapolator.open(like.in(this, pair == null ? Ingredients.model(inputs.model()) : pair.sources(this)));
        try (InterruptKey.StoppableWork work = key.begin();
                ProgressPrinter progress = run.progress(console())) {
            WorkOptions how = run.workOptions(progress, work.cancellation());
            PlanOptions recipe = rules.resolve(this, models, Optional.ofNullable(pair), List.of(given), how)
                    .getFirst();
            Plan plan = checked(() -> models.plan(recipe));
            ModelGuard.requireModel(plan.aligned().name(), plan.aligned().metadata());
            rules.requireUse(this, plan);
            types.requireUse(this, plan);
            PlanNotes.print(console(), List.of(plan));
            AdapterText.note(console(), models.adapters());
            Refusals refusals = look(models, plan, how);
            ChatTemplate used = template(plan.aligned().name(), plan.metadata());
            LiveModel live = checked(() -> LiveModel.open(models, recipe, how, options));
            live.model().setChatTemplate(used);
            return new ChatModel.InMemory(models, pair != null, refusals, recipe, live);
        } catch (Throwable failure) {
            models.close();
            throw failure;
        }
    }

    /** Refuses an alpha at which models are lost, and says where the model would answer as the aligned one does. */
    private Refusals look(Extrapolator models, Plan plan, WorkOptions how) throws IOException {
        Optional<PairFlags> pair = Optional.ofNullable(inputs.pair);
        OptionalDouble farthest = pair.map(PairFlags::maxDistance).orElse(OptionalDouble.empty());
        Refusals refusals = Refusals.of(models, plan, farthest, how);
        Optional<TooFar> far = refusals.distanceOf(plan);
        if (far.isPresent() && !pair.orElseThrow().saysDistance()) {
            throw usage(far.get().refusal());
        }
        refusals.doubtsInMemory(plan, how).forEach(console()::warning);
        return refusals;
    }

    /** Loads models whose logits are combined. */
    private interface Loading {
        ExtrapolatedModel load(WorkOptions how) throws IOException;
    }

    private ChatModel load(InterruptKey key, Loading loading) throws IOException {
        try (InterruptKey.StoppableWork work = key.begin();
                ProgressPrinter progress = run.progress(console())) {
            ExtrapolatedModel live = loading.load(run.workOptions(progress, work.cancellation()));
            try {
                LlamaModel model = live.model();
                model.setChatTemplate(template(model.name(), model.metadata()));
                return new ChatModel.OfLogits(live);
            } catch (Throwable failure) {
                live.close();
                throw failure;
            }
        }
    }

    private static long fileBytes(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.files().stream().mapToLong(GgufFile::fileBytes).sum();
        }
    }

    private LlamaModel loadFile(Path file, LoadOptions options, InterruptKey key) throws IOException {
        try (InterruptKey.StoppableWork work = key.begin();
                ProgressPrinter progress = run.progress(console())) {
            return LlamaModel.load(file, options, progress, work.cancellation());
        }
    }

    /** The template, tried: better before anything is computed than after the first message. */
    private ChatTemplate template(String name, Metadata metadata) throws IOException {
        ChatTemplate used = checked(() -> template.of(name, metadata));
        try {
            HeardConversations.check(used, metadata, List.of(List.of(ChatMessage.user("Hello"))));
        } catch (ChatTemplateException refused) {
            if (refused.reason() != Reason.REFUSES) { // this one says itself what conversations it wants
                throw refused;
            }
        }
        return used;
    }

    private ChatSession open(LlamaModel model) {
        int contextTokens = sampling.contextTokens(Math.min(CONTEXT_TOKENS, model.trainedContextTokens()));
        return ChatSession.open(
                model,
                ContextOptions.defaults().withThreads(run.contextThreads()).withContextTokens(contextTokens));
    }
}
