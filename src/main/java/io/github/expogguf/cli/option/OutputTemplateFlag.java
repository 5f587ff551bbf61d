package io.github.expogguf.cli.option;

import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.infer.prompt.HeardConversations;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.OutputTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A chat template for what is written. */
public final class OutputTemplateFlag {

    @Option(
            names = "--chat-template",
            paramLabel = "FILE",
            order = 24,
            description = "Write this chat template (Jinja, or the chat_template of a JSON file) into the output, in"
                    + " place of the model's.")
    private @Nullable Path file;

    /** The options with this template; as they are where none was given. */
    public List<PlanOptions> apply(List<PlanOptions> all) throws IOException {
        if (file == null) {
            return all;
        }
        OutputTemplate template = OutputTemplate.read(file);
        return all.stream()
                .map(options -> options.toBuilder().chatTemplate(template).build())
                .toList();
    }

    /**
     * Tries the template that a plan has, if it has one of its own, before anything is written.
     *
     * @throws ChatTemplateException if it cannot be evaluated, or leaves out what the user says
     */
    public static void check(Plan plan) {
        if (plan.options().chatTemplate().isEmpty()) {
            return;
        }
        OutputTemplate template = plan.options().chatTemplate().get();
        try {
            HeardConversations.check(
                    ChatTemplate.jinja(template.name(), template.source()),
                    plan.metadata(),
                    List.of(List.of(ChatMessage.user("Hello"))));
        } catch (ChatTemplateException refused) {
            if (refused.reason() != Reason.REFUSES) { // this one says itself what conversations it wants
                throw refused;
            }
        }
    }
}
