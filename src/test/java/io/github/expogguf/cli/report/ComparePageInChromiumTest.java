package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.InChromium;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of a comparison as a browser shows it. */
class ComparePageInChromiumTest extends InChromium {

    private static final int[] WIDTHS = {360, 400, 800, 1280};
    private static final Path MANY_KINDS = Path.of("src/test/resources/folders/qwen3_next");

    private void visitDemo() throws Exception {
        Path sft = Files.copy(DemoFiles.SFT, directory.resolve("sft & <b>.gguf"));
        visitComparison("--sft", sft, "--aligned", DemoFiles.ALIGNED);
    }

    private void visitManyKinds() throws Exception {
        visitComparison(
                "--sft",
                MANY_KINDS.resolve("sft"),
                "--aligned",
                MANY_KINDS.resolve("aligned"),
                "--like",
                MANY_KINDS.resolve("like.gguf"));
    }

    private void visitComparison(Object... models) throws Exception {
        Path file = directory.resolve("delta.html");
        Object[] words = new Object[models.length + 3];
        words[0] = "compare";
        System.arraycopy(models, 0, words, 1, models.length);
        words[models.length + 1] = "--html";
        words[models.length + 2] = file;
        Ran ran = Ran.run(words);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        visit(file.toUri().toString(), "document.querySelector('h1') !== null");
    }

    @Test
    void pageIsReadableAtEveryWidth() throws Exception {
        visitDemo();
        assertReadable(WIDTHS);
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void mapsOfManyKindsScrollInTheirBoxes() throws Exception {
        visitManyKinds();
        assertReadable(WIDTHS);

        page.size(400, 900, "light");
        assertThat(page.value("[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth)"
                        + ".every(e => e.tabIndex === 0 && e.getAttribute('aria-label'))"))
                .as("within reach of the keyboard, with a name")
                .isEqualTo("true");
        assertThat(page.value("[...document.querySelectorAll('th')].every(e => e.scope)"))
                .isEqualTo("true");
    }

    @Test
    void headingNamesTheModels() throws Exception {
        visitDemo();

        String heading = page.value("document.querySelector('h1').textContent");

        assertThat(heading).contains("guide-dpo-20-f16.gguf (aligned)", "sft & <b>.gguf (SFT)");
        assertThat(page.value("document.title")).isEqualTo(heading);
    }

    @Test
    void oneLegendHasTheColoursOfAllMapsAndStaysInSight() throws Exception {
        page.size(400, 900, "light");
        visitDemo();
        page.value("""
                (() => {
                  const paint = e => getComputedStyle(e).backgroundColor;
                  window.swatches = new Map([...document.querySelectorAll('.legend span')].map(e => [e.className, paint(e)]));
                  window.cells = [...document.querySelectorAll('.map td')].filter(e => swatches.has(e.className));
                  window.alike = cells.every(e => paint(e) === swatches.get(e.className));
                })()""");
        assertThat(page.value("document.querySelectorAll('.legend').length")).isEqualTo("1");
        assertThat(page.value("new Set(swatches.values()).size")).isEqualTo("9");
        assertThat(page.value("new Set(cells.map(e => e.closest('table'))).size > 3"))
                .as("cells of all maps")
                .isEqualTo("true");
        assertThat(page.value("alike")).isEqualTo("true");

        page.value("[...document.querySelectorAll('.map')].at(-1).scrollIntoView({block: 'end'})");
        assertThat(page.value("document.querySelector('.legend').getBoundingClientRect().top >= 0"))
                .isEqualTo("true");
    }
}
