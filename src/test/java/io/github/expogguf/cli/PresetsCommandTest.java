package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PresetsCommandTest {

    @TempDir
    Path directory;

    /** A pair whose files are called like the models. */
    private TinyPair named(String sft, String aligned) throws IOException {
        TinyPair pair = TinyPair.write(directory);
        return new TinyPair(
                Files.move(pair.sft(), directory.resolve(sft)), Files.move(pair.aligned(), directory.resolve(aligned)));
    }

    private static Ran plan(TinyPair pair, String... more) {
        Object[] words = new Object[5 + more.length];
        System.arraycopy(new Object[] {"plan", "--sft", pair.sft(), "--aligned", pair.aligned()}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return Ran.run(words);
    }

    private static String alpha(Ran ran) {
        return ran.json()
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject()
                .get("alpha")
                .getAsString();
    }

    @Test
    void tableHasFiguresCaveatsAndSources() {
        Ran ran = Ran.run("presets");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().lines())
                .allMatch(line -> line.length() <= 80)
                .anyMatch(line -> line.matches("zephyr-7b-beta +0.1  HuggingFaceH4/mistral-7b-sft-beta"))
                .anyMatch(line -> line.matches(" +HuggingFaceH4/zephyr-7b-beta"))
                .anyMatch(line -> line.matches("zephyr-7b-beta +13.2-14.0 +10.2-11.1 +7.02-7.06 +\\+4 %"))
                .anyMatch(line -> line.matches("zephyr-7b-alpha +unknown  HuggingFaceH4/mistral-7b-sft-alpha \\*"))
                .anyMatch(line -> line.matches("llama3-iterative-dpo-final .* 67.[23]-59.6"));
        assertThat(ran.out()).contains("Answers grow longer", "Maths may suffer", "arXiv 2404.16792");
    }

    @Test
    void jsonHasNullForWhatIsUnknown() {
        JsonObject document = Ran.run("presets", "--json").json();

        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/presets/1");
        JsonObject first = document.getAsJsonArray("presets").get(0).getAsJsonObject();
        assertThat(first.get("name").getAsString()).isEqualTo("zephyr-7b-alpha");
        assertThat(first.get("alpha").isJsonNull()).isTrue();
        assertThat(first.get("gsm8k").isJsonNull()).isTrue();
        assertThat(first.getAsJsonObject("winRate").toString()).isEqualTo("{\"before\":6.7,\"after\":10.6}");
    }

    @Test
    void presetSetsAlphaUnlessTheCommandLineDoes() throws IOException {
        TinyPair pair = named("mistral-7b-sft-beta.gguf", "zephyr-7b-beta.gguf");
        Path recipe = Files.writeString(directory.resolve("r.yaml"), "alpha: 0.9\n");

        Ran ran = plan(pair, "--preset", "zephyr-7b-beta", "--json");

        assertThat(ran.err()).isEmpty();
        assertThat(alpha(ran)).isEqualTo("0.1");
        assertThat(alpha(plan(pair, "--preset", "zephyr-7b-beta", "--recipe", recipe.toString(), "--json")))
                .isEqualTo("0.1");
        assertThat(alpha(plan(pair, "--preset", "zephyr-7b-beta", "-a", "0.7", "--json")))
                .isEqualTo("0.7");
    }

    @Test
    void modelsThatAreNotThePairAreRemarkedOn() throws IOException {
        TinyPair pair = named("mistral-7b-sft-beta.gguf", "zephyr-7b-alpha.gguf");

        assertThat(plan(pair, "--preset", "zephyr-7b-beta").err())
                .isEqualTo(
                        "expo-gguf: warning: --preset zephyr-7b-beta: the aligned model is called 'zephyr-7b-alpha.gguf',"
                                + " expected HuggingFaceH4/zephyr-7b-beta; the published alpha is for that pair\n");
    }

    @Test
    void modelsOfThePairInEachOthersPlaceAreCalledSwapped() throws IOException {
        TinyPair pair = named("zephyr-7b-beta.gguf", "mistral-7b-sft-beta.gguf");

        assertThat(plan(pair, "--preset", "zephyr-7b-beta").err())
                .startsWith(
                        "expo-gguf: warning: --preset zephyr-7b-beta: the two models are swapped: 'zephyr-7b-beta.gguf'"
                                + " is given as the SFT model and is the aligned one, HuggingFaceH4/zephyr-7b-beta; extrapolating"
                                + " from it goes back, away from what alignment has reached\n");
    }

    @Test
    void unpublishedAlphaIsRefusedUnlessOneIsGiven() throws IOException {
        TinyPair pair = named("tulu-2-7b.gguf", "tulu-2-dpo-7b.gguf");

        Ran refused = plan(pair, "--preset", "tulu-2-dpo-7b");

        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err())
                .contains("the alpha of tulu-2-dpo-7b was not published; 'expo-gguf search' finds one");
        assertThat(alpha(plan(pair, "--preset", "tulu-2-dpo-7b", "-a", "0.5", "--json")))
                .isEqualTo("0.5");
    }

    @Test
    void unknownPresetListsTheKnown() {
        assertThat(Ran.run("extrapolate", "--preset", "gpt", "--sft", "no", "--aligned", "no", "-o", "no")
                        .err())
                .contains("'gpt' is not a preset; it is one of zephyr-7b-alpha");
    }

    @Test
    void searchSaysThePublishedAlpha() throws IOException {
        TinyPair pair = named("mistral-7b-sft-beta.gguf", "zephyr-7b-beta.gguf");
        Path preferences = Files.writeString(
                directory.resolve("p.jsonl"), "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n");
        Object[] search = {
            "search", "--sft", pair.sft(), "--aligned", pair.aligned(), "--preferences", preferences, "--preset", ""
        };

        search[8] = "zephyr-7b-beta";
        assertThat(Ran.run(search).err()).contains("note: the published alpha is 0.1\n");
        search[8] = "tulu-2-dpo-7b";
        assertThat(Ran.run(search).err())
                .doesNotContain("published alpha is 0")
                .contains("the published alpha is for that pair");
    }
}
