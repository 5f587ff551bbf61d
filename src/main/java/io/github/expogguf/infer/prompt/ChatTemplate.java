package io.github.expogguf.infer.prompt;

import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.jinja.JinjaTemplate;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.text.Similar;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a conversation becomes text: a Jinja template, evaluated as transformers does ({@code apply_chat_template}), or a
 * family of formats that was asked for by its name. There is no guessing: what cannot be evaluated is an error.
 * Immutable; any thread may use it.
 */
public final class ChatTemplate {

    /** The key of the one template that most models have; other ones are named after a dot behind it. */
    public static final String KEY = "tokenizer.chat_template";

    private static final Set<String> GIVEN_VARIABLES = Set.of("messages", "add_generation_prompt");
    private static final String CLOCK = "strftime_now";

    private final String name;
    private final String source;
    private final boolean isFamily;
    private final Map<String, @Nullable Object> variables;
    private final ZonedDateTime now;
    private final @Nullable JinjaTemplate parsed; // null if that failed, or of a family
    private final @Nullable JinjaException failure; // why

    private ChatTemplate(
            String name, String source, boolean isFamily, Map<String, @Nullable Object> variables, ZonedDateTime now) {
        this.name = Objects.requireNonNull(name, "name");
        this.source = Objects.requireNonNull(source, "source");
        this.isFamily = isFamily;
        this.variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
        this.now = Objects.requireNonNull(now, "now");
        JinjaTemplate template = null;
        JinjaException wrong = null;
        if (!isFamily) {
            try {
                template = JinjaTemplate.parse(source);
            } catch (JinjaException e) {
                wrong = e;
            }
        }
        this.parsed = template;
        this.failure = wrong;
    }

    /**
     * {@return a template as text} A wrong one is refused when it is used.
     *
     * @param name   where it comes from, for messages, as in {@code my.jinja}
     * @param source Jinja, as a model's file has it
     */
    public static ChatTemplate jinja(String name, String source) {
        return new ChatTemplate(name, source, false, Map.of(), ZonedDateTime.now(ZoneId.systemDefault()));
    }

    /**
     * {@return what llama.cpp writes for a family of models, without the model's template}
     *
     * @param name one of {@link #families}
     * @throws IllegalArgumentException if there is no such family
     */
    public static ChatTemplate family(String name) {
        Objects.requireNonNull(name, "name");
        if (!ChatFamily.NAMES.contains(name)) {
            throw new IllegalArgumentException("'" + name + "' is not a family of chat templates; it is one of "
                    + String.join(" ", families()) + Similar.hint(name, families()));
        }
        return new ChatTemplate(name, name, true, Map.of(), ZonedDateTime.now(ZoneId.systemDefault()));
    }

    /** {@return names of the families that llama.cpp knows} */
    public static List<String> families() {
        return ChatFamily.NAMES;
    }

    /**
     * {@return the template that a model is used with: {@value #KEY}, or the one named {@code default} where there is
     * none without a name} Empty if the model has neither.
     *
     * @param metadata metadata of a model's file
     */
    public static Optional<ChatTemplate> of(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        return metadata.string(KEY).map(source -> jinja(KEY, source)).or(() -> named(metadata, "default"));
    }

    /**
     * {@return the template that a model has under a name beside the one that it is used with, as in {@code rag}}
     *
     * @param metadata metadata of a model's file
     * @param name     as in {@code rag} or {@code tool_use}
     */
    public static Optional<ChatTemplate> named(Metadata metadata, String name) {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(name, "name");
        String key = KEY + "." + name;
        return metadata.string(key).map(source -> jinja(key, source));
    }

    /**
     * {@return names of the templates that a model has beside the one that it is used with, sorted}
     *
     * @param metadata metadata of a model's file
     */
    public static List<String> names(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        String beginning = KEY + ".";
        return new TreeMap<>(metadata.asMap())
                .keySet().stream()
                        .filter(key -> key.startsWith(beginning)
                                && metadata.string(key).isPresent())
                        .map(key -> key.substring(beginning.length()))
                        .toList();
    }

    /**
     * That a model has no template to be used with, for its name in messages.
     *
     * @param model    its name, for the message
     * @param metadata metadata of a model's file
     * @return the exception, to be thrown
     */
    public static ChatTemplateException missing(String model, Metadata metadata) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(metadata, "metadata");
        List<String> others = names(metadata);
        return new ChatTemplateException(
                Reason.MISSING,
                model + ": the model has no chat template (" + KEY + ")"
                        + (others.isEmpty() ? "" : ", only those named " + String.join(", ", others)));
    }

    /**
     * {@return the same, with variables of its own, as in {@code enable_thinking}}
     *
     * @param values strings, booleans, {@link Long}s, {@link java.math.BigInteger}s, {@link Double}s, nulls, lists and
     *               maps of the same; they come before the model's special tokens
     * @throws IllegalArgumentException if a name is one that every template gets, or a family cannot have variables
     */
    @SuppressWarnings("exports") // of the annotation, which nobody needs when the classes run
    public ChatTemplate withVariables(Map<String, @Nullable Object> values) {
        Elements.requireKeys(values, "values");
        for (String given : values.keySet()) {
            if (GIVEN_VARIABLES.contains(given)) {
                throw new IllegalArgumentException("the variable '" + given + "' is what the template is given anyway");
            }
        }
        if (isFamily && !values.isEmpty()) {
            throw new IllegalArgumentException("'" + name + "' is a family of llama.cpp, which has no variables");
        }
        return new ChatTemplate(name, source, isFamily, values, now);
    }

    /**
     * Same, for a template that asks for the date; it is the time of making the template otherwise.
     *
     * @param time what the template is told
     * @return the same template, told this time
     */
    public ChatTemplate at(ZonedDateTime time) {
        Objects.requireNonNull(time, "time");
        return new ChatTemplate(name, source, isFamily, variables, time);
    }

    /** {@return where it comes from: a metadata key, a file, or the name of a family} */
    public String name() {
        return name;
    }

    /** {@return the text of the template, or the name of the family} */
    public String source() {
        return source;
    }

    /** {@return whether it is a family's format} */
    public boolean isFamily() {
        return isFamily;
    }

    /** {@return what it gets beside what every template gets} */
    @SuppressWarnings("exports") // of the annotation, which nobody needs when the classes run
    public Map<String, @Nullable Object> variables() {
        return variables;
    }

    /** {@return the time that it is told, if it asks} */
    public Optional<ZonedDateTime> clock() {
        return !isFamily && source.contains(CLOCK) ? Optional.of(now) : Optional.empty();
    }

    /** {@return SHA-256 of the text, 64 hexadecimal digits} */
    public String sha256() {
        return Sha256.of(source);
    }

    /**
     * Writes a conversation.
     *
     * @param messages            the conversation, at least one message
     * @param addGenerationPrompt whether the text ends with what opens an answer
     * @param specialTokens       texts by the names of {@link SpecialTokens}
     * @return the text
     * @throws ChatTemplateException if the template cannot be evaluated, or refuses the conversation
     */
    public String render(List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, String> specialTokens) {
        Elements.require(messages, "messages");
        Elements.require(specialTokens, "specialTokens");
        if (isFamily) {
            String text = ChatFamily.apply(name, messages, addGenerationPrompt);
            if (text.isEmpty()) {
                throw new ChatTemplateException(
                        Reason.LEAVES_OUT, "llama.cpp writes nothing for the chat template '" + name + "'");
            }
            return text;
        }
        if (source.isBlank()) {
            throw new ChatTemplateException(Reason.LEAVES_OUT, "the chat template (" + name + ") is empty");
        }
        if (parsed == null) {
            throw refusal(Objects.requireNonNull(failure));
        }
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("tools", null); // of apply_chat_template, where nobody says otherwise
        all.put("documents", null);
        all.putAll(specialTokens);
        all.putAll(variables);
        all.put("messages", messages.stream().map(ChatMessage::asMap).toList());
        all.put("add_generation_prompt", addGenerationPrompt);
        try {
            return parsed.render(all, now);
        } catch (JinjaException e) {
            throw refusal(e);
        }
    }

    private ChatTemplateException refusal(JinjaException why) {
        String place = name + (why.line() > 0 ? ", line " + why.line() : "");
        return why.isRaisedByTemplate()
                ? new ChatTemplateException(
                        Reason.REFUSES,
                        "the chat template (" + place + ") refuses the conversation: " + why.getMessage())
                : new ChatTemplateException(
                        Reason.NOT_EVALUATED,
                        "the chat template (" + place + ") cannot be evaluated: " + why.getMessage());
    }
}
