package io.github.expogguf.text;

/**
 * What the two models of a pair are called in messages where they are something else: checkpoints of one training run.
 *
 * @param sft     in the place of {@code the SFT model}
 * @param aligned in the place of {@code the aligned model}
 */
public record Roles(String sft, String aligned) {

    /** Of a pair. */
    public static final Roles PAIR = new Roles("the SFT model", "the aligned model");

    /** Of all checkpoints. */
    public static final Roles FIRST_AND_LAST = new Roles("the first checkpoint", "the last checkpoint");

    /** {@return the text with these names} */
    public String in(String text) {
        return text.replace("the SFT model", sft).replace("the aligned model", aligned);
    }
}
