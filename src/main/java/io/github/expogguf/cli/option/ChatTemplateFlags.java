package io.github.expogguf.cli.option;

import com.google.gson.JsonObject;
import io.github.expogguf.PromptException;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.infer.prompt.HeardConversations;
import io.github.expogguf.plan.options.TemplateFile;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import io.github.expogguf.text.json.JsonText;
import io.github.expogguf.text.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that send prompts: another chat template than the model's, and variables for it. */
public final class ChatTemplateFlags {

    @Option(
            names = "--chat-template",
            paramLabel = "FILE|FAMILY",
            order = 56,
            description = "Use this chat template in place of the model's: a Jinja file (or a JSON file with a field"
                    + " chat_template), a template that the model has under this name, or a family of llama.cpp such as"
                    + " chatml, whose format is then written without evaluating anything.")
    private @Nullable String template;

    @Option(
            names = "--chat-template-kwargs",
            paramLabel = "JSON",
            order = 57,
            description = "Variables for the chat template, as in '{\"enable_thinking\": false}'. By default there are"
                    + " none, as in transformers.")
    private @Nullable String variables;

    private Optional<ZonedDateTime> time = Optional.empty();

    /** Tells templates that ask for the date this time, of an earlier run that is gone on with. */
    public void setTime(String earlier) {
        try {
            time = Optional.of(ZonedDateTime.parse(earlier));
        } catch (DateTimeParseException wrong) {
            throw new PromptException("the time " + Escape.quote(earlier) + " of the log is none");
        }
    }

    /** Whether another template than the model's is used, or the model's is used otherwise. */
    public boolean isAny() {
        return template != null || variables != null;
    }

    /**
     * The template for a model.
     *
     * @param model    name of its file
     * @param metadata its metadata
     * @throws IllegalArgumentException                  if the options name none
     * @throws io.github.expogguf.ChatTemplateException  if nothing was chosen and the model has none
     */
    public ChatTemplate of(String model, Metadata metadata) throws IOException {
        ChatTemplate found = template == null
                ? ChatTemplate.of(metadata).orElseThrow(() -> ChatTemplate.missing(model, metadata))
                : named(metadata, template);
        ChatTemplate complete = variables == null ? found : found.withVariables(variables(variables));
        return time.isEmpty() ? complete : complete.at(time.get());
    }

    /** Same, after making sure that it passes on what is said in conversations. */
    public ChatTemplate of(String model, Metadata metadata, List<List<ChatMessage>> conversations) throws IOException {
        ChatTemplate found = of(model, metadata);
        HeardConversations.check(found, metadata, conversations);
        return found;
    }

    private static ChatTemplate named(Metadata metadata, String template) throws IOException {
        Optional<ChatTemplate> ofModel = ChatTemplate.named(metadata, template);
        if (ofModel.isPresent()) {
            return ofModel.get();
        }
        if (ChatTemplate.families().contains(template)) {
            return ChatTemplate.family(template);
        }
        Path file = Path.of(template);
        if (!Files.exists(file)) {
            List<String> names = ChatTemplate.names(metadata);
            List<String> known = Stream.concat(names.stream(), ChatTemplate.families().stream())
                    .toList();
            throw new IllegalArgumentException("--chat-template " + Escape.quote(template) + ": no such file, and no"
                    + " family; the families are "
                    + String.join(" ", ChatTemplate.families())
                    + (names.isEmpty()
                            ? ""
                            : "; the model has templates named " + Escape.text(String.join(", ", names)))
                    + Similar.hint(template, known));
        }
        return ChatTemplate.jinja(file.getFileName().toString(), TemplateFile.read(file));
    }

    private static Map<String, @Nullable Object> variables(String json) {
        try {
            String option = "--chat-template-kwargs";
            return StrictJson.templateValues(StrictJson.object(json, option), option);
        } catch (PromptException wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        }
    }

    /** What an answer depends on, by the names of the options: which template, with what. */
    public static Map<String, String> describe(ChatTemplate template) {
        Map<String, String> inputs = new LinkedHashMap<>();
        inputs.put(
                "chat-template",
                template.isFamily()
                        ? "family " + template.name()
                        : String.format(
                                Locale.ROOT,
                                "%s (sha256 %s)",
                                template.name(),
                                template.sha256().substring(0, InputDigest.SHOWN_DIGITS)));
        if (!template.variables().isEmpty()) {
            inputs.put("chat-template-kwargs", JsonText.of(template.variables()));
        }
        template.clock()
                .ifPresent(now -> inputs.put(TIME, now.toOffsetDateTime().toString()));
        return inputs;
    }

    /** Name of the time among what an answer depends on. */
    public static final String TIME = "chat-template-time";

    /** The same for a document. */
    public static JsonObject json(ChatTemplate template) {
        JsonObject object = new JsonObject();
        object.addProperty("name", template.name());
        object.addProperty("family", template.isFamily());
        object.addProperty("sha256", template.isFamily() ? null : template.sha256());
        object.add("kwargs", Json.tree(template.variables()));
        object.addProperty(
                "time",
                template.clock().map(now -> now.toOffsetDateTime().toString()).orElse(null));
        return object;
    }
}
