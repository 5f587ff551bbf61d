package io.github.expogguf.plan.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PublishedPairTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2));

    private static ModelHeader model(String key, String value) {
        return MODEL.with("general.name", MetadataValue.ofString("x"))
                .with(key, MetadataValue.ofString(value))
                .header("m.gguf");
    }

    @ParameterizedTest
    @EnumSource
    void everyPairHasItsOwnNameAndSensibleFigures(PublishedPair pair) {
        assertThat(PublishedPair.parse(pair.toString())).isEqualTo(pair);
        assertThat(pair.aligned()).matches("[^/ ]+/[^/ ]+").isNotEqualTo(pair.sft());
        pair.alpha().ifPresent(alpha -> assertThat(alpha).isPositive());
        pair.characters().ifPresent(change -> assertThat(change.growth()).isBetween(0.03, 1.3));
        pair.lengthControlledWinRate()
                .ifPresent(change -> assertThat(change.growth()).isPositive());
        assertThat(pair.alpha().isEmpty())
                .as("a concluded SFT model has no card, and so no alpha")
                .isEqualTo(pair.isSftConcluded());
    }

    @Test
    void alphasAreThePublishedOnes() {
        assertThat(PublishedPair.parse("zephyr-7b-beta").alpha()).contains(0.1f);
        assertThat(PublishedPair.parse("Starling-LM-7B-beta").alpha()).contains(0.5f);
        assertThat(PublishedPair.parse("zephyr_0.05").alpha()).contains(25f);
        assertThat(Arrays.stream(PublishedPair.values())
                        .filter(pair -> pair.alpha().isEmpty()))
                .extracting(Object::toString)
                .containsExactly("zephyr-7b-alpha", "internlm2-chat-1_8b", "tulu-2-dpo-7b", "tulu-2-dpo-70b");
        assertThatThrownBy(() -> PublishedPair.parse("gpt"))
                .hasMessageStartingWith("'gpt' is not a preset; it is one of zephyr-7b-alpha zephyr-7b-beta");
    }

    @Test
    void modelsAreKnownByTheirNamesInWhateverSpelling() {
        PublishedPair pair = PublishedPair.ZEPHYR_7B_BETA;

        assertThat(pair.differences(
                        model("general.name", "Mistral 7b Sft Beta"), model("general.name", "Zephyr 7B Beta")))
                .isEmpty();
        assertThat(pair.differences(
                        model(
                                "general.base_model.0.repo_url",
                                "https://huggingface.co/HuggingFaceH4/mistral-7b-sft-beta"),
                        MODEL.header("zephyr-7b-beta.F16.gguf")))
                .isEmpty();
        assertThat(pair.differences(model("general.name", "Mistral 7b"), model("general.name", "Zephyr 7B Alpha\n")))
                .containsExactly(
                        "the SFT model is called 'm.gguf', 'Mistral 7b', expected HuggingFaceH4/mistral-7b-sft-beta",
                        "the aligned model is called 'm.gguf', 'Zephyr 7B Alpha\\n', expected HuggingFaceH4/zephyr-7b-beta");
    }

    /** As the GGUFs that this program and converters write name their parents. */
    @Test
    void parentsAreNoNamesOfAModelAndNoNameComesTwice() {
        ModelHeader aligned = MODEL.with("general.name", MetadataValue.ofString("m.gguf"))
                .with("general.base_model.0.name", MetadataValue.ofString("Mistral 7b Sft Beta"))
                .header("m.gguf");
        assertThat(PublishedPair.ZEPHYR_7B_BETA.differences(model("general.name", "mistral-7b-sft-beta"), aligned))
                .containsExactly("the aligned model is called 'm.gguf', expected HuggingFaceH4/zephyr-7b-beta");
    }

    @Test
    void swappedModelsAreNotThePair() {
        PublishedPair pair = PublishedPair.INTERNLM2_CHAT_7B; // its name begins that of its SFT model
        ModelHeader sft = model("general.name", "Internlm2 Chat 7b Sft");
        ModelHeader aligned = model("general.name", "Internlm2 Chat 7b");

        assertThat(pair.differences(sft, aligned)).isEmpty();
        assertThat(pair.differences(aligned, sft)).hasSize(2);
    }
}
