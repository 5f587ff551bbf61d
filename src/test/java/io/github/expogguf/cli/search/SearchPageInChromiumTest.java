package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.InChromium;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The page of a search as a browser shows it. */
class SearchPageInChromiumTest extends InChromium {

    private static final int[] WIDTHS = {360, 400, 800, 1400};

    private void visitSearch() throws Exception {
        visitSearch(SearchReports.bracketing(false));
    }

    private void visitSearch(SearchReport report) throws Exception {
        Path file = Files.writeString(directory.resolve("page.html"), SearchPage.of(report));
        visit(file.toUri().toString(), "document.querySelector('.cards') !== null");
    }

    private double brightness(String scheme) throws Exception {
        page.size(900, 1200, scheme);
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(page.screenshot()));
        double sum = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                sum += picture.getRGB(x, y) >> 8 & 0xff;
            }
        }
        return sum / picture.getHeight() / picture.getWidth() / 255;
    }

    @Test
    void pageIsLightOrDarkAsTheReaderPrefers() throws Exception {
        visitSearch();

        assertThat(brightness("dark")).isBetween(0.05, 0.3);
        assertThat(brightness("light")).isBetween(0.85, 0.99);
    }

    @Test
    void pageIsReadableAtEveryWidth() throws Exception {
        visitSearch();

        assertReadable(WIDTHS);
        assertOneDrawingAtATime();
    }

    @Test
    void otherProfilesFitOnATelephoneToo() throws Exception {
        visitSearch(SearchReports.withProfiles());

        assertReadable(WIDTHS);
        assertOneDrawingAtATime();
    }

    /** Of the curves for wide and for narrow pages. */
    private void assertOneDrawingAtATime() throws Exception {
        for (int width : WIDTHS) {
            page.size(width, 900, "light");
            assertThat(page.value("[...document.querySelectorAll('.main')].filter(e => e.offsetHeight > 0).length"))
                    .as("width %d", width)
                    .isEqualTo("1");
        }
    }

    @Test
    void controlsHaveNames() throws Exception {
        visitSearch();
        page.size(400, 900, "light");

        assertThat(page.value("[...document.querySelectorAll('input')].every(e => e.labels.length === 1"
                        + " && e.closest('[role=group][aria-label]'))"))
                .as("a box is called by a number, which means nothing without its group")
                .isEqualTo("true");
        assertThat(page.value(
                        "[...document.querySelectorAll('tr:has(td)')].every(e => e.querySelector('th[scope=row]'))"))
                .isEqualTo("true");

        String first = "getComputedStyle(document.querySelector('.card.a0')).display";
        assertThat(page.value(first)).isEqualTo("block");
        page.click("#a0");
        assertThat(page.value(first)).isEqualTo("none");
    }

    @Test
    void answersAreTextWhateverTheySay() throws Exception {
        visitSearch();

        String parsed = page.value("document.documentElement.outerHTML");
        assertThat(parsed).doesNotContain("<script").contains("&lt;script&gt;alert('x')&lt;/script&gt;");
        assertThat(parsed.split("class=\"card ", -1)).hasSizeGreaterThan(40);
    }
}
