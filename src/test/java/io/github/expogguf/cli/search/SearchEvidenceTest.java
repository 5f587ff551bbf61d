package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A written model tells how its alpha was found, so that others find it again. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the judge is a command of a Unix shell")
class SearchEvidenceTest {

    private static final String SFT = "guide-sft-f16.gguf";
    private static final String ALIGNED = "guide-dpo-20-f16.gguf";

    @TempDir
    private Path directory;

    private Path prompts;
    private Path preferences;
    private Path judge;

    @BeforeEach
    void write() throws IOException {
        prompts = head("prompts.jsonl", 6);
        preferences = head("preferences.jsonl", 8);
        judge = Files.writeString(directory.resolve("judge.awk"), "{ print length($0) }\n");
    }

    private Path head(String name, int lines) throws IOException {
        return DemoFiles.head(name, lines, directory.resolve(name));
    }

    private static Metadata metadata(Path model) throws IOException {
        try (GgufModel opened = GgufModel.open(model)) {
            return opened.header().metadata();
        }
    }

    private static List<String> strings(Metadata metadata, String key) {
        return metadata.get(key).orElseThrow().asStrings();
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        digest.update(Files.readAllBytes(file));
        return Sha256.digits(digest);
    }

    private Path search(String output, List<?> words) {
        List<Object> all = new ArrayList<>(List.of("search", "-q", "-t", 1, "--write", directory.resolve(output)));
        all.addAll(words);
        Ran ran = Ran.run(all.toArray());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return directory.resolve(output);
    }

    private List<Object> pair() {
        return List.of("--sft", DemoFiles.DIRECTORY.resolve(SFT), "--aligned", DemoFiles.DIRECTORY.resolve(ALIGNED));
    }

    private Path search(String output, Object... words) {
        return search(output, Stream.concat(pair().stream(), Stream.of(words)).toList());
    }

    /** With nothing but what the metadata says, and a folder that has the files. */
    private Path repeat(Metadata evidence, String output) throws IOException {
        Map<String, Path> found = new HashMap<>();
        try (Stream<Path> here = Files.list(directory);
                Stream<Path> demo = Files.list(DemoFiles.DIRECTORY)) {
            for (Path file :
                    Stream.concat(here, demo).filter(Files::isRegularFile).toList()) {
                found.put(sha256(file), file);
            }
        }
        Map<String, Path> files = new HashMap<>();
        for (String line : strings(evidence, "expo.search.files")) {
            files.put(line.substring(66), Objects.requireNonNull(found.get(line.substring(0, 64)), line));
        }
        for (String role : List.of("sft", "aligned")) {
            String digest = strings(evidence, "expo." + role + ".sha256").getFirst();
            files.put(strings(evidence, "expo." + role + ".files").getFirst(), found.get(digest));
        }
        List<Object> words = new ArrayList<>();
        for (String word : strings(evidence, "expo.search.arguments")) {
            words.add(files.containsKey(word) ? files.get(word) : word);
        }
        return search(output, words);
    }

    private void assertRepeated(Metadata first, Metadata again) {
        for (String key : first.keys()) {
            if (key.startsWith("expo.")) {
                assertThat(again.get(key)).as(key).isEqualTo(first.get(key));
            }
        }
        assertThat(again.keys()).containsExactlyElementsOf(first.keys());
    }

    @Test
    void judgedSearchIsRepeatedFromTheFileThatItWrote() throws IOException {
        Path written = search(
                "best.gguf",
                "--prompts",
                prompts,
                "--judge",
                "awk -f " + judge,
                "--preferences",
                preferences,
                "--type",
                "Q8_0",
                "--write-type",
                "Q4_K_M",
                "--rule",
                "ffn=*0.5",
                "--alphas",
                "1,6",
                "--holdout",
                "-n",
                12,
                "-s",
                -1,
                "--top-k",
                20,
                "--repeat-penalty",
                1.1,
                "--frequency-penalty",
                0.2,
                "--max-kl",
                3,
                "--json-file",
                directory.resolve("s.json"));
        Metadata first = metadata(written);

        assertThat(strings(first, "expo.search.arguments"))
                .containsSubsequence("--alphas", "1,6")
                .containsSubsequence("--judge", "awk -f " + judge)
                .containsSubsequence("--prompts", "prompts.jsonl")
                .containsSubsequence("--rule", "ffn=*0.5")
                .containsSubsequence("--type", "Q8_0")
                .contains("--holdout", "--temp", "--margin", "--presence-penalty")
                .doesNotContain("--json", "--write", "--write-type", "--threads", "--quiet", "-1");
        assertThat(strings(first, "expo.search.files"))
                .containsExactlyInAnyOrder(
                        sha256(judge) + "  judge.awk",
                        sha256(preferences) + "  preferences.jsonl",
                        sha256(prompts) + "  prompts.jsonl");
        assertThat(first.string("expo.search.input.weights").orElseThrow()).contains("--type Q8_0", "ffn=*0.5");
        assertThat(first.string("expo.search.input.seed").orElseThrow()).isNotEqualTo("0");
        assertThat(first.keys())
                .contains("expo.search.input.llama.cpp", "expo.search.input.sampling", "expo.search.end")
                .doesNotContain("expo.search.input.sft");

        Metadata again = metadata(repeat(first, "again.gguf"));

        assertThat(again.get("expo.alpha")).isEqualTo(first.get("expo.alpha"));
        assertThat(again.get("expo.search.scores")).isEqualTo(first.get("expo.search.scores"));
        assertThat(strings(again, "expo.search.arguments")).isEqualTo(strings(first, "expo.search.arguments"));
    }

    @Test
    void searchByPreferencesIsRepeatedToTheByte() throws IOException {
        Path written = search("best.gguf", "--preferences", preferences, "--max-evaluations", 3, "--max-kl", "off");
        Metadata first = metadata(written);

        assertThat(strings(first, "expo.search.arguments"))
                .as("where it looked first was found by this version")
                .containsSubsequence("--start", "7.2");

        Path again = repeat(first, "again.gguf");

        assertRepeated(first, metadata(again));
        assertThat(again).hasSameBinaryContentAs(written);
    }

    @Test
    void searchOverProfilesIsRepeatedToTheByte() throws IOException {
        preferences = head("preferences.jsonl", 40);
        Path written = search(
                "best.gguf",
                "--preferences",
                preferences,
                "--alphas",
                "4",
                "--try-profile",
                "no-norms,attention-half",
                "--try-gradient",
                "--rule",
                "ffn_gate=*0.5",
                "--max-kl",
                "off",
                "--max-distance",
                "off",
                "--max-accuracy-fall",
                "off");
        Metadata first = metadata(written);

        assertThat(strings(first, "expo.search.arguments"))
                .containsSubsequence("--try-profile", "no-norms,attention-half")
                .contains("--try-gradient");
        assertThat(strings(first, "expo.search.profiles"))
                .containsExactly(
                        "paper", "paper", "no-norms", "attention-half", "*2..0", "*1.5..0.5", "*0.5..1.5", "*0..2");
        assertThat(first.get("expo.search.looks").orElseThrow().asLong()).isEqualTo(6);
        assertThat(first.string("expo.search.choice").orElseThrow()).startsWith("a profile above the best of one");
        assertThat(String.join(" ", strings(first, "expo.rules")))
                .as("those of the command, then those of the profile")
                .containsPattern("ffn_gate=\\*0\\.5.*[.=*0-9]+\\.\\.");

        Path again = repeat(first, "again.gguf");

        assertRepeated(first, metadata(again));
        assertThat(again).hasSameBinaryContentAs(written);
    }

    @Test
    void filesOfOneNameAreToldApart() throws IOException {
        Path other = Files.createDirectories(directory.resolve("other")).resolve("prompts.jsonl");
        Files.copy(preferences, other);
        Metadata written = metadata(search(
                "best.gguf",
                "--prompts",
                prompts,
                "--preferences",
                other,
                "--judge",
                "awk -f " + judge,
                "-n",
                4,
                "--temp",
                0,
                "--alphas",
                "1"));

        assertThat(strings(written, "expo.search.arguments"))
                .containsSubsequence("--preferences", "1/prompts.jsonl")
                .containsSubsequence("--prompts", "2/prompts.jsonl");
        assertThat(strings(written, "expo.search.files"))
                .containsExactly(
                        sha256(other) + "  1/prompts.jsonl",
                        sha256(prompts) + "  2/prompts.jsonl",
                        sha256(judge) + "  judge.awk");
    }

    @Test
    void drawnSeedIsThatOfTheLog() throws IOException {
        Path log = directory.resolve("search.log");
        Object[] words = {
            "--prompts", prompts, "--judge", "awk -f " + judge, "-n", 8, "-s", -1, "--alphas", "1", "--log", log
        };
        Metadata first = metadata(search("first.gguf", words));
        List<String> lines = Files.readAllLines(log);

        Metadata again = metadata(search("again.gguf", words));

        assertThat(Files.readAllLines(log)).isEqualTo(lines);
        assertThat(again.get("expo.search.arguments")).isEqualTo(first.get("expo.search.arguments"));
    }
}
