package io.github.expogguf.infer.prompt;

import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.text.Elements;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a template passes on what is said. Decided by an unusual word in place of a text: the text itself might be in
 * the template by chance, or be trimmed and escaped by it. Every shape of conversation is tried once.
 */
public final class HeardConversations {

    private static final String WORD = "quorvaxil"; // letters alone survive escaping, and trimming
    private static final int MOST_SHAPES = 4096; // a chat has a new one with every turn

    private final ChatTemplate template;
    private final Map<String, String> specialTokens;
    private final String marker;
    private final Set<List<String>> heard = ConcurrentHashMap.newKeySet();

    /**
     * Knows of no conversation yet.
     *
     * @param template      the template that is tried
     * @param specialTokens texts by the names of {@link SpecialTokens}
     */
    public HeardConversations(ChatTemplate template, Map<String, String> specialTokens) {
        Objects.requireNonNull(template, "template");
        Elements.require(specialTokens, "specialTokens");
        this.template = template;
        this.specialTokens = specialTokens;
        this.marker = marker(template.source().toLowerCase(Locale.ROOT));
    }

    /**
     * Makes sure, before anything is computed, that conversations arrive: each shape of them (the roles) is written
     * with an unusual word in place of what the user says last, which has to be in the result, whatever the template
     * does to the text around it.
     *
     * @param template      the template that is tried
     * @param model         its metadata, for the special tokens
     * @param conversations at least one message each
     * @throws ChatTemplateException if one does not arrive, or cannot be written at all
     */
    public static void check(ChatTemplate template, Metadata model, List<List<ChatMessage>> conversations) {
        Objects.requireNonNull(template, "template");
        Objects.requireNonNull(model, "model");
        Elements.require(conversations, "conversations");
        HeardConversations heard = new HeardConversations(template, SpecialTokens.of(model));
        conversations.forEach(messages -> heard.require(messages, true));
    }

    /** A word that is not in the template itself. */
    private static String marker(String source) {
        StringBuilder word = new StringBuilder(WORD);
        while (source.contains(word)) {
            word.append('q');
        }
        return word.toString();
    }

    /**
     * Throws {@link ChatTemplateException} unless what the user says last arrives.
     *
     * @param messages            the conversation, at least one message
     * @param addGenerationPrompt whether the text ends with what opens an answer
     */
    public void require(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Elements.require(messages, "messages");
        int last = messages.size() - 1;
        while (last >= 0 && !messages.get(last).role().equals("user")) {
            last--;
        }
        List<String> shape = shape(messages, addGenerationPrompt);
        if (last < 0 || heard.contains(shape)) {
            return;
        }
        if (!arrives(messages, last, addGenerationPrompt)) {
            throw new ChatTemplateException(
                    Reason.LEAVES_OUT, "the chat template (" + template.name() + ") leaves out what the user says");
        }
        if (heard.size() < MOST_SHAPES) {
            heard.add(shape);
        }
    }

    /** {@return whether instructions before a conversation reach the model} */
    public boolean hearsInstructions() {
        return arrives(List.of(ChatMessage.system("Be brief."), ChatMessage.user("Hello")), 0, true);
    }

    private boolean arrives(List<ChatMessage> messages, int index, boolean addGenerationPrompt) {
        List<ChatMessage> marked = new ArrayList<>(messages);
        marked.set(index, marked(messages.get(index)));
        String text = template.render(marked, addGenerationPrompt, specialTokens);
        return text.toLowerCase(Locale.ROOT).contains(marker);
    }

    private ChatMessage marked(ChatMessage message) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(message.fields());
        fields.computeIfPresent("content", (_, content) -> content instanceof List<?> parts ? marked(parts) : marker);
        return new ChatMessage(message.role(), marker, fields);
    }

    private List<Object> marked(List<?> parts) {
        List<Object> marked = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof Map<?, ?> map && map.containsKey("text")) {
                Map<Object, Object> changed = new LinkedHashMap<>(map);
                changed.put("text", marker);
                marked.add(changed);
            } else {
                marked.add(part);
            }
        }
        return marked;
    }

    private static List<String> shape(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Stream<String> turns = messages.stream()
                .map(message -> message.fields().get("content") instanceof List<?>
                        ? message.role() + " in parts"
                        : message.role());
        return Stream.concat(Stream.of("prompt " + addGenerationPrompt), turns).toList();
    }
}
