package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.TensorTypeRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TensorPatternsTest {

    private static List<String> patterns(List<String> wanted, String... others) {
        return new TensorPatterns(List.of(others)).of(wanted);
    }

    @Test
    void namesWholeBlocksByTheirNumber() {
        List<String> wanted = List.of("blk.2.attn_q.weight", "blk.2.ffn_up.weight", "blk.12.attn_q.weight");
        assertThat(patterns(wanted.subList(0, 2), "blk.1.attn_q.weight")).containsExactly("blk\\.2\\.");
        assertThat(patterns(wanted, "blk.1.attn_q.weight", "output.weight")).containsExactly("blk\\.(2|12)\\.");
    }

    @Test
    void namesTensorsOfOtherBlocksOneByOne() {
        List<String> wanted = List.of("blk.0.attn_q.weight", "blk.1.attn_q.weight", "blk.1.ffn_up.weight", "mm.0");
        assertThat(patterns(wanted, "blk.0.attn_k.weight", "blk.1.attn_k.weight"))
                .containsExactly("^mm\\.0$", "^blk\\.(0|1)\\.attn_q\\.weight$", "^blk\\.1\\.ffn_up\\.weight$");
    }

    @Test
    void tellsEncodersFromDecoders() {
        assertThat(patterns(List.of("blk.2.a"), "enc.blk.2.a")).containsExactly("^blk\\.2\\.");
        assertThat(patterns(List.of("enc.blk.2.a"), "blk.2.a", "dec.blk.2.a")).containsExactly("^enc\\.blk\\.2\\.");
    }

    @Test
    void manyBlocksStillFitTheOption() {
        List<String> wanted = IntStream.range(0, 4096)
                .mapToObj(i -> "blk." + (1_000_000 + i) + ".a")
                .toList();
        assertThat(patterns(wanted))
                .hasSize(64)
                .allSatisfy(
                        text -> assertThat(TensorTypeRule.parse(text + "=q5_k")).isNotNull());
    }

    @Test
    void matchWhatIsMeantAndNothingElseForRandomNames() {
        Random random = new Random(3);
        String[] parts = {"blk.", "enc.blk.", "1", "2", "12", ".", "attn_q", "weight", "(", "$", "\\", "[a]", "+", "'"};
        for (int round = 0; round < 500; round++) {
            List<String> wanted = new ArrayList<>();
            List<String> others = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                StringBuilder name = new StringBuilder(parts[random.nextInt(2)] + parts[2 + random.nextInt(3)] + ".");
                for (int length = random.nextInt(4); length >= 0; length--) {
                    name.append(parts[random.nextInt(parts.length)]);
                }
                (random.nextBoolean() ? wanted : others).add(name.toString());
            }
            wanted.removeAll(others);
            List<TensorTypeRule> rules = new TensorPatterns(others)
                    .of(wanted).stream()
                            .map(text -> TensorTypeRule.parse(text + "=" + GgmlType.Q5_K))
                            .toList();
            assertThat(wanted).allMatch(name -> matches(rules, name));
            assertThat(others).noneMatch(name -> matches(rules, name));
        }
    }

    private static boolean matches(List<TensorTypeRule> rules, String name) {
        return rules.stream().anyMatch(rule -> rule.name().matcher(name).find());
    }
}
