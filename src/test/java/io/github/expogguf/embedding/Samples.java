package io.github.expogguf.embedding;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.compare.Magnitudes;
import io.github.expogguf.demo.DemoOptions;
import io.github.expogguf.extrapolate.Extrapolation;
import io.github.expogguf.extrapolate.ExtrapolationKernel;
import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.StringElements;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.imatrix.UnfinishedImatrix;
import io.github.expogguf.infer.ChatAnswer;
import io.github.expogguf.infer.ChatServer;
import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ChatStream;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.GenerationStream;
import io.github.expogguf.infer.Grammar;
import io.github.expogguf.infer.ImatrixCollector;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitGuide;
import io.github.expogguf.infer.LogitModel;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.infer.LogitsVisitor;
import io.github.expogguf.infer.MemoryModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.infer.TextEmbedder;
import io.github.expogguf.infer.TextPooler;
import io.github.expogguf.infer.WeightsChange;
import io.github.expogguf.infer.jinja.JinjaTemplate;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.infer.prompt.HeardConversations;
import io.github.expogguf.nativelib.NativeAbort;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.nativelib.NativeWork;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.pair.TokenMatches;
import io.github.expogguf.plan.pair.TokenRows;
import io.github.expogguf.plan.task.AdapterChange;
import io.github.expogguf.plan.task.Counterparts;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.ModelPair;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.Operands;
import io.github.expogguf.plan.task.TensorOperands;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.plan.task.WholeTensor;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.quant.StochasticRounding;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.run.output.PartialFile;
import io.github.expogguf.runtime.LlamaRuntime;
import io.github.expogguf.runtime.RuntimeOptions;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.JudgeCommand;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.RewardModel;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.AnswerScores;
import io.github.expogguf.search.Evaluation;
import io.github.expogguf.search.Evaluator;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.ProfileEvaluator;
import io.github.expogguf.search.ProfileSearch;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchLog;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.votes.AlphaPair;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.search.votes.ListeningOptions;
import io.github.expogguf.search.votes.Verdict;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.search.votes.VoteLog;
import io.github.expogguf.simd.Switching;
import io.github.expogguf.start.Conversation;
import io.github.expogguf.start.ExpoGguf;
import io.github.expogguf.start.ExpoPair;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.verify.VerifyOptions;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.ComputeThreads;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/** A valid value of every type that the library asks for or offers methods on, on small models in a directory. */
final class Samples {

    /** How a value is made; may read files and load models. */
    @FunctionalInterface
    interface Source {
        Object get() throws Exception;
    }

    private final Map<Class<?>, Source> sources = new HashMap<>();
    private final Path directory;
    private final Path sft;
    private final Path aligned;
    private final List<AutoCloseable> made = new ArrayList<>();
    private LlamaModel sharedModel;
    private int outputs;

    Samples(Path directory, Path demo) {
        TinyModel tiny = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));
        this.directory = directory;
        this.sft = tiny.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        this.aligned = tiny.write(directory.resolve("aligned.gguf"), TensorValues.random(2));
        plain();
        files(tiny);
        models(demo.resolve("guide-sft-f16.gguf"));
        scores();
        template();
    }

    /** Only pairs with different vocabularies have one. */
    private static TokenRows tokenRows() throws ReflectiveOperationException {
        Constructor<TokenRows> constructor = TokenRows.class.getDeclaredConstructor(int[].class);
        constructor.setAccessible(true);
        return constructor.newInstance((Object) new int[] {1, TokenRows.NONE, 0});
    }

    /** Given back at once, so that it keeps no other sample waiting. */
    private static ComputeThreads.Turn turn() throws InterruptedException {
        try (ComputeThreads.Member member = ComputeThreads.ofThisProcess().join();
                ComputeThreads.Turn turn = member.take(1)) {
            return turn;
        }
    }

    private void plain() {
        put(boolean.class, () -> false);
        put(int.class, () -> 1);
        put(long.class, () -> 1L);
        put(float.class, () -> 0.5f);
        put(double.class, () -> 0.5);
        put(byte[].class, () -> new byte[] {1, 2, 3, 4});
        put(int[].class, () -> new int[] {1, 2, 3});
        put(long[].class, () -> new long[] {256});
        put(float[].class, () -> new float[] {1, 2});
        put(double[].class, () -> new double[] {1, 2});
        put(Integer.class, () -> 1);
        put(Float.class, () -> 0.5f);
        put(Double.class, () -> 0.5);
        put(String.class, () -> "output.weight");
        put(StringBuilder.class, StringBuilder::new);
        put(Arena.class, Arena::ofConfined);
        put(Object.class, () -> "object");
        put(Throwable.class, () -> new IllegalStateException("cause"));
        put(Function.class, Function::identity);
        put(ToDoubleFunction.class, () -> (ToDoubleFunction<Object>) Object::hashCode);
        put(Switching.class, () -> new Switching<Object>("first", () -> "second", _ -> 0));
        put(FileTime.class, () -> FileTime.fromMillis(0));
        put(Pattern.class, () -> Pattern.compile("output"));
        put(OptionalLong.class, () -> OptionalLong.of(1 << 20));
        put(OptionalInt.class, () -> OptionalInt.of(1));
        put(OptionalDouble.class, () -> OptionalDouble.of(0.5));
        put(Magnitudes.class, Magnitudes::new);
        put(Collection.class, List::of);
        put(
                HeardConversations.class,
                () -> new HeardConversations(ChatTemplate.jinja("t", "{{ messages[0].content }}"), Map.of()));
        put(InputStream.class, () -> new ByteArrayInputStream(new byte[] {'a'}));
        put(OutputStream.class, OutputStream::nullOutputStream);
        put(ByteBuffer.class, () -> ByteBuffer.wrap(new byte[8]));
        put(MemorySegment.class, () -> Arena.ofAuto().allocate(4096, 64));
        put(Path.class, () -> aligned);
        put(ZonedDateTime.class, () -> ZonedDateTime.parse("2026-01-02T03:04:05Z"));
    }

    private void files(TinyModel tiny) {
        TensorInfo tensor = new TensorInfo("output.weight", GgmlType.F32, new Shape(64, 2), 0);
        put(Shape.class, () -> new Shape(64, 2));
        put(TensorInfo.class, () -> tensor);
        put(TensorSpec.class, () -> TensorSpec.of(tensor));
        put(GgmlType.class, () -> GgmlType.Q8_0);
        put(FileType.class, () -> FileType.Q8_0);
        put(MetadataType.class, () -> MetadataType.UINT32);
        put(Metadata.class, tiny::metadata);
        put(MetadataValue.class, () -> MetadataValue.ofUint32(1));
        put(IOException.class, () -> new IOException("Input/output error"));
        put(
                StringElements.class,
                () -> MetadataValue.ofStrings(List.of("a", "")).stringElements());
        put(GgufModel.class, () -> GgufModel.open(aligned));
        put(io.github.expogguf.gguf.GgufFile.class, () -> GgufReader.read(aligned));
        put(io.github.expogguf.gguf.SourceModel.class, () -> io.github.expogguf.gguf.GgufModel.open(aligned));
        put(io.github.expogguf.gguf.ModelHeader.class, () -> tiny.header("model.gguf"));
        put(GgufLayout.class, () -> GgufLayout.of(tiny.metadata(), tiny.tensors()));
        put(Shards.class, () -> Shards.single(output(), tiny.metadata(), tiny.tensors()));
        put(Imatrix.class, () -> tiny.imatrix(3));
        put(ImatrixSums.Entry.class, () -> new ImatrixSums.Entry(new float[] {1, 2, 3}, new long[] {4}));
        put(
                ImatrixSums.class,
                () -> new ImatrixSums(
                        Map.of("a", new ImatrixSums.Entry(new float[] {1, 2}, new long[] {4})),
                        List.of("text.txt"),
                        2));
        put(UnfinishedImatrix.class, () -> new UnfinishedImatrix((ImatrixSums) of(ImatrixSums.class), 1, "key"));
        put(RowCodec.class, () -> RowCodecs.of(GgmlType.Q8_0));
        put(Extrapolation.class, () -> new Extrapolation(0.5f));
        put(ExtrapolationKernel.class, () -> new Extrapolation(0.5f).kernel());
        put(TrajectoryFit.class, () -> new TrajectoryFit(List.of(1.0, 2.0), List.of(0.5, 1.0), 2, Optional.empty()));
        put(PlanOptions.class, () -> options());
        put(PlanOptions.Builder.class, PlanOptions::builder);
        put(TensorTypeRule.class, () -> TensorTypeRule.parse("output=q8_0"));
        put(KeyValueOverride.class, () -> KeyValueOverride.parse("general.name=str:x"));
        put(TensorTask.class, () -> new TensorTask.Convert(tensor, GgmlType.Q8_0, false));
        put(Operand.class, () -> new Operand.Rows(Operand.ALIGNED, tensor));
        put(
                Operands.class,
                () -> new Operands(
                        (Operand) of(Operand.class),
                        (Operand) of(Operand.class),
                        List.of(),
                        Parametrisation.IDENTITY,
                        0,
                        Optional.of(new Operands.Prediction(List.of((Operand) of(Operand.class)), 3))));
        put(
                Ingredients.class,
                () -> Ingredients.checkpoints(List.of(
                        new Ingredients.Checkpoint<>(0, "first"),
                        new Ingredients.Checkpoint<>(1, "between"),
                        new Ingredients.Checkpoint<>(2, "last"))));
        put(
                Ingredients.Trajectory.class,
                () -> new Ingredients.Trajectory<>(0, List.of(new Ingredients.Checkpoint<>(1, "between")), 2));
        put(AdapterChange.class, () -> new WholeTensor(2, tensor, 1));
        put(TokenRows.class, Samples::tokenRows);
        put(Counterparts.class, () -> Counterparts.ofSft(tiny.header("sft.gguf"), tiny.header("aligned.gguf")));
        put(
                TensorOperands.class,
                () -> TensorOperands.of(Ingredients.pair(
                        ModelFiles.of(tiny.header("sft.gguf")), ModelFiles.of(tiny.header("aligned.gguf")))));
        put(TokenMatches.class, TokenMatches::new);
        put(
                ModelPair.class,
                () -> new ModelPair(Ingredients.pair(
                        ModelFiles.of(tiny.header("sft.gguf")), ModelFiles.of(tiny.header("aligned.gguf")))));
        put(Rounding.class, () -> new Rounding.Stochastic(1));
        put(StochasticRounding.class, () -> new StochasticRounding(1, "output.weight"));
        put(Plan.class, () -> {
            try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                return pair.plan(options());
            }
        });
        put(Extrapolator.class, () -> Extrapolator.open(sft, aligned));
        put(DeltaDistance.class, () -> {
            try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                return DeltaDistance.of(pair.sample(Extrapolator.SAMPLE_ELEMENTS, one()));
            }
        });
        put(Extrapolator.Output.class, () -> new Extrapolator.Output(options(), output()));
        put(DeltaDistance.Plans.class, () -> {
            try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
                Plan plan = pair.plan(options());
                return (DeltaDistance.Plans) _ -> plan;
            }
        });
        put(WorkOptions.class, () -> one());
        put(WorkOptions.Builder.class, WorkOptions::builder);
        put(OutputOptions.Builder.class, OutputOptions::builder);
        put(ComputeOptions.Builder.class, ComputeOptions::builder);
        put(Measurements.Builder.class, Measurements::builder);
        put(OutputOptions.class, () -> OutputOptions.defaults().withWork(one()));
        put(PartialFile.class, () -> PartialFile.create(output()));
        put(Cancellation.class, Cancellation::new);
        put(ComputeThreads.class, ComputeThreads::ofThisProcess);
        put(ComputeThreads.Member.class, () -> ComputeThreads.ofThisProcess().join());
        put(ComputeThreads.Turn.class, Samples::turn);
        put(Progress.Listener.class, () -> (Progress.Listener) progress -> {});
        put(NativeLibrary.class, NativeLibrary::load);
        put(LlamaRuntime.class, LlamaRuntime::load);
        put(NativeLog.Capture.class, NativeLog::capture);
        put(NativeWork.class, () -> NativeWork.begin(() -> "nothing"));
        put(NativeAbort.Registration.class, () -> NativeAbort.onAbort(() -> {}));
    }

    private void models(Path demo) {
        put(LlamaModel.class, () -> LlamaModel.load(demo, LoadOptions.defaults()));
        put(LlamaContext.class, () -> LlamaContext.open(shared(demo), context()));
        put(GenerationStream.class, () -> {
            try (LlamaContext context = LlamaContext.open(shared(demo), context())) {
                return context.stream("Hello", GenerationOptions.greedy(2)); // keeps the context
            }
        });
        put(ChatStream.class, () -> {
            try (ChatSession session = ChatSession.open(shared(demo), context())) {
                return session.stream(ChatMessage.user("Hello"), GenerationOptions.greedy(2));
            }
        });
        put(ChatSession.class, () -> ChatSession.open(shared(demo), context()));
        put(
                Conversation.class,
                () -> Conversation.open(
                        demo,
                        LoadOptions.defaults(),
                        ContextOptions.defaults().withContextTokens(64).withThreads(1)));
        put(ExpoPair.class, () -> ExpoGguf.extrapolate(sft, aligned).with((OutputOptions) of(OutputOptions.class)));
        put(ExtrapolatedModel.class, () -> LogitPair.open(demo, demo, 0, LoadOptions.defaults()));
        put(LogitGuide.class, () -> LogitGuide.open(demo, demo, demo, 0, LoadOptions.defaults()));
        put(LogitModel.class, () -> LogitPair.open(demo, demo, 0, LoadOptions.defaults()));
        put(LogitPair.class, () -> LogitPair.open(demo, demo, 0, LoadOptions.defaults()));
        put(ChatServer.class, () -> ChatServer.open(shared(demo), context()));
        put(ChatAnswer.class, () -> {
            try (ChatServer server = ChatServer.open(shared(demo), context())) {
                return server.answer(new int[] {1, 2, 3}, GenerationOptions.greedy(2)); // which is ended
            }
        });
        put(TextEmbedder.class, () -> TextEmbedder.open(shared(demo), context(), TextPooler.Pooling.MEAN));
        put(
                ImatrixCollector.class,
                () -> ImatrixCollector.open(
                        shared(demo),
                        ImatrixOptions.builder()
                                .chunkTokens(32)
                                .batchTokens(32)
                                .chunks(2)
                                .threads(1)
                                .build()));
        put(TextPooler.class, () -> TextPooler.open(shared(demo), context(), TextPooler.Pooling.LAST));
        put(MemoryModel.class, this::memoryModel);
        put(WeightsChange.class, () -> memoryModel().change());
        put(LiveModel.class, () -> LiveModel.open(Extrapolator.open(sft, aligned), options(), one()));
        put(ContextOptions.class, this::context);
        put(ContextOptions.Builder.class, ContextOptions::builder);
        put(VerifyOptions.class, VerifyOptions::defaults);
        put(VerifyOptions.Builder.class, VerifyOptions::builder);
        put(ImatrixOptions.class, ImatrixOptions::defaults);
        put(ImatrixOptions.Builder.class, ImatrixOptions::builder);
        put(LoraOptions.class, LoraOptions::defaults);
        put(LoraOptions.Builder.class, LoraOptions::builder);
        put(RuntimeOptions.class, RuntimeOptions::defaults);
        put(RuntimeOptions.Builder.class, RuntimeOptions::builder);
        put(LoadOptions.class, LoadOptions::defaults);
        put(LoadOptions.Builder.class, LoadOptions::builder);
        put(GenerationOptions.class, () -> GenerationOptions.greedy(2));
        put(GenerationOptions.Builder.class, GenerationOptions::builder);
        put(Grammar.class, () -> Grammar.parse("root ::= [a-z]+"));
        put(SamplingOptions.class, () -> SamplingOptions.seeded(1));
        put(SamplingOptions.Builder.class, SamplingOptions::builder);
        put(Generation.Listener.class, () -> (Generation.Listener) (_, _) -> true);
        put(LogitsVisitor.class, () -> (LogitsVisitor) (_, _, _) -> {});
        put(Passage.class, () -> new Passage(new int[] {1, 2, 3}, 1));
    }

    private void scores() {
        Path reward = TinyModels.qwen3(TinyModels.Sizes.of(1, 64, 96, 2, 2), 32)
                .with("qwen3.rope.dimension_count", MetadataValue.ofUint32(32))
                .with("qwen3.pooling_type", MetadataValue.ofUint32(4)) // rank
                .with("tokenizer.chat_template", MetadataValue.ofString("{{ messages[0]['content'] }}"))
                .with("cls.output.weight", GgmlType.F32, 64, 1)
                .write(directory.resolve("reward.gguf"), TensorValues.random(3));
        put(
                ComputeOptions.class,
                () -> ComputeOptions.builder()
                        .contextTokens(64)
                        .sequences(1)
                        .threads(1)
                        .build());
        put(
                AlignedReference.class,
                () -> AlignedReference.of(
                        (LlamaModel) of(LlamaModel.class),
                        List.of(new Passage(new int[] {1, 2, 3}, 1)),
                        1 << 20,
                        (ComputeOptions) of(ComputeOptions.class)));
        put(AnswerScorer.class, () -> (AnswerScorer) answers -> new double[answers.size()]);
        put(RewardModel.class, () -> RewardModel.load(reward, (ComputeOptions) of(ComputeOptions.class)));
        put(DemoOptions.class, () -> new DemoOptions(List.of(0f), List.of(FileType.Q8_0), 1));
        put(JudgeCommand.class, () -> new JudgeCommand("true"));
        put(Prompt.class, () -> Prompt.of("Hello"));
        put(Preference.class, () -> new Preference("a", "b", "c"));
        put(Evaluator.class, () -> (Evaluator) alpha -> new Evaluation(alpha, List.of(1.0, 2.0), Map.of(), List.of()));
        put(AlphaSearch.Listener.class, AlphaSearch.Listener::none);
        put(AnswerScores.class, () -> new AnswerScores(List.of(1d, 2d), 2));
        put(AlphaProfile.class, () -> AlphaProfile.parse("depth"));
        put(ProfileEvaluator.class, () -> (ProfileEvaluator)
                (profile, alpha) -> new Evaluation(alpha, List.of(1d, 2d), Map.of(), List.of(), profile));
        put(
                ProfileSearchResult.class,
                () -> ProfileSearch.run(
                        SearchOptions.grid(0.5f).toBuilder()
                                .profiles(List.of(AlphaProfile.parse("depth")))
                                .build(),
                        (profile, alpha) -> new Evaluation(alpha, List.of(1d, 2d), Map.of(), List.of(), profile)));
        put(SearchOptions.class, () -> SearchOptions.grid(0.5f));
        put(SearchOptions.Builder.class, SearchOptions::builder);
        put(
                SearchLog.class,
                () -> SearchLog.open(
                        directory.resolve("search-" + outputs++ + ".log"),
                        Map.of("type", "Q8_0"),
                        List.of(Prompt.of("Hello"))));
        put(ListeningOptions.class, () -> ListeningOptions.builder().build());
        put(ListeningOptions.Builder.class, ListeningOptions::builder);
        put(Listening.class, () -> Listening.of(ListeningOptions.builder().build(), List.of()));
        put(AlphaPair.class, () -> new AlphaPair(0, 1));
        put(Vote.class, () -> Vote.of(0, 1, Verdict.LEFT, "Hello", 0));
        put(
                VoteLog.class,
                () -> VoteLog.open(directory.resolve("votes-" + outputs++ + ".log"), Map.of("type", "Q8_0")));
        put(
                Measurements.class,
                () -> Measurements.ofPreferences(List.of(new Preference("a", "b", "c")), Measurements.Margin.PLAIN));
        put(
                LiveEvaluator.class,
                () -> new LiveEvaluator(
                        (LiveModel) of(LiveModel.class), (Measurements) of(Measurements.class), (ComputeOptions)
                                of(ComputeOptions.class)));
    }

    private void template() {
        put(ChatTemplate.class, () -> ChatTemplate.jinja("t.jinja", "{{ messages[0]['content'] }}"));
        put(OutputTemplate.class, () -> new OutputTemplate("t.jinja", "{{ messages[0]['content'] }}"));
        put(JinjaTemplate.class, () -> JinjaTemplate.parse("{{ x }}"));
    }

    private void put(Class<?> type, Source source) {
        sources.put(type, source);
    }

    private Path output() {
        return directory.resolve("output-" + outputs++ + ".gguf");
    }

    private static PlanOptions options() {
        return PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build();
    }

    private static WorkOptions one() {
        return WorkOptions.defaults().withThreads(1);
    }

    private ContextOptions context() {
        return ContextOptions.builder()
                .contextTokens(64)
                .batchTokens(64)
                .threads(1)
                .build();
    }

    /** For contexts, which would keep a model of their own in memory. */
    private LlamaModel shared(Path demo) throws IOException {
        if (sharedModel == null) {
            sharedModel = LlamaModel.load(demo, LoadOptions.defaults());
        }
        return sharedModel;
    }

    private MemoryModel memoryModel() {
        TinyModel tiny = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));
        return MemoryModel.create("tiny", tiny.metadata(), tiny.tensors(), LoadOptions.defaults());
    }

    /** A value of a type, with the type's arguments where it has some. */
    Object of(Type type) throws Exception {
        return switch (type) {
            case Class<?> plain -> ofClass(plain);
            case ParameterizedType generic ->
                ofGeneric((Class<?>) generic.getRawType(), generic.getActualTypeArguments());
            case WildcardType wildcard -> of(wildcard.getUpperBounds()[0]);
            default -> "any";
        };
    }

    /** Whether a value serves many calls. */
    boolean isShared(Object value) {
        return value == sharedModel;
    }

    /** Closes what was made. */
    void closeAll() {
        for (AutoCloseable closeable : made.reversed()) {
            try {
                closeable.close();
            } catch (Exception _) {
                // what a call left it in is looked at elsewhere
            }
        }
        made.clear();
    }

    private Object ofGeneric(Class<?> raw, Type[] arguments) throws Exception {
        if (raw == List.class) {
            return List.of(of(arguments[0]));
        } else if (raw == Set.class) {
            return Set.of(of(arguments[0]));
        } else if (raw == Optional.class) {
            return Optional.of(of(arguments[0]));
        } else if (raw == Map.class) {
            return Map.of(of(arguments[0]), of(arguments[1]));
        } else if (raw == Ingredients.class) {
            return Ingredients.pair(of(arguments[0]), of(arguments[0]));
        } else if (raw == Ingredients.Adapter.class) {
            return new Ingredients.Adapter<>(of(arguments[0]), 0.5f);
        } else if (raw == Ingredients.Delta.class) {
            return new Ingredients.Delta<>(of(arguments[0]), of(arguments[0]), 0.5f);
        } else if (raw == Ingredients.Checkpoint.class) {
            return new Ingredients.Checkpoint<>(1, of(arguments[0]));
        } else if (raw == Ingredients.Trajectory.class) {
            return new Ingredients.Trajectory<>(0, List.of(new Ingredients.Checkpoint<>(1, of(arguments[0]))), 2);
        }
        return ofClass(raw);
    }

    private Object ofClass(Class<?> type) throws Exception {
        Source source = sources.get(type);
        if (source != null) {
            Object value = source.get();
            if (value instanceof AutoCloseable closeable) {
                made.add(closeable);
            }
            return value;
        } else if (type.isEnum()) {
            return type.getEnumConstants()[0];
        } else if (type.isRecord()) {
            return ofRecord(type);
        } else if (type.isInterface() && !type.isSealed()) {
            return Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> valueOf(method.getReturnType()));
        }
        throw new IllegalStateException("no sample of " + type.getName());
    }

    private static Object valueOf(Class<?> type) {
        if (type == int.class) {
            return 1;
        } else if (type == double.class) {
            return 0.5;
        }
        return type == boolean.class ? Boolean.TRUE : type == String.class ? "text" : null;
    }

    private Object ofRecord(Class<?> type) throws Exception {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = of(components[i].getGenericType());
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        return constructor.newInstance(values);
    }
}
