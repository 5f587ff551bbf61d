package io.github.expogguf.plan.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class IngredientsTest {

    private static final Ingredients<String> ALL = Ingredients.pair("sft", "aligned")
            .withAdapters(List.of(new Ingredients.Adapter<>("adapter", 0.5f)))
            .withDeltas(List.of(new Ingredients.Delta<>("sft2", "aligned2", -1)));

    @Test
    void everyModelIsInThePlaceOfItsNumber() {
        assertThat(ALL.inOrder()).containsExactly("aligned", "sft", "adapter", "sft2", "aligned2");
        assertThat(ALL.inOrder().get(Operand.ALIGNED)).isEqualTo(ALL.aligned());
        assertThat(ALL.inOrder().get(Operand.SFT)).isEqualTo(ALL.sft().orElseThrow());
        assertThat(Ingredients.model("aligned").inOrder()).containsExactly("aligned");
    }

    @Test
    void whatIsPutInThePlacesKeepsWeightsAndOrder() {
        assertThat(ALL.map(String::length).with(ALL.inOrder())).isEqualTo(ALL);
        assertThat(ALL.with(List.of(0, 1, 2, 3, 4)).deltas()).containsExactly(new Ingredients.Delta<>(3, 4, -1));
        assertThat(ALL.with(List.of(0, 1, 2, 3, 4)).further()).containsExactly(2, 3, 4);
    }

    @Test
    void anAlignedModelThatIsTheSftModelWithAdaptersStaysSo() {
        List<Ingredients.Adapter<String>> adapters = List.of(new Ingredients.Adapter<>("adapter", 1));
        assertThat(Ingredients.adapted("base", adapters).with(List.of(0, 1, 2)).alignedIsSft())
                .isTrue();
        assertThat(ALL.map(_ -> "same").alignedIsSft()).isFalse();
        assertThat(Ingredients.pair("base", "base").alignedIsSft()).isFalse();
    }

    @Test
    void weightsCanBeTakenFromOthers() {
        Ingredients<String> others = ALL.withAdapters(List.of(new Ingredients.Adapter<>("adapter", 2)));
        assertThat(ALL.withWeightsOf(others)).isEqualTo(others);
    }

    @Test
    void adaptersAndDeltasNeedAnSftModelAndFiniteWeights() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ingredients.model("m").withDeltas(ALL.deltas()))
                .withMessage("adapters and further deltas need an SFT model");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Ingredients.Adapter<>("adapter", Float.NaN))
                .withMessage("weight is NaN, expected a finite number");
    }
}
