package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.TensorLayout;
import io.github.expogguf.plan.pair.TensorLayouts;
import io.github.expogguf.plan.pair.TokenMatch;
import io.github.expogguf.plan.pair.TokenMatches;
import io.github.expogguf.plan.pair.TokenRows;
import io.github.expogguf.plan.pair.TokenTensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a model has in the place of a tensor of the aligned model: the tensor of that name; where the vocabularies
 * differ, its rows in the order of the aligned model's tokens; for {@code output.weight}, where it has none, its token
 * embeddings, which llama.cpp then takes for it; and where it has the weights in another layout, the rows of the
 * tensors that hold them.
 */
public final class Counterparts {

    private final int model;
    private final Map<String, TensorInfo> tensors;
    private final TensorLayouts layouts;
    private final Optional<TokenRows> tokens;

    private Counterparts(
            int model, Map<String, TensorInfo> tensors, TensorLayouts layouts, Optional<TokenRows> tokens) {
        this.model = model;
        this.tensors = tensors;
        this.layouts = layouts;
        this.tokens = tokens;
    }

    /**
     * Of the SFT model to an aligned one.
     *
     * @param sft     header of the SFT model
     * @param aligned header of the aligned model
     * @return the SFT model's tensors by those of the aligned model
     */
    public static Counterparts ofSft(ModelHeader sft, ModelHeader aligned) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        return of(Operand.SFT, sft, aligned, new TokenMatches());
    }

    /** @param model number that operands give the model */
    static Counterparts of(int model, ModelHeader other, ModelHeader aligned, TokenMatches known) {
        Optional<TokenRows> tokens = known.of(other.metadata(), aligned.metadata())
                .filter(TokenMatch::isUsable)
                .map(TokenMatch::rows);
        Map<String, TensorInfo> tensors = new HashMap<>();
        other.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        return new Counterparts(model, tensors, TensorLayouts.of(other, aligned), tokens);
    }

    /** Same, without the rows of tokens that another model of the difference does not have. */
    Counterparts where(Counterparts other) {
        if (other.tokens.isEmpty()) {
            return this;
        }
        TokenRows mine = tokens.orElseGet(() -> other.tokens.get().sameNumbers());
        return new Counterparts(model, tensors, layouts, Optional.of(mine.where(other.tokens.get())));
    }

    /**
     * {@return the values in the place of a tensor; empty if there are none that fit}
     *
     * @param aligned a tensor of the aligned model
     */
    public Optional<Operand> of(TensorInfo aligned) {
        Objects.requireNonNull(aligned, "aligned");
        return layouts.isRelaid(aligned)
                ? layouts.strips(aligned)
                        .map(strips -> new Operand.Assembled(model, TensorLayout.rowLength(aligned), strips))
                : Optional.ofNullable(TokenTensors.counterpart(tensors, aligned))
                        .flatMap(tensor -> operand(tensor, aligned));
    }

    private Optional<Operand> operand(TensorInfo tensor, TensorInfo aligned) {
        if (tokens.isPresent() && TokenTensors.matchesButForTokens(tensor, aligned)) {
            return Optional.of(new Operand.Matched(model, tensor, tokens.get()));
        }
        return tensor.shape().equals(aligned.shape()) ? Optional.of(new Operand.Rows(model, tensor)) : Optional.empty();
    }
}
