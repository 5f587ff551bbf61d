package io.github.expogguf.infer.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.nativelib.NativeLibrary;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatTemplateTest {

    private static final List<ChatMessage> TALK = List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hi"));
    private static final Metadata PLAIN = new Metadata(Map.of());

    @BeforeAll
    static void load() {
        NativeLibrary.load().startBackends();
    }

    private static String render(String source, List<ChatMessage> messages) {
        return ChatTemplate.jinja("t.jinja", source).render(messages, true, Map.of());
    }

    @Test
    void evaluatesRatherThanGuesses() {
        // llama.cpp takes this for GLM-Edge's template, which writes newlines
        assertThat(render("{% for m in messages %}<|user|>{{ m.content }}{% endfor %}<|assistant|>", TALK))
                .isEqualTo("<|user|>Be brief.<|user|>Hi<|assistant|>");
    }

    @Test
    void refusesWhatItCannotEvaluateWhateverFamilyItsWordsAreOf() {
        ChatTemplate template = ChatTemplate.jinja("t.jinja", "a\n{% include 'x' %}<|im_start|>");
        assertThatThrownBy(() -> template.render(TALK, true, Map.of()))
                .isInstanceOfSatisfying(
                        ChatTemplateException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.NOT_EVALUATED))
                .hasMessageContaining("the chat template (t.jinja")
                .hasMessageContaining("cannot be evaluated: ")
                .hasMessageContaining("include");
    }

    @Test
    void passesOnARefusalInTheTemplatesWords() {
        assertThatThrownBy(() -> render("{{ raise_exception('No!') }}", TALK))
                .isInstanceOfSatisfying(
                        ChatTemplateException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.REFUSES))
                .hasMessageContaining("refuses the conversation: No!");
    }

    @Test
    void everyFamilyIsOneThatLlamaCppWrites() {
        for (String name : ChatTemplate.families()) {
            String text = ChatTemplate.family(name).render(TALK, true, Map.of());
            assertThat(text).as(name).contains("Hi");
        }
        assertThat(ChatTemplate.family("chatml").render(TALK, true, Map.of()))
                .isEqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                        + "<|im_start|>assistant\n");
        assertThatThrownBy(() -> ChatTemplate.family("[INST]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is one of chatml llama2");
    }

    @Test
    void givesTheVariablesThatTransformersGives() {
        ChatTemplate template = ChatTemplate.jinja(
                        "t",
                        "{{ bos_token }}|{{ eos_token is defined }}|{{ tools is none }}|{{ documents is none }}|"
                                + "{{ add_generation_prompt }}|{{ messages[0].content }}|{{ messages[0].mood }}|{{"
                                + " depth }}|"
                                + "{{ enable_thinking is defined }}")
                .withVariables(Map.of("depth", 3L));
        ChatMessage message = new ChatMessage("user", "Hi", Map.of("mood", "good"));
        Metadata model = new Metadata(Map.of(
                "tokenizer.ggml.tokens", MetadataValue.ofStrings(List.of("a", "<b>")),
                "tokenizer.ggml.bos_token_id", MetadataValue.ofUint32(1)));
        assertThat(template.render(List.of(message), false, SpecialTokens.of(model)))
                .isEqualTo("<b>|False|True|True|False|Hi|good|3|False");
        assertThatThrownBy(() -> template.withVariables(Map.of("messages", List.of())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChatTemplate.family("gemma").withVariables(Map.of("a", 1L)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesOnlyTheSpecialTokensThatThereAre() {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("tokenizer.ggml.model", MetadataValue.ofString("gpt2"));
        values.put("tokenizer.ggml.tokens", MetadataValue.ofStrings(List.of("x", "<e>", "<p>")));
        values.put("tokenizer.ggml.eos_token_id", MetadataValue.ofUint32(1));
        values.put("tokenizer.ggml.padding_token_id", MetadataValue.ofUint32(2));
        values.put("tokenizer.ggml.mask_token_id", MetadataValue.ofUint32(7));
        assertThat(SpecialTokens.of(new Metadata(values)))
                .containsExactlyInAnyOrderEntriesOf(Map.of("eos_token", "<e>", "pad_token", "<p>"));
    }

    @Test
    void theClockStandsStill() {
        String source = "{{ strftime_now('%Y-%m-%d') }} {{ messages[0].content }}";
        ChatTemplate template = ChatTemplate.jinja("t", source).at(ZonedDateTime.parse("2026-02-03T04:05:06Z"));
        assertThat(template.clock())
                .hasValueSatisfying(now -> assertThat(now.getYear()).isEqualTo(2026));
        assertThat(ChatTemplate.jinja("t", "{{ messages[0].content }}").clock()).isEmpty();
        assertThat(template.render(TALK, true, Map.of())).isEqualTo("2026-02-03 Be brief.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n",
                "<|assistant|>",
                "{% for m in messages if m.role == 'system' %}{{ m.content }}{% endfor %}",
                "{% for m in messages %}{{ m.role }}: {{ m.text }}{% endfor %}",
                "{% if messages[0].content == 'Hi' %}Hi{% endif %}",
            })
    void noticesATemplateThatLeavesOutWhatIsSaid(String source) {
        ChatTemplate template = ChatTemplate.jinja("t.jinja", source);
        assertThatThrownBy(() -> HeardConversations.check(template, PLAIN, List.of(TALK)))
                .isInstanceOfSatisfying(
                        ChatTemplateException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.LEAVES_OUT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for m in messages %}{{ m.content | trim }}{% endfor %}",
                "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
                "{{ messages[-1].content | tojson }}",
                "{{ messages[-1]['content'].split('x') | join('x') }}",
            })
    void letsATemplateChangeWhatIsSaid(String source) {
        ChatTemplate template = ChatTemplate.jinja("t.jinja", source);
        HeardConversations.check(
                template, PLAIN, List.of(TALK, List.of(ChatMessage.user(" \n")), List.of(ChatMessage.system("alone"))));
    }

    @Test
    void triesEveryShapeOfConversation() {
        ChatTemplate template = ChatTemplate.jinja("t", "{% for m in messages[:2] %}{{ m.content }}{% endfor %}");
        HeardConversations.check(template, PLAIN, List.of(TALK));
        List<ChatMessage> longer = List.of(ChatMessage.user("a"), ChatMessage.assistant("b"), ChatMessage.user("c"));
        assertThatThrownBy(() -> HeardConversations.check(template, PLAIN, List.of(TALK, longer)))
                .hasMessage("the chat template (t) leaves out what the user says");
    }

    @Test
    void seesContentInParts() {
        ChatMessage parts =
                new ChatMessage("user", "Hi", Map.of("content", List.of(Map.of("type", "text", "text", "Hi"))));
        ChatTemplate inParts = ChatTemplate.jinja("t", "{% for p in messages[0].content %}{{ p.text }}{% endfor %}");
        HeardConversations.check(inParts, PLAIN, List.of(List.of(parts)));
        assertThat(inParts.render(List.of(parts), true, Map.of())).isEqualTo("Hi");
    }

    @Test
    void takesTheTemplateWithoutANameOrTheDefaultOne() {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("tokenizer.chat_template.tool_use", MetadataValue.ofString("tools"));
        Metadata toolsOnly = new Metadata(values);
        assertThat(ChatTemplate.of(toolsOnly)).isEmpty();
        assertThat(ChatTemplate.missing("m.gguf", toolsOnly))
                .hasMessage("m.gguf: the model has no chat template (tokenizer.chat_template), only those named"
                        + " tool_use");
        values.put("tokenizer.chat_template.default", MetadataValue.ofString("default"));
        assertThat(ChatTemplate.of(new Metadata(values)).orElseThrow().source()).isEqualTo("default");
        values.put("tokenizer.chat_template", MetadataValue.ofString("plain"));
        assertThat(ChatTemplate.of(new Metadata(values)).orElseThrow().source()).isEqualTo("plain");
        assertThat(ChatTemplate.named(new Metadata(values), "tool_use")
                        .orElseThrow()
                        .source())
                .isEqualTo("tools");
        assertThat(ChatTemplate.names(new Metadata(values))).isEqualTo(Arrays.asList("default", "tool_use"));
    }
}
