package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.testing.DemoFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChatSessionTest {

    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(512).withThreads(1);
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

    private static int[] tokens(List<ChatMessage> conversation) {
        return model.tokenize(model.applyChatTemplate(conversation, true), true, true);
    }

    private static Generation answer(ChatSession session, int[] prompt) {
        return session.answer(prompt, GREEDY, (_, _) -> true);
    }

    private static Generation fromScratch(int[] prompt, GenerationOptions how) {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            return context.generateTokens(List.of(prompt), how, (_, _) -> true).getFirst();
        }
    }

    @Test
    void turnsAreAnsweredAsFromScratchWhileOnlyTheirNewTokensAreComputed() {
        List<ChatMessage> conversation = new ArrayList<>();
        try (ChatSession session = ChatSession.open(model, SMALL.withBatchTokens(7))) {
            int known = 0;
            for (String question : DemoFiles.prompts("prompt").subList(0, 7)) {
                conversation.add(ChatMessage.user(question));
                int[] prompt = tokens(conversation);
                Generation answer = answer(session, prompt);

                assertThat(answer).isEqualTo(fromScratch(prompt, GREEDY));
                assertThat(session.reusedTokens()).isGreaterThanOrEqualTo(known).isLessThan(prompt.length);
                known = prompt.length;
                conversation.add(ChatMessage.assistant(answer.text().strip()));
            }
            assertThat(known).isGreaterThan(150);
        }
    }

    @Test
    void anyOtherPromptIsAnsweredAsFromScratch() {
        List<String> questions = new ArrayList<>(DemoFiles.prompts("prompt").subList(0, 12));
        questions.addAll(questions.subList(0, 3)); // known from their first token to their last
        questions.addAll(Collections.nCopies(2, questions.getFirst()));
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            for (String question : questions) {
                int[] prompt = tokens(List.of(ChatMessage.user(question)));
                assertThat(answer(session, prompt)).isEqualTo(fromScratch(prompt, GREEDY));
            }
            int[] last = tokens(List.of(ChatMessage.user(questions.getLast())));
            assertThat(session.reusedTokens()).isEqualTo(last.length - 1);
        }
    }

    @Test
    void sampledAnswersAreThoseOfAContext() {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile?")));
        GenerationOptions sampled = GenerationOptions.greedy(48)
                .withSampling(SamplingOptions.seeded(7).withTemperature(1.5f));
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            for (int i = 0; i < 3; i++) {
                assertThat(session.answer(prompt, sampled, (_, _) -> true)).isEqualTo(fromScratch(prompt, sampled));
            }
        }
    }

    @Test
    void temperaturesThatNoLogitCanBeDividedByAreGreedy() {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile?")));
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            for (float temperature : new float[] {Float.MIN_VALUE, 1e-38f, 0.99e-6f, 1e-6f}) {
                SamplingOptions cold = SamplingOptions.builder()
                        .temperature(temperature)
                        .seed(7)
                        .build();
                assertThat(cold.isGreedy()).isEqualTo(temperature < 1e-6f);
                assertThat(session.answer(prompt, GREEDY.withSampling(cold), (_, _) -> true)
                                .text())
                        .isEqualTo(answer(session, prompt).text());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2048, 20", "7, 150"})
    void stopsWhileItReadsThePrompt(int batchTokens, int after) {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile? ".repeat(15))));
        try (ChatSession session = ChatSession.open(model, SMALL.withBatchTokens(batchTokens))) {
            // asked before every batch, then by ggml with every operation
            AtomicInteger asked = new AtomicInteger();
            BooleanSupplier stop = () -> asked.incrementAndGet() > after;

            Generation stopped = session.answer(prompt, GREEDY, (_, _) -> true, stop);

            assertThat(asked.get()).isEqualTo(after + 1);
            assertThat(stopped.tokens()).isEmpty();
            assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOPPED);
            assertThat(answer(session, prompt)).isEqualTo(fromScratch(prompt, GREEDY));
            assertThat(session.reusedTokens()).isZero();
        }
    }

    @Test
    void stopsBetweenTokensAndGoesOnFromThere() {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile?")));
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            StringBuilder heard = new StringBuilder();
            Generation stopped = session.answer(
                    prompt,
                    GREEDY,
                    (_, text) -> {
                        heard.append(text);
                        return true;
                    },
                    () -> heard.toString().contains("guide"));
            assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOPPED);
            assertThat(stopped.text()).isEqualTo(heard.toString()).endsWith("guide");

            int[] next = tokens(List.of(
                    ChatMessage.user("Which city rules Chile?"),
                    ChatMessage.assistant(stopped.text().strip()),
                    ChatMessage.user("Which city rules Spain?")));
            assertThat(answer(session, next)).isEqualTo(fromScratch(next, GREEDY));
        }
    }

    @Test
    void aStopThatFailsIsAStop() {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile?")));
        AtomicInteger asked = new AtomicInteger();
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            Generation stopped = session.answer(prompt, GREEDY, (_, _) -> true, () -> {
                if (asked.incrementAndGet() > 5) {
                    throw new IllegalStateException("on a thread that comes from native code");
                }
                return false;
            });
            assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOPPED);
        }
    }

    @Test
    void answersUntilTheContextIsFull() {
        try (ChatSession session = ChatSession.open(model, SMALL.withContextTokens(256))) {
            int[] prompt = new int[session.contextTokens() - 2];
            Arrays.fill(prompt, 300);
            prompt[prompt.length - 1] = 260;
            Generation answer = answer(session, prompt);
            assertThat(answer.tokens()).hasSize(3); // two that were fed, and one that was not
            assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
            assertThatThrownBy(() -> answer(session, new int[257]))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("257 tokens, expected 1 to 256");
            assertThatThrownBy(() -> answer(session, new int[0])).isInstanceOf(InferenceException.class);
        }
    }

    @Test
    void afterAFailureItBeginsAfresh() {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile?")));
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            assertThatThrownBy(() -> session.answer(
                            prompt,
                            GREEDY,
                            (_, _) -> {
                                throw new IllegalStateException("of the listener");
                            },
                            () -> false))
                    .hasMessage("of the listener");
            assertThat(answer(session, prompt)).isEqualTo(fromScratch(prompt, GREEDY));
            assertThat(session.reusedTokens()).isZero();
        }
    }

    @Test
    void keepsItsMessagesWhileItAnswers() {
        List<ChatMessage> others = List.of(ChatMessage.user("And Peru?"));
        ChatSession session = ChatSession.open(model, SMALL);
        try (ChatStream answer = session.stream(ChatMessage.user("Which city rules Chile?"), GREEDY)) {
            assertThat(answer.next()).isNotEmpty();
            assertThatThrownBy(() -> session.setMessages(others))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("one call at a time");
        }
        assertThat(session.messages()).hasSize(2);
        session.setMessages(others);
        assertThat(session.messages()).isEqualTo(others);
        session.close();
        assertThatThrownBy(() -> session.setMessages(List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aStreamEndsWithTheSession() {
        ChatSession session = ChatSession.open(model, SMALL);
        try (ChatStream answer = session.stream(ChatMessage.user("Which city rules Chile?"), GREEDY)) {
            String first = answer.next();
            session.close();

            assertThat(answer.hasNext()).isFalse();
            assertThat(answer.result().text()).startsWith(first);
            assertThat(answer.result().finishReason()).isEqualTo(FinishReason.STOPPED);
            assertThat(session.messages()).isEmpty();
        }
        assertThatThrownBy(() -> session.stream(ChatMessage.user("And Peru?"), GREEDY))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSessionThatIsClosedWhileItAnswersRemembersNothingMore() {
        ChatSession session = ChatSession.open(model, SMALL);
        Generation answer =
                session.answer(ChatMessage.user("Which city rules Chile?"), GREEDY, piece -> session.close());
        assertThat(answer.finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
        assertThat(session.messages()).isEmpty();
    }

    @Test
    void servesOneCallAtATime() {
        int[] prompt = tokens(List.of(ChatMessage.user("Which city rules Chile?")));
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            List<Throwable> failures = new ArrayList<>();
            session.answer(
                    prompt,
                    GenerationOptions.greedy(1),
                    (_, _) -> {
                        CompletableFuture.runAsync(() -> answer(session, prompt))
                                .exceptionally(failure -> {
                                    failures.add(failure.getCause());
                                    return null;
                                })
                                .join();
                        return true;
                    },
                    () -> false);
            assertThat(failures).hasSize(1).hasOnlyElementsOfType(IllegalStateException.class);
        }
    }
}
