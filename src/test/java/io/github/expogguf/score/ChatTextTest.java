package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens count as the answer. */
final class ChatTextTest {

    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("Q"));

    @TempDir
    private Path directory;

    /** The prompt and the answer that a template leads to, with the names of control tokens. */
    private String answered(String template, List<ChatMessage> messages, ChatMessage answer) throws IOException {
        Path file = TinyModels.llama(Sizes.of(1, 32, 32, 2, 2))
                .with("tokenizer.chat_template", MetadataValue.ofString(template))
                .with("tokenizer.ggml.add_bos_token", MetadataValue.ofBoolean(false))
                .with("tokenizer.ggml.add_space_prefix", MetadataValue.ofBoolean(false))
                .write(directory.resolve("m.gguf"), TensorValues.random(1));
        try (LlamaModel model = LlamaModel.loadVocabulary(file)) {
            Passage passage = new ChatText(model).answered(messages, answer);
            int[] tokens = passage.tokens();
            assertThat(Arrays.copyOf(tokens, passage.firstScored()))
                    .isEqualTo(model.chatPrompt(messages, true).tokens());
            return model.detokenizeMarkup(Arrays.copyOf(tokens, passage.firstScored())) + " => "
                    + model.detokenizeMarkup(Arrays.copyOfRange(tokens, passage.firstScored(), tokens.length));
        }
    }

    private String answered(String template, String answer) throws IOException {
        return answered(template, QUESTION, ChatMessage.assistant(answer));
    }

    private static String turns(String open, String finished) {
        return "{% for m in messages %}{% if m.role == 'assistant' %}" + finished + "{% else %}<{{ m.role }}>{{"
                + " m.content }}"
                + "{% endif %}{% endfor %}{% if add_generation_prompt %}" + open + "{% endif %}";
    }

    @Test
    void theEndIsTheLastOfTheAnswer() throws IOException {
        assertThat(answered(turns("<a>", "<a>{{ m.content }}{{ eos_token }}\n"), "A"))
                .isEqualTo("<user>Q<a> => A</s>");
        assertThat(answered(turns("<a>", "<a>{{ m.content }}</end>\n"), "A")).isEqualTo("<user>Q<a> => A</end>\n</s>");
    }

    @Test
    void aBlankBeforeFinishedAnswersBelongsToThem() throws IOException {
        assertThat(answered(turns("", " {{ m.content }}</s>"), "A")).isEqualTo("<user>Q =>  A</s>");
    }

    @Test
    void anOpenThoughtIsPartOfThePrompt() throws IOException {
        // finished answers have no thought at all
        assertThat(answered(turns("<a><think>\n", "<a>{{ m.content }}<end></s>"), "A"))
                .isEqualTo("<user>Q<a><think>\n => A<end></s>");
        // finished answers have an empty one, which closes what the prompt opened
        assertThat(answered(turns("<a><think>\n", "<a><think>\n\n</think>\n\n{{ m.content }}</s>"), "A"))
                .isEqualTo("<user>Q<a><think>\n => \n</think>\n\nA</s>");
    }

    @Test
    void thoughtsThatATemplateRemovesAreScored() throws IOException {
        String template = turns("<a>", "<a>{{ m.content.split('</think>')[-1] }}<end></s>");
        assertThat(answered(template, "<think>x</think>A")).isEqualTo("<user>Q<a> => <think>x</think>A<end></s>");
    }

    @Test
    void fieldsOfTheAnswerReachTheTemplate() throws IOException {
        String template = turns("<a>", "<a><think>{{ m.reasoning_content }}</think>{{ m.content }}</s>");
        ChatMessage answer = new ChatMessage("assistant", "A", Map.of("reasoning_content", "because"));
        assertThat(answered(template, QUESTION, answer)).isEqualTo("<user>Q<a> => <think>because</think>A</s>");
    }

    @Test
    void earlierTurnsAndInstructionsComeFirst() throws IOException {
        List<ChatMessage> talk = List.of(
                ChatMessage.system("S"), ChatMessage.user("Q"), ChatMessage.assistant("A"), ChatMessage.user("R"));
        assertThat(answered(turns("<a>", "<a>{{ m.content }}</s>"), talk, ChatMessage.assistant("B")))
                .isEqualTo("<system>S<user>Q<a>A</s><user>R<a> => B</s>");
    }
}
