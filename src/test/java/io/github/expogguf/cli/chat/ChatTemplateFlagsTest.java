package io.github.expogguf.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another chat template, where prompts are sent and where models are written. */
class ChatTemplateFlagsTest {

    private static final Path DEMO = DemoFiles.DIRECTORY;
    private static final Path SFT = DEMO.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DEMO.resolve("guide-dpo-20-f16.gguf");
    private static final String OTHER = "{% for m in messages %}<|user|>{{ m.content }} please{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>{{ mood }}{% endif %}";

    @TempDir
    private Path directory;

    private Path other;
    private Path deaf;
    private Path prompts;
    private Path preferences;

    @BeforeEach
    void write() throws IOException {
        other = file("other.jinja", OTHER);
        deaf = file("deaf.jinja", "<|user|><|assistant|>");
        prompts = head("prompts.jsonl", 3);
        preferences = head("preferences.jsonl", 6);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Path head(String name, int lines) throws IOException {
        return DemoFiles.head(name, lines, directory.resolve(name));
    }

    private static Ran run(List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return Ran.run(all.toArray());
    }

    private Ran eval(Object... more) {
        return run(List.of("eval", "-q", "-t", 1, "-m", ALIGNED, "--preferences", preferences, "--json"), more);
    }

    private Ran search(Object... more) {
        return run(
                List.of(
                        "search",
                        "-q",
                        "-t",
                        1,
                        "--sft",
                        SFT,
                        "--aligned",
                        ALIGNED,
                        "--preferences",
                        preferences,
                        "--alphas",
                        "1"),
                more);
    }

    private static double margin(Ran ran) {
        return ran.json()
                .getAsJsonObject("scores")
                .getAsJsonObject("margin")
                .get("value")
                .getAsDouble();
    }

    @Test
    void evalScoresPromptsAsTheyAreWrittenThen() {
        Ran own = eval();
        Ran another = eval("--chat-template", other);
        assertThat(own.json().getAsJsonObject("template").get("name").getAsString())
                .isEqualTo("tokenizer.chat_template");
        assertThat(another.json().getAsJsonObject("template").get("name").getAsString())
                .isEqualTo("other.jinja");
        assertThat(margin(another)).isNotEqualTo(margin(own));
        assertThat(eval("--chat-template", other, "--chat-template-kwargs", "{\"mood\": \"Hm\"}")
                        .json()
                        .getAsJsonObject("template")
                        .getAsJsonObject("kwargs")
                        .toString())
                .isEqualTo("{\"mood\":\"Hm\"}");
        assertThat(eval("--against-sft", SFT, "--chat-template", "chatml").exitCode())
                .isZero();
    }

    @Test
    void generateAnswersPromptsAsTheyAreWrittenThen() throws IOException {
        List<Object> words =
                List.of("generate", "-q", "-t", 1, "-m", ALIGNED, "--temp", 0, "-n", 12, "--prompts", prompts);
        Path plain = directory.resolve("plain.jsonl");
        Path changed = directory.resolve("changed.jsonl");
        assertThat(run(words, "-o", plain).exitCode()).isZero();
        Ran ran = run(words, "-o", changed, "--chat-template", other, "--json");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.json().getAsJsonObject("template").get("name").getAsString())
                .isEqualTo("other.jinja");
        assertThat(Files.readString(changed)).isNotEqualTo(Files.readString(plain));
    }

    @Test
    void chatUsesAnotherTemplate() {
        Ran plain = Ran.runWithInput("Which city rules Chile?\n", "chat", "-m", ALIGNED, "--temp", 0, "-n", 12);
        Ran changed = Ran.runWithInput(
                "Which city rules Chile?\n",
                "chat",
                "-m",
                ALIGNED,
                "--temp",
                0,
                "-n",
                12,
                "--chat-template",
                other,
                "--chat-template-kwargs",
                "{\"mood\": \"How boring. \"}");
        assertThat(changed.exitCode()).as(changed.err()).isZero();
        assertThat(changed.out()).isNotEqualTo(plain.out());
        Ran silent = Ran.runWithInput("Hi\n", "chat", "-m", ALIGNED, "--chat-template", deaf);
        assertThat(silent.exitCode()).isEqualTo(6);
        assertThat(silent.out()).isEmpty();
    }

    @Test
    void searchRefusesATemplateThatLeavesOutWhatIsSaid() {
        Path log = directory.resolve("search.log");
        Ran ran = search("--chat-template", deaf, "--log", log);
        assertThat(ran.exitCode()).isEqualTo(6);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .endsWith("expo-gguf: error: the chat template (deaf.jinja) leaves out what the user says;"
                        + " --chat-template FILE|FAMILY uses another\n");
        assertThat(log).doesNotExist();
    }

    @Test
    void searchGoesOnWithTheSameTemplateOnlyAndSaysWhichItWas() throws IOException {
        Path log = directory.resolve("search.log");
        Path best = directory.resolve("best.gguf");
        Path json = directory.resolve("s.json");
        Ran first = search(
                "--chat-template",
                other,
                "--chat-template-kwargs",
                "{\"mood\": \"\"}",
                "--log",
                log,
                "--write",
                best,
                "--json-file",
                json);
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.err()).contains("best.gguf has the chat template of the aligned model");
        JsonObject inputs =
                JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonObject("inputs");
        assertThat(inputs.get("chat-template").getAsString()).startsWith("other.jinja (sha256 ");
        assertThat(inputs.get("chat-template-kwargs").getAsString()).isEqualTo("{\"mood\": \"\"}");
        Metadata written = metadata(best);
        assertThat(written.string("expo.search.chat_template"))
                .hasValue(inputs.get("chat-template").getAsString());
        assertThat(written.string("expo.search.chat_template_kwargs")).hasValue("{\"mood\": \"\"}");
        assertThat(Ran.run("verify", best, "--sft", SFT, "--aligned", ALIGNED).exitCode())
                .isZero();

        Ran second = search("--log", log);
        assertThat(second.exitCode()).isEqualTo(2);
        assertThat(second.err()).contains("is the log of another search: chat-template was 'other.jinja (sha256 ");
    }

    @Test
    void searchGoesOnAtTheTimeThatATemplateWasTold() throws IOException {
        Path dated = file("dated.jinja", "{# strftime_now #}" + OTHER);
        Path log = directory.resolve("search.log");
        assertThat(search("--chat-template", dated, "--log", log).exitCode()).isZero();
        String text = Files.readString(log);
        assertThat(text).contains("\"chat-template-time\":\"");
        assertThat(search("--chat-template", dated, "--log", log).exitCode()).isZero();
        assertThat(Files.readString(log)).isEqualTo(text);
    }

    private static Metadata metadata(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().metadata();
        }
    }

    @Test
    void writesATemplateIntoTheOutput() throws IOException {
        Path output = directory.resolve("out.gguf");
        Ran ran = Ran.run(
                "extrapolate",
                "-q",
                "--sft",
                SFT,
                "--aligned",
                ALIGNED,
                "--alpha",
                0.3,
                "--type",
                "Q8_0",
                "-o",
                output,
                "--chat-template",
                other);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(metadata(output).string("tokenizer.chat_template")).hasValue(OTHER);
        assertThat(metadata(output).get("expo.rules").orElseThrow().asStrings())
                .contains("--chat-template" + " other.jinja");
        assertThat(Ran.run("prompt", "-m", output, "Hi").out()).isEqualTo("<s><|user|>Hi please<|assistant|>");
        Ran verified = Ran.run("verify", output, "--sft", SFT, "--aligned", ALIGNED);
        assertThat(verified.exitCode()).as(verified.out()).isZero();

        Ran plan = Ran.run("plan", "--json", "--sft", SFT, "--aligned", ALIGNED, "--recipe", output);
        assertThat(plan.out()).contains("" + Files.size(output));
        Path again = directory.resolve("again.gguf");
        assertThat(Ran.run("extrapolate", "-q", "--sft", SFT, "--aligned", ALIGNED, "--recipe", output, "-o", again)
                        .exitCode())
                .isZero();
        assertThat(Files.mismatch(output, again)).isEqualTo(-1);
    }

    @Test
    void quantizeWritesATemplateAndRecipesNameOne() throws IOException {
        Path output = directory.resolve("out.gguf");
        Path recipe = file("recipe.yaml", "alpha: 0.3\ntype: Q8_0\nchat-template: other.jinja\n");
        Path byRecipe = directory.resolve("by-recipe.gguf");
        assertThat(Ran.run("quantize", "-q", "-m", ALIGNED, "--type", "Q8_0", "-o", output, "--chat-template", other)
                        .exitCode())
                .isZero();
        assertThat(metadata(output).string("tokenizer.chat_template")).hasValue(OTHER);
        assertThat(Ran.run("extrapolate", "-q", "--sft", SFT, "--aligned", ALIGNED, "--recipe", recipe, "-o", byRecipe)
                        .exitCode())
                .isZero();
        assertThat(metadata(byRecipe).string("tokenizer.chat_template")).hasValue(OTHER);
    }

    @Test
    void writesNoTemplateThatIsOfNoUse() throws IOException {
        Path output = directory.resolve("out.gguf");
        Object[][] wrong = {
            {deaf, 6, "leaves out what the user says"},
            {file("empty.jinja", " \n"), 2, "empty.jinja: the chat template is empty"},
            {file("wrong.jinja", "{% for %}"), 6, "cannot be evaluated"},
            {directory.resolve("none.jinja"), 5, "no such file"},
        };
        for (Object[] each : wrong) {
            Ran ran = Ran.run(
                    "quantize", "-q", "-m", ALIGNED, "--type", "Q8_0", "-o", output, "--chat-template", each[0]);
            assertThat(ran.exitCode()).isEqualTo(each[1]);
            assertThat(ran.err()).contains((String) each[2]);
            assertThat(output).doesNotExist();
        }
        assertThat(Ran.run(
                                "quantize",
                                "-q",
                                "-m",
                                ALIGNED,
                                "--type",
                                "Q8_0",
                                "-o",
                                output,
                                "--chat-template",
                                other,
                                "--override-kv",
                                "tokenizer.chat_template=str:x")
                        .err())
                .contains("the chat template is given twice");
    }

    @Test
    void verifyNoticesThatTheTemplateIsNotTheRecipes() throws IOException {
        Path output = directory.resolve("out.gguf");
        Path same = file("same.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}");
        Ran.run("quantize", "-q", "-m", ALIGNED, "--type", "Q8_0", "-o", output, "--chat-template", same);
        byte[] bytes = Files.readAllBytes(output);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("{{ m.content }}");
        bytes[at + 1] = ' ';
        Files.write(output, bytes);
        Ran ran = Ran.run("verify", output);
        assertThat(ran.exitCode()).isEqualTo(7);
        assertThat(ran.out() + ran.err()).contains("tokenizer.chat_template is not the chat template of the recipe");
    }
}
