package io.github.expogguf.gguf;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What llama.cpp calls tensors (llama-arch.cpp): those that stand alone, and those of a block. */
public final class TensorNames {

    /** The matrix that gives the logits; a model without one uses {@link #EMBEDDING} again. */
    public static final String OUTPUT = "output.weight";

    /** A row for every token. */
    public static final String EMBEDDING = "token_embd.weight";

    /** A row for every token with a part for every layer, as in Gemma 3n. */
    public static final String LAYER_EMBEDDING = "per_layer_token_embd.weight";

    private static final Pattern IN_BLOCK =
            Pattern.compile("([a-z]{1,16}\\.)?blk\\.([0-9]{1,9})\\.(.*)", Pattern.DOTALL);

    private TensorNames() {}

    /**
     * A name taken apart, as in {@code enc.blk.3.attn_q.weight}.
     *
     * @param part   of the model, {@code enc.}; empty where it has one
     * @param number from 0
     * @param kind   the name in the block, {@code attn_q.weight}
     */
    public record InBlock(String part, int number, String kind) {
        /** Refuses null. */
        public InBlock {
            Objects.requireNonNull(part, "part");
            Objects.requireNonNull(kind, "kind");
        }

        /** {@return the name of the block, {@code enc.blk.3}} */
        public String block() {
            return part + TensorNames.block(number);
        }
    }

    /**
     * Takes a name apart; empty if it is of no block.
     *
     * @param tensor name of a tensor
     * @return the parts of the name; empty if it is of no block
     */
    public static Optional<InBlock> inBlock(String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        Matcher matcher = IN_BLOCK.matcher(tensor);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String part = matcher.group(1) == null ? "" : matcher.group(1);
        return Optional.of(new InBlock(part, Integer.parseInt(matcher.group(2)), matcher.group(3)));
    }

    /**
     * As in {@code blk.3}.
     *
     * @param number from 0
     * @return the name of the block, as in {@code blk.3}
     */
    public static String block(int number) {
        return "blk." + number;
    }
}
