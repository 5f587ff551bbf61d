package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.Cancellation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
final class ChatServerTest {

    private static final ContextOptions SMALL = ContextOptions.defaults().withContextTokens(512);
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(48);
    private static final List<ChatMessage> CHILE = List.of(ChatMessage.user("Which city rules Chile?"));
    private static LlamaModel model;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ChatServer server(int sequences) {
        return ChatServer.open(model, SMALL.withSequences(sequences));
    }

    private static Generation alone(List<ChatMessage> conversation, GenerationOptions how) {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            return context.generate(model.applyChatTemplate(conversation, true), how);
        }
    }

    /** A prompt that takes a while to read. */
    private static int[] longPrompt() {
        int[] prompt = new int[500];
        Arrays.fill(prompt, 300);
        prompt[499] = 260;
        return prompt;
    }

    /** Some turns of a conversation; returns its answers. */
    private static List<Generation> converse(ChatServer server, List<String> questions) {
        List<ChatMessage> conversation = new ArrayList<>();
        List<Generation> answers = new ArrayList<>();
        for (String question : questions) {
            conversation.add(ChatMessage.user(question));
            StringBuilder text = new StringBuilder();
            try (ChatAnswer answer = server.answer(conversation, GREEDY)) {
                answer.forEachRemaining(text::append);
                assertThat(answer.result().text()).isEqualTo(text.toString());
                answers.add(answer.result());
            }
            conversation.add(ChatMessage.assistant(text.toString().strip()));
        }
        return answers;
    }

    @ParameterizedTest
    @CsvSource({"1, 2048", "3, 2048", "8, 2048", "8, 9"})
    void conversationsAtOnceGetTheAnswersTheyGetAlone(int sequences, int batchTokens) throws Exception {
        List<String> prompts = DemoFiles.prompts("prompt");
        try (ChatServer server =
                        ChatServer.open(model, SMALL.withSequences(sequences).withBatchTokens(batchTokens));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Generation>>> all = new ArrayList<>();
            for (int client = 0; client < 8; client++) {
                List<String> questions = prompts.subList(3 * client, 3 * client + 3);
                all.add(clients.submit(() -> converse(server, questions)));
            }
            for (int client = 0; client < 8; client++) {
                List<ChatMessage> conversation = new ArrayList<>();
                List<Generation> answers = all.get(client).get();
                for (int i = 0; i < 3; i++) {
                    conversation.add(ChatMessage.user(prompts.get(3 * client + i)));
                    assertThat(answers.get(i)).isEqualTo(alone(conversation, GREEDY));
                    conversation.add(ChatMessage.assistant(answers.get(i).text().strip()));
                }
            }
            assertThat(server.waiting()).isZero();
        }
    }

    @Test
    void sampledAnswersDependOnTheirSeedAlone() {
        GenerationOptions sampled = GenerationOptions.greedy(48)
                .withSampling(SamplingOptions.seeded(7).withTemperature(1.5f));
        Generation expected = alone(CHILE, sampled);
        try (ChatServer server = server(3)) {
            List<ChatAnswer> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(server.answer(CHILE, sampled));
            }
            assertThat(answers).allSatisfy(answer -> assertThat(answer.result()).isEqualTo(expected));
        }
    }

    @Test
    void aNextTurnCostsItsNewTokensWhileOthersConverse() {
        List<ChatMessage> first = new ArrayList<>(CHILE);
        List<ChatMessage> second = List.of(ChatMessage.user("What follows Monday?"));
        try (ChatServer server = server(2)) {
            ChatAnswer answer = server.answer(first, GREEDY);
            first.add(ChatMessage.assistant(answer.result().text().strip()));
            server.answer(second, GREEDY).result();
            first.add(ChatMessage.user("Which city rules Peru?"));
            ChatAnswer next = server.answer(first, GREEDY);

            assertThat(next.result()).isEqualTo(alone(first, GREEDY));
            assertThat(next.reusedTokens())
                    .isGreaterThanOrEqualTo(answer.result().promptTokens());
            assertThat(answer.reusedTokens()).isZero();
        }
    }

    @Test
    void aClosedAnswerEndsAndTheOthersGoOn() throws Exception {
        try (ChatServer server = server(2);
                ChatAnswer unread = server.answer(longPrompt(), GenerationOptions.greedy(1000))) {
            ChatAnswer other = server.answer(CHILE, GREEDY);
            ChatAnswer waiting = server.answer(CHILE, GREEDY);
            Thread.ofVirtual().start(unread::close).join();
            waiting.close();

            assertThat(unread.result().finishReason()).isIn(FinishReason.STOPPED, FinishReason.LENGTH);
            assertThat(waiting.result().finishReason()).isIn(FinishReason.STOPPED, FinishReason.END_OF_GENERATION);
            assertThat(other.result()).isEqualTo(alone(CHILE, GREEDY));
            assertThat(server.answer(CHILE, GREEDY).result()).isEqualTo(alone(CHILE, GREEDY));
        }
    }

    @Test
    void aCancellationEndsAllThatHaveIt() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        GenerationOptions cancelled = GREEDY.withCancellation(cancellation);
        try (ChatServer server = server(1);
                LlamaContext context = LlamaContext.open(model, SMALL);
                ChatSession session = ChatSession.open(model, SMALL)) {
            int[] prompt = longPrompt();
            ChatAnswer answer = server.answer(prompt, cancelled);
            assertThatThrownBy(answer::result)
                    .isInstanceOf(CancelledException.class)
                    .hasMessage("cancelled");
            assertThatThrownBy(answer::hasNext).isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> context.generateTokens(List.of(prompt), cancelled, (_, _) -> true))
                    .isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> session.answer(prompt, cancelled, (_, _) -> true))
                    .isInstanceOf(CancelledException.class);
            assertThat(server.answer(CHILE, GREEDY).result()).isEqualTo(alone(CHILE, GREEDY));
        }
    }

    @Test
    void whatCannotBeAnsweredIsRefusedBeforeItTouchesTheOthers() {
        try (ChatServer server = server(2)) {
            ChatAnswer other = server.answer(CHILE, GREEDY);
            assertThatThrownBy(() -> server.answer(List.of(ChatMessage.user("word ".repeat(600))), GREEDY))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageMatching(
                            ".*: the conversation has \\d+ tokens, expected 1 to 512 \\(the context of a sequence\\)");
            assertThatThrownBy(() -> server.answer(List.of(), GREEDY))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a conversation of no messages");
            assertThatThrownBy(() -> server.answer(new int[] {512}, GREEDY))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(other.result()).isEqualTo(alone(CHILE, GREEDY));
        }
    }

    @Test
    void anAnswerEndsWhereItsPartOfTheContextIsFull() {
        try (ChatServer server = server(2)) {
            int[] prompt = Arrays.copyOf(longPrompt(), 512);
            Arrays.fill(prompt, 500, 512, 260);
            ChatAnswer full = server.answer(prompt, GREEDY);
            ChatAnswer other = server.answer(CHILE, GREEDY);
            assertThat(full.result().tokens()).hasSizeLessThanOrEqualTo(1);
            assertThat(other.result()).isEqualTo(alone(CHILE, GREEDY));
            assertThat(server.answer(CHILE, GREEDY).result()).isEqualTo(alone(CHILE, GREEDY));
        }
    }

    @Test
    void aStopStringEndsAnAnswerEverywhere() {
        GenerationOptions how = GREEDY.withStopStrings(List.of("says Sant", "nowhere"));
        Generation whole = alone(CHILE, GREEDY);
        Generation stopped = alone(CHILE, how);
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP_STRING);
        assertThat(stopped.text())
                .isEqualTo(whole.text().substring(0, whole.text().indexOf("says Sant")));
        StringBuilder heard = new StringBuilder();
        try (ChatServer server = server(1);
                ChatSession session = ChatSession.open(model, SMALL);
                LlamaContext context = LlamaContext.open(model, SMALL);
                GenerationStream stream = context.stream(model.applyChatTemplate(CHILE, true), how);
                ChatAnswer answer = server.answer(CHILE, how)) {
            answer.forEachRemaining(heard::append);
            assertThat(heard).hasToString(stopped.text());
            assertThat(answer.result()).isEqualTo(stopped);
            int[] prompt = model.chatPrompt(CHILE, true).tokens();
            assertThat(session.answer(prompt, how, (_, _) -> true)).isEqualTo(stopped);
            heard.setLength(0);
            stream.forEachRemaining(heard::append);
            assertThat(heard).hasToString(stopped.text());
            // what was held back is shown when no stop string comes after all
            GenerationOptions unfinished = GREEDY.withStopStrings(List.of(whole.text() + "!"));
            heard.setLength(0);
            server.answer(CHILE, unfinished).forEachRemaining(heard::append);
            assertThat(heard).hasToString(whole.text());
        }
    }

    @Test
    void closingEndsAll() {
        ChatServer server = server(1);
        List<ChatAnswer> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(server.answer(longPrompt(), GenerationOptions.greedy(1000)));
        }
        server.close();
        server.close();
        assertThat(answers.getLast().result().finishReason()).isEqualTo(FinishReason.STOPPED);
        assertThat(answers).allSatisfy(answer -> assertThat(answer.result()).isNotNull());
        assertThatThrownBy(() -> server.answer(CHILE, GREEDY))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the chat server of guide-sft-f16.gguf is closed");
    }

    @Test
    void completesStagesAndPublishesPieces() throws Exception {
        Generation expected = alone(CHILE, GREEDY);
        try (ChatServer server = server(1)) {
            // what waits for its place is followed before it ends, but on a busy machine
            ChatAnswer other = server.answer(longPrompt(), GenerationOptions.greedy(1000));
            CompletableFuture<Generation> completed = new CompletableFuture<>();
            CompletableFuture<Thread> follower = new CompletableFuture<>();
            server.answer(CHILE, GREEDY).completion().thenAccept(answer -> {
                follower.complete(Thread.currentThread());
                completed.complete(answer);
            });
            other.close();
            assertThat(completed.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
            assertThat(follower.join())
                    .as("never the thread that decodes: a virtual one, or this one if the answer was there first")
                    .satisfiesAnyOf(
                            thread -> assertThat(thread.isVirtual()).isTrue(),
                            thread -> assertThat(thread).isSameAs(Thread.currentThread()));
        }
        try (ChatServer server = server(2)) {
            Recorder all = new Recorder(Long.MAX_VALUE);
            Recorder one = new Recorder(1);
            Recorder wrong = new Recorder(0);
            Recorder refused = new Recorder(1);
            Flow.Publisher<String> publisher = server.publisher(CHILE, GREEDY);
            publisher.subscribe(all);
            publisher.subscribe(one);
            publisher.subscribe(wrong);
            server.publisher(List.of(ChatMessage.user("word ".repeat(600))), GREEDY)
                    .subscribe(refused);
            all.ended.await();
            wrong.ended.await();
            refused.ended.await();
            assertThat(String.join("", all.pieces)).isEqualTo(expected.text());
            assertThat(all.failure).isNull();
            assertThat(wrong.failure).hasMessage("0 pieces are requested, expected at least 1");
            assertThat(refused.failure).isInstanceOf(InferenceException.class);
            one.firstCame.await();
            one.subscription.cancel();
            assertThat(one.pieces).hasSize(1);
            assertThat(expected.text()).startsWith(one.pieces.getFirst());
        }
    }

    private static final class Recorder implements Flow.Subscriber<String> {

        private final long wanted;
        private final List<String> pieces = new ArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private final CountDownLatch firstCame = new CountDownLatch(1);
        private Flow.Subscription subscription;
        private Throwable failure;

        Recorder(long wanted) {
            this.wanted = wanted;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(wanted);
        }

        @Override
        public void onNext(String piece) {
            pieces.add(piece);
            firstCame.countDown();
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
            ended.countDown();
        }

        @Override
        public void onComplete() {
            ended.countDown();
        }
    }

    @Test
    void anInterruptedReaderClosesItsAnswer() throws Exception {
        try (ChatServer server = server(1)) {
            ChatAnswer answer = server.answer(longPrompt(), GenerationOptions.greedy(1000));
            Thread reader = Thread.ofVirtual().start(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(answer::result).isInstanceOf(CancelledException.class);
            });
            reader.join();
            assertThat(server.answer(CHILE, GREEDY).result()).isEqualTo(alone(CHILE, GREEDY));
        }
    }
}
