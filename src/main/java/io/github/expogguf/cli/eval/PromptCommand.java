package io.github.expogguf.cli.eval;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.NativeFlags;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.option.model.ModelFlag;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatPrompt;
import io.github.expogguf.infer.prompt.ChatPrompt.Writer;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.score.ConversationFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Words;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a model would be sent. */
@Command(
        name = "prompt",
        description = {
            "Prints exactly what the other commands would send a model for a text or a conversation, and no newline of"
                    + " its own. The weights are not read.",
            ""
        },
        sortOptions = false,
        customSynopsis = {
            "@|bold expo-gguf prompt|@ -m FILE TEXT [OPTIONS]",
            "       @|bold expo-gguf prompt|@ -m FILE --messages FILE.json [OPTIONS]"
        },
        footer = {
            "",
            "On a terminal, control characters are shown escaped. BOS, if the tokenizer adds it, is shown by its name;"
                    + " --tokens and --json say who wrote it.",
            "Examples:",
            "  expo-gguf prompt -m MODEL.gguf 'Which city rules Chile?'",
            "  expo-gguf prompt -m MODEL.gguf --messages CHAT.json --tokens \\",
            "      --chat-template-kwargs '{\"enable_thinking\": false}'"
        })
public final class PromptCommand extends Subcommand {

    @Mixin
    private ModelFlag model;

    @ArgGroup(exclusive = true)
    private Input input;

    /** A text or a conversation. */
    static final class Input {
        @Parameters(paramLabel = "TEXT", description = "What the user says; - for what stdin says, to its last byte.")
        private @Nullable String text;

        @Option(
                names = "--messages",
                paramLabel = "FILE",
                required = true,
                order = 2,
                description = "A conversation: a JSON array of objects with role and content; what else they have,"
                        + " such as reasoning_content, reaches the template, too.")
        private @Nullable Path messages;
    }

    @Option(
            names = "--no-generation-prompt",
            order = 3,
            description = "The conversation is finished: leave out what opens an answer.")
    private boolean noGenerationPrompt;

    @Option(names = "--tokens", order = 4, description = "Print the tokens, a line each: number, text.")
    private boolean tokens;

    @Mixin
    private ChatTemplateFlags template;

    @Mixin
    private NativeFlags nativeLibrary;

    @Override
    public ExitCode execute() throws IOException {
        List<ChatMessage> messages = messages();
        nativeLibrary.load();
        try (LlamaModel vocabulary = LlamaModel.loadVocabulary(model.path())) {
            ChatTemplate used = checked(() -> template.of(vocabulary.name(), vocabulary.metadata()));
            vocabulary.setChatTemplate(used);
            ChatPrompt prompt = checked(() -> vocabulary.chatPrompt(messages, !noGenerationPrompt));
            if (json()) {
                console().print(document(vocabulary, used, prompt));
            } else if (tokens) {
                printTokens(vocabulary, prompt);
            } else {
                print(prompt.text());
            }
        }
        return ExitCode.OK;
    }

    private List<ChatMessage> messages() throws IOException {
        if (input.messages != null) {
            return ConversationFile.read(input.messages);
        }
        String text = Objects.requireNonNull(input.text); // the other one of the two
        return List.of(
                ChatMessage.user(text.equals("-") ? TextFile.read(console().in(), "stdin") : text));
    }

    private void print(String text) {
        byte[] bytes = (console().isInteractive() ? Printable.message(text) : text).getBytes(StandardCharsets.UTF_8);
        console().out().write(bytes, 0, bytes.length);
        console().out().flush();
    }

    private void printTokens(LlamaModel vocabulary, ChatPrompt prompt) {
        PrintStream out = console().out();
        int last = prompt.tokens().length - 1;
        for (int i = 0; i <= last; i++) {
            int token = prompt.tokens()[i];
            boolean isAdded =
                    (i == 0 && prompt.begin() == Writer.TOKENIZER) || (i == last && prompt.end() == Writer.TOKENIZER);
            out.println(String.format(Locale.ROOT, "%7d  %s", token, Escape.quote(vocabulary.tokenText(token)))
                    + (isAdded ? "  added by the tokenizer" : ""));
        }
    }

    private JsonObject document(LlamaModel vocabulary, ChatTemplate used, ChatPrompt prompt) {
        JsonObject document = Json.document("prompt");
        document.addProperty("model", vocabulary.name());
        document.add("template", ChatTemplateFlags.json(used));
        document.addProperty("prompt", prompt.text());
        document.addProperty("tokenCount", prompt.tokens().length);
        document.addProperty("bos", writer(prompt.begin()));
        document.addProperty("eos", writer(prompt.end()));
        if (tokens) {
            JsonArray array = new JsonArray();
            for (int token : prompt.tokens()) {
                JsonObject object = new JsonObject();
                object.addProperty("id", token);
                object.addProperty("text", vocabulary.tokenText(token));
                array.add(object);
            }
            document.add("tokens", array);
        }
        return document;
    }

    private static @Nullable String writer(Writer writer) {
        return writer == Writer.NOBODY ? null : Words.hyphened(writer);
    }
}
