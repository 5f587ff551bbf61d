package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_chat_message;
import io.github.expogguf.infer.jinja.JinjaException;
import io.github.expogguf.infer.jinja.JinjaTemplate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The chat template of a model.
 *
 * <p>It is evaluated as it stands if it keeps to the part of Jinja that {@link JinjaTemplate} knows. Otherwise (macros,
 * tools, dates) llama.cpp's {@code llama_chat_apply_template} gets it, which does not evaluate a template but guesses
 * from words in it which known family it belongs to. It comes second because its guess can be wrong without a sign: a
 * template with other newlines but the words {@code <|user|>} and {@code <|assistant|>} is taken for GLM-Edge's. A
 * template that neither understands is an error.
 */
final class ChatTemplate {

    private final String source;
    private final JinjaTemplate parsed; // null if it uses more of Jinja than we know
    private final String unsupported; // why

    ChatTemplate(String source) {
        this.source = source;
        JinjaTemplate template = null;
        String reason = null;
        try {
            template = JinjaTemplate.parse(source);
        } catch (JinjaException e) {
            reason = e.getMessage();
        }
        this.parsed = template;
        this.unsupported = reason;
    }

    String source() {
        return source;
    }

    /** Writes a conversation; the texts of BOS and EOS may be empty. */
    String apply(List<ChatMessage> messages, boolean addAssistant, String beginText, String endText) {
        if (parsed == null) {
            return applyFamily(messages, addAssistant, unsupported);
        }
        try {
            Map<String, Object> variables = new HashMap<>();
            variables.put("messages", messages.stream().map(ChatTemplate::variables).toList());
            variables.put("add_generation_prompt", addAssistant);
            variables.put("bos_token", beginText);
            variables.put("eos_token", endText);
            return parsed.render(variables);
        } catch (JinjaException e) {
            if (e.isRaisedByTemplate()) {
                throw new InferenceException("the chat template refuses the conversation: " + e.getMessage());
            }
            return applyFamily(messages, addAssistant, e.getMessage());
        }
    }

    private static Map<String, Object> variables(ChatMessage message) {
        return Map.of("role", message.role(), "content", message.content());
    }

    private String applyFamily(List<ChatMessage> messages, boolean addAssistant, String reason) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chat = llama_chat_message.allocateArray(Math.max(1, messages.size()), arena);
            for (int i = 0; i < messages.size(); i++) {
                MemorySegment message = llama_chat_message.asSlice(chat, i);
                llama_chat_message.role(message, arena.allocateFrom(messages.get(i).role()));
                llama_chat_message.content(message, arena.allocateFrom(messages.get(i).content()));
            }
            MemorySegment template = arena.allocateFrom(source);
            int bytes = Llama.llama_chat_apply_template(
                    template, chat, messages.size(), addAssistant, MemorySegment.NULL, 0);
            if (bytes < 0) {
                throw new InferenceException("the chat template uses " + reason
                        + ", which is not supported, and llama.cpp does not know its family");
            }
            MemorySegment text = arena.allocate(bytes + 1L);
            Llama.llama_chat_apply_template(template, chat, messages.size(), addAssistant, text, bytes);
            return new String(text.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }
}
