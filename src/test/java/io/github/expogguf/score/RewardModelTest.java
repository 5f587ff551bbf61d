package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.InferenceException;
import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.TextPooler;
import io.github.expogguf.infer.TextPooler.Pooling;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small random models with a ranking head. The oracle is a twin without one, whose first rows of the output matrix are
 * the rows of the head, so that its first logits are what the head makes of the last token.
 */
final class RewardModelTest {

    private static final int EMBEDDING = 64;
    private static final TensorValues VALUES = TensorValues.random(11);
    private static final TinyModel PLAIN = TinyModels.qwen3(Sizes.of(2, EMBEDDING, 96, 2, 2), 32)
            .with("qwen3.rope.dimension_count", MetadataValue.ofUint32(32))
            .with("qwen3.pooling_type", MetadataValue.ofUint32(4)) // rank
            .with(
                    "tokenizer.chat_template",
                    MetadataValue.ofString("{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"));
    private static final ComputeOptions HOW =
            ComputeOptions.defaults().withThreads(1).withSequences(3);
    private static final List<Answer> ANSWERS = List.of(
            answer("Which city?", "Lima."),
            answer("Which city?", "I do not know, and I do not care either."),
            answer("Why?", ""),
            answer("How much is 3 times 4?", "12"),
            answer("How much is 3 times 4?", "13"));

    @TempDir
    private Path directory;

    private static Answer answer(String prompt, String text) {
        return new Answer(Prompt.of(prompt), text, 1, false);
    }

    private static float[] head(int outputs) {
        TinyModel model = PLAIN.with("cls.output.weight", GgmlType.F32, EMBEDDING, outputs);
        return VALUES.of(model.tensors().getLast());
    }

    private Path withHead(GgmlType type, int outputs) {
        TinyModel model = PLAIN.with("cls.output.weight", type, EMBEDDING, outputs);
        if (outputs > 1) {
            model = model.with("qwen3.classifier.output_labels", MetadataValue.ofStrings(List.of("yes", "no")));
        }
        return model.write(directory.resolve("reward.gguf"), VALUES);
    }

    /** What the head makes of the last token of a text. */
    private double[] headLogits(String text, int outputs) throws IOException {
        float[] rows = head(outputs);
        Path twin = PLAIN.write(directory.resolve("twin.gguf"), tensor -> {
            float[] values = VALUES.of(tensor);
            if (tensor.name().equals("output.weight")) {
                System.arraycopy(rows, 0, values, 0, rows.length);
            }
            return values;
        });
        try (LlamaModel model = LlamaModel.load(twin, LoadOptions.defaults().withMemoryMapped(false));
                LlamaContext context = LlamaContext.open(
                        model, ContextOptions.defaults().withContextTokens(256).withThreads(1))) {
            float[] logits = context.logits(model.tokenizePrompt(text));
            double[] first = new double[outputs];
            Arrays.setAll(first, i -> logits[i]);
            return first;
        }
    }

    private static String chat(Answer answer) {
        return "[user]" + answer.prompt().text() + "[assistant]" + answer.text();
    }

    @Test
    void theFirstOfTwoOutputsIsAProbability() throws IOException {
        try (RewardModel rewards = RewardModel.load(withHead(GgmlType.F32, 2), HOW)) {
            double[] scores = rewards.score(ANSWERS);
            for (int i = 0; i < scores.length; i++) {
                double[] logits = headLogits(chat(ANSWERS.get(i)), 2);
                double expected = Math.exp(logits[0]) / (Math.exp(logits[0]) + Math.exp(logits[1]));
                assertThat(scores[i]).as("answer %d", i).isEqualTo(expected, within(1e-3));
            }
            assertThat(DoubleStream.of(scores).distinct().count()).isEqualTo(5);
        }
    }

    @Test
    void aSingleOutputIsTheRewardItself() throws IOException {
        for (GgmlType type : List.of(GgmlType.F32, GgmlType.F16)) {
            try (RewardModel rewards = RewardModel.load(withHead(type, 1), HOW)) {
                double[] scores = rewards.score(ANSWERS);
                for (int i = 0; i < scores.length; i++) {
                    double expected = headLogits(chat(ANSWERS.get(i)), 1)[0];
                    assertThat(scores[i]).as("answer %d", i).isEqualTo(expected, within(2e-3));
                }
                assertThat(DoubleStream.of(scores).distinct().count()).isEqualTo(5);
            }
        }
    }

    @Test
    void aRerankTemplateComesFirst() throws IOException {
        TinyModel model = PLAIN.with("cls.output.weight", GgmlType.F32, EMBEDDING, 1)
                .with("tokenizer.chat_template.rerank", MetadataValue.ofString("<s>Q: {query} A: {document}"));
        Answer tricky = answer("Is it {document}?", "$1 {query}");
        try (RewardModel rewards = RewardModel.load(model.write(directory.resolve("rerank.gguf"), VALUES), HOW)) {
            double expected = headLogits("Q: Is it {document}? A: $1 {query}", 1)[0]; // BOS is added
            assertThat(rewards.score(List.of(tricky))[0]).isEqualTo(expected, within(2e-3));
        }
    }

    @Test
    void anEncoderReadsPromptAndAnswerAtOnce() throws IOException {
        try (RewardModel rewards = RewardModel.load(encoder(), HOW)) {
            double[] together = rewards.score(ANSWERS);
            try (RewardModel shared = RewardModel.load(encoder(), HOW.withThreads(2))) {
                assertThat(shared.score(ANSWERS)).containsExactly(together, within(1e-3));
            }
            for (int i = 0; i < together.length; i++) {
                assertThat(rewards.score(ANSWERS.subList(i, i + 1))[0]).isEqualTo(together[i], within(1e-3));
            }
            assertThat(DoubleStream.of(together).distinct().count()).isEqualTo(5);
            Answer longOne = answer("Why?", "because ".repeat(60));
            assertThatThrownBy(() -> rewards.score(List.of(longOne)))
                    .isInstanceOf(PromptException.class)
                    .hasMessageMatching("prompt: the prompt with its answer has \\d+ tokens, expected at most 256 .*");
        }
    }

    @Test
    void documentsAreRankedAsAnswersToAQuery() throws IOException {
        List<String> documents = List.of("Lima.", "I do not know, and I do not care either.", "");
        try (RewardModel ranking = RewardModel.load(withHead(GgmlType.F32, 1), HOW)) {
            double[] scores = ranking.rerank("Which city?", documents);
            for (int i = 0; i < scores.length; i++) {
                double expected = headLogits(chat(answer("Which city?", documents.get(i))), 1)[0];
                assertThat(scores[i]).as(documents.get(i)).isEqualTo(expected, within(2e-3));
            }
            assertThat(ranking.rerank("Which city?", List.of())).isEmpty();
            assertThatThrownBy(() -> ranking.rerank("Which city?", List.of("Lima.", "a ".repeat(300))))
                    .isInstanceOf(PromptException.class)
                    .hasMessageMatching(
                            "document 1: the prompt with its answer has \\d+ tokens, expected at most 256 .*");
        }
    }

    /** The head of an encoder is a product with its state at the first token, and a summand. */
    @Test
    void anEncoderScoresWithItsHead() throws IOException {
        String query = "Which city?";
        List<String> documents = List.of("Lima.", "Nobody knows.");
        double[] scores;
        try (RewardModel ranking = RewardModel.load(encoder(), HOW)) {
            scores = ranking.rerank(query, documents);
        }
        try (LlamaModel model = LlamaModel.load(encoder(), LoadOptions.defaults());
                TextPooler states = TextPooler.open(
                        model, ContextOptions.defaults().withContextTokens(256).withThreads(1), Pooling.CLS)) {
            float[] weights = VALUES.of(new TensorSpec("cls.output.weight", GgmlType.F32, new Shape(EMBEDDING, 1)));
            float[] summand = VALUES.of(new TensorSpec("cls.output.bias", GgmlType.F32, new Shape(1)));
            for (int i = 0; i < scores.length; i++) {
                int[] text = model.tokenizePair(query, documents.get(i));
                float[] state = states.pool(List.of(text), progress -> {}).getFirst();
                double expected = summand[0];
                for (int column = 0; column < EMBEDDING; column++) {
                    expected += (double) state[column] * weights[column];
                }
                assertThat(scores[i]).isEqualTo(expected, within(1e-3));
            }
        }
    }

    /** As llama.cpp v0.5.0 reads BERT (models/bert.cpp), with a vocabulary that ends texts. */
    private Path encoder() {
        TinyModel model = TinyModels.bert(Sizes.of(0, EMBEDDING, 96, 2, 2).withTiedEmbeddings())
                .select(name -> !name.equals("output_norm.weight"))
                .with("bert.block_count", MetadataValue.ofUint32(1))
                .with("bert.pooling_type", MetadataValue.ofUint32(4))
                .with("bert.attention.causal", MetadataValue.ofBoolean(false))
                .with("tokenizer.ggml.token_type_count", MetadataValue.ofUint32(2))
                .with("tokenizer.ggml.add_eos_token", MetadataValue.ofBoolean(true))
                .with("token_embd_norm.weight", GgmlType.F32, EMBEDDING)
                .with("token_embd_norm.bias", GgmlType.F32, EMBEDDING)
                .with("cls.output.weight", GgmlType.F32, EMBEDDING, 1)
                .with("cls.output.bias", GgmlType.F32, 1);
        for (String norm : List.of("attn_output_norm", "layer_output_norm")) {
            model = model.with("blk.0." + norm + ".weight", GgmlType.F32, EMBEDDING)
                    .with("blk.0." + norm + ".bias", GgmlType.F32, EMBEDDING);
        }
        for (String square : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
            model = model.with("blk.0." + square + ".weight", GgmlType.F32, EMBEDDING, EMBEDDING);
        }
        return model.with("blk.0.ffn_up.weight", GgmlType.F32, EMBEDDING, 96)
                .with("blk.0.ffn_down.weight", GgmlType.F32, 96, EMBEDDING)
                .write(directory.resolve("encoder.gguf"), VALUES);
    }

    @Test
    void refusesAModelWithoutAHead() {
        Path file = PLAIN.write(directory.resolve("plain.gguf"), VALUES);
        assertThatThrownBy(() -> RewardModel.load(file, HOW))
                .isInstanceOf(InferenceException.class)
                .hasMessage("plain.gguf: there is no ranking head, expected a tensor cls.output.weight or cls.weight");
    }

    @Test
    void refusesAnArchitectureForWhichLlamaCppKnowsNoHead() {
        Path file = TinyModels.llama(Sizes.of(1, EMBEDDING, 96, 2, 2))
                .with("cls.output.weight", GgmlType.F32, EMBEDDING, 1)
                .write(directory.resolve("llama.gguf"), VALUES);
        assertThatThrownBy(() -> RewardModel.load(file, HOW))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("llama.gguf: llama.cpp cannot load this model: ")
                .hasMessageContaining("wrong number of tensors");
    }

    @Test
    void refusesAnswersThatDoNotFit() throws IOException {
        Answer longOne = new Answer(new Prompt("a ".repeat(300), Map.of(), "p.jsonl:4"), "b", 1, false);
        try (RewardModel rewards = RewardModel.load(withHead(GgmlType.F32, 1), HOW)) {
            assertThatThrownBy(() -> rewards.score(List.of(ANSWERS.getFirst(), longOne)))
                    .isInstanceOf(PromptException.class)
                    .hasMessageStartingWith("p.jsonl:4: the prompt with its answer has ");
            assertThat(rewards.score(List.of())).isEmpty();
        }
    }
}
