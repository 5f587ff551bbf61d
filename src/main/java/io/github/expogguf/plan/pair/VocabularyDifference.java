package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How the vocabularies of a pair differ. The result has the aligned model's.
 *
 * @param sftTokens         tokens in the SFT model
 * @param alignedTokens     tokens in the aligned model
 * @param matched           tokens that both have, by text
 * @param moved             those of them that have other numbers
 * @param onlyInSft         tokens that only the SFT model has, which the result leaves out
 * @param onlyInAligned     tokens that only the aligned model has, whose rows the result keeps
 * @param sftPaddedRows     rows of the SFT model's token embeddings beyond its tokens
 * @param alignedPaddedRows the same of the aligned model
 * @param specialTokens     special tokens whose texts differ
 * @param usable            whether enough tokens match to extrapolate their rows
 */
public record VocabularyDifference(
        int sftTokens,
        int alignedTokens,
        int matched,
        int moved,
        List<String> onlyInSft,
        List<String> onlyInAligned,
        long sftPaddedRows,
        long alignedPaddedRows,
        List<SpecialToken> specialTokens,
        boolean usable) {

    private static final String PREFIX = "tokenizer.ggml.";

    /** The special tokens of llama.cpp (llama-arch.cpp), without those for filling in the middle. */
    private static final List<String> SPECIAL =
            List.of("bos", "eos", "eot", "eom", "padding", "unknown", "seperator", "cls", "mask"); // sic

    /**
     * A token with a meaning of its own.
     *
     * @param name    as in {@code eos}
     * @param sft     what it is in the SFT model; empty if that says nothing
     * @param aligned what it is in the aligned model
     */
    public record SpecialToken(String name, Optional<Token> sft, Optional<Token> aligned) {}

    /**
     * A token of a vocabulary.
     *
     * @param id   its number
     * @param text its text; empty for a number that is not in the list
     */
    public record Token(long id, String text) {

        /** As in {@code 2 '</s>'}. */
        @Override
        public String toString() {
            return id + " " + Escape.quote(text);
        }
    }

    /** Copies the lists. */
    public VocabularyDifference {
        onlyInSft = copied(onlyInSft);
        onlyInAligned = copied(onlyInAligned);
        specialTokens = List.copyOf(specialTokens);
    }

    private static List<String> copied(List<String> tokens) {
        return tokens instanceof TokenTexts.Selection ? tokens : List.copyOf(tokens); // there can be a million
    }

    /** How the vocabularies differ; empty if the tokens are the same, or one model does not list them. */
    public static Optional<VocabularyDifference> of(ModelHeader sft, ModelHeader aligned) {
        return TokenMatch.of(sft.metadata(), aligned.metadata())
                .map(match -> new VocabularyDifference(
                        match.sftCount(),
                        match.alignedCount(),
                        match.count(),
                        match.movedCount(),
                        match.onlyInSft(),
                        match.onlyInAligned(),
                        paddedRows(sft, match.sftCount()),
                        paddedRows(aligned, match.alignedCount()),
                        specialTokens(sft.metadata(), aligned.metadata(), match),
                        match.isUsable()));
    }

    /** What to say of it, a line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("the vocabularies differ: " + sftTokens + " and " + alignedTokens + " tokens, " + matched
                + " of them in both" + (moved > 0 ? ", " + moved + " with other numbers" : ""));
        if (!usable) {
            return lines;
        }
        if (!onlyInAligned.isEmpty()) {
            lines.add(Words.plural(onlyInAligned.size(), "token") + " only in the aligned model "
                    + (onlyInAligned.size() == 1 ? "keeps its row: " : "keep their rows: ")
                    + Names.quoted(onlyInAligned));
        }
        if (!onlyInSft.isEmpty()) {
            lines.add(Words.plural(onlyInSft.size(), "token") + " only in the SFT model "
                    + (onlyInSft.size() == 1 ? "is" : "are") + " left out: " + Names.quoted(onlyInSft));
        }
        if (sftPaddedRows > 0 || alignedPaddedRows > 0) {
            lines.add("rows beyond the tokens: " + sftPaddedRows + " in the SFT model, " + alignedPaddedRows
                    + " in the aligned model, which keep their values");
        }
        for (SpecialToken token : specialTokens) {
            lines.add("the " + token.name + " token is " + shown(token.sft) + " in the SFT model and "
                    + shown(token.aligned) + " in the aligned model and the result");
        }
        return lines;
    }

    private static String shown(Optional<Token> token) {
        return token.map(Token::toString).orElse("not set");
    }

    private static long paddedRows(ModelHeader model, int tokens) {
        return model.tensors().stream()
                .filter(tensor -> tensor.name().equals(TensorNames.EMBEDDING))
                .mapToLong(TokenTensors::tokenCount)
                .map(rows -> Math.max(0, rows - tokens))
                .sum();
    }

    private static List<SpecialToken> specialTokens(Metadata sft, Metadata aligned, TokenMatch match) {
        return SPECIAL.stream()
                .map(name ->
                        new SpecialToken(name, token(sft, name, match.sft()), token(aligned, name, match.aligned())))
                .filter(token -> token.sft.isPresent() && token.aligned.isPresent())
                .filter(token -> !Objects.equals(token.sft.get().text, token.aligned.get().text))
                .toList();
    }

    private static Optional<Token> token(Metadata metadata, String name, TokenTexts texts) {
        return metadata.get(PREFIX + name + "_token_id")
                .filter(MetadataValue::isInteger)
                .map(MetadataValue::asLong)
                .map(id -> new Token(id, id >= 0 && id < texts.count() ? texts.text((int) (long) id) : ""));
    }

    /** What to say of an output that one model alone ties to its token embeddings. */
    public static Optional<String> tiedOutput(ModelHeader sft, ModelHeader aligned) {
        boolean inSft = has(sft, TensorNames.OUTPUT);
        if (inSft == has(aligned, TensorNames.OUTPUT) || !has(inSft ? aligned : sft, TensorNames.EMBEDDING)) {
            return Optional.empty();
        }
        return Optional.of(
                inSft
                        ? "the SFT model has an output matrix of its own, which is left out: the aligned model and the result"
                                + " take the token embeddings"
                        : "the SFT model has no output matrix of its own: its token embeddings take the place, as in llama.cpp");
    }

    private static boolean has(ModelHeader model, String tensor) {
        return model.tensors().stream().map(TensorInfo::name).anyMatch(tensor::equals);
    }
}
