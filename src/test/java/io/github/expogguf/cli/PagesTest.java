package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The style sheets of the pages: that what they show can be read, on a telephone, too, and whatever eyes one has. */
class PagesTest {

    private static final double READABLE = 4.5; // WCAG 2, level AA, of text
    private static final double SMALLEST_TEXT = 12; // CSS pixels
    private static final double NARROW = 400;
    private static final String DARK = "@media (prefers-color-scheme: dark) {";

    private static String style(String name) throws IOException {
        try (InputStream in = PagesTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static double luminance(String color) {
        String hex = color.length() == 3 ? color.replaceAll(".", "$0$0") : color;
        double[] weights = {0.2126, 0.7152, 0.0722};
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double value = Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16) / 255.0;
            sum += weights[i] * (value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4));
        }
        return sum;
    }

    private static double contrast(String one, String other) {
        double lighter = Math.max(luminance(one), luminance(other));
        double darker = Math.min(luminance(one), luminance(other));
        return (lighter + 0.05) / (darker + 0.05);
    }

    private static Map<String, String> variables(String style) {
        return Pattern.compile("--([a-z]+): #([0-9a-f]{3,6});")
                .matcher(style)
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
    }

    @Test
    void wordsStandOutFromTheirPaperInBothSchemes() throws IOException {
        String style = style("terminal/page.css");
        int dark = style.indexOf(DARK);
        for (String scheme : List.of(style.substring(0, dark), style.substring(dark))) {
            Map<String, String> colors = variables(scheme);
            for (String word : List.of("ink", "muted", "accent", "good", "bad")) {
                for (String paper : List.of("paper", "card")) {
                    assertThat(contrast(colors.get(word), colors.get(paper)))
                            .as("%s on %s", word, paper)
                            .isGreaterThanOrEqualTo(READABLE);
                }
            }
        }
    }

    /** Lightness alone orders them, so that they are ordered for every kind of colour vision, and in print. */
    @Test
    void coloursOfMapsAreOrderedByLightnessAndTheirDigitsReadable() throws IOException {
        String style = style("report/compare.css");
        int dark = style.indexOf(DARK);
        for (String scheme : List.of(style.substring(0, dark), style.substring(dark))) {
            List<Double> lightness = new ArrayList<>();
            Matcher steps = Pattern.compile("\\.h(\\d+) \\{ background: #(\\w+); color: #(\\w+); \\}")
                    .matcher(scheme);
            while (steps.find()) {
                lightness.add(Math.cbrt(luminance(steps.group(2))));
                assertThat(steps.group(1)).isEqualTo(Integer.toString(lightness.size()));
                assertThat(contrast(steps.group(2), steps.group(3)))
                        .as("digits of step %s", steps.group(1))
                        .isGreaterThanOrEqualTo(READABLE);
            }
            assertThat(lightness).hasSize(17);
            boolean isRising = lightness.getLast() > lightness.getFirst();
            for (int i = 1; i < lightness.size(); i++) {
                assertThat((lightness.get(i) - lightness.get(i - 1)) * (isRising ? 1 : -1))
                        .as("step %d to %d", i, i + 1)
                        .isGreaterThan(0.02);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminal/page.css", "report/compare.css", "search/search.css", "listen/listen.css"})
    void noTextIsTiny(String name) throws IOException {
        String screen = style(name).replaceAll("(?s)@media print \\{.*?\\} \\}", "");

        assertThat(lengths(screen, "(?:font-size: |font: (?:\\d+ )?)"))
                .allSatisfy(size -> assertThat(size).isGreaterThanOrEqualTo(SMALLEST_TEXT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminal/page.css", "report/compare.css", "search/search.css", "listen/listen.css"})
    void nothingIsWiderThanATelephone(String name) throws IOException {
        assertThat(lengths(style(name), "(?<!max-)width: "))
                .allSatisfy(width -> assertThat(width).isLessThan(NARROW));
    }

    /** In CSS pixels. */
    private static List<Double> lengths(String style, String before) {
        return Stream.concat(
                        Pattern.compile(before + "([\\d.]+)px")
                                .matcher(style)
                                .results()
                                .map(found -> Double.parseDouble(found.group(1))),
                        Pattern.compile(before + "([\\d.]+)rem")
                                .matcher(style)
                                .results()
                                .map(found -> 16 * Double.parseDouble(found.group(1))))
                .toList();
    }
}
