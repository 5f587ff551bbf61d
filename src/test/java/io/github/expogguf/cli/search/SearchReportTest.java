package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.Evaluation;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.Trial;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

/** What a search is told in: table, JSON, CSV and page. */
class SearchReportTest {

    private static Trial best(SearchReport report) {
        return report.result().best().orElseThrow();
    }

    @Test
    void jsonHasEveryAlphaAndTheBest() throws IOException {
        SearchReport report = SearchReports.bracketing(true);

        JsonObject json = SearchJson.of(report);

        assertThat(json.get("schema").getAsString()).isEqualTo("expo-gguf/search/1");
        assertThat(json.getAsJsonObject("best").get("alpha").getAsFloat())
                .isEqualTo(best(report).alpha());
        assertThat(json.getAsJsonObject("best").get("score").getAsDouble())
                .isEqualTo(best(report).reportedScore().mean());
        assertThat(json.getAsJsonArray("evaluations")).hasSameSizeAs(report.trials());
        JsonObject last = json.getAsJsonArray("evaluations").asList().getLast().getAsJsonObject();
        assertThat(last.getAsJsonArray("scores")).hasSize(40);
        assertThat(last.getAsJsonObject("guards").get("perplexity").isJsonNull())
                .as("not a string among numbers")
                .isTrue();
        assertThat(last.getAsJsonArray("violated").asList()).isNotEmpty();
        assertThat(last.get("selectionScore").getAsDouble())
                .isNotEqualTo(last.get("score").getAsDouble());
        assertThat(json.get("end").getAsString()).matches("[a-z-]+");
    }

    @Test
    void jsonOfABestThatThereIsNotIsNull() throws IOException {
        SearchOptions impossible =
                SearchOptions.grid(1f).withBounds(List.of(io.github.expogguf.search.GuardBound.atLeast("length", 5)));

        JsonObject json = SearchJson.of(SearchReports.of(impossible, 1));

        assertThat(json.get("best").isJsonNull()).isTrue();
        assertThat(json.get("choice").getAsString()).isEqualTo("no alpha keeps the bounds");
    }

    @Test
    void plateauUpToTheLastAlphaIsNoMaximumAndDoesNotRise() throws IOException {
        String why = "the scores stay the same up to the last alpha that was looked at";

        assertThat(new SearchVerdict(SearchReports.plateau(), new SearchTable(true)).text())
                .contains("best: alpha 1, ", "no maximum: " + why)
                .doesNotContain("maximum: alpha");
        assertThat(SearchJson.of(SearchReports.plateau()).get("maximum").isJsonNull())
                .isTrue();
    }

    @Test
    void profileThatWasNotComparedCloselyIsSaidNotToBeChosen() throws IOException {
        SearchReport report = SearchReports.cutBeforeComparing();
        String why = "not chosen: --max-evaluations left too few to try one alpha for all there";

        assertThat(new SearchVerdict(report, new SearchTable(true)).text().lines())
                .contains("    " + why)
                .allMatch(line -> line.length() <= 80);
        assertThat(SearchPage.of(report)).contains("; " + why + "</dd>");
        JsonObject depth = SearchJson.of(report)
                .getAsJsonObject("profiles")
                .getAsJsonArray("candidates")
                .get(0)
                .getAsJsonObject();
        assertThat(depth.get("verdict").getAsString()).isEqualTo("unconfirmed");
        assertThat(depth.get("advantage").getAsDouble()).isGreaterThan(1);
    }

    @Test
    void csvHasALinePerAlpha() throws IOException {
        SearchReport report = SearchReports.bracketing(false);

        List<String> lines = SearchCsv.of(report).lines().toList();

        assertThat(lines).hasSize(1 + report.trials().size());
        assertThat(lines.getFirst())
                .startsWith("alpha,score,error,difference,difference_error,selection_score,")
                .endsWith(",perplexity,kl,length,cut_off,allowed,maximum,best");
        assertThat(lines.get(1)).startsWith("0,").endsWith("7.0,0.0,1.0,0.0,true,false,false");
        assertThat(lines.stream().filter(line -> line.endsWith(",true")))
                .singleElement()
                .satisfies(line -> assertThat(Float.parseFloat(line.split(",")[0]))
                        .isEqualTo(best(report).alpha()));
        int columns = lines.getFirst().split(",").length;
        assertThat(lines).allSatisfy(line -> assertThat(line.split(",")).hasSize(columns));
    }

    @Test
    void csvIsEmptyWhereJsonIsNull() throws IOException {
        assertThat(SearchCsv.of(SearchReports.bracketing(false)))
                .contains(",,")
                .doesNotContain("Infinity", "NaN", "null");
    }

    @Test
    void tableLinesUpWhileItGrows() throws IOException {
        SearchReport report = SearchReports.bracketing(false);
        SearchTable table = new SearchTable(true);

        List<String> lines =
                report.trials().stream().map(table::line).flatMap(String::lines).toList();

        assertThat(lines.getFirst())
                .isEqualTo(" alpha           score   above alpha 0     ppl      kl  length cut-off");
        assertThat(lines.get(1)).startsWith("     0   ").endsWith("   7.000   0.000   1.000   0.000");
        assertThat(lines.get(lines.size() - 2)).endsWith("  inf   1.280   1.400   0.000");
        assertThat(lines.getLast()).isEqualTo("        length > 1.3, kl > 0.5");
        assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        int plusMinus = lines.get(1).indexOf('\u00b1');
        assertThat(lines.stream().filter(line -> line.contains("\u00b1")))
                .hasSameSizeAs(report.trials())
                .allSatisfy(line -> assertThat(line.charAt(plusMinus)).isEqualTo('\u00b1'));
    }

    @Test
    void tableOfManyGuardsFitsATerminal() {
        Map<String, Double> guards = new LinkedHashMap<>();
        for (String name : List.of(
                "perplexity",
                "kl",
                "top1",
                "length",
                "repetition",
                "cut-off",
                "margin-per-token",
                "accuracy",
                "distance")) {
            guards.put(name, 0.012);
        }
        Estimate estimate = new Estimate(-12.345, 0.123);
        Trial trial = new Trial(
                new Evaluation(14.4f, List.of(1.0), guards, List.of()),
                estimate,
                estimate,
                estimate,
                estimate,
                List.of());

        assertThat(new SearchTable(true).line(trial).lines())
                .containsExactly(
                        " alpha           score   above alpha 0      kl  length repeats    acc.   dist.",
                        "  14.4 -12.345 \u00b1 0.123 -12.345 \u00b1 0.123   0.012   0.012   0.012   0.012  1.20 %");
    }

    @Test
    void tableManagesWithAscii() throws IOException {
        Trial trial = SearchReports.bracketing(false).trials().getLast();

        assertThat(new SearchTable(false).line(trial))
                .contains(" +- ")
                .matches(line -> line.chars().allMatch(character -> character < 127));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pageIsSelfContainedAndEscaped(boolean holdout) throws Exception {
        SearchReport report = SearchReports.bracketing(holdout);

        String page = SearchPage.of(report);

        assertThat(page)
                .doesNotContain("<script", "http:", "https:", "url(", "@import", "src=", "sft<b>", "%s", "%d")
                .doesNotContain("NaN,", "Infinity", "null");
        assertThat(page.chars().noneMatch(character -> character < ' ' && character != '\n'))
                .isTrue();
        assertThat(page).contains("prefers-color-scheme: dark", "default-src 'none'", "sft&lt;b&gt;.gguf");
        assertThat(page).contains("At alpha 0.0 it is 39, the 2. time. &lt;/style&gt;");
        assertThat(page.split("<svg ", -1)).hasSize(1 + 3 + report.guards().size()); // the scores in two sizes
        for (String picture : page.split("(?=<svg )")) {
            if (picture.startsWith("<svg ")) {
                assertWellFormed(picture.substring(0, picture.indexOf("</svg>") + "</svg>".length()));
            }
        }
    }

    @Test
    void pageSaysWhichModelsItIsAboutAndWhatItsAxesAre() throws IOException {
        String page = SearchPage.of(SearchReports.bracketing(false));

        assertThat(page)
                .contains("aligned <b>aligned.gguf</b> \u00b7 SFT <b>sft&lt;b&gt;.gguf</b>")
                .contains("weights <b>--type Q4_K_M</b>");
        assertThat(page)
                .contains("<h1>Search of alpha: aligned.gguf (aligned), sft&lt;b&gt;.gguf (SFT)</h1>")
                .contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        assertThat(picture(page, "kl: divergence from the aligned model"))
                .contains(">alpha</text>", ">nats per token</text>");
        assertThat(picture(page, "reward by alpha, \u00b1 one standard error")).contains(">reward</text>");
    }

    @Test
    void distancesAreInPercentInTheirChartAsInTheTable() throws IOException {
        String page = SearchPage.of(SearchReports.withDistance());
        String chart = picture(page, "distance: distance from the SFT model");

        assertThat(page).contains("<td>0.40 %</td>", "<td>0.60 %</td>", "distance &gt; 0.7 %");
        assertThat(chart)
                .contains(">percent of its norm</text>", "<title>alpha 1: distance 0.60 %</title>", ">0.6</text>")
                .doesNotContain(">0.006</text>");
    }

    @Test
    void zerosLieOnTheGround() throws IOException {
        String zeros = picture(SearchPage.of(SearchReports.bracketing(false)), "cut-off: answers that the limit ended");

        assertThat(zeros.lines().filter(line -> line.startsWith("<circle")))
                .hasSizeGreaterThan(3)
                .allSatisfy(line -> assertThat(line).contains("cy=\"168.0\""));
        assertThat(zeros).contains(">0.0</text>", ">1.0</text>").doesNotContain(">-0");
    }

    /** One scale for the scores of all profiles: a height is the same score in each of their curves. */
    @Test
    void curvesOfProfilesShowTheSameHeights() throws IOException {
        String page = SearchPage.of(SearchReports.withProfiles());

        String first = picture(page, "no-norms, \u00b1 one standard error");
        String second = picture(page, "attention-half, \u00b1 one standard error");

        assertThat(ticks(first)).hasSizeGreaterThan(1).isEqualTo(ticks(second));
        assertThat(ticks(picture(page, "reward by alpha, \u00b1 one standard error")).stream()
                        .map(tick -> tick.replaceAll(".*>(.*)<.*", "$1")))
                .containsExactlyElementsOf(ticks(first).stream()
                        .map(tick -> tick.replaceAll(".*>(.*)<.*", "$1"))
                        .toList());
    }

    /** The labels of the axis upwards, with their places. */
    private static List<String> ticks(String picture) {
        return Pattern.compile("<text class=\"tick end\"[^<]*<")
                .matcher(picture)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    @Test
    void labelsOfAlphasStandApart() throws IOException {
        List<Double> places = Pattern.compile("<text class=\"tick middle\" x=\"([\\d.]+)\"")
                .matcher(picture(
                        SearchPage.of(SearchReports.bracketing(false)), "kl: divergence from the aligned model"))
                .results()
                .map(found -> Double.parseDouble(found.group(1)))
                .toList();

        assertThat(places).hasSizeGreaterThan(3);
        for (int i = 1; i < places.size(); i++) {
            assertThat(places.get(i) - places.get(i - 1)).isGreaterThanOrEqualTo(16);
        }
    }

    @Test
    void sizesOfDotsHaveTheirScores() throws IOException {
        SearchReport report = SearchReports.withProfiles();
        String page = SearchPage.of(report);

        assertThat(page)
                .containsPattern(
                        "aria-label=\"gradient: reward \\d\\.\\d{3} \\(small dot\\) to \\d\\.\\d{3} \\(large\\)\"");
    }

    /** What nothing judged is not called best, nor is likeness a gain over the aligned model. */
    @Test
    void alphaThatNothingJudgedIsSuggested() throws IOException {
        SearchReport judged = SearchReports.plateau();
        SearchReport unjudged = new SearchReport(
                ScoreFlags.LIKENESS,
                Map.of(
                        "sft",
                        "sft.gguf",
                        "aligned",
                        "a.gguf (fingerprint 01ab)",
                        "adapter 1",
                        "l.gguf (fingerprint 0f) * 0.5"),
                judged.words(),
                judged.answersPerPrompt(),
                judged.options(),
                judged.result(),
                judged.profiles(),
                judged.elapsedNanos());

        assertThat(SearchPage.of(unjudged))
                .contains(
                        "<p class=\"lead\">Suggested: <b>alpha 1</b>, likeness of its answers to the aligned model's ")
                .contains("(SFT)</h1>", "<h1>Search of alpha: a.gguf + l.gguf * 0.5 (aligned), sft.gguf")
                .contains("1 (suggested)</label>", "<td class=\"remark\">suggested")
                .doesNotContain("above the aligned model", "(best)", ">best");
        assertThat(SearchPage.of(judged))
                .contains("<p class=\"lead\">Best: <b>alpha 1</b>: reward ")
                .contains("No maximum: the scores stay the same up to the last alpha that was looked at.");
    }

    @Test
    void everyColumnOfThePageIsExplained() throws IOException {
        SearchReport report = SearchReports.bracketing(false);
        String page = SearchPage.of(report);

        assertThat(Pattern.compile("<text class=\"title\"[^>]*>([^<]*)<")
                        .matcher(page)
                        .results())
                .extracting(title -> title.group(1))
                .allSatisfy(title -> assertThat(title).hasSizeLessThanOrEqualTo(50)); // there is no room for more
        assertThat(Pattern.compile("rotate[^>]*>([^<]*)<").matcher(page).results())
                .extracting(label -> label.group(1))
                .hasSizeGreaterThan(4)
                .allSatisfy(label -> assertThat(label).hasSizeLessThanOrEqualTo(18)); // nor here
        assertThat(report.guards())
                .allSatisfy(guard -> assertThat(page)
                        .contains("<th scope=\"col\">" + guard + "</th>")
                        .containsPattern("<dt>" + guard + "</dt><dd>[^<]+, [^<]+</dd>"));
        assertThat(page).contains("is where the limit of tokens ended an answer.");
    }

    private static String picture(String page, String name) {
        int label = page.indexOf("aria-label=\"" + name + "\"");
        return page.substring(page.lastIndexOf("<svg", label), page.indexOf("</svg>", label));
    }

    private static void assertWellFormed(String xml) throws Exception {
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new java.io.StringReader(xml)));
    }

    @Test
    void pageOfASingleAlphaHasItsPictures() throws IOException {
        String page = SearchPage.of(SearchReports.of(SearchOptions.grid(0f), 1));

        assertThat(page).contains("<svg ").doesNotContain("NaN");
    }

    @Test
    void ticksAreRoundAndFew() {
        for (double range : new double[] {1e-7, 0.012, 0.3, 1, 7, 60, 1e5}) {
            double step = CurveChart.tickStep(range);

            assertThat(range / step).as("ticks of %s", range).isBetween(2.0, 6.0);
            double mantissa = step / Math.pow(10, Math.floor(Math.log10(step) + 1e-9));
            assertThat(Arrays.stream(new double[] {1, 2, 5}).anyMatch(round -> Math.abs(mantissa - round) < 1e-6))
                    .as("step %s", step)
                    .isTrue();
        }
    }
}
