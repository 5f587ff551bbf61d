package io.github.expogguf.plan.pair;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenMatchTest {

    /** Texts and types. */
    private record Tokens(List<String> texts, int[] types) {

        Metadata metadata() {
            return new Metadata(Map.of(
                    "tokenizer.ggml.tokens", MetadataValue.ofStrings(texts),
                    "tokenizer.ggml.token_type", MetadataValue.ofInt32s(types)));
        }

        private int kind(int token) {
            int type = token < types.length ? types[token] : 1;
            return type == 5 || type == 6 ? type : 1;
        }

        /** Every pair is compared. */
        int[] rowsOf(Tokens aligned) {
            boolean[] taken = new boolean[texts.size()];
            int[] rows = new int[aligned.texts.size()];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = TokenRows.NONE;
                for (int j = 0; j < taken.length && rows[i] == TokenRows.NONE; j++) {
                    if (!taken[j] && kind(j) == aligned.kind(i) && texts.get(j).equals(aligned.texts.get(i))) {
                        taken[j] = true;
                        rows[i] = j;
                    }
                }
            }
            return rows;
        }
    }

    private static Tokens random(Random random, Tokens before) {
        int kept = Math.min(random.nextInt(30), before.texts.size());
        int count = kept + random.nextInt(30);
        List<String> texts = IntStream.range(0, count)
                .mapToObj(i -> i < kept ? before.texts.get(i) : text(random))
                .toList();
        int[] types = random.ints(random.nextInt(count + 2), 0, 7).toArray();
        System.arraycopy(before.types, 0, types, 0, Math.min(kept, Math.min(types.length, before.types.length)));
        return new Tokens(texts, types);
    }

    /** Mostly short, so that there are some twice; of characters that begin and end the range of bytes, too. */
    private static String text(Random random) {
        return random.ints(random.nextInt(4), 0, 5)
                .mapToObj(i -> "a\0\u0001ä\u00ff".substring(i, i + 1))
                .reduce("", String::concat);
    }

    @Test
    void findsWhatComparingEveryPairFinds() {
        Random random = new Random(4);
        int matched = 0;
        int unmatched = 0;
        for (int round = 0; round < 3_000; round++) {
            Tokens sft = random(random, new Tokens(List.of(), new int[0]));
            Tokens aligned = random(random, sft);
            Optional<TokenMatch> match = TokenMatch.of(sft.metadata(), aligned.metadata());
            if (sft.texts.equals(aligned.texts)) {
                assertThat(match).isEmpty();
                continue;
            }
            int[] expected = sft.rowsOf(aligned);
            assertThat(IntStream.range(0, expected.length)
                            .map(match.get().rows()::of)
                            .toArray())
                    .isEqualTo(expected);
            int both = (int) Arrays.stream(expected).filter(row -> row >= 0).count();
            assertThat(match.get().count()).isEqualTo(both);
            assertThat(match.get().onlyInAligned())
                    .isEqualTo(IntStream.range(0, expected.length)
                            .filter(i -> expected[i] == TokenRows.NONE)
                            .mapToObj(aligned.texts::get)
                            .toList());
            assertThat(match.get().onlyInSft())
                    .isEqualTo(IntStream.range(0, sft.texts.size())
                            .filter(i -> Arrays.stream(expected).noneMatch(row -> row == i))
                            .mapToObj(sft.texts::get)
                            .toList());
            matched += both;
            unmatched += expected.length - both;
        }
        assertThat(matched).isGreaterThan(10_000);
        assertThat(unmatched).isGreaterThan(10_000);
    }

    @Test
    void remembersAPairAndNoOther() {
        Metadata sft = new Tokens(List.of("a", "b"), new int[0]).metadata();
        Metadata aligned = new Tokens(List.of("b", "a"), new int[0]).metadata();
        Metadata other = new Tokens(List.of("b", "c"), new int[0]).metadata();

        TokenMatches matches = new TokenMatches();
        TokenMatch match = matches.of(sft, aligned).orElseThrow();
        assertThat(matches.of(sft, aligned)).containsSame(match);
        assertThat(matches.of(sft, other).orElseThrow().count()).isEqualTo(1);
        assertThat(matches.of(aligned, sft).orElseThrow()).isNotSameAs(match);
    }

    @Test
    void aMillionTokensOfOneTextAreMatchedInTheirOrder() {
        List<String> same = java.util.Collections.nCopies(1_000_000, "x");
        Metadata sft = new Tokens(same, new int[0]).metadata();
        Metadata aligned = new Tokens(
                        IntStream.range(0, 1_000_001)
                                .mapToObj(i -> i == 0 ? "y" : "x")
                                .toList(),
                        new int[0])
                .metadata();

        TokenMatch match = TokenMatch.of(sft, aligned).orElseThrow();
        assertThat(match.count()).isEqualTo(1_000_000);
        assertThat(match.rows().of(1)).isZero();
        assertThat(match.rows().of(1_000_000)).isEqualTo(999_999);
        assertThat(match.onlyInAligned()).containsExactly("y");
    }
}
