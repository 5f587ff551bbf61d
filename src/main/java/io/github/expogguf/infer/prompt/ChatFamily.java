package io.github.expogguf.infer.prompt;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_chat_message;
import io.github.expogguf.nativelib.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The formats that llama.cpp writes without evaluating a template, by their names (LLM_CHAT_TEMPLATES, llama-chat.cpp,
 * v0.4.0 and v0.5.0). A name outside this list must not reach {@code llama_chat_apply_template}: it would take it for a
 * template and guess.
 */
final class ChatFamily {

    static final List<String> NAMES =
            List.of(("chatml llama2 llama2-sys llama2-sys-bos llama2-sys-strip mistral-v1 mistral-v3"
                            + " mistral-v3-tekken mistral-v7 mistral-v7-tekken phi3 phi4 falcon3 zephyr monarch"
                            + " gemma orion openchat vicuna vicuna-orca deepseek deepseek2 deepseek3"
                            + " deepseek-ocr command-r llama3 chatglm3 chatglm4 glmedge minicpm exaone3 exaone4"
                            + " exaone-moe rwkv-world granite granite-4.0 granite-4.1 gigachat megrez yandex"
                            + " bailing bailing-think bailing2 llama4 smolvlm hunyuan-moe gpt-oss hunyuan-dense"
                            + " hunyuan-vl kimi-k2 seed_oss grok-2 pangu-embedded solar-open")
                    .split(" "));

    private ChatFamily() {}

    /**
     * Writes a conversation, of which it knows roles and contents only; empty if llama.cpp cannot.
     *
     * @throws IllegalArgumentException if a text holds a zero, which would end it in C
     */
    static String apply(String name, List<ChatMessage> messages, boolean addGenerationPrompt) {
        if (messages.stream().anyMatch(message -> (message.role() + message.content()).indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("a family's format cannot hold a zero character");
        }
        NativeLibrary.load();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chat = llama_chat_message.allocateArray(Math.max(1, messages.size()), arena);
            for (int i = 0; i < messages.size(); i++) {
                MemorySegment message = llama_chat_message.asSlice(chat, i);
                llama_chat_message.role(
                        message, arena.allocateFrom(messages.get(i).role()));
                llama_chat_message.content(
                        message, arena.allocateFrom(messages.get(i).content()));
            }
            MemorySegment family = arena.allocateFrom(name);
            int bytes = Llama.llama_chat_apply_template(
                    family, chat, messages.size(), addGenerationPrompt, MemorySegment.NULL, 0);
            if (bytes <= 0) {
                return "";
            }
            MemorySegment text = arena.allocate(bytes + 1L);
            Llama.llama_chat_apply_template(family, chat, messages.size(), addGenerationPrompt, text, bytes);
            return new String(text.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }
}
