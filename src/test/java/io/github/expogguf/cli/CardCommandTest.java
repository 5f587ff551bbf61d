package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names in directories, --card and --modelfile. */
class CardCommandTest {

    @TempDir
    Path directory;

    private TinyPair pair;
    private Path out;

    @BeforeEach
    void writePair() throws IOException {
        pair = TinyPair.write(directory);
        out = Files.createDirectory(directory.resolve("out"));
    }

    private Ran extrapolate(Object... more) {
        List<Object> words = new ArrayList<>(List.of("extrapolate", "--sft", pair.sft(), "--aligned", pair.aligned()));
        words.addAll(Arrays.asList(more));
        return Ran.run(words.toArray());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void outputInADirectoryIsNamedByTheConvention() throws IOException {
        assertThat(extrapolate("-o", out, "-a", "0.3,1", "--type", "q8_0").exitCode())
                .isZero();

        assertThat(files())
                .containsExactly("aligned-1.3K-ExPO-0p3-v1.0-Q8_0.gguf", "aligned-1.3K-ExPO-1-v1.0-Q8_0.gguf");
    }

    @Test
    void cardAndModelfileStandBesideTheOutput() throws IOException {
        Ran ran = extrapolate("-o", out, "--type", "q8_0", "--card", "--modelfile");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains(out.resolve("README.md") + "\n", out.resolve("Modelfile") + "\n");
        assertThat(files()).containsExactly("Modelfile", "README.md", "aligned-1.3K-ExPO-0p3-v1.0-Q8_0.gguf");
        assertThat(out.resolve("README.md"))
                .content()
                .contains("| `aligned-1.3K-ExPO-0p3-v1.0-Q8_0.gguf` | Q8_0 | 0.3 |");
        assertThat(out.resolve("Modelfile")).content().contains("FROM ./aligned-1.3K-ExPO-0p3-v1.0-Q8_0.gguf\n");
    }

    @Test
    void cardTellsTheRankOfWhatWasExtrapolated() throws IOException {
        assertThat(extrapolate("-o", out, "--rank", "2", "--type", "Q8_0", "--card")
                        .exitCode())
                .isZero();

        assertThat(out.resolve("README.md"))
                .content()
                .contains(
                        "An extrapolated model: `aligned + alpha * rank-2 part of (aligned - sft)`, known as ExPO",
                        "| `aligned-1.3K-ExPO-0p3-Rank-2-v1.0-Q8_0.gguf` | Q8_0 | 0.3, rank 2 |",
                        "; alpha 0.3, rank 2. The first command")
                .doesNotContain("mergekit");
        assertThat(extrapolate("-o", out, "--rank", "3", "--type", "Q8_0").exitCode())
                .as("another name")
                .isZero();
    }

    private Ran published(Object... more) throws IOException {
        Path sft = Files.move(pair.sft(), directory.resolve("mistral-7b-sft-beta.gguf"));
        Path aligned = Files.move(pair.aligned(), directory.resolve("zephyr-7b-beta.gguf"));
        List<Object> words = new ArrayList<>(List.of("extrapolate", "--sft", sft, "--aligned", aligned));
        words.addAll(List.of("--preset", "zephyr-7b-beta", "-o", out.resolve("z.gguf"), "--card"));
        words.addAll(Arrays.asList(more));
        return Ran.run(words.toArray());
    }

    private static final String REPOSITORIES =
            "\nbase_model:\n- \"HuggingFaceH4/zephyr-7b-beta\"\n- \"HuggingFaceH4/mistral-7b-sft-beta\"\n";

    @Test
    void cardNamesTheRepositoriesOfAPresetAndWhereItsAlphaIsFrom() throws IOException {
        assertThat(published().exitCode()).isZero();

        assertThat(out.resolve("README.md"))
                .content()
                .contains(REPOSITORIES, "base_model_relation: \"merge\"\n")
                .contains("\nRepositories, as the preset names them: `HuggingFaceH4/zephyr-7b-beta`, aligned from"
                        + " `HuggingFaceH4/mistral-7b-sft-beta`\n")
                .contains(
                        "## Why this alpha, `z.gguf`", "| kind | published |", "| source | arXiv 2404.16792, Table 1,")
                .contains("| measured | by its authors, on models in BF16; on this file by nobody |")
                .doesNotContain("| repository");
        Ran verified = Ran.run(
                "verify",
                out.resolve("z.gguf"),
                "--sft",
                directory.resolve("mistral-7b-sft-beta.gguf"),
                "--aligned",
                directory.resolve("zephyr-7b-beta.gguf"));
        assertThat(verified.exitCode()).as(verified.out()).isZero();
    }

    @Test
    void cardSaysNothingOfAnAlphaThatIsNotThePresets() throws IOException {
        assertThat(published("--alpha", "0.2").exitCode()).isZero();

        assertThat(out.resolve("README.md"))
                .content()
                .contains(REPOSITORIES, "if nothing\n  stands there, nobody measured it here.")
                .doesNotContain("Why this alpha", "published |");
    }

    @Test
    void cardNamesNoRepositoriesOfModelsThatAreCalledOtherwise() throws IOException {
        assertThat(extrapolate("-o", out, "--preset", "zephyr-7b-beta", "--card")
                        .exitCode())
                .isZero();

        assertThat(out.resolve("README.md"))
                .content()
                .contains("| pair | HuggingFaceH4/zephyr-7b-beta, from HuggingFaceH4/mistral-7b-sft-beta |")
                .doesNotContain("base_model:", "Repositories");
    }

    @Test
    void oneCardTellsOfAllOutputsOfADirectory() throws IOException {
        Ran ran = extrapolate("-o", out.resolve("m-{alpha}.gguf"), "-a", "0.3,1", "--card", "--modelfile", "--json");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.json().getAsJsonArray("beside")).hasSize(3);
        assertThat(files()).containsExactly("README.md", "m-0.3.Modelfile", "m-0.3.gguf", "m-1.Modelfile", "m-1.gguf");
        assertThat(out.resolve("README.md")).content().contains("| `m-0.3.gguf` |", "| `m-1.gguf` |");
    }

    @Test
    void whatIsThereIsKeptUnlessForced() throws IOException {
        Path card = Files.writeString(out.resolve("README.md"), "mine");
        Path output = out.resolve("m.gguf");

        Ran refused = extrapolate("-o", output, "--card");

        assertThat(refused.exitCode()).isEqualTo(5);
        assertThat(refused.err()).contains(card + ": exists already; --force replaces it");
        assertThat(files()).containsExactly("README.md");
        assertThat(card).hasContent("mine");
        assertThat(extrapolate("-o", output, "--card", "--force").exitCode()).isZero();
        assertThat(card).content().contains("ExPO");
    }

    @Test
    void modelfileOfShardsIsRefusedBeforeAnyWork() throws IOException {
        Ran ran = extrapolate("-o", out, "--modelfile", "--split-max-size", "1G");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("Ollama reads models of one file, not shards");
        assertThat(files()).isEmpty();
        assertThat(extrapolate("-o", out, "--card", "--split-max-size", "1G").exitCode())
                .isZero();
        assertThat(files()).contains("README.md", "aligned-1.3K-ExPO-0p3-v1.0-F16-00001-of-00001.gguf");
    }

    @Test
    void outputIsNotCalledLikeItsCard() {
        Ran ran = extrapolate("-o", out.resolve("README.md"), "--card");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("are both called");
    }

    @Test
    void searchWritesThemForItsModelAlone() throws IOException {
        Path preferences = Files.writeString(
                directory.resolve("p.jsonl"), "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n");

        Ran ran = Ran.run(
                "search", "--sft", pair.sft(), "--aligned", pair.aligned(), "--preferences", preferences, "--card");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--card and --modelfile go with --write");
    }
}
