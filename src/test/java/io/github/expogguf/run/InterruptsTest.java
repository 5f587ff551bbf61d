package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Threads that are interrupted at any time inside a call: it ends as cancelled or well, the thread is still
 * interrupted, and others that use the same pair notice nothing.
 */
class InterruptsTest {

    private static final int TRIES = 40;
    private static final long SEED = 20;
    private static final PlanOptions OPTIONS =
            PlanOptions.builder().alpha(0.3f).fileType(FileType.Q4_K_M).build();
    private static final WorkOptions WORK = WorkOptions.defaults().withThreads(2);
    private static final OutputOptions HOW = OutputOptions.defaults().withThreads(2);

    @TempDir
    static Path shared;

    private static Path good;
    private static Extrapolator pair;
    private static LiveModel live;

    @TempDir
    Path directory;

    @BeforeAll
    static void open() throws IOException {
        good = shared.resolve("good.gguf");
        pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
        pair.write(OPTIONS, good, HOW);
        live = LiveModel.open(pair, OPTIONS, WORK);
    }

    @AfterAll
    static void close() throws IOException {
        live.close();
        pair.close();
    }

    /** What a thread does when it is interrupted. */
    enum Call {
        OPEN {
            @Override
            void run(Path output) throws IOException {
                Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED).close();
            }
        },
        WRITE {
            @Override
            void run(Path output) throws IOException {
                pair.write(OPTIONS, output, HOW);
            }
        },
        WRITE_RESUMABLY {
            @Override
            void run(Path output) throws IOException {
                pair.write(OPTIONS, output, HOW.withUnfinished(Unfinished.RESUME));
            }
        },
        EXPORT_LORA {
            @Override
            void run(Path output) throws IOException {
                pair.exportLora(LoraOptions.builder().rank(2).type(GgmlType.F16).build(), output, HOW);
            }
        },
        COMPARE {
            @Override
            void run(Path output) throws IOException {
                pair.compare(WORK);
            }
        },
        PREDICT {
            @Override
            void run(Path output) throws IOException {
                pair.predict(pair.plan(OPTIONS), WORK);
            }
        },
        VERIFY {
            @Override
            void run(Path output) throws IOException {
                Ingredients<Path> inputs = Ingredients.pair(DemoFiles.SFT, DemoFiles.ALIGNED);
                assertThat(Verifier.verify(good, inputs, WORK).passed()).isTrue();
            }
        },
        OPEN_LIVE {
            @Override
            void run(Path output) throws IOException {
                LiveModel.open(pair, OPTIONS, WORK).close();
            }
        },
        CHANGE_ALPHA {
            @Override
            void run(Path output) throws IOException {
                live.setAlpha(0.4f);
            }
        },
        LOAD {
            @Override
            void run(Path output) throws IOException {
                LlamaModel.load(good, LoadOptions.defaults()).close();
            }
        },
        GENERATE {
            @Override
            void run(Path output) throws IOException {
                try (LlamaModel model = LlamaModel.load(good, LoadOptions.defaults());
                        LlamaContext context = LlamaContext.open(
                                model, ContextOptions.defaults().withThreads(1))) {
                    context.generate("How do I", GenerationOptions.greedy(32));
                }
            }
        },
        SEARCH {
            @Override
            void run(Path output) throws IOException {
                AnswerScorer shortness = given ->
                        given.stream().mapToDouble(answer -> -answer.tokens()).toArray();
                List<Prompt> prompts = List.of(Prompt.of("Hello"), Prompt.of("How do I boil an egg?"));
                Measurements measured = Measurements.ofAnswers(prompts, GenerationOptions.greedy(8), shortness);
                ComputeOptions how = ComputeOptions.defaults().withThreads(2);
                try (LiveEvaluator evaluator = new LiveEvaluator(live, measured, how)) {
                    AlphaSearch.run(SearchOptions.grid(0.3f), evaluator);
                }
            }
        };

        abstract void run(Path output) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptCancelsOrIsKept(Call call) throws Exception {
        Path output = directory.resolve("out.gguf");
        call.run(output); // so that what is loaded once is loaded
        Files.deleteIfExists(output);
        long start = System.nanoTime();
        call.run(output);
        long usual = System.nanoTime() - start;
        Files.deleteIfExists(output);

        SplittableRandom random = new SplittableRandom(SEED);
        int cancelled = 0;
        for (int i = 0; i < TRIES; i++) {
            boolean virtual = i % 2 == 1;
            Optional<CancelledException> end = interrupted(call, output, random.nextLong(usual), virtual);
            cancelled += end.isPresent() ? 1 : 0;
            checkLeft(call, output, end);
        }
        if (call != Call.OPEN && call != Call.LOAD) { // which have no cancellation
            assertThat(cancelled).as("tries that were cancelled").isPositive();
        }
        live.setAlpha(OPTIONS.alpha());
        pair.write(OPTIONS, output, HOW.withUnfinished(Unfinished.RESUME));
        assertThat(output).hasSameBinaryContentAs(good);
    }

    /** How the call ended in a thread that was interrupted after some time; a failure of another kind is thrown. */
    private static Optional<CancelledException> interrupted(Call call, Path output, long nanos, boolean virtual)
            throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        FutureTask<Optional<CancelledException>> task = new FutureTask<>(() -> {
            Optional<CancelledException> end = Optional.empty();
            try {
                call.run(output);
            } catch (CancelledException e) {
                end = Optional.of(e);
            }
            while (sent.getCount() > 0) {
                Thread.onSpinWait();
            }
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            return end;
        });
        Thread thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
        LockSupport.parkNanos(nanos);
        thread.interrupt();
        sent.countDown();
        return task.get(1, TimeUnit.MINUTES);
    }

    private void checkLeft(Call call, Path output, Optional<CancelledException> end) throws IOException {
        List<Path> left = new ArrayList<>(list());
        if (left.remove(output)) {
            assertThat(end).isEmpty();
            Files.delete(output);
        }
        if (call != Call.WRITE_RESUMABLY || end.isEmpty()) {
            assertThat(left).isEmpty();
        }
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void isCancelledAtOnceWhereTheThreadWasInterruptedBefore() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Call.COMPARE.run(directory))
                .isInstanceOf(CancelledException.class)
                .hasMessage("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    /** A channel that an interrupt closes is closed for all threads. */
    @Test
    void interruptsOfReadersDisturbNoReader() throws Exception {
        try (GgufModel model = GgufModel.open(DemoFiles.ALIGNED)) {
            TensorInfo tensor = model.header().tensors().getFirst();
            byte[] expected = new byte[(int) tensor.byteCount()];
            model.read(tensor, 0, MemorySegment.ofArray(expected));
            AtomicBoolean enough = new AtomicBoolean();
            List<FutureTask<Integer>> tasks = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(new FutureTask<>(() -> readUntil(enough, model, tensor, expected)));
                threads.add(Thread.ofPlatform().start(tasks.getLast()));
            }
            SplittableRandom random = new SplittableRandom(SEED);
            for (int i = 0; i < 200; i++) {
                LockSupport.parkNanos(random.nextLong(1_000_000));
                threads.get(random.nextInt(2)).interrupt(); // the third never is
            }
            enough.set(true);
            assertThat(tasks.get(0).get() + tasks.get(1).get()).isPositive();
            assertThat(tasks.get(2).get()).isZero();
        }
    }

    /** Returns how often it was interrupted. */
    private static int readUntil(AtomicBoolean enough, GgufModel model, TensorInfo tensor, byte[] expected)
            throws IOException {
        int interrupts = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(expected.length);
            while (!enough.get()) {
                model.read(tensor, 0, bytes.fill((byte) 0));
                assertThat(bytes.mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
                interrupts += Thread.interrupted() ? 1 : 0;
            }
        }
        return interrupts;
    }
}
