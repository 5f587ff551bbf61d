package io.github.expogguf.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class ModelCardTest {

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(1, 256, 256, 4, 2)).withMatrices(GgmlType.F16);

    @TempDir
    Path directory;

    private ExpoReport write(TinyModel aligned, String sftName, PlanOptions.Builder options) throws IOException {
        Path sft = MODEL.write(directory.resolve(sftName), TensorValues.random(1));
        Path other = aligned.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        try (Extrapolator pair = Extrapolator.open(sft, other)) {
            return pair.write(
                    options.alpha(0.3f).fileType(FileType.Q8_0).build(),
                    directory.resolve("out.gguf"),
                    OutputOptions.defaults().withForce(true));
        }
    }

    private static TinyModel with(String key, String value) {
        return MODEL.with(key, MetadataValue.ofString(value));
    }

    private String card(TinyModel aligned) throws IOException {
        return ModelCard.of(List.of(
                write(aligned, "sft.gguf", PlanOptions.builder()).files().getFirst()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> frontMatter(String card) {
        assertThat(card).startsWith("---\n");
        String yaml = card.substring(4, card.indexOf("\n---\n") + 1);
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(yaml);
    }

    @Test
    void cardTellsLineageRecipeAndFigures() throws IOException {
        TinyModel aligned = with("general.name", "Tiny Model")
                .with("general.license", MetadataValue.ofString("apache-2.0"))
                .with("general.repo_url", MetadataValue.ofString("https://huggingface.co/someone/tiny-dpo"))
                .with("general.languages", MetadataValue.ofStrings(List.of("en", "de")));
        ExpoReport report = write(
                aligned,
                "sft.gguf",
                PlanOptions.builder()
                        .alphaRules(List.of(TensorAlphaRule.parse("blk\\.0\\..*norm=copy")))
                        .evidence(Map.of(
                                "expo.search.score",
                                MetadataValue.ofFloat32(1.25f),
                                "expo.search.error",
                                MetadataValue.ofFloat32(Float.POSITIVE_INFINITY))));

        String card = ModelCard.of(report.files());

        assertThat(frontMatter(card))
                .containsEntry("license", "apache-2.0")
                .containsEntry("base_model", List.of("someone/tiny-dpo"))
                .containsEntry("base_model_relation", "merge")
                .containsEntry("language", List.of("en", "de"))
                .containsEntry("quantized_by", "expo-gguf");
        assertThat(card)
                .contains("\n# Tiny Model ExPO\n")
                .containsPattern(
                        "\\| `out\\.gguf` \\| Q8_0 \\| 0\\.3 \\| 0\\.\\d{3} ± 0\\.\\d{3} \\| \\d{3} kB \\| 8\\.53 \\| 557,824 \\|")
                .contains("| aligned | `aligned.gguf` | `"
                        + report.alignedSha256().getFirst() + "` |")
                .contains("| SFT | `sft.gguf` | `" + report.sftSha256().getFirst() + "` |")
                .contains("expo-gguf extrapolate --sft sft.gguf --aligned aligned.gguf --alpha 0.3"
                        + " --rule 'blk\\.0\\..*norm=copy' --type Q8_0 -o out.gguf\n")
                .contains("expo-gguf verify out.gguf --sft sft.gguf --aligned aligned.gguf\n")
                .contains("## Why this alpha, `out.gguf`", "| score | 1.250 |", "| error | - |")
                .contains("longer answers", "GSM8K");
        assertThat(card).doesNotContain(directory.toString());
    }

    /** Q4_0 to Q4_0 rounds most of a small step back. */
    @Test
    void stepThatWasRoundedAwayIsSaid() throws IOException {
        TinyModel coarse = MODEL.withMatrices(GgmlType.Q4_0);
        Path sft = coarse.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        Path aligned = coarse.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        Path lost = directory.resolve("lost.gguf");
        Path arrived = directory.resolve("arrived.gguf");
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            PlanOptions options = PlanOptions.builder().alpha(0.1f).build();
            pair.write(options, lost, OutputOptions.defaults());
            pair.write(options.withFileType(FileType.F32), arrived, OutputOptions.defaults());
        }

        assertThat(ModelCard.of(List.of(lost))).contains("rounding to the type took most of the step back");
        assertThat(ModelCard.of(List.of(arrived)))
                .doesNotContain("rounding to the type")
                .contains("| F32 | 0.1 | 0.100 ±");
    }

    @Test
    void oneModelIsQuantizedAndHasNoCaveatsOfExtrapolation() throws IOException {
        Path model = with("general.name", "Tiny").write(directory.resolve("m.gguf"), TensorValues.random(1));
        Path output = directory.resolve("q.gguf");
        try (Extrapolator one = Extrapolator.open(model)) {
            one.write(PlanOptions.builder().fileType(FileType.Q8_0).build(), output, OutputOptions.defaults());
        }

        String card = ModelCard.of(List.of(output));

        assertThat(card)
                .contains("\n# Tiny\n", "expo-gguf quantize -m m.gguf --type Q8_0 -o q.gguf")
                .doesNotContain("GSM8K", "| SFT |");
        assertThatThrownBy(() -> ModelCard.of(List.of(model))).hasMessageContaining("carries no recipe");
        assertThatThrownBy(() -> ModelCard.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n---\nlicense: mit\n---\n# Owned",
                "<script>alert(1)</script>",
                "[x](https://evil.example)",
                "![x](https://evil.example/t.png)",
                "a | b | c",
                "``` \n rm -rf ~ \n```",
                "x\" \nlicense: \"mit",
                "`x` https://evil.example",
                "\u202egpj.exe",
                "&lt;b&gt; &#60;",
                "a\\",
                "\ud800",
                "www.evil.example @everyone",
                "# x",
                "*x* _y_ ~~z~~"
            })
    void namesMakeNoMarkup(String hostile) throws IOException {
        TinyModel aligned = MODEL;
        for (String key : List.of(
                "general.name",
                "general.license",
                "general.license.name",
                "general.license.link",
                "general.organization",
                "general.repo_url",
                "general.basename")) {
            aligned = aligned.with(key, MetadataValue.ofString(hostile));
        }
        String card = card(aligned.with("general.languages", MetadataValue.ofStrings(List.of(hostile, "en"))));
        String plain = card(with("general.name", "x"));

        assertThat(frontMatter(card)).containsEntry("language", List.of("en")).doesNotContainKeys("Owned");
        assertThat(frontMatter(card).get("license")).isIn("other", "mit");
        assertThat(frontMatter(card).get("license")).isEqualTo("other");
        assertThat(card.substring(card.indexOf("\n# ")))
                .doesNotContain("<", ">", "](https://evil", "\u202e", " &lt;b", "\n# Owned", " https://", "www.")
                .doesNotContainPattern("(?m)^rm ");
        assertThat(card.lines().filter(line -> line.startsWith("#") || line.startsWith("```")))
                .hasSameSizeAs(plain.lines()
                        .filter(line -> line.startsWith("#") || line.startsWith("```"))
                        .toList());
    }

    @Test
    void fileNamesAreQuotedForTheShellAndTheTable() throws IOException {
        ExpoReport report = write(MODEL, "it's | `$(x)`.gguf", PlanOptions.builder());

        assertThat(ModelCard.of(report.files()))
                .contains("--sft 'it'\\''s | `$(x)`.gguf' --aligned")
                .contains("| SFT | ``it's \\| `$(x)`.gguf`` |");
    }

    @Test
    void commandsNameAdaptersAndFurtherDifferences() {
        Recipe adapted = recipe("base");

        assertThat(CommandLines.make(adapted, "o.gguf"))
                .isEqualTo(
                        "expo-gguf extrapolate --sft base.gguf --adapter 'a b.gguf=0.5' --delta 'a b.gguf,a b.gguf,-1'"
                                + " --alpha 0.3 --pure -o o.gguf");
        assertThat(CommandLines.verify(adapted, "o.gguf"))
                .isEqualTo("expo-gguf verify o.gguf --sft base.gguf --adapter 'a b.gguf' --delta 'a b.gguf,a b.gguf'");
        assertThat(CommandLines.make(recipe("other"), "o.gguf")).contains("--aligned other.gguf --adapter");
    }

    private static Recipe recipe(String aligned) {
        RecordedModel other = new RecordedModel(List.of("a b.gguf"), List.of("1"));
        return new Recipe(
                "1",
                "2",
                Optional.of(0.3f),
                Ingredients.pair(
                                new RecordedModel(List.of("base.gguf"), List.of("base")),
                                new RecordedModel(List.of(aligned + ".gguf"), List.of(aligned)))
                        .withAdapters(List.of(new Ingredients.Adapter<>(other, 0.5f)))
                        .withDeltas(List.of(new Ingredients.Delta<>(other, other, -1))),
                List.of("--pure"),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                true);
    }

    @Test
    void textIsEscaped() {
        assertThat(Markdown.text("a_b*c<i>&amp;")).isEqualTo("a\\_b\\*c&lt;i&gt;&amp;amp;");
        assertThat(Markdown.text("x".repeat(300))).hasSize(200);
        assertThat(Markdown.code("a`b``c")).isEqualTo("```a`b``c```");
        assertThat(Markdown.code("")).isEqualTo("`  `");
        assertThat(Markdown.block(List.of("echo ```"))).isEqualTo("````sh\necho ```\n````\n");
        assertThat(FrontMatter.quoted("a\"b\\c\nd\u00e9")).isEqualTo("\"a\\\"b\\\\c\\u000ad\\u00e9\"");
    }
}
