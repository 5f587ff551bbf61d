package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alpha of a small pair that steers a model. */
class SearchOfAGuideTest {

    private static final Path DEMO = DemoFiles.DIRECTORY;
    private static final String SFT = DEMO.resolve("guide-sft-f16.gguf").toString();
    private static final String ALIGNED = DEMO.resolve("guide-dpo-20-f16.gguf").toString();

    @TempDir
    private Path directory;

    private Path preferences;

    @BeforeEach
    void write() throws IOException {
        preferences = DemoFiles.head("preferences.jsonl", 12, directory.resolve("preferences.jsonl"));
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private JsonObject json(String name) throws IOException {
        return JsonParser.parseString(Files.readString(file(name))).getAsJsonObject();
    }

    @Test
    void alphaOfAGuideIsSearchedLikeThatOfAPair() throws IOException {
        Object[] on = {"--preferences", preferences, "--max-accuracy-fall", "off", "--max-kl", "off"};
        String large = DEMO.resolve("guide-dpo-100-f16.gguf").toString();
        Object[] guide = {"search", "-t", 1, "-m", large, "--guide", SFT + "," + ALIGNED, "--alphas", "1,3"};
        Ran ran = Ran.run(Stream.of(
                        Stream.of(guide),
                        Stream.of(on),
                        Stream.of("--json-file", file("g.json"), "--html", file("g.html")))
                .flatMap(part -> part)
                .toArray());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        JsonObject json = json("g.json");
        assertThat(json.getAsJsonObject("inputs").get("model").getAsString()).startsWith("guide-dpo-100-f16.gguf (");
        assertThat(Files.readString(file("g.html"))).contains("model <b>guide-dpo-100-f16.gguf</b>");
        for (int i : new int[] {0, 2}) {
            JsonObject evaluation = json.getAsJsonArray("evaluations").get(i).getAsJsonObject();
            Ran eval = Ran.run(
                    "eval",
                    "-t",
                    1,
                    "-q",
                    "-m",
                    large,
                    "--preferences",
                    preferences,
                    "--json",
                    "--guide",
                    SFT + "," + ALIGNED + "," + evaluation.get("alpha").getAsFloat());
            assertThat(eval.json()
                            .getAsJsonObject("scores")
                            .getAsJsonObject("margin-per-token")
                            .get("value")
                            .getAsDouble())
                    .isEqualTo(evaluation.get("score").getAsDouble(), within(1e-5));
        }
        if (json.getAsJsonObject("best").get("alpha").getAsFloat() != 0) {
            assertThat(ran.out())
                    .contains("use with: expo-gguf chat -m " + large + " --guide " + SFT + "," + ALIGNED + ",");
        }
    }

    @Test
    void guidesTakeAModelAndNoAlpha() {
        String guide = SFT + "," + ALIGNED;
        assertThat(Ran.run("search", "--guide", guide, "--preferences", preferences)
                        .err())
                .contains("--guide steers a model: give that with -m");
        assertThat(Ran.run("search", "-m", SFT, "--guide", guide + ",2", "--preferences", preferences)
                        .err())
                .contains("the alpha of --guide is what is looked for: give SFT2,ALIGNED2 alone");
        assertThat(Ran.run("search", "-m", SFT, "--preferences", preferences).err())
                .contains("-m is for the model that a --guide steers");
        assertThat(Ran.run("search", "-m", SFT, "--guide", guide, "--type", "Q8_0", "--preferences", preferences)
                        .err())
                .contains("--guide computes nothing with weights");
        assertThat(Ran.run("search", "--aligned", SFT, "--preferences", preferences)
                        .err())
                .contains("issing required option: '--sft=FILE'");
    }
}
