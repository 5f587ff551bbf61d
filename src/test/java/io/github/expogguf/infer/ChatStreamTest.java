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
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Messages in, text out. */
final class ChatStreamTest {

    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(256).withThreads(1);
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(48);
    private static final ChatMessage CHILE = ChatMessage.user("Which city rules Chile?");
    private static final ChatMessage PERU = ChatMessage.user("Which city rules Peru?");
    private static LlamaModel model;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Generation fromScratch(ChatMessage... conversation) {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            return context.generate(model.applyChatTemplate(List.of(conversation), true), GREEDY);
        }
    }

    private static ChatMessage said(Generation answer) {
        return ChatMessage.assistant(answer.text().strip());
    }

    @Test
    void oneMessageMoreGoesOnWithTheConversation() {
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            StringBuilder heard = new StringBuilder();
            Generation first = session.answer(CHILE, GREEDY, heard::append);
            assertThat(first).isEqualTo(fromScratch(CHILE));
            assertThat(heard).hasToString(first.text());
            Generation second = session.answer(PERU, GREEDY, piece -> {});
            assertThat(second).isEqualTo(fromScratch(CHILE, said(first), PERU));
            assertThat(session.reusedTokens()).isPositive();
            assertThat(session.messages()).containsExactly(CHILE, said(first), PERU, said(second));
        }
    }

    @Test
    void aWholeConversationTakesThePlaceOfWhatWasSaid() {
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            session.answer(CHILE, GREEDY, piece -> {});
            Generation other = session.answer(List.of(PERU), GREEDY, piece -> {});
            assertThat(other).isEqualTo(fromScratch(PERU));
            assertThat(session.messages()).containsExactly(PERU, said(other));

            session.setMessages(List.of());
            assertThat(session.answer(CHILE, GREEDY, piece -> {})).isEqualTo(fromScratch(CHILE));
            assertThat(session.messages()).hasSize(2);
        }
    }

    @Test
    void piecesComeAsTheyAreAskedFor() {
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            List<String> pieces = new ArrayList<>();
            try (ChatStream answer = session.stream(CHILE, GREEDY)) {
                assertThatThrownBy(answer::result).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> session.stream(PERU, GREEDY)).hasMessageContaining("in use");
                answer.forEachRemaining(pieces::add);
                assertThat(pieces).hasSizeGreaterThan(5).doesNotContain("");
                assertThat(String.join("", pieces)).isEqualTo(fromScratch(CHILE).text());
                assertThat(answer.result()).isEqualTo(fromScratch(CHILE));
                assertThatThrownBy(answer::next).isInstanceOf(NoSuchElementException.class);
                // it is at its end, so that the session is free before it is closed
                assertThat(session.answer(PERU, GREEDY, piece -> {}).text()).contains("Lima");
            }
            assertThat(session.messages()).hasSize(4);
        }
    }

    @Test
    void closingItEndsTheAnswerAndKeepsWhatWasSaid() {
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            ChatStream answer = session.stream(CHILE, GREEDY);
            String first = answer.next();
            answer.close();
            answer.close();
            assertThat(answer.result().finishReason()).isEqualTo(FinishReason.STOPPED);
            assertThat(answer.hasNext()).isFalse();
            assertThat(session.messages()).containsExactly(CHILE, ChatMessage.assistant(first.strip()));

            session.stream(PERU, GREEDY).close(); // before its first token
            assertThat(session.messages()).hasSize(2);
            session.setMessages(List.of());
            assertThat(session.answer(CHILE, GREEDY, piece -> {})).isEqualTo(fromScratch(CHILE));
        }
    }

    @Test
    void anyThreadMayCloseIt() throws Exception {
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
                ChatStream answer = session.stream(
                        List.of(CHILE), GenerationOptions.builder().build());
                CountDownLatch begun = new CountDownLatch(1);
                Thread reader = builder.start(() -> answer.forEachRemaining(piece -> begun.countDown()));
                begun.await();
                answer.close();
                reader.join();
                assertThat(answer.result()).isNotNull();
                assertThat(session.answer(List.of(PERU), GREEDY, piece -> {})).isEqualTo(fromScratch(PERU));
            }
        }
    }

    @Test
    void whatFailsLeavesTheConversationAsItWas() {
        try (ChatSession session = ChatSession.open(model, SMALL)) {
            Generation first = session.answer(CHILE, GREEDY, piece -> {});
            ChatMessage longOne = ChatMessage.user("Which city rules Chile? ".repeat(40));
            assertThatThrownBy(() -> session.answer(longOne, GREEDY, piece -> {}))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageMatching("guide-sft-f16.gguf: the conversation has \\d+ tokens, expected at most 256"
                            + " \\(the context\\)");
            Cancellation cancellation = new Cancellation();
            assertThatThrownBy(() ->
                            session.answer(PERU, GREEDY.withCancellation(cancellation), piece -> cancellation.cancel()))
                    .isInstanceOf(CancelledException.class);
            IllegalStateException thrown = new IllegalStateException("no more");
            assertThatThrownBy(() -> session.answer(PERU, GREEDY, piece -> {
                        throw thrown;
                    }))
                    .isSameAs(thrown);
            assertThat(session.messages()).containsExactly(CHILE, said(first));
            assertThat(session.answer(PERU, GREEDY, piece -> {})).isEqualTo(fromScratch(CHILE, said(first), PERU));
        }
    }

    @Test
    void anAnswerThatFillsTheContextEndsThere() {
        ContextOptions tiny = SMALL.withContextTokens(256);
        try (ChatSession session = ChatSession.open(model, tiny)) {
            ChatMessage longOne = ChatMessage.user("Which city rules Chile? ".repeat(18));
            Generation answer = session.answer(
                    longOne,
                    GenerationOptions.builder().build().withGrammar(Grammar.parse("root ::= .{200}")),
                    piece -> {});
            assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
            // the last token of an answer needs no place
            assertThat(answer.promptTokens() + answer.tokens().size()).isEqualTo(257);
        }
    }
}
