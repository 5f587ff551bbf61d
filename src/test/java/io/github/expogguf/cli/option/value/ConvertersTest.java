package io.github.expogguf.cli.option.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.TensorTypeRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertersTest {

    @ParameterizedTest
    @CsvSource({"Q4_K_M, Q4_K_M", "q4_k, Q4_K_M", "Q3_K, Q3_K_M", "18, Q6_K", "0, F32", "bf16, BF16", "38, MXFP4_MOE"})
    void fileTypesHaveNamesAliasesAndNumbers(String text, FileType expected) {
        assertThat(new Converters.ToFileType().convert(text).fileType()).contains(expected);
    }

    @Test
    void copyKeepsEveryType() {
        assertThat(new Converters.ToFileType().convert("Copy").fileType()).isEmpty();
    }

    @Test
    void shardSizesAreDecimal() {
        assertThat(new Converters.ToShardBytes().convert("500M")).isEqualTo(500_000_000L);
        assertThat(new Converters.ToShardBytes().convert("2g")).isEqualTo(2_000_000_000L);
    }

    @Test
    void tensorTypeRulesAreInLowerCaseExceptForEscapes() {
        TensorTypeRule rule = new Converters.ToTensorTypeRule().convert("Attn_(Q|K)\\S+a=b=q8_0");

        assertThat(rule.name().pattern()).isEqualTo("attn_(q|k)\\S+a=b");
        assertThat(rule.type()).isEqualTo(GgmlType.Q8_0);
    }

    @Test
    void tensorTypeFileHoldsRulesBetweenWhiteSpace() {
        assertThat(Converters.tensorTypeRules("\n attn_q=q8_0\tffn=Q6_K \n\nx=f16\n"))
                .extracting(TensorTypeRule::text)
                .containsExactly("attn_q=Q8_0", "ffn=Q6_K", "x=F16");
        assertThat(Converters.tensorTypeRules(" \n")).isEmpty();
    }
}
