package io.github.expogguf.infer.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.prompt.ChatPrompt.Writer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BOS and EOS are there once, whoever writes them. */
final class ChatPromptTest {

    private static final int BOS = 1;
    private static final int EOS = 2;
    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("Hi"));
    private static final List<ChatMessage> TALK = List.of(ChatMessage.user("Hi"), ChatMessage.assistant("Ho"));
    private static final String TURNS = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
            + "{% if add_generation_prompt %}[assistant]{% endif %}";

    @TempDir
    private Path directory;

    private LlamaModel model(String template, boolean addBegin, boolean addEnd) throws IOException {
        TinyModel model = TinyModels.llama(Sizes.of(1, 32, 32, 2, 2))
                .with("tokenizer.chat_template", MetadataValue.ofString(template))
                .with("tokenizer.ggml.add_bos_token", MetadataValue.ofBoolean(addBegin))
                .with("tokenizer.ggml.add_eos_token", MetadataValue.ofBoolean(addEnd));
        return LlamaModel.loadVocabulary(model.write(directory.resolve("m.gguf"), TensorValues.random(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // before the turns | behind them | tokenizer adds BOS, EOS | writer of BOS, of EOS when finished
                "''|''|false|false|NOBODY|NOBODY",
                "''|''|true|false|TOKENIZER|NOBODY",
                "''|''|false|true|NOBODY|TOKENIZER",
                "''|''|true|true|TOKENIZER|TOKENIZER",
                "bos_token|''|false|false|TEMPLATE|NOBODY",
                "bos_token|''|true|true|TEMPLATE|TOKENIZER",
                "'<s>'|'</s>'|true|true|TEMPLATE|TEMPLATE",
                "'<s>'|'</s>'|false|false|TEMPLATE|TEMPLATE",
                "'\\n' + bos_token|eos_token + '\\n'|true|true|TEMPLATE|TEMPLATE",
            })
    void bothAreThereOnceWhoeverWritesThem(
            String before, String behind, boolean addBegin, boolean addEnd, Writer begin, Writer end)
            throws IOException {
        String template =
                "{{ " + before + " }}" + TURNS + "{% if not add_generation_prompt %}{{ " + behind + " }}{% endif %}";
        try (LlamaModel model = model(template, addBegin, addEnd)) {
            ChatPrompt prompt = model.chatPrompt(QUESTION, true);
            assertThat(prompt.begin()).isEqualTo(begin);
            assertThat(count(prompt.tokens(), BOS)).isEqualTo(begin == Writer.NOBODY ? 0 : 1);
            assertThat(prompt.end()).as("an answer follows").isEqualTo(Writer.NOBODY);
            assertThat(count(prompt.tokens(), EOS)).isZero();
            assertThat(prompt.text().strip()).isEqualTo((begin == Writer.NOBODY ? "" : "<s>") + "[user]Hi[assistant]");

            ChatPrompt finished = model.chatPrompt(TALK, false);
            assertThat(finished.begin()).isEqualTo(begin);
            assertThat(finished.end()).isEqualTo(end);
            assertThat(count(finished.tokens(), BOS)).isEqualTo(begin == Writer.NOBODY ? 0 : 1);
            assertThat(count(finished.tokens(), EOS)).isEqualTo(end == Writer.NOBODY ? 0 : 1);
            assertThat(finished.text().strip())
                    .isEqualTo((begin == Writer.NOBODY ? "" : "<s>") + "[user]Hi[assistant]Ho"
                            + (end == Writer.NOBODY ? "" : "</s>"));
        }
    }

    private static long count(int[] tokens, int token) {
        return Arrays.stream(tokens).filter(each -> each == token).count();
    }

    @Test
    void tokensAreThoseOfLlamaTokenizeWhereThatIsRight() throws IOException {
        try (LlamaModel model = model(TURNS, true, false)) {
            String text = "[user]Hi  there \u00e9\n[assistant]";
            assertThat(model.tokenizePrompt(text)).isEqualTo(model.tokenize(text));
            assertThat(model.tokenizePrompt("<s>" + text)).isEqualTo(model.tokenize(text));
            assertThat(model.tokenizePrompt("")).containsExactly(BOS);
            assertThat(model.addedBeginOfSequence()).hasValue(BOS);
        }
    }

    @Test
    void plainTextIsGoneOnWithRatherThanEnded() throws IOException {
        try (LlamaModel model = model(TURNS, false, true)) {
            assertThat(model.tokenize("Hi")).endsWith(EOS);
            assertThat(model.tokenizePrompt("Hi")).isEqualTo(model.tokenizeMarkup("Hi"));
            assertThat(model.addedBeginOfSequence()).isEmpty();
        }
    }

    @Test
    void aNameThatIsPlainTextInTheVocabularyIsTheTokenAllTheSame() throws IOException {
        TinyModel tiny = TinyModels.llama(Sizes.of(1, 32, 32, 2, 2))
                .with("tokenizer.chat_template", MetadataValue.ofString("{{ bos_token }}" + TURNS));
        int[] types = new int[TinyModels.VOCABULARY];
        Arrays.fill(types, 1); // normal
        Arrays.fill(types, 3, 259, 6); // bytes
        TinyModel plain = tiny.with("tokenizer.ggml.token_type", MetadataValue.ofInt32s(types));
        try (LlamaModel model =
                LlamaModel.loadVocabulary(plain.write(directory.resolve("p.gguf"), TensorValues.random(1)))) {
            ChatPrompt prompt = model.chatPrompt(QUESTION, true);
            assertThat(prompt.tokens()).startsWith(BOS);
            assertThat(model.detokenizeMarkup(Arrays.copyOfRange(prompt.tokens(), 1, prompt.tokens().length))
                            .strip())
                    .isEqualTo("[user]Hi[assistant]");
        }
    }

    @Test
    void aVocabularyHasNoContexts() throws IOException {
        try (LlamaModel model = model(TURNS, true, false)) {
            assertThatThrownBy(() -> LlamaContext.open(model, ContextOptions.defaults()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("m.gguf: only the vocabulary was loaded");
            assertThat(model.tokenText(0xC3 + 3)).isEqualTo("<0xC3>");
            assertThat(model.tokenText(BOS)).isEqualTo("<s>");
        }
    }

    @Test
    void anotherTemplateTakesThePlaceOfTheModels() throws IOException {
        try (LlamaModel model = model("{{ messages[0].content }}", true, false)) {
            assertThat(model.hearsInstructions()).isTrue();
            model.setChatTemplate(ChatTemplate.jinja(
                    "t", "{% for m in messages %}{% if m.role == 'user' %}<{{ m.content }}>{% endif %}{% endfor %}"));
            assertThat(model.chatPrompt(QUESTION, true).text()).isEqualTo("<s><Hi>");
            assertThat(model.hearsInstructions()).isFalse();
            model.setChatTemplate(ChatTemplate.family("zephyr"));
            assertThat(model.chatPrompt(QUESTION, true).text())
                    .isEqualTo("<s><|user|>\nHi<|endoftext|>\n<|assistant|>\n");
        }
    }

    @Test
    void aDefaultSystemPromptThatInstructionsReplaceIsNoSignOfDeafness() throws IOException {
        String template = "{% if messages[0].role != 'system' %}[system]You are a helpful assistant made by people."
                + "{% endif %}" + TURNS;
        try (LlamaModel model = model(template, false, false)) {
            assertThat(model.hearsInstructions()).isTrue();
            assertThat(model.chatPrompt(List.of(ChatMessage.system("Be brief."), QUESTION.getFirst()), true)
                            .text())
                    .isEqualTo("[system]Be brief.[user]Hi[assistant]");
        }
    }
}
