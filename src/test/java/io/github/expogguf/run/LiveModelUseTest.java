package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ChatAnswer;
import io.github.expogguf.infer.ChatServer;
import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What happens when the model is used while it changes, when a change fails, and when things are closed. */
class LiveModelUseTest {

    private static final PlanOptions OPTIONS =
            PlanOptions.builder().alpha(0.6f).fileType(FileType.F16).build();

    @TempDir
    Path directory;

    private Extrapolator pair;

    @BeforeEach
    void open() throws IOException {
        pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
    }

    private LiveModel live() throws IOException {
        return LiveModel.open(pair, OPTIONS, WorkOptions.defaults());
    }

    private static ContextOptions small() {
        return ContextOptions.defaults().withContextTokens(256).withThreads(1);
    }

    private static float[] logits(LlamaContext context) {
        return context.logits(new int[] {1, 300, 301});
    }

    @Test
    void refusesToChangeWhileAContextIsInACall() throws IOException {
        try (LiveModel live = live();
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            List<Throwable> refusals = new ArrayList<>();
            Generation.Listener listener = (index, text) -> {
                try {
                    live.setAlpha(1);
                } catch (IllegalStateException | IOException e) {
                    refusals.add(e);
                }
                return refusals.size() < 2;
            };
            context.generateTokens(List.of(new int[] {1, 300}), GenerationOptions.greedy(8), listener);

            assertThat(refusals)
                    .hasSize(2)
                    .allSatisfy(refusal -> assertThat(refusal)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("guide-dpo-20-f16.gguf: the weights cannot be changed while a context of the"
                                    + " model is in a call"));
            assertThat(live.alpha()).isEqualTo(0.6f);
            live.setAlpha(1);
            assertThat(live.alpha()).isEqualTo(1);
        }
    }

    @Test
    void refusesCallsAndOtherChangesWhileItChanges() throws IOException {
        try (LiveModel live = live();
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            AtomicReference<Throwable> ofCall = new AtomicReference<>();
            AtomicReference<Throwable> ofChange = new AtomicReference<>();
            Progress.Listener listener = _ -> {
                ofCall.set(failureOf(() -> logits(context)));
                ofChange.set(failureOf(() -> live.setAlpha(2)));
            };
            live.setAlpha(1, WorkOptions.defaults().withListener(listener));

            String message = "guide-dpo-20-f16.gguf: the weights are being changed";
            assertThat(ofCall.get()).isInstanceOf(IllegalStateException.class).hasMessage(message);
            assertThat(ofChange.get()).isInstanceOf(IllegalStateException.class).hasMessage(message);
            assertThat(live.alpha()).isEqualTo(1);
            assertThat(logits(context)).doesNotContain(Float.NaN);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Throwable failureOf(Action action) {
        try {
            action.run();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    @Test
    void doesNotWorkWithHalfOfTheWeightsAfterACancellation() throws IOException {
        try (LiveModel live = live();
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            float[] before = logits(context);
            Cancellation cancellation = new Cancellation();
            WorkOptions cancelled = WorkOptions.defaults()
                    .withThreads(1)
                    .withCancellation(cancellation)
                    .withListener(progress -> {
                        if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > 1_000_000) {
                            cancellation.cancel();
                        }
                    });
            assertThatThrownBy(() -> live.setAlpha(3, cancelled)).isInstanceOf(CancelledException.class);
            assertUnusable(live, context);
            assertThatThrownBy(() -> live.setAlpha(3, cancelled)).isInstanceOf(CancelledException.class);

            live.setAlpha(0.6f);
            assertThat(logits(context)).isEqualTo(before);
        }
    }

    @Test
    void doesNotWorkWithHalfOfTheWeightsAfterAFailure() throws IOException {
        try (LiveModel live = live();
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            float[] before = logits(context);
            assertThatThrownBy(() -> live.setAlpha(1e30f))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageContaining("does not fit into F16");
            assertUnusable(live, context);

            live.setAlpha(0.6f);
            assertThat(logits(context)).isEqualTo(before);
        }
    }

    private static void assertUnusable(LiveModel live, LlamaContext context) {
        assertThat(live.alpha()).isEqualTo(0.6f);
        for (Action call : List.<Action>of(
                () -> logits(context),
                () -> context.generate("Hello", GenerationOptions.greedy(2)),
                () -> ChatSession.open(live.model(), small())
                        .answer(new int[] {1, 300}, GenerationOptions.greedy(2), (_, _) -> true))) {
            assertThat(failureOf(call))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("guide-dpo-20-f16.gguf: the weights are incomplete, because the last change of them"
                            + " failed or was cancelled");
        }
    }

    @Test
    void keepsTheWeightsWhereAnAlphaIsRefusedFromTheStart() throws IOException {
        try (LiveModel live = live();
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            float[] before = logits(context);
            assertThatThrownBy(() -> live.setAlpha(Float.NaN)).isInstanceOf(IllegalArgumentException.class);
            assertThat(logits(context)).isEqualTo(before);
        }
        try (Extrapolator one = Extrapolator.open(DemoFiles.ALIGNED);
                LiveModel live = LiveModel.open(one, OPTIONS.withAlpha(0), WorkOptions.defaults())) {
            assertThatThrownBy(() -> live.setAlpha(1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there is no SFT model");
        }
    }

    @Test
    void noticesThatAnInputHasChanged() throws IOException {
        Path aligned = Files.copy(DemoFiles.ALIGNED, directory.resolve("aligned.gguf"));
        try (Extrapolator changing = Extrapolator.open(DemoFiles.SFT, aligned);
                LiveModel live = LiveModel.open(changing, OPTIONS, WorkOptions.defaults());
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            float[] before = logits(context);
            Files.copy(DemoFiles.SFT, aligned, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> live.setAlpha(1)).isInstanceOf(IOException.class);
            assertThat(logits(context)).isEqualTo(before);
        }
    }

    @Test
    void aConversationForgetsWhatTheOldWeightsComputed() throws IOException {
        int[] prompt = {1, 300, 301, 302, 303};
        try (LiveModel live = live();
                ChatSession session = ChatSession.open(live.model(), small());
                ChatSession fresh = ChatSession.open(live.model(), small())) {
            session.answer(prompt, GenerationOptions.greedy(4), (_, _) -> true);
            session.answer(prompt, GenerationOptions.greedy(4), (_, _) -> true);
            assertThat(session.reusedTokens()).isPositive();

            live.setAlpha(2);
            Generation answer = session.answer(prompt, GenerationOptions.greedy(4), (_, _) -> true);
            assertThat(session.reusedTokens()).isZero();
            assertThat(answer).isEqualTo(fresh.answer(prompt, GenerationOptions.greedy(4), (_, _) -> true));
        }
    }

    @Test
    void aChatServerForgetsWhatTheOldWeightsComputed() throws IOException {
        int[] prompt = {1, 300, 301, 302, 303};
        GenerationOptions four = GenerationOptions.greedy(4);
        try (LiveModel live = live();
                ChatServer server = ChatServer.open(live.model(), small());
                ChatSession fresh = ChatSession.open(live.model(), small())) {
            for (float alpha : new float[] {2, 3, 4}) {
                server.answer(prompt, four).result();
                live.setAlpha(alpha); // nothing is under way once the last answer is there
                ChatAnswer answer = server.answer(prompt, four);
                assertThat(answer.result()).isEqualTo(fresh.answer(prompt, four, (_, _) -> true));
                assertThat(answer.reusedTokens()).isZero();
            }
        }
    }

    @Test
    void contextsOutliveTheModelAndItsPair() throws IOException {
        LiveModel live = live();
        LlamaModel model = live.model();
        LlamaContext context = LlamaContext.open(model, small());
        float[] before = logits(context);
        live.close();
        live.close();
        pair.close();

        assertThat(logits(context)).isEqualTo(before);
        assertThatThrownBy(() -> live.setAlpha(1))
                .isInstanceOfAny(IllegalStateException.class, ClosedChannelException.class);
        assertThatThrownBy(() -> LlamaContext.open(model, small())).isInstanceOf(IllegalStateException.class);
        context.close();
        assertThatThrownBy(() -> logits(context)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClosedModelDoesNotChange() throws IOException {
        LiveModel live = live();
        live.close();
        assertThatThrownBy(() -> live.setAlpha(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("model guide-dpo-20-f16.gguf is closed");
    }

    @Test
    void saysWhyThereIsNoModel() throws IOException {
        Path bare = TinyModels.falcon(Sizes.of(1, 64, 64, 2, 1))
                .write(directory.resolve("bare.gguf"), TensorValues.random(1));
        try (Extrapolator one = Extrapolator.open(bare)) {
            assertThatThrownBy(() -> LiveModel.open(one, OPTIONS.withAlpha(0), WorkOptions.defaults()))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageStartingWith("bare.gguf: llama.cpp cannot load this model: ")
                    .hasMessageContaining("output_norm.bias");
        }
        try (Extrapolator strangers = Extrapolator.open(bare, DemoFiles.ALIGNED)) {
            assertThatThrownBy(() -> LiveModel.open(strangers, OPTIONS, WorkOptions.defaults()))
                    .isInstanceOf(ModelMismatchException.class);
        }
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        WorkOptions cancelled = WorkOptions.defaults().withCancellation(cancellation);
        assertThatThrownBy(() -> LiveModel.open(pair, OPTIONS, cancelled)).isInstanceOf(CancelledException.class);
        assertThatThrownBy(() -> LiveModel.open(pair, OPTIONS.withAlpha(1e30f), WorkOptions.defaults()))
                .isInstanceOf(NonFiniteException.class);
    }

    @Test
    void refusesOverridesThatDoNotFitTheTensors() throws IOException {
        for (String override : List.of(
                "llama.embedding_length=int:100",
                "llama.block_count=int:2",
                "llama.block_count=int:0",
                "llama.feed_forward_length=int:0",
                "general.architecture=str:qwen3")) {
            PlanOptions options = PlanOptions.builder()
                    .fileType(FileType.Q8_0)
                    .overrides(List.of(KeyValueOverride.parse(override)))
                    .build();
            assertThatThrownBy(() -> LiveModel.open(pair, options, WorkOptions.defaults()))
                    .as(override)
                    .isInstanceOf(InferenceException.class);
        }
        PlanOptions harmless = PlanOptions.builder()
                .overrides(List.of(
                        KeyValueOverride.parse("general.name=str:" + "long ".repeat(40)),
                        KeyValueOverride.parse("llama.context_length=int:300")))
                .build();
        try (LiveModel live = LiveModel.open(pair, harmless, WorkOptions.defaults())) {
            assertThat(live.model().trainedContextTokens()).isEqualTo(300);
        }
    }

    /** A model has 8 MB as F32; 50 that stay would be 400 MB. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void freesItsMemory() throws IOException {
        PlanOptions wide = PlanOptions.builder().alpha(1).fileType(FileType.F32).build();
        for (int i = 0; i < 10; i++) {
            openAndClose(wide);
        }
        long before = residentBytes();
        for (int i = 0; i < 50; i++) {
            openAndClose(wide);
        }
        assertThat(residentBytes() - before).isLessThan(150_000_000);
    }

    private void openAndClose(PlanOptions options) throws IOException {
        WorkOptions oneThread = WorkOptions.defaults().withThreads(1);
        try (LiveModel live = LiveModel.open(pair, options, oneThread);
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            logits(context);
            assertThat(pair.plan(options).tensorBytes()).isGreaterThan(8_000_000);
        }
    }

    private static long residentBytes() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
