package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import java.io.StringReader;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ComparePageTest {

    private static final double SMALLEST = 0.0004;
    private static final Pattern CELL =
            Pattern.compile("<td class=\"(\\w+)\" title=\"([^:\"]+): ([^\"]+)\">([^<]+)</td>");
    private static final Pattern SWATCH = Pattern.compile("<span class=\"(h\\d+)\">([^<]+)</span>");

    private static TensorDelta tensor(String name, double relativeNorm, double changed, double rankOne) {
        boolean isOfNothing = relativeNorm == Double.POSITIVE_INFINITY;
        DeltaSums sums = new DeltaSums(
                10_000,
                Math.round(10_000 * changed),
                isOfNothing ? 0 : 1,
                1,
                isOfNothing ? 0.0016 : relativeNorm * relativeNorm,
                1,
                0.1f);
        TensorInfo info = new TensorInfo(name, GgmlType.F32, new Shape(100, 100), 0);
        return new TensorDelta(
                info,
                info,
                sums,
                0,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                rankOne == 0 ? OptionalDouble.empty() : OptionalDouble.of(rankOne));
    }

    /** From 0.04 to 100 %; 20 % and 0.2 % in two maps each. */
    private static final List<TensorDelta> TENSORS = List.of(
            tensor("blk.0.attn_q.weight", 0.002, 0.5, 0.2),
            tensor("blk.0.attn_norm.weight", 0, 0, 0),
            tensor("blk.1.attn_q.weight", 0.2, 1, 0.002),
            tensor("blk.1.attn_norm.weight", Double.POSITIVE_INFINITY, 1, 0),
            tensor("blk.2.attn_q.weight", 0.02, 1, 0.9),
            tensor("output.weight", Double.NaN, SMALLEST, 0));

    private static String page(List<TensorDelta> tensors) {
        ModelHeader model = new ModelHeader("model.gguf", new Metadata(Map.of()), List.of());
        return ComparePage.of(
                new PairComparison(model, model, List.of("<b>"), List.of(), tensors, false, false),
                new PairNames("sft<b>.gguf", "aligned&.gguf"));
    }

    private record Cell(String style, String name, String value, String digits) {

        double share() {
            return Double.parseDouble(value.replace(" %", ""));
        }

        int step() {
            return Integer.parseInt(style.substring(1));
        }
    }

    private static List<Cell> cells(String page) {
        return CELL.matcher(page)
                .results()
                .map(found -> new Cell(found.group(1), found.group(2), found.group(3), found.group(4)))
                .toList();
    }

    private static List<Cell> coloured(String page) {
        return cells(page).stream()
                .filter(cell -> cell.style().matches("h\\d+"))
                .toList();
    }

    @Test
    void sameShareHasTheSameColourInAllMaps() {
        List<Cell> cells = coloured(page(TENSORS));

        Map<String, List<Cell>> byValue = cells.stream().collect(Collectors.groupingBy(Cell::value));
        assertThat(byValue.get("20.00 %"))
                .extracting(Cell::name)
                .contains("blk.0.attn_q.weight", "blk.1.attn_q.weight");
        assertThat(byValue.values())
                .allSatisfy(same -> assertThat(same)
                        .extracting(Cell::style)
                        .containsOnly(same.getFirst().style()));
        assertThat(cells.stream().sorted(Comparator.comparingDouble(Cell::share)))
                .extracting(Cell::step)
                .isSorted()
                .startsWith(1)
                .endsWith(HeatScale.STEPS);
        assertThat(byValue.get("2.000 %"))
                .as("the geometric mean of 0.04 and 100")
                .extracting(Cell::step)
                .contains(9);
    }

    @Test
    void legendNamesTheEndsOfThePageAndWhatIsBetween() {
        String page = page(TENSORS);

        List<String> legend = SWATCH.matcher(page)
                .results()
                .map(swatch -> swatch.group(1) + " " + swatch.group(2))
                .toList();

        assertThat(page.split("class=\"legend\"", -1)).as("one legend").hasSize(2);
        assertThat(page).contains("One colour scale for all maps: percent");
        assertThat(legend).hasSize(9).startsWith("h1 0.04").contains("h9 2.0").endsWith("h17 100");
        for (String swatch : legend) {
            String[] words = swatch.split(" ");
            assertThat(coloured(page))
                    .filteredOn(cell -> cell.style().equals(words[0]))
                    .allSatisfy(cell -> assertThat(cell.share())
                            .isBetween(Double.parseDouble(words[1]) / 1.5, Double.parseDouble(words[1]) * 1.5));
        }
    }

    @Test
    void whatIsNoShareAboveNothingHasNoColour() {
        List<Cell> cells = cells(page(TENSORS));

        assertThat(cells)
                .contains(
                        new Cell("none", "blk.0.attn_norm.weight", "0.000 %", "0"),
                        new Cell("odd", "blk.1.attn_norm.weight", "no finite number", "\u221e"),
                        new Cell("odd", "output.weight", "no finite number", "NaN"));
        assertThat(page(TENSORS))
                .as("vectors have no directions, and no column among them")
                .matches("(?s).*first singular direction</h2>((?!attn_norm).)*Every tensor</h2>.*");
    }

    @Test
    void layersAndKindsAreAddedUp() {
        assertThat(cells(page(TENSORS)))
                .contains(new Cell("h14", "all of blk.0", "25.00 %", "25"))
                .anySatisfy(cell -> {
                    assertThat(cell.name()).isEqualTo("all attn_q.weight");
                    assertThat(cell.share()) // 0.2, 20 and 2 percent of as much
                            .isCloseTo(100 * Math.sqrt((0.002 * 0.002 + 0.2 * 0.2 + 0.02 * 0.02) / 3), within(0.005));
                });
    }

    @Test
    void modelsThatAreTheSameHaveALegendOfNothing() {
        String page = page(List.of(tensor("blk.0.attn_q.weight", 0, 0, 0)));

        assertThat(page).contains("<div class=\"scale\"><span class=\"none\">0</span></div>");
        assertThat(coloured(page)).isEmpty();
    }

    @Test
    void singleShareIsTheWholeScale() {
        String page = page(List.of(tensor("blk.0.attn_q.weight", 0.5, 0.5, 0.5)));

        assertThat(page).contains("<div class=\"scale\"><span class=\"h17\">50</span></div>");
        assertThat(coloured(page)).extracting(Cell::style).containsOnly("h17");
    }

    @Test
    void digitsAreTwoAndNothingRoundsToAll() {
        assertThat(List.of(0.0000001, 0.000012, 0.00146, 0.0987, 0.3456, 0.98, 0.9999, 1.0, 1.234, 12_345.0))
                .extracting(HeatScale::digits)
                .containsExactly("1e-5", "0.0012", "0.15", "9.9", "35", "98", "&gt;99", "100", "123", "1e6");
    }

    @Test
    void headingNamesTheModelsAndThePageIsSound() throws Exception {
        String page = page(TENSORS);

        assertThat(page)
                .contains("<h1>Delta of aligned&amp;.gguf (aligned) \u2212 sft&lt;b&gt;.gguf (SFT)</h1>")
                .contains("<title>Delta of aligned&amp;.gguf (aligned)")
                .contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .contains("<li class=\"bad\">wrong: not a pair: &lt;b&gt;</li>")
                .doesNotContain("<b>", "url(", "@import", "src=", "http:", "https:", "<script");
        String main = page.substring(page.indexOf("<main>"), page.indexOf("</main>") + "</main>".length());
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(main)));
        assertThat(main.split("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", -1))
                .as("every table scrolls in its own box, by keys, too")
                .hasSameSizeAs(main.split("<table", -1));
        assertThat(main.split("<dt>", -1)).as("every column is explained").hasSize(1 + CompareReport.HEADINGS.size());
    }
}
