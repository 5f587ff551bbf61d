package io.github.expogguf.embedding;

import io.github.expogguf.ExpoException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.GenerationStream;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.MemoryModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.TextPooler;
import io.github.expogguf.infer.WeightsChange;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Main class: uses models, contexts and weights as nobody should, many of them from several threads at once. Prints
 * what is thrown that is not documented; what takes the process down is named last on stderr.
 */
@SuppressWarnings("try") // closing at the wrong moment is what is tried
final class MisuseProbe {

    private static final int THREADS = 4;
    private static final int ROUNDS = 6;

    /** Something that may throw. */
    @FunctionalInterface
    private interface Act {
        void run() throws Exception;
    }

    private final Path directory;
    private final Path demo;
    private final Path sft;
    private final Path aligned;
    private final AtomicInteger acts = new AtomicInteger();

    private MisuseProbe(Path directory, Path demo) {
        this.directory = directory;
        this.demo = demo.resolve("guide-sft-f16.gguf");
        this.sft = demo.resolve("guide-sft-f16.gguf");
        this.aligned = demo.resolve("guide-dpo-20-f16.gguf");
    }

    public static void main(String[] arguments) throws Exception {
        MisuseProbe probe = new MisuseProbe(Path.of(arguments[0]), Path.of(arguments[1]));
        probe.extremeContexts();
        probe.contextOnManyThreads();
        probe.sessionOnManyThreads();
        probe.streamOnAnotherThread();
        probe.modelClosedUnderUse();
        probe.weightsChangedUnderUse();
        probe.pairClosedUnderUse();
        probe.foreignObjects();
        probe.oddModelsInMemory();
        System.out.println("acts " + probe.acts);
        System.exit(0);
    }

    /** Does it, and says if something else comes than is documented. */
    private void attempt(String what, Act act) {
        acts.incrementAndGet();
        System.err.println(what);
        try {
            act.run();
        } catch (IllegalArgumentException
                | IllegalStateException
                | ExpoException
                | IOException
                | UncheckedIOException
                | WrongThreadException _) {
            // documented
        } catch (Throwable e) {
            System.out.println("surprise: " + what + ": " + e + " at " + e.getStackTrace()[0]);
        }
    }

    /** Does it on several threads at once, some rounds each, while the main thread ends it all. */
    private void attack(String what, Act act, Act end) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    attempt(what, act);
                }
            }));
        }
        Thread.sleep(30);
        attempt(what + ", the end", end);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private LlamaModel load() throws IOException {
        return LlamaModel.load(demo, LoadOptions.defaults());
    }

    private static ContextOptions small() {
        return context(64, 1, 64);
    }

    private static ContextOptions context(int contextTokens, int sequences, int batchTokens) {
        return ContextOptions.builder()
                .contextTokens(contextTokens)
                .sequences(sequences)
                .batchTokens(batchTokens)
                .threads(1)
                .build();
    }

    private void extremeContexts() throws IOException {
        int[] sizes = {1, 7, 2048, 1 << 30, Integer.MAX_VALUE};
        try (LlamaModel model = load()) {
            for (int tokens : sizes) {
                for (int sequences : new int[] {1, 3}) {
                    for (int batch : sizes) {
                        String what = "context of " + sequences + " x " + tokens + ", batch " + batch;
                        attempt(
                                what,
                                () -> LlamaContext.open(model, context(tokens, sequences, batch))
                                        .close());
                        attempt(
                                what + ", pooler",
                                () -> TextPooler.open(model, context(tokens, sequences, batch), TextPooler.Pooling.LAST)
                                        .close());
                    }
                }
            }
        }
    }

    private void contextOnManyThreads() throws Exception {
        try (LlamaModel model = load()) {
            LlamaContext context = LlamaContext.open(model, small());
            attack(
                    "a context on threads",
                    () -> {
                        context.generate("Which city", GenerationOptions.greedy(4));
                        context.logits(new int[] {1, 2, 3});
                        context.logProbabilities(List.of(new Passage(new int[] {1, 2, 3}, 1)));
                    },
                    context::close);
            TextPooler pooler = TextPooler.open(model, small(), TextPooler.Pooling.LAST);
            attack("a pooler on threads", () -> pooler.pool(List.of(new int[] {1, 2, 3}), _ -> {}), pooler::close);
        }
    }

    private void sessionOnManyThreads() throws Exception {
        try (LlamaModel model = load()) {
            ChatSession session = ChatSession.open(model, small());
            attack(
                    "a session on threads",
                    () -> session.answer(new int[] {1, 5, 6}, GenerationOptions.greedy(4), (_, _) -> true),
                    session::close);
            try (ChatSession again = ChatSession.open(model, small())) {
                attempt(
                        "a listener that calls its session",
                        () -> again.answer(new int[] {1, 5}, GenerationOptions.greedy(4), (_, _) -> {
                            again.answer(new int[] {1}, GenerationOptions.greedy(1), (_, _) -> true);
                            return true;
                        }));
                attempt(
                        "a listener that closes the model",
                        () -> again.answer(new int[] {1, 5}, GenerationOptions.greedy(4), (_, _) -> {
                            again.close();
                            model.close();
                            return true;
                        }));
            }
        }
    }

    private void streamOnAnotherThread() throws Exception {
        try (LlamaModel model = load();
                LlamaContext context = LlamaContext.open(model, small())) {
            GenerationStream stream = context.stream("Which city", GenerationOptions.greedy(40));
            attack(
                    "a stream on threads",
                    () -> {
                        if (stream.hasNext()) {
                            stream.next();
                        }
                    },
                    () -> {});
            attack("a stream closed by threads", stream::close, () -> {});
            stream.close();
            attempt("a closed stream", () -> {
                boolean _ = stream.hasNext();
            });
        }
    }

    private void modelClosedUnderUse() throws Exception {
        LlamaModel model = load();
        attack(
                "a model on threads",
                () -> {
                    model.tokenizePrompt("Which city rules Chile?");
                    model.detokenizeMarkup(new int[] {1, 2, 3});
                    try (LlamaContext context = LlamaContext.open(model, small())) {
                        context.generate("Which", GenerationOptions.greedy(2));
                    }
                },
                model::close);
    }

    private void weightsChangedUnderUse() throws Exception {
        Extrapolator pair = Extrapolator.open(sft, aligned);
        PlanOptions options =
                PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build();
        LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults());
        LlamaContext context = LlamaContext.open(live.model(), small());
        AtomicInteger turns = new AtomicInteger();
        attack(
                "weights changed while in use",
                () -> {
                    if (turns.getAndIncrement() % 2 == 0) {
                        live.setAlpha(0.1f);
                    } else {
                        context.generate("Which", GenerationOptions.greedy(2));
                    }
                },
                live::close);
        attack(
                "a pair closed while its weights are read",
                () -> {
                    try (LiveModel other = LiveModel.open(pair, options, WorkOptions.defaults())) {
                        other.setAlpha(0.3f);
                    }
                },
                pair::close);
        context.close();
        attempt("alpha of a closed model", () -> live.setAlpha(0.2f));
    }

    private void pairClosedUnderUse() throws Exception {
        Extrapolator pair = Extrapolator.open(sft, aligned);
        AtomicInteger outputs = new AtomicInteger();
        attack(
                "a pair closed while it is written",
                () -> pair.write(
                        PlanOptions.builder()
                                .alpha(0.5f)
                                .fileType(FileType.Q8_0)
                                .build(),
                        directory.resolve("closed-" + outputs.incrementAndGet() + ".gguf"),
                        OutputOptions.defaults()),
                pair::close);
    }

    private void foreignObjects() throws Exception {
        TinyModel tiny = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));
        Path other = tiny.write(directory.resolve("other.gguf"), io.github.expogguf.testing.TensorValues.random(1));
        ComputeOptions how = ComputeOptions.defaults().withThreads(1).withSequences(1);
        try (LlamaModel model = load();
                LlamaModel foreign = LlamaModel.load(other, LoadOptions.defaults());
                GgufModel file = GgufModel.open(demo);
                Extrapolator pair = Extrapolator.open(sft, aligned);
                Extrapolator tinyPair = Extrapolator.open(other, other);
                Arena arena = Arena.ofConfined()) {
            try (AlignedReference reference =
                    AlignedReference.of(model, List.of(new Passage(new int[] {1, 2, 3}, 1)), 1 << 20, how)) {
                attempt("a reference of another vocabulary", () -> reference.compare(foreign, how));
            }
            try (LlamaContext context = LlamaContext.open(foreign, small())) {
                attempt(
                        "tokens of another vocabulary",
                        () -> context.logits(new int[] {1, model.vocabularySize() - 1}));
                attempt(
                        "passages of another",
                        () -> context.logProbabilities(List.of(new Passage(new int[] {1, 100_000, -7}, 1))));
            }
            TensorInfo none = new TensorInfo("output.weight", GgmlType.F32, new Shape(1L << 40), 1L << 50);
            attempt("a tensor of no file", () -> file.read(none, 0, arena.allocate(64)));
            attempt(
                    "a tensor of another shape",
                    () -> file.read(
                            new TensorInfo("output_norm.weight", GgmlType.F32, new Shape(1L << 40), 0),
                            1L << 41,
                            arena.allocate(64)));
            attempt(
                    "a plan of another pair",
                    () -> pair.outputBytes(
                            tinyPair.plan(PlanOptions.builder()
                                    .alpha(0.1f)
                                    .fileType(FileType.Q8_0)
                                    .build()),
                            OutputOptions.defaults()));
        }
    }

    /** Without a file, llama.cpp asserts some of what it checks in one. */
    private void oddModelsInMemory() {
        TinyModel tiny = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));
        Random random = new Random(1);
        for (String key : tiny.metadata().keys()) {
            build("without " + key, tiny.without(key));
            for (MetadataValue value : List.of(
                    MetadataValue.ofUint32(0),
                    MetadataValue.ofUint32(1),
                    MetadataValue.ofUint32(3),
                    MetadataValue.ofUint32(0xFFFF_FFFFL),
                    MetadataValue.ofString("llama"),
                    MetadataValue.ofFloat32(0),
                    MetadataValue.ofStrings(List.of()),
                    MetadataValue.ofInt32s(1, 2))) {
                build(key + " = " + value, tiny.with(key, value));
            }
        }
        for (int i = 0; i < tiny.tensors().size(); i++) {
            String name = tiny.tensors().get(i).name();
            build("without tensor " + name, tiny.select(other -> !other.equals(name)));
            for (Shape shape : List.of(new Shape(1), new Shape(64, 64, 2, 2), new Shape(32, 1 + random.nextInt(99)))) {
                build(
                        name + " as " + shape,
                        tiny.mapTensors(tensor -> tensor.name().equals(name)
                                ? new io.github.expogguf.gguf.TensorSpec(name, GgmlType.F32, shape)
                                : tensor));
            }
            for (GgmlType type : List.of(
                    GgmlType.I32,
                    GgmlType.Q8_1,
                    GgmlType.F64,
                    GgmlType.Q8_0,
                    GgmlType.F16,
                    GgmlType.BF16,
                    GgmlType.IQ2_XXS)) {
                build(
                        name + " as " + type,
                        tiny.mapTensors(tensor ->
                                tensor.name().equals(name) && tensor.shape().rowLength() % type.blockSize() == 0
                                        ? tensor.withType(type)
                                        : tensor));
            }
        }
    }

    private void build(String what, TinyModel model) {
        attempt("in memory: " + what, () -> {
            try (MemoryModel memory =
                            MemoryModel.create("odd", model.metadata(), model.tensors(), LoadOptions.defaults());
                    WeightsChange change = memory.change()) {
                change.complete(model.metadata()); // weights of zeros, or whatever was in that memory
                change.close();
                try (LlamaContext context = LlamaContext.open(memory.model(), small())) {
                    context.logits(new int[] {1, 2});
                }
            }
        });
    }
}
