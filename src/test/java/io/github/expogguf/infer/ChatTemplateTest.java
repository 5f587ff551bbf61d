package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.nativelib.NativeLibrary;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ChatTemplateTest {

    private static final List<ChatMessage> TALK = List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hi"));

    @BeforeAll
    static void load() {
        NativeLibrary.load().startBackends();
    }

    @Test
    void evaluatesRatherThanGuesses() {
        // llama.cpp takes this for GLM-Edge's template, which writes newlines
        ChatTemplate template =
                new ChatTemplate("{% for m in messages %}<|user|>{{ m.content }}{% endfor %}<|assistant|>");
        assertThat(template.apply(TALK, true, "", "")).isEqualTo("<|user|>Be brief.<|user|>Hi<|assistant|>");
    }

    @Test
    void leavesTemplatesBeyondItToLlamaCpp() {
        ChatTemplate template = new ChatTemplate("{{ strftime_now('%d') }}<|im_start|>");
        assertThat(template.apply(TALK, true, "", ""))
                .isEqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                        + "<|im_start|>assistant\n");
    }

    @Test
    void agreesWithLlamaCppOnAKnownFamily() {
        String zephyr = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|endoftext|>\n{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}";
        String guessed = new ChatTemplate("{% include 'x' %} <|user|> <|endoftext|>").apply(TALK, true, "", "");
        assertThat(new ChatTemplate(zephyr).apply(TALK, true, "", "")).isEqualTo(guessed);
    }

    @Test
    void saysWhyATemplateCannotBeUsed() {
        assertThatThrownBy(() -> new ChatTemplate("{{ strftime_now('%d') }}").apply(TALK, true, "", ""))
                .isInstanceOf(InferenceException.class)
                .hasMessage("the chat template uses the function 'strftime_now', which is not supported, "
                        + "and llama.cpp does not know its family");
        assertThatThrownBy(() -> new ChatTemplate("{{ raise_exception('No!') }}").apply(TALK, true, "", ""))
                .isInstanceOf(InferenceException.class)
                .hasMessage("the chat template refuses the conversation: No!");
    }
}
