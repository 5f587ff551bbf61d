package io.github.expogguf.fuzz;

import io.github.expogguf.infer.jinja.JinjaTemplate;
import io.github.expogguf.infer.jinja.value.JinjaException;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;

/** Chat templates end with a text or an exception of their own, within bounds. */
public final class TemplateFuzz {

    private static final Map<String, Object> CONVERSATION = Map.of(
            "messages",
            List.of(
                    Map.of("role", "system", "content", "Be brief."),
                    Map.of("role", "user", "content", "What is 1 + 1? <b>"),
                    Map.of("role", "assistant", "content", " 2 ")),
            "add_generation_prompt",
            true,
            "bos_token",
            "<s>",
            "eos_token",
            "</s>");

    private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-11-29T07:05:03Z");

    private TemplateFuzz() {}

    /** Any bytes as a template, malformed UTF-8 replaced. */
    public static void fuzzerTestOneInput(byte[] data) {
        Bounds.check(() -> {
            try {
                JinjaTemplate.parse(new String(data, StandardCharsets.UTF_8)).render(CONVERSATION, NOW);
            } catch (JinjaException refusal) {
                // what the callers expect
            }
        });
    }
}
