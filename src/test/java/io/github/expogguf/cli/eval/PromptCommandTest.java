package io.github.expogguf.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptCommandTest {

    private static final String TEMPLATE = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{% if m.reasoning_content %}({{ m.reasoning_content }}){% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}[assistant]{% if calm %}calm{% endif %}{% endif %}";

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void write() throws IOException {
        model = write(TEMPLATE, true);
    }

    private Path write(String template, boolean addBegin) throws IOException {
        TinyModel tiny = TinyModels.llama(Sizes.of(1, 32, 32, 2, 2))
                .with("tokenizer.chat_template", MetadataValue.ofString(template))
                .with("tokenizer.ggml.add_bos_token", MetadataValue.ofBoolean(addBegin));
        return tiny.write(directory.resolve("m.gguf"), TensorValues.random(1));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Ran prompt(Object... more) {
        Object[] words = new Object[more.length + 3];
        System.arraycopy(new Object[] {"prompt", "-m", model}, 0, words, 0, 3);
        System.arraycopy(more, 0, words, 3, more.length);
        return Ran.run(words);
    }

    @Test
    void printsWhatIsSentToTheLastByte() throws IOException {
        Ran ran = prompt("H\u00e9\u00a0\n ");

        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).isEqualTo("<s>[user]H\u00e9\u00a0\n [assistant]");
        assertThat(Ran.runWithInput("a\n", "prompt", "-m", model, "-").out()).isEqualTo("<s>[user]a\n[assistant]");
        assertThat(prompt("Hi", "--no-generation-prompt").out()).isEqualTo("<s>[user]Hi");
    }

    @Test
    void readsAConversationWithAllItsFields() throws IOException {
        Path messages = file(
                "chat.json",
                "[{\"role\": \"system\", \"content\": \"S\"}, {\"role\": \"user\", \"content\": \"Q\"},"
                        + " {\"role\": \"assistant\", \"content\": \"A\", \"reasoning_content\": \"R\"},"
                        + " {\"role\": \"user\", \"content\": \"Q2\"}]");
        assertThat(prompt("--messages", messages).out())
                .isEqualTo("<s>[system]S[user]Q[assistant]A(R)[user]Q2[assistant]");
        assertThat(prompt("--messages", file("a.json", "{}")).err()).contains("a.json: not a JSON array");
        assertThat(prompt("--messages", file("b.json", "[]")).err()).contains("b.json: the conversation has no turns");
        assertThat(prompt("--messages", file("c.json", "[{\"role\": \"user\"}]"))
                        .exitCode())
                .isEqualTo(3);
    }

    @Test
    void showsTokensAndWhoWroteBos() throws IOException {
        assertThat(prompt("Hi", "--tokens").out().lines().findFirst()).hasValue("      1  '<s>'");
        model = write(TEMPLATE.replace("{{ bos_token }}", ""), true);
        Ran ran = prompt("H\u00e9", "--tokens");
        assertThat(ran.out().lines().findFirst()).hasValue("      1  '<s>'  added by the tokenizer");
        assertThat(ran.out()).contains("'<0xC3>'");
        assertThat(prompt("Hi").out()).isEqualTo("<s>[user]Hi[assistant]");

        JsonObject json = prompt("Hi", "--json", "--tokens").json();
        assertThat(json.get("schema").getAsString()).isEqualTo("expo-gguf/prompt/1");
        assertThat(json.get("prompt").getAsString()).isEqualTo("<s>[user]Hi[assistant]");
        assertThat(json.get("bos").getAsString()).isEqualTo("tokenizer");
        assertThat(json.get("eos").isJsonNull()).isTrue();
        assertThat(json.getAsJsonArray("tokens")).hasSize(json.get("tokenCount").getAsInt());
        assertThat(json.getAsJsonArray("tokens").get(0).toString()).isEqualTo("{\"id\":1,\"text\":\"<s>\"}");
        assertThat(json.getAsJsonObject("template").get("name").getAsString()).isEqualTo("tokenizer.chat_template");
        assertThat(json.getAsJsonObject("template").get("sha256").getAsString()).hasSize(64);
    }

    @Test
    void takesWholeNumbersOfAnySize() throws IOException {
        Path jinja = file("id.jinja", "{{ messages[0].content }} {{ messages[0].id + 1 }} {{ messages[0] | tojson }}");
        Path messages = file("chat.json", "[{\"role\": \"user\", \"content\": \"Q\", \"id\": 12345678901234567890}]");
        assertThat(prompt("--messages", messages, "--chat-template", jinja).out())
                .contains("Q 12345678901234567891 ", "\"id\": 12345678901234567890");
    }

    @Test
    void saysWhichPartHasNoText() throws IOException {
        Path messages = file(
                "chat.json",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"What is this?\"},"
                        + " {\"type\": \"image_url\", \"image_url\": {\"url\": \"a.png\"}}]}]");
        assertThat(prompt("--messages", messages).err())
                .contains("the conversation's part 2 has no text, and nothing but text is sent");
    }

    @Test
    void takesVariablesAndOtherTemplates() throws IOException {
        assertThat(prompt("Hi", "--chat-template-kwargs", "{\"calm\": true}").out())
                .endsWith("[assistant]calm");
        assertThat(prompt("Hi", "--chat-template", "chatml").out())
                .isEqualTo("<s><|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
        Path jinja = file("my.jinja", "<{{ messages[0].content }}>");
        assertThat(prompt("Hi", "--chat-template", jinja).out()).isEqualTo("<s><Hi>");
        Path config = file("tokenizer_config.json", "{\"chat_template\": \"({{ messages[0].content }})\"}");
        assertThat(prompt("Hi", "--chat-template", config).out()).isEqualTo("<s>(Hi)");
        Path several = file(
                "several.json",
                "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"no\"},"
                        + " {\"name\": \"default\", \"template\": \"-{{ messages[0].content }}\"}]}");
        assertThat(prompt("Hi", "--chat-template", several).out()).isEqualTo("<s>-Hi");
    }

    @Test
    void takesATemplateThatTheModelHasUnderAName() throws IOException {
        model = TinyModels.llama(Sizes.of(1, 32, 32, 2, 2))
                .with("tokenizer.chat_template.rag", MetadataValue.ofString("rag {{ messages[0].content }}"))
                .write(directory.resolve("n.gguf"), TensorValues.random(1));
        Ran ran = prompt("Hi");
        assertThat(ran.exitCode()).isEqualTo(6);
        assertThat(ran.err())
                .isEqualTo(
                        "expo-gguf: error: n.gguf: the model has no chat template (tokenizer.chat_template), only those"
                                + " named rag; --chat-template FILE|FAMILY gives it one\n");
        assertThat(prompt("Hi", "--chat-template", "rag").out()).isEqualTo("<s>rag Hi");
    }

    @Test
    void refusesWrongOptionsWithTheWayOut() throws IOException {
        Ran ran = prompt("Hi", "--chat-template", "no-such.jinja");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("'no-such.jinja': no such file, and no family; the families are chatml llama2 ");
        assertThat(prompt("Hi", "--chat-template-kwargs", "[1]").exitCode()).isEqualTo(2);
        assertThat(prompt("Hi", "--chat-template-kwargs", "{\"messages\": 1}").err())
                .contains("'messages'");
        assertThat(prompt("Hi", "--chat-template-kwargs", "{\"a\": 1e999}").exitCode())
                .isEqualTo(2);
        assertThat(prompt("Hi", "--chat-template", "gemma", "--chat-template-kwargs", "{\"a\": 1}")
                        .exitCode())
                .isEqualTo(2);
        assertThat(prompt().exitCode()).isEqualTo(2);
        assertThat(prompt("Hi", "--messages", "x.json").exitCode()).isEqualTo(2);
    }

    @Test
    void refusesATemplateThatCannotBeEvaluatedWithTheConstruct() throws IOException {
        model = write("{% for m in messages %}\n{% include 'x' %}\n{% endfor %}<|im_start|>", true);
        Ran ran = prompt("Hi");
        assertThat(ran.exitCode()).isEqualTo(6);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .contains("the chat template (tokenizer.chat_template", "cannot be evaluated: ", "include")
                .contains(", line 2)")
                .endsWith("; --chat-template FILE|FAMILY uses another,"
                        + " --chat-template-kwargs JSON sets its variables\n");
    }

    @Test
    void refusesATemplateThatLeavesOutWhatIsSaid() throws IOException {
        for (String template : new String[] {"", "[user][assistant]"}) {
            model = write(template, true);
            Ran ran = prompt("Hi");
            assertThat(ran.exitCode()).isEqualTo(6);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err()).contains(template.isEmpty() ? "is empty" : "leaves out what the user says");
        }
    }
}
