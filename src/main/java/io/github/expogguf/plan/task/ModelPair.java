package io.github.expogguf.plan.task;

import io.github.expogguf.plan.match.RuleMatches;
import io.github.expogguf.plan.pair.TokenMatches;
import java.util.Objects;

/**
 * Models that are planned with, once or again and again, and what is slow to find out about them and the same each
 * time. Any thread may call.
 */
public final class ModelPair {

    private final Ingredients<ModelFiles> models;
    private final TokenMatches tokens = new TokenMatches();
    private final RuleMatches rules = new RuleMatches();

    /**
     * Nothing is known about the models yet.
     *
     * @param models the opened models, by what they are for
     */
    public ModelPair(Ingredients<ModelFiles> models) {
        Objects.requireNonNull(models, "models");
        this.models = models;
    }

    /** {@return the models} */
    public Ingredients<ModelFiles> models() {
        return models;
    }

    /** {@return how their vocabularies go together} */
    @SuppressWarnings("exports") // for what plans
    public TokenMatches tokens() {
        return tokens;
    }

    /** {@return which rules decide about their tensors} */
    @SuppressWarnings("exports") // for what plans
    public RuleMatches rules() {
        return rules;
    }
}
