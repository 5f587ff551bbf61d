package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.testing.ChromiumPage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The page of a search as a browser shows it; skipped where there is no Chromium on the PATH. */
class SearchPageInChromiumTest {

    @TempDir(cleanup = CleanupMode.NEVER) // Chromium goes on writing
    private Path directory;

    private Path page;
    private String chromium;

    @BeforeEach
    void write() throws IOException {
        Optional<Path> found = ChromiumPage.find();
        assumeTrue(found.isPresent(), "no chromium on the PATH");
        chromium = found.get().toString();
        page = Files.writeString(directory.resolve("page.html"), SearchPage.of(SearchReports.bracketing(false)));
    }

    private void run(Path shown, Path output, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=900,1200",
                "--user-data-dir=" + directory.resolve("profile")));
        command.addAll(List.of(options));
        command.add(shown.toUri().toString());
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private BufferedImage screenshot(int colorScheme) throws Exception {
        Path picture = directory.resolve("page.png");
        String preference = "--blink-settings=preferredColorScheme=" + colorScheme;
        run(page, directory.resolve("out"), preference, "--screenshot=" + picture);
        return ImageIO.read(picture.toFile());
    }

    private static double brightness(BufferedImage picture) {
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
        assertThat(brightness(screenshot(0))).as("dark").isBetween(0.05, 0.3);
        assertThat(brightness(screenshot(1))).as("light").isBetween(0.85, 0.99);
    }

    @Test
    void noWidthScrollsSideways() throws Exception {
        assertNoWidthScrolls();
    }

    @Test
    void otherProfilesFitOnATelephoneToo() throws Exception {
        Files.writeString(page, SearchPage.of(SearchReports.withProfiles()));
        assertNoWidthScrolls();
    }

    private void assertNoWidthScrolls() throws Exception {
        Path frames = Files.writeString(directory.resolve("frames.html"), """
                <body><script>
                for (const width of [360, 400, 800, 1400]) {
                  const frame = document.createElement('iframe');
                  frame.style.width = width + 'px';
                  frame.style.border = 0;
                  frame.src = 'page.html';
                  frame.onload = () => {
                    const root = frame.contentDocument.documentElement;
                    const drawn = [...frame.contentDocument.querySelectorAll('.main')].filter(e => e.offsetHeight > 0);
                    document.body.append(`[${width}: ${root.scrollWidth - root.clientWidth} hidden, ${drawn.length} main]`);
                  };
                  document.body.append(frame);
                }
                </script></body>
                """);
        Path dom = directory.resolve("dom.html");

        run(frames, dom, "--allow-file-access-from-files", "--dump-dom");

        assertThat(Files.readString(dom))
                .contains("[360: 0 hidden, 1 main]", "[400: 0 hidden, 1 main]")
                .contains("[800: 0 hidden, 1 main]", "[1400: 0 hidden, 1 main]");
    }

    @Test
    void textStandsOutAndControlsHaveNames() throws Exception {
        try (ChromiumPage shown = ChromiumPage.open(Path.of(chromium), directory.resolve("driven"))) {
            shown.go(page.toUri().toString());
            shown.await("document.readyState === 'complete' && document.querySelector('.cards') !== null");
            for (String scheme : List.of("light", "dark")) {
                shown.size(400, 900, scheme);
                assertThat(shown.faintest()).as(scheme).isGreaterThanOrEqualTo(4.5);
            }
            assertThat(shown.value("[...document.querySelectorAll('input')].every(e => e.labels.length === 1"
                            + " && e.closest('[role=group][aria-label]'))"))
                    .as("a box is called by a number, which means nothing without its group")
                    .isEqualTo("true");
            assertThat(
                            shown.value(
                                    "[...document.querySelectorAll('tr:has(td)')].every(e => e.querySelector('th[scope=row]'))"))
                    .isEqualTo("true");

            String first = "getComputedStyle(document.querySelector('.card.a0')).display";
            assertThat(shown.value(first)).isEqualTo("block");
            shown.click("#a0");
            assertThat(shown.value(first)).isEqualTo("none");
        }
    }

    @Test
    void answersAreTextWhateverTheySay() throws Exception {
        Path dom = directory.resolve("dom.html");

        run(page, dom, "--dump-dom");

        String parsed = Files.readString(dom);
        assertThat(parsed).doesNotContain("<script").contains("&lt;script&gt;alert('x')&lt;/script&gt;");
        assertThat(parsed.split("class=\"card ", -1)).hasSizeGreaterThan(40);
    }
}
