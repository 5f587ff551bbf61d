package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The match of two vocabularies that was asked for last: a pair is asked for it again and again, and a large one takes
 * a while. Any thread may call.
 */
public final class TokenMatches {

    private volatile SoftReference<Known> last = new SoftReference<>(null);

    /** A match of two lists of tokens and of their types, told by identity. */
    private record Known(List<Optional<MetadataValue>> values, Optional<TokenMatch> match) {

        static List<Optional<MetadataValue>> values(Metadata sft, Metadata aligned) {
            return List.of(
                    sft.get(TokenTexts.TOKENS),
                    sft.get(TokenTexts.TYPES),
                    aligned.get(TokenTexts.TOKENS),
                    aligned.get(TokenTexts.TYPES));
        }

        @SuppressWarnings("ReferenceEquality") // a value is read once for a model, and comparing two takes long
        boolean isOf(List<Optional<MetadataValue>> others) {
            return IntStream.range(0, values.size())
                    .allMatch(i -> values.get(i).orElse(null) == others.get(i).orElse(null));
        }
    }

    /** How the vocabularies go together; empty if they are the same, or one model has none. */
    public Optional<TokenMatch> of(Metadata sft, Metadata aligned) {
        List<Optional<MetadataValue>> values = Known.values(sft, aligned);
        Known known = last.get();
        if (known == null || !known.isOf(values)) {
            known = new Known(values, TokenMatch.of(sft, aligned));
            last = new SoftReference<>(known);
        }
        return known.match;
    }
}
