package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.ComputeThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** On which threads contexts compute, whoever calls. */
final class DecodingThreadsTest {

    private static final String CHILE = "<|user|>Which city rules Chile?<|assistant|>";
    private static final ContextOptions SMALL = ContextOptions.defaults().withContextTokens(512);
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(48);
    private static LlamaModel model;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    static Stream<ThreadFactory> kinds() {
        return Stream.of(
                Thread.ofPlatform().name("platform").factory(),
                Thread.ofVirtual().name("virtual").factory());
    }

    private static <T> T on(ThreadFactory kind, Callable<T> work) throws Exception {
        try (ExecutorService one = Executors.newThreadPerTaskExecutor(kind)) {
            return one.submit(work).get();
        }
    }

    @Test
    void contextsShareTheThreadsOfTheProcessUnlessToldOtherwise() {
        assertThat(ContextOptions.defaults().threads()).isEqualTo(ContextOptions.SHARED_THREADS);
        assertThat(ComputeThreads.ofThisProcess().budget())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyCallWorksOnThreadsOfEveryKind(ThreadFactory kind) throws Exception {
        int[] prompt = model.tokenizePrompt(CHILE);
        List<Object> expected = everything(prompt);
        assertThat(on(kind, () -> everything(prompt)))
                .usingRecursiveComparison()
                .isEqualTo(expected);
        assertThat(ComputeThreads.ofThisProcess().free())
                .isEqualTo(ComputeThreads.ofThisProcess().budget());
    }

    private static List<Object> everything(int[] prompt) {
        List<Object> results = new ArrayList<>();
        try (LlamaContext context = LlamaContext.open(model, SMALL);
                ChatSession session = ChatSession.open(model, SMALL);
                TextPooler pooler = TextPooler.open(model, SMALL, TextPooler.Pooling.LAST)) {
            results.add(context.generate(CHILE, GREEDY));
            try (GenerationStream stream = context.stream(CHILE, GREEDY)) {
                stream.forEachRemaining(results::add);
            }
            results.add(context.logits(prompt));
            results.add(context.logProbabilities(List.of(new Passage(prompt, 1))));
            results.add(session.answer(prompt, GREEDY, (_, _) -> true));
            results.add(pooler.pool(List.of(prompt), _ -> {}));
        }
        return results;
    }

    /** What the test below runs in a JVM of its own. */
    static final class TwoContexts {
        private TwoContexts() {}

        public static void main(String[] file) throws Exception {
            try (LlamaModel own = LlamaModel.load(Path.of(file[0]), LoadOptions.defaults())) {
                for (int threads : new int[] {1, 2, 3}) {
                    LlamaContext.open(own, SMALL.withThreads(threads)).close();
                }
            }
        }
    }

    @Test
    void moreThreadsThanCoresAreWarnedOfOnce() throws Exception {
        ChildJvm jvm = ChildJvm.run(
                Map.of(), List.of("-XX:ActiveProcessorCount=1"), TwoContexts.class, DemoFiles.SFT.toString());
        assertThat(jvm.exitCode()).as(jvm.lastWords()).isZero();
        assertThat(jvm.errors())
                .containsOnlyOnce("WARNING: ")
                .contains("WARNING: 2 threads on 1 core are slower than 1: they wait for each other");
    }

    @Test
    void nativeCodeOfVirtualThreadsRunsOnThreadsOfTheLibrary() throws Exception {
        int[] prompt = model.tokenizePrompt(CHILE);
        Set<String> asked = ConcurrentHashMap.newKeySet();
        on(Thread.ofVirtual().name("virtual").factory(), () -> {
            try (ChatSession session = ChatSession.open(model, SMALL)) {
                return session.answer(prompt, GREEDY, (_, _) -> true, () -> {
                    asked.add(Thread.currentThread().getName());
                    return false;
                });
            }
        });
        // between steps, and by llama.cpp after every operation
        assertThat(asked).containsExactlyInAnyOrder("virtual", "expo-gguf native calls");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void anInterruptEndsAStep(ThreadFactory kind) throws Exception {
        int[] prompt = new int[400];
        Arrays.fill(prompt, 300);
        boolean stillInterrupted = on(kind, () -> {
            Thread caller = Thread.currentThread();
            AtomicInteger asked = new AtomicInteger();
            try (ChatSession session = ChatSession.open(model, SMALL)) {
                assertThatThrownBy(() -> session.answer(prompt, GREEDY, (_, _) -> true, () -> {
                            if (asked.incrementAndGet() == 20) {
                                caller.interrupt();
                            }
                            return false;
                        }))
                        .isInstanceOf(CancelledException.class)
                        .hasMessage("interrupted");
                boolean interrupted = Thread.interrupted();
                assertThat(session.answer(prompt, GREEDY, (_, _) -> true).promptTokens())
                        .isEqualTo(400);
                return interrupted;
            }
        });
        assertThat(stillInterrupted).isTrue();
    }

    @Test
    void manyCallersAtOnceGetTheAnswersOfOne() throws Exception {
        List<String> prompts = DemoFiles.prompts("text").subList(0, 8);
        List<Generation> expected = answers(prompts);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Generation>>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(callers.submit(() -> answers(prompts)));
            }
            for (Future<List<Generation>> one : all) {
                assertThat(one.get()).isEqualTo(expected);
            }
        }
    }

    private static List<Generation> answers(List<String> prompts) {
        try (LlamaContext context = LlamaContext.open(model, SMALL.withSequences(2))) {
            return context.generate(prompts, GREEDY);
        }
    }

    /**
     * With more, llama.cpp's flash attention shares the keys among its threads, and sums of sums are rounded otherwise.
     */
    @Test
    void upTo256TokensTheNumberOfThreadsChangesNothing() {
        int[] text = model.tokenizePrompt(String.join(" ", DemoFiles.prompts("text")));
        for (int length : new int[] {1, 256}) {
            float[] expected = logits(text, length, 1);
            for (int threads : new int[] {ContextOptions.SHARED_THREADS, 2, 3}) {
                assertThat(logits(text, length, threads)).as(length + " tokens").isEqualTo(expected);
            }
        }
    }

    private static float[] logits(int[] text, int length, int threads) {
        try (LlamaContext context =
                LlamaContext.open(model, SMALL.withThreads(threads).withBatchTokens(128))) {
            return context.logits(Arrays.copyOf(text, length));
        }
    }
}
