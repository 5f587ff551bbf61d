package io.github.expogguf.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.infer.prompt.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With a tokenizer that makes a token of every character, and of every message. */
class ChatTurnsTest {

    private final List<String> seen = new ArrayList<>();
    private final ChatTurns conversation = new ChatTurns(messages -> {
        StringBuilder text = new StringBuilder();
        for (ChatMessage message : messages) {
            text.append(message.role().charAt(0)).append(message.content());
        }
        seen.add(text.toString());
        return text.chars().toArray();
    });

    private String prompt(String message, int contextTokens, int answerTokens) {
        ChatTurns.Prompt prompt = conversation.prompt(message, contextTokens, answerTokens);
        StringBuilder text = new StringBuilder(prompt.dropped() + ":");
        for (int token : prompt.tokens()) {
            text.append((char) token);
        }
        return text.toString();
    }

    @Test
    void everythingSaidComesBeforeTheNewMessage() {
        assertThat(prompt("one", 100, 10)).isEqualTo("0:uone");
        conversation.add("one", "1");
        conversation.add("two", "2");
        assertThat(prompt("three", 100, 10)).isEqualTo("0:uonea1utwoa2uthree");
        conversation.instruct("be");
        assertThat(prompt("three", 100, 10)).isEqualTo("0:sbeuonea1utwoa2uthree");
        conversation.reset();
        assertThat(prompt("three", 100, 10)).isEqualTo("0:sbeuthree");
        conversation.instruct(" ");
        assertThat(prompt("three", 100, 10)).isEqualTo("0:uthree");
    }

    @Test
    void theOldestTurnsMakeRoomUntilHalfIsFree() {
        conversation.instruct("be");
        for (int i = 1; i <= 5; i++) {
            conversation.add("q" + i, "a" + i); // 6 tokens
        }
        // 3 of the instructions, 30 of the turns, 3 of the message
        assertThat(prompt("qq", 46, 10)).startsWith("0:");
        assertThat(prompt("qq", 45, 10)).isEqualTo("3:sbeuq4aa4uq5aa5uqq");
        // what is forgotten stays forgotten
        assertThat(prompt("qq", 1000, 10)).isEqualTo("0:sbeuq4aa4uq5aa5uqq");
        assertThat(prompt("qq", 10, 5)).isEqualTo("2:sbeuqq");
    }

    @Test
    void aMessageThatIsTooLongIsRefused() {
        assertThat(prompt("123456789", 11, 5)).isEqualTo("0:u123456789"); // less room for the answer, but some
        assertThatThrownBy(() -> conversation.prompt("1234567890", 11, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the message has 11 tokens, expected fewer than 11 (the context");
        conversation.instruct("be");
        assertThatThrownBy(() -> conversation.prompt("123456789", 11, 5))
                .hasMessageContaining("13 tokens with the instructions");
    }
}
