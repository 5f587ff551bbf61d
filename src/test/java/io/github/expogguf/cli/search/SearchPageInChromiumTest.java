package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a search as a browser shows it; skipped where there is no Chromium on the PATH. */
class SearchPageInChromiumTest {

    @TempDir
    private Path directory;

    private Path page;
    private String chromium;

    @BeforeEach
    void write() throws IOException {
        Optional<Path> found = Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(place -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .findFirst();
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
    void answersAreTextWhateverTheySay() throws Exception {
        Path dom = directory.resolve("dom.html");

        run(page, dom, "--dump-dom");

        String parsed = Files.readString(dom);
        assertThat(parsed).doesNotContain("<script").contains("&lt;script&gt;alert('x')&lt;/script&gt;");
        assertThat(parsed.split("class=\"card ", -1)).hasSizeGreaterThan(40);
    }
}
