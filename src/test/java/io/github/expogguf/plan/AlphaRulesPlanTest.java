package io.github.expogguf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rules make of a plan. */
class AlphaRulesPlanTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(3, 256, 256, 4, 2));

    private static Plan plan(PlanOptions.Builder options) {
        ModelFiles model = ModelFiles.of(MODEL.header("model.gguf"));
        return Planner.plan(model, model, options.build());
    }

    private static List<TensorAlphaRule> rules(String... texts) {
        return Stream.of(texts).map(TensorAlphaRule::parse).toList();
    }

    /** Zero for what is not extrapolated. */
    private static Map<String, Float> alphas(Plan plan) {
        Map<String, Float> alphas = new TreeMap<>();
        plan.tasks()
                .forEach(task -> alphas.put(
                        task.aligned().name(), task instanceof TensorTask.Extrapolate pair ? pair.alpha() : 0f));
        return alphas;
    }

    @Test
    void firstMatchWinsAndTheRestGetsAlpha() {
        Map<String, Float> alphas = alphas(plan(PlanOptions.builder()
                .alpha(0.5f)
                .alphaRules(rules("blk\\.1\\.attn_q=0.25", "attn_q=*3", "norm=copy", "attn=2"))));

        assertThat(alphas)
                .containsEntry("blk.0.attn_q.weight", 1.5f)
                .containsEntry("blk.1.attn_q.weight", 0.25f)
                .containsEntry("blk.1.attn_norm.weight", 0f)
                .containsEntry("blk.1.attn_k.weight", 2f)
                .containsEntry("blk.1.ffn_up.weight", 0.5f)
                .containsEntry("token_embd.weight", 0.5f);
    }

    @Test
    void gradientRunsFromTheFirstBlockToTheLast() {
        Map<String, Float> alphas = alphas(plan(PlanOptions.builder().alpha(9).alphaRules(rules(".=0.2..0.5"))));

        assertThat(alphas)
                .containsEntry("token_embd.weight", 0.2f)
                .containsEntry("blk.0.attn_q.weight", 0.2f)
                .containsEntry("blk.1.attn_q.weight", 0.35f)
                .containsEntry("blk.2.attn_q.weight", 0.5f)
                .containsEntry("output_norm.weight", 0.5f)
                .containsEntry("output.weight", 0.5f);
    }

    @Test
    void absoluteRulesHoldAtAlphaZeroAndRelativeOnesDoNot() {
        Plan plan = plan(PlanOptions.builder().alpha(0).alphaRules(rules("attn_q=0.5", "attn_k=*2")));

        assertThat(alphas(plan)).containsEntry("blk.0.attn_q.weight", 0.5f).containsEntry("blk.0.attn_k.weight", 0f);
        assertThat(plan.metadata().string("general.name")).get().asString().endsWith(" ExPO");
    }

    @Test
    void copiedTensorsSayWhyAndAreConvertedWhereTheTypeChanges() {
        Plan kept = plan(PlanOptions.builder().alpha(1).alphaRules(rules("norm=copy")));
        Plan smaller =
                plan(PlanOptions.builder().alpha(1).fileType(FileType.Q8_0).alphaRules(rules("attn_v=copy")));

        assertThat(kept.tasks())
                .contains(new TensorTask.Copy(tensor(kept, "output_norm.weight"), "alpha is 0 by a rule"));
        assertThat(smaller.tasks())
                .contains(new TensorTask.Convert(tensor(smaller, "blk.0.attn_v.weight"), GgmlType.Q8_0, false));
    }

    private static io.github.expogguf.gguf.TensorInfo tensor(Plan plan, String name) {
        return plan.aligned().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void nothingIsCalledExpoWhereEverythingIsCopied() {
        assertThat(plan(PlanOptions.builder().alpha(1).alphaRules(rules(".=copy")))
                        .metadata()
                        .string("general.name"))
                .isEqualTo(MODEL.metadata().string("general.name"));
    }

    @Test
    void rulesThatDecideNothingAreNamed() {
        assertThat(plan(PlanOptions.builder().alphaRules(rules("attn_q=1", "blk.0.attn_q=2", "nowhere=3", "norm=4")))
                        .idleRules())
                .extracting(TensorAlphaRule::text)
                .containsExactly("blk.0.attn_q=2", "nowhere=3");
    }

    @Test
    void oneModelHasNoRules() {
        PlanOptions options =
                PlanOptions.builder().alphaRules(rules("norm=copy")).build();

        assertThatThrownBy(() -> Planner.plan(ModelFiles.of(MODEL.header("m.gguf")), options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no SFT model");
    }

    @Test
    void expressionsThatTryForYearsAreAnswered() {
        TinyModel hostile = MODEL.with("blk.0." + "a".repeat(57), GgmlType.F32, 256);
        ModelFiles model = ModelFiles.of(hostile.header("model.gguf"));
        PlanOptions options = PlanOptions.builder()
                .alpha(1)
                .alphaRules(rules("(.*a){12}b=copy", "(|)".repeat(60) + "c=copy"))
                .build();

        assertThat(Planner.plan(model, model, options).idleRules()).hasSize(2);
    }

    @Test
    void recipeInTheMetadataGivesTheSameRules() {
        PlanOptions options = PlanOptions.builder()
                .alpha(0.3f)
                .alphaRules(rules("a b=copy", "norm=*0.1..0.7", "x=1.0E-4"))
                .fileType(FileType.Q8_0)
                .build();
        Plan plan = plan(options.toBuilder());

        Recipe recipe = Recipe.read(plan.metadata()).orElseThrow();

        assertThat(recipe.rules())
                .containsExactly("--rule a b=copy", "--rule norm=*0.1..0.7", "--rule x=1.0E-4", "--type Q8_0");
        assertThat(recipe.options()).isEqualTo(options);
    }

    @ParameterizedTest
    @EnumSource
    void everyProfileHasAnEffectAndKeepsNoTensorAtAlphaZero(RuleProfile profile) {
        Plan plan = plan(PlanOptions.builder().alpha(0.4f).alphaRules(profile.rules()));
        Map<String, Float> alphas = alphas(plan);

        assertThat(plan.idleRules()).isEmpty();
        assertThat(profile.rules()).noneMatch(rule -> rule.alpha().holdsAtAlphaZero());
        assertThat(RuleProfile.parse(profile.toString())).isEqualTo(profile);
        List<String> shown = List.of(
                "token_embd.weight",
                "blk.0.attn_norm.weight",
                "blk.0.attn_q.weight",
                "blk.1.attn_output.weight",
                "blk.2.ffn_up.weight",
                "output_norm.weight");
        assertThat(shown.stream().map(alphas::get).toList())
                .isEqualTo(
                        switch (profile) {
                            case PAPER -> List.of(0.4f, 0.4f, 0.4f, 0.4f, 0.4f, 0.4f);
                            case NO_NORMS -> List.of(0.4f, 0f, 0.4f, 0.4f, 0.4f, 0f);
                            case ATTENTION_HALF -> List.of(0.4f, 0.4f, 0.2f, 0.2f, 0.4f, 0.4f);
                            case DEPTH -> List.of(0.2f, 0.2f, 0.2f, 0.4f, 0.6f, 0.6f);
                        });
    }
}
