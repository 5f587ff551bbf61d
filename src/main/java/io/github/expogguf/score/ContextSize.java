package io.github.expogguf.score;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaModel;
import java.util.Locale;

/** How large contexts must be and may be. */
final class ContextSize {

    private final LlamaModel model;
    private final ComputeOptions how;

    ContextSize(LlamaModel model, ComputeOptions how) {
        this.model = model;
        this.how = how;
    }

    /** Most tokens of a text. */
    int limit() {
        return how.contextTokens() > 0 ? how.contextTokens() : model.trainedContextTokens();
    }

    /** Refuses a text that is too long; {@code what} as in {@code prompts.jsonl:5: the prompt}. */
    void requireFits(String what, int tokens) {
        if (tokens > limit()) {
            String reason = how.contextTokens() > 0 ? "the size of the context" : trained();
            throw new PromptException(String.format(
                    Locale.ROOT, "%s has %d tokens, expected at most %d (%s)", what, tokens, limit(), reason));
        }
    }

    /** The model's own limit stands in its metadata; another is that of a model whose logits go into its own. */
    private String trained() {
        boolean isOfAnother = model.metadata()
                .get(model.metadata().architecture() + ".context_length")
                .filter(MetadataValue::isInteger)
                .filter(own -> own.asLong() > limit())
                .isPresent();
        return "what " + (isOfAnother ? "one of the models" : "the model") + " was trained with";
    }

    /** A context for a number of texts, none of them longer than this; the limit holds. */
    ContextOptions context(long longest, int texts) {
        int tokens = how.contextTokens() > 0 ? how.contextTokens() : Math.clamp(longest, 1, limit());
        return ContextOptions.defaults()
                .withThreads(how.threads())
                .withContextTokens(tokens)
                .withSequences(Math.clamp(texts, 1, how.sequences()));
    }
}
