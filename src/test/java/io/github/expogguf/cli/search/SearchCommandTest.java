package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Searches of the trained miniature pair. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the judges are commands of a Unix shell")
class SearchCommandTest {

    private static final Path DEMO = DemoFiles.DIRECTORY;
    private static final String SFT = DEMO.resolve("guide-sft-f16.gguf").toString();
    private static final String ALIGNED = DEMO.resolve("guide-dpo-20-f16.gguf").toString();
    private static final String LENGTH_JUDGE = "awk '{ print length($0) }'";

    @TempDir
    private Path directory;

    private Path prompts;
    private Path preferences;

    @BeforeEach
    void write() throws IOException {
        prompts = head("prompts.jsonl", 6);
        preferences = head("preferences.jsonl", 12);
    }

    private Path head(String name, int lines) throws IOException {
        return DemoFiles.head(name, lines, directory.resolve(name));
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private Ran search(Object... more) {
        List<Object> words =
                new ArrayList<>(List.of("search", "--sft", SFT, "--aligned", ALIGNED, "-t", 1, "--type", "Q8_0"));
        words.addAll(List.of(more));
        return Ran.run(words.toArray());
    }

    private Ran searchAnswers(Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "--prompts", prompts, "--judge", LENGTH_JUDGE, "-n", 24, "--temp", 0.7, "--seed", 3, "--seeds", 2));
        words.addAll(List.of(more));
        return search(words.toArray());
    }

    private JsonObject json(String name) throws IOException {
        return JsonParser.parseString(Files.readString(file(name))).getAsJsonObject();
    }

    @Test
    void listensToEveryAlphaAndWritesWhatItFound() throws IOException {
        Ran ran = searchAnswers(
                "--alphas",
                "1,30",
                "--preferences",
                preferences,
                "--json-file",
                file("s.json"),
                "--csv",
                file("s.csv"),
                "--html",
                file("s.html"),
                "--write",
                file("best.gguf"),
                "--write-type",
                "Q4_K_M");

        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        List<String> lines = ran.out().lines().toList();
        assertThat(lines.getFirst()).matches(" alpha +score +above alpha 0 +kl +length +repeats +acc\\. +dist\\.");
        assertThat(lines.get(1)).startsWith("     0  ");
        assertThat(lines.get(3)).startsWith("    30  ");
        assertThat(ran.out()).contains("\nbest: alpha ", "\nended: every alpha of the grid was evaluated\n");
        JsonObject json = json("s.json");
        assertThat(json.getAsJsonArray("evaluations").asList())
                .extracting(each -> each.getAsJsonObject().get("alpha").getAsFloat())
                .containsExactly(0f, 1f, 30f);
        assertThat(json.get("prompts").getAsInt()).isEqualTo(6);
        assertThat(json.getAsJsonObject("best")
                        .getAsJsonObject("guards")
                        .get("between-seeds")
                        .getAsDouble())
                .isPositive();
        assertThat(Files.readString(file("s.csv"))).contains(",between_seeds,");
        assertThat(json.getAsJsonObject("inputs").get("judge").getAsString()).isEqualTo(LENGTH_JUDGE);
        assertThat(Files.readAllLines(file("s.csv"))).hasSize(4);
        assertThat(Files.readString(file("s.html"))).contains("<h3>Which city rules Chile?</h3>");
        assertWinnerIsWritten(json.getAsJsonObject("best"));
    }

    @Test
    void otherProfilesAreSearchedBesideOneAlphaForAll() throws IOException {
        Object[] words = {
            "--alphas",
            "2,6",
            "--try-profile",
            "no-norms,no-norms+depth",
            "--try-gradient",
            "--log",
            file("s.log"),
            "--json-file",
            file("s.json"),
            "--csv",
            file("s.csv"),
            "--html",
            file("s.html"),
            "--force"
        };
        Ran ran = searchAnswers(words);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        List<String> lines = ran.out().lines().toList();
        assertThat(lines.getFirst()).matches("profile +alpha +score +above alpha 0 +kl +length +dist\\.");
        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(ran.out())
                .containsPattern("\\n  no-norms\\+depth: [+-]\\d.* ± .*, alpha [26] with no-norms\\+depth\\n")
                .containsPattern("\\n  gradient: [+-]\\d.* ± .*, alpha [26] with \\*.*, .* to .* by block\\n")
                .contains("needed: at least 10 prompts, as the highest of 12 models; 6 cannot tell\n")
                .contains("15 models on 6");
        JsonObject json = json("s.json");
        assertThat(json.getAsJsonArray("evaluations")).hasSize(15);
        assertThat(json.getAsJsonObject("profiles").getAsJsonArray("candidates").asList())
                .extracting(each -> each.getAsJsonObject().get("name").getAsString())
                .containsExactly("no-norms", "no-norms+depth", "gradient");
        assertThat(Files.readAllLines(file("s.csv")))
                .hasSize(16)
                .first()
                .asString()
                .startsWith("profile,alpha,score,");
        assertThat(Files.readString(file("s.html")))
                .contains(
                        "alpha of the first block",
                        "no-norms+depth, ± one standard error",
                        "<th scope=\"col\">profile</th>");
        assertThat(Files.readAllLines(file("s.log"))).hasSize(16);

        String csv = Files.readString(file("s.csv"));
        Ran again = searchAnswers(words);
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(Files.readAllLines(file("s.log")))
                .as("nothing is evaluated again")
                .hasSize(16);
        assertThat(Files.readString(file("s.csv"))).isEqualTo(csv);
    }

    /** On the terminal, on the page and in JSON it is the same number. */
    @Test
    void profilesAreReportedOnThePromptsHeldOut() throws IOException {
        Ran ran = searchAnswers(
                "--alphas",
                "2,6",
                "--try-profile",
                "depth",
                "--holdout",
                "--json-file",
                file("s.json"),
                "--html",
                file("s.html"));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        String text = ran.out().replaceAll("\\s+", " ");
        assertThat(text).contains("less that of one alpha for all, on the prompts held out: depth: ");
        String gain = text.replaceFirst(".* held out: depth: (\\S+ ± [0-9.]+), alpha.*", "$1");
        assertThat(Files.readString(file("s.html"))).contains(", " + gain + " above the highest score of one alpha");
        JsonObject depth = json("s.json")
                .getAsJsonObject("profiles")
                .getAsJsonArray("candidates")
                .get(0)
                .getAsJsonObject();
        double shown = Double.parseDouble(gain.substring(0, gain.indexOf(' ')));
        assertThat(depth.get("advantage").getAsDouble()).isCloseTo(shown, within(0.01 + 0.01 * Math.abs(shown)));
        assertThat(depth.get("selectionAdvantage").getAsDouble())
                .isNotEqualTo(depth.get("advantage").getAsDouble());
    }

    @Test
    void profilesThatMakeNoOtherModelsAreLeftOut() throws IOException {
        Ran ran = searchAnswers(
                "--alphas",
                "2",
                "--try-profile",
                "depth,depth+depth,no-norms+depth,depth+no-norms,attention-half",
                "--rule",
                "attn=*0.5",
                "--json-file",
                file("s.json"));

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains("note: depth+depth is tried once, as depth: every tensor has the same alpha with both\n")
                .contains("note: depth+no-norms is tried once, as depth:")
                .contains("note: attention-half is not tried: it changes the alpha of no tensor, as the rules of the"
                        + " command come first (--rule)\n");
        assertThat(json("s.json")
                        .getAsJsonObject("profiles")
                        .getAsJsonArray("candidates")
                        .asList())
                .extracting(each -> each.getAsJsonObject().get("name").getAsString())
                .containsExactly("depth", "no-norms+depth");
        assertThat(searchAnswers("--alphas", "2", "--try-profile", "depth", "--try-gradient", "--rule", ".=*0.5")
                        .err())
                .contains("note: no gradient is tried: it changes the alpha of no tensor")
                .contains("nothing is left to try beside one alpha for all tensors, as the rules of the command come");
        assertThat(searchAnswers("--alphas", "0", "--try-profile", "depth").out())
                .contains("depth: not looked at")
                .doesNotContain("needed", "0 models");
    }

    @Test
    void profilesThatCannotBeTriedAreRefused() {
        assertThat(searchAnswers("--try-profile", "paper").err())
                .contains(
                        "--try-profile paper is one alpha for all tensors, which every search looks at: name another");
        assertThat(search("--prompts", prompts, "--try-gradient").err())
                .contains("--try-gradient needs something that scores");
        assertThat(searchAnswers("--try-profile", "depht").err()).contains("'depht' is not a profile; it is one of");
        assertThat(searchAnswers("--try-profile", "depth", "--profile", "no-norms")
                        .err())
                .contains("--profile is of all models of a search, and comes before what --try-profile tries");
        assertThat(Ran.run(
                                "search",
                                "--sft",
                                SFT,
                                "--aligned",
                                ALIGNED,
                                "--logits",
                                "--preferences",
                                preferences,
                                "--try-gradient")
                        .err())
                .contains("--try-gradient shares out the alpha of weights; with --logits there is one alpha");
    }

    @Test
    void furtherDifferencesAreAddedAtEveryAlpha() throws IOException {
        Ran ran = search(
                "--preferences",
                preferences,
                "--alphas",
                "1",
                "--delta",
                SFT + "," + ALIGNED + ",0.5",
                "--json-file",
                file("s.json"));

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).contains("note: further deltas hold at alpha 0, too");
        assertThat(json("s.json").getAsJsonObject("inputs").get("delta 1").getAsString())
                .endsWith("* 0.5");
    }

    private void assertWinnerIsWritten(JsonObject best) throws IOException {
        try (GgufModel model = GgufModel.open(file("best.gguf"))) {
            Metadata metadata = model.header().metadata();
            assertThat(metadata.get("expo.alpha").orElseThrow().asDouble())
                    .isEqualTo(best.get("alpha").getAsFloat());
            assertThat(metadata.get("expo.search.score").orElseThrow().asDouble())
                    .isCloseTo(best.get("score").getAsDouble(), within(1e-3));
            assertThat(metadata.get("expo.rules").orElseThrow().asStrings()).containsExactly("--type Q4_K_M");
            assertThat(metadata.string("expo.search.kind")).contains("judge");
            assertThat(metadata.integer("expo.search.prompts")).hasValue(6);
            assertThat(metadata.keys()).contains("expo.search.guard.kl", "expo.search.error", "expo.search.alphas");
        }
        assertThat(Ran.run("verify", file("best.gguf"), "--sft", SFT, "--aligned", ALIGNED)
                        .exitCode())
                .isZero();
    }

    @Test
    void modelThatCannotBeWrittenIsRefusedBeforeTheSearch() throws IOException {
        Ran ran = searchAnswers("--alphas", "1", "--write", file("best.gguf"), "--write-type", "IQ2_XXS");

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err()).contains("18 tensors cannot be quantized to IQ2_XXS without an imatrix");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void stoppedSearchGoesOnFromItsLog() throws IOException {
        searchAnswers(
                "--alphas",
                "30,2",
                "--log",
                file("whole.log"),
                "--json-file",
                file("whole.json"),
                "--write",
                file("whole.gguf"));
        List<String> log = Files.readAllLines(file("whole.log"));
        assertThat(log).hasSize(4);
        String torn = log.get(2).substring(0, 40);
        Files.writeString(file("stopped.log"), log.get(0) + "\n" + log.get(1) + "\n" + torn);

        Ran resumed = searchAnswers(
                "--alphas",
                "30,2",
                "--log",
                file("stopped.log"),
                "--json-file",
                file("resumed.json"),
                "--write",
                file("resumed.gguf"),
                "--resume");

        assertThat(resumed.exitCode()).isZero();
        assertThat(Files.readAllLines(file("stopped.log"))).isEqualTo(log);
        assertThat(json("resumed.json").get("evaluations"))
                .isEqualTo(json("whole.json").get("evaluations"));
        assertThat(file("resumed.gguf")).hasSameBinaryContentAs(file("whole.gguf"));
    }

    @Test
    void finishedLogIsToldAgainWithoutAModel() throws IOException {
        searchAnswers("--alphas", "2", "--log", file("search.log"), "--csv", file("first.csv"));
        byte[] log = Files.readAllBytes(file("search.log"));

        Ran again = searchAnswers("--alphas", "2", "--log", file("search.log"), "--csv", file("again.csv"));

        assertThat(again.exitCode()).isZero();
        assertThat(Files.readAllBytes(file("search.log"))).isEqualTo(log);
        assertThat(file("again.csv")).hasSameTextualContentAs(file("first.csv"));
    }

    private Ran searchLogits(Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("search", "--sft", SFT, "--aligned", ALIGNED, "-t", 1, "--logits", "--temp", 0));
        words.addAll(List.of(more));
        return Ran.run(words.toArray());
    }

    @Test
    void logitsAreSearchedInPlaceOfWeights() throws IOException {
        Object[] on = {"--preferences", preferences, "--alphas", "2", "--max-accuracy-fall", "off", "--max-kl", "off"};
        Ran ran = searchLogits(
                Stream.concat(Stream.of(on), Stream.of("--json-file", file("s.json"), "--html", file("s.html")))
                        .toArray());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains(
                        "\nuse with: expo-gguf chat --logits --alpha 2 --sft " + SFT + " --aligned " + ALIGNED + "\n");
        JsonObject json = json("s.json");
        assertThat(json.getAsJsonObject("inputs").get("logits").getAsString())
                .isEqualTo("(1 + alpha) * aligned - alpha * sft");
        assertThat(json.getAsJsonObject("inputs").has("weights")).isFalse();
        assertThat(Files.readString(file("s.html"))).contains("logits <b>(1 + alpha) * aligned - alpha * sft</b>");
        JsonObject best = json.getAsJsonObject("best");
        assertThat(best.getAsJsonObject("guards").keySet()).contains("kl").doesNotContain("distance");
        assertThat(best.get("score").getAsDouble()).isEqualTo(margin("--alpha", "2", "--logits"));
        assertThat(json.getAsJsonArray("evaluations")
                        .get(0)
                        .getAsJsonObject()
                        .get("score")
                        .getAsDouble())
                .isEqualTo(margin("--alpha", "0", "--logits"));
    }

    private double margin(Object... pair) {
        List<Object> words = new ArrayList<>(List.of("eval", "--sft", SFT, "--aligned", ALIGNED, "-t", 1, "--json"));
        words.addAll(List.of("--preferences", preferences));
        words.addAll(List.of(pair));
        return Ran.run(words.toArray())
                .json()
                .getAsJsonObject("scores")
                .getAsJsonObject("margin-per-token")
                .get("value")
                .getAsDouble();
    }

    @Test
    void logitsAreJudgedOrSuggestedByDivergence() {
        Ran judged = searchLogits("--prompts", prompts, "--judge", LENGTH_JUDGE, "-n", 24, "--alphas", "1,8");
        assertThat(judged.exitCode()).as(judged.err()).isZero();
        assertThat(judged.out()).contains("\nbest: alpha ");
        Ran unjudged = searchLogits("--prompts", prompts, "-n", 24, "--max-evaluations", 5);
        assertThat(unjudged.exitCode()).as(unjudged.err()).isZero();
        assertThat(unjudged.out()).contains("\nsuggested: alpha ").contains("\nuse with: expo-gguf chat --logits ");
        Ran aligned = searchLogits("--prompts", prompts, "--judge", "sed 's/.*/1/'", "-n", 4, "--alphas", "1");
        assertThat(aligned.out()).contains("best: alpha 0,").doesNotContain("use with");
    }

    @Test
    void logitsAndWeightsHaveLogsOfTheirOwn() {
        searchLogits("--preferences", preferences, "--alphas", "1", "--log", file("search.log"));
        Ran ran = search("--preferences", preferences, "--alphas", "1", "--log", file("search.log"));
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("is the log of another search", "logits was '(1 + alpha) * aligned - alpha");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --type Q8_0 | --logits computes nothing with weights
            --rule ffn=0.1 | --logits computes nothing with weights
            --rank 2 | --logits computes nothing with weights
            --adapter x.gguf | --logits computes nothing with weights
            --delta a.gguf,b.gguf,1 | --logits computes nothing with weights
            --max-distance 2% | --logits computes nothing with weights
            --preset zephyr-7b-beta | the alpha of a --preset is for weights; with --logits, --start says where
            --write best.gguf | --logits makes no model that --write could write: chat, generate and eval have
            """)
    void logitsRefuseWhatIsOfWeights(String option, String problem) {
        List<Object> words = new ArrayList<>(List.of("--preferences", preferences));
        words.addAll(List.of(option.split(" ")));
        Ran ran = searchLogits(words.toArray());
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(problem);
        assertThat(file("best.gguf")).doesNotExist();
    }

    @Test
    void logOfAnotherSearchIsRefused() throws IOException {
        search("--preferences", preferences, "--alphas", "1", "--log", file("search.log"));
        byte[] log = Files.readAllBytes(file("search.log"));

        Ran ran =
                search("--preferences", preferences, "--margin", "plain", "--alphas", "1", "--log", file("search.log"));

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .contains(
                        "search.log: is the log of another search: margin was 'per-token', is 'plain' (the same inputs");
        assertThat(Files.readAllBytes(file("search.log"))).isEqualTo(log);
    }

    /** Its scores would stand beside those of the one that was there before. */
    @Test
    void logOfAnotherJudgesProgramIsRefused() throws IOException {
        Path program = Files.writeString(file("length.awk"), "{ print length($0) }");
        Object[] words = {
            "--prompts", prompts, "--judge", "awk -f " + program, "-n", 4, "--alphas", "1", "--log", file("search.log")
        };
        assertThat(search(words).exitCode()).isZero();
        assertThat(search(words).exitCode()).isZero();
        Files.writeString(program, "{ print 1000 + length($0) }");

        Ran ran = search(words);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("is the log of another search: judge-files was 'length.awk (sha256 ");
    }

    @Test
    void rewardModelScoresTheAnswers() throws IOException {
        Path rewardModel = TinyModels.qwen3(Sizes.of(1, 64, 96, 2, 2), 32)
                .with("qwen3.rope.dimension_count", MetadataValue.ofUint32(32))
                .with("qwen3.pooling_type", MetadataValue.ofUint32(4)) // rank
                .with(
                        "tokenizer.chat_template",
                        MetadataValue.ofString("{% for m in messages %}{{ m['content'] }} {% endfor %}"))
                .with("cls.output.weight", GgmlType.F32, 64, 1)
                .write(file("reward.gguf"), TensorValues.random(11));

        Ran ran = search(
                "--prompts",
                prompts,
                "--reward-model",
                rewardModel,
                "--temp",
                0,
                "-n",
                24,
                "--alphas",
                "20",
                "--json-file",
                file("s.json"));

        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("best: alpha ", ", reward ");
        JsonObject last =
                json("s.json").getAsJsonArray("evaluations").asList().getLast().getAsJsonObject();
        assertThat(last.get("difference").getAsDouble()).isNotZero();
        assertThat(json("s.json").getAsJsonObject("inputs").get("reward-model").getAsString())
                .startsWith("reward.gguf (fingerprint ");
    }

    @Test
    void bracketsByPreferencesAlone() {
        Ran ran = search("--preferences", preferences, "--max-evaluations", 3, "--holdout");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("\n   7.2  ", "\n  14.4  ", "on the prompts held out: ", "ended: no more evaluations")
                .contains(
                        "no maximum: the scores still rise where the bounds end the search (kl > 0.2,\n  distance > 1.4"
                                + " % at alpha 14.4)\n");
        assertThat(ran.err())
                .contains("note: no judge: the alpha has to keep kl <= 0.2, accuracy within 1 standard error of its"
                        + " best, distance <= 1.4 % (each has an option, 'off' lifts it)");
    }

    @Test
    void marginsThatRiseAndRiseLeadToNoLostModel() throws IOException {
        Ran ran = Ran.run(
                "search",
                "--sft",
                SFT,
                "--aligned",
                DEMO.resolve("guide-dpo-100-f16.gguf"),
                "--preferences",
                head("preferences.jsonl", 40),
                "--json-file",
                file("s.json"));

        assertThat(ran.exitCode()).isZero();
        JsonObject json = json("s.json");
        assertThat(json.getAsJsonObject("best").get("alpha").getAsDouble())
                .as("the reward falls below that of alpha 0 from 3.5 on, and the margin rises up to 11")
                .isBetween(0.5, 3.0);
        assertThat(json.get("edge").getAsString()).isEqualTo("bound");
        assertThat(json.get("maximum").isJsonNull()).isTrue();
        assertThat(json.getAsJsonObject("highest").get("score").getAsDouble()).isPositive();
        assertThat(json.getAsJsonArray("bounds").toString())
                .contains("kl <= 0.2", "accuracy >= its best closer to 0 - 1.0 errors", "distance <= 0.014");
    }

    @Test
    void promptsAloneSuggestAnAlphaAndSayWhatItIsWorth() throws IOException {
        Ran ran = search("--prompts", head("prompts.jsonl", 24), "-n", 40, "--json-file", file("s.json"));

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .containsPattern("\nsuggested: alpha [3-7][0-9.]*, likeness of its answers to alpha 0's 0.[0-9]+ ")
                .contains("  chosen: by divergence and bounds alone; nothing judged the answers, listen\n    to some")
                .containsPattern("\n  likely from [0-9.]+ on: there the best alphas of judged")
                .containsPattern("\n  likeness to its neighbours' 0\\.[0-9]+ ");
        JsonObject json = json("s.json");
        assertThat(json.get("score").getAsString()).isEqualTo("likeness");
        double alpha = json.getAsJsonObject("best").get("alpha").getAsDouble();
        assertThat(alpha)
                .as("the reward there is that of the best alpha, within its error")
                .isBetween(3.0, 8.0);
        assertThat(json.getAsJsonObject("hunch").get("low").getAsDouble()).isLessThan(alpha);
        assertThat(json.getAsJsonObject("hunch").has("high"))
                .as("no alpha was looked at where the divergence is 0.2")
                .isFalse();
        assertThat(json.get("maximum").isJsonNull()).isTrue();
    }

    @Test
    void boundsAreLiftedOneByOneAndByName() {
        Ran ran = search(
                "--preferences",
                preferences,
                "--alphas",
                "14,40",
                "--max-kl",
                "off",
                "--max-distance",
                "5%",
                "--max-accuracy-fall",
                "off",
                "--min-top1",
                "off",
                "--max-perplexity",
                "off");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).contains("has to keep distance <= 5.0 % (");
        assertThat(ran.out()).contains("\nbest: alpha 14,").containsPattern("\n    40 .*\n        distance > 5.0 %\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--max-distance | 2 | '2' is neither a percentage, as 2%, nor off",
                "--max-kl | -1 | '-1' is below 0",
                "--max-kl | x | 'x' is neither a number, as 0.5, nor off",
                "--max-distance | -1% | '-1%' is below 0",
                "--min-top1 | 1.1 | '1.1' is above 1, expected a share",
                "--max-perplexity | x | 'x' is neither a number, as 0.5, nor off",
                "--max-length-ratio | 2 | the bound on length needs --prompts",
                "--start | 64 | --start is 64.0, expected more than 0 and at most --max-alpha, 32.0",
            })
    void boundsThatCannotBeAreRefused(String option, String value, String message) {
        Ran ran = search("--preferences", preferences, option, value);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(message);
    }

    @Test
    void pageShowsTheAnswersBesideMarginsOfOtherTexts() throws IOException {
        Ran ran = search(
                "--preferences",
                head("preferences.jsonl", 9),
                "--prompts",
                prompts,
                "-n",
                8,
                "--alphas",
                "1",
                "--html",
                file("s.html"));

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Files.readString(file("s.html")).split("<h3>", -1)).hasSize(1 + 6);
    }

    @Test
    void nothingIsWrittenWhereNoAlphaKeepsTheBounds() {
        Ran ran = search(
                "--preferences", preferences, "--alphas", "1", "--max-distance", "0%", "--write", file("best.gguf"));

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).contains("distance > 0.0 %", "best: none", "chosen: no alpha keeps the bounds");
        assertThat(ran.err()).contains("best.gguf is not written");
        assertThat(file("best.gguf")).doesNotExist();
    }

    @Test
    void existingFilesAreRefusedBeforeTheWork() throws IOException {
        Files.writeString(file("s.json"), "mine");

        Ran ran = search("--preferences", preferences, "--alphas", "1", "--json-file", file("s.json"));

        assertThat(ran.exitCode()).isEqualTo(5);
        assertThat(ran.out()).isEmpty();
        assertThat(file("s.json")).hasContent("mine");
    }

    @Test
    void badPromptIsNamedByItsLine() throws IOException {
        Files.writeString(prompts, "{\"prompt\": \"Who?\"}\n{\"prompt\": \" \"}\n");

        Ran ran = searchAnswers();

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err()).contains("prompts.jsonl:2: the prompt is empty");
    }

    @Test
    void failingJudgeEndsTheSearch() {
        Ran ran = search("--prompts", prompts, "--judge", "echo 1", "--temp", 0, "-n", 4, "--alphas", "1");

        assertThat(ran.exitCode()).isNotZero();
        assertThat(ran.err()).contains("judge 'echo 1': printed 1 lines, expected 6");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|missing required option: '--prompts=FILE' (or --preferences)",
                "--prompts Q --margin plain|--margin plain needs --preferences",
                "--prompts Q --negative|--negative needs something that scores",
                "--score judge|--score judge needs --judge",
                "--prompts Q --preferences P --score none|--score none goes without --preferences",
                "--score reward|--score reward needs --reward-model",
                "--judge x|missing required option: '--prompts=FILE'",
                "--score judge --judge x|missing required option: '--prompts=FILE'",
                "--preferences P --max-length-ratio 1.3|the bound on length needs --prompts",
                "--preferences P --max-perplexity 9|the bound on perplexity needs --text",
                "--preferences P --alphas x|'x' is not a number",
                "--preferences P --max-alpha 0|--max-alpha is 0.0, expected more than 0",
                "--preferences P --margin x|'x' is none of per-token, plain",
                "--preferences P --type F16,Q8_0|the models of a search have one --type",
                "--prompts Q --judge x --alphas 1,2 --max-alpha 3|--alphas is the whole grid",
                "--prompts Q --temp 0.8|--temp 0.8 with --prompts alone, where answers are compared: chance would hide",
                "--prompts Q --judge x --samples 2 --temp 0|--samples 2 with --temp 0 gives the same answer each time",
                "--prompts Q --judge ''|the judge command is empty",
                "--prompts Q --judge x --samples 0|--samples is 0, expected at least 1",
            })
    void wrongOptionsAreRefused(String options, String message) {
        List<Object> words = new ArrayList<>();
        for (String word : options == null ? new String[0] : options.split(" ")) {
            words.add(word.equals("P") ? preferences : word.equals("Q") ? prompts : word.equals("''") ? "" : word);
        }
        Object[] search = {"search", "--sft", SFT, "--aligned", ALIGNED};
        words.addAll(0, List.of(search));

        Ran ran = Ran.run(words.toArray());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(message).doesNotContain("\tat ");
        assertThat(ran.out()).isEmpty();
    }
}
