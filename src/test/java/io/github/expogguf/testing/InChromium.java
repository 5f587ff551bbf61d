package io.github.expogguf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a page as a browser shows it, in one Chromium for all; skipped where there is none on the PATH. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class InChromium {

    private static final double READABLE = 4.5; // contrast of text, by WCAG 2, level AA

    /** Where pictures of the pages go; none are taken without it. */
    private static final Optional<Path> PICTURES =
            Optional.ofNullable(System.getProperty("expo.gguf.test.pictures")).map(Path::of);

    @TempDir
    protected Path directory;

    protected ChromiumPage page;

    @BeforeAll
    void open(@TempDir(cleanup = CleanupMode.NEVER) Path profile) throws Exception { // which it goes on writing
        Optional<Path> chromium = ChromiumPage.find();
        assumeTrue(chromium.isPresent(), "no chromium on the PATH");
        page = ChromiumPage.open(chromium.get(), profile);
    }

    @BeforeEach
    void clear() throws Exception {
        page.clear();
        page.size(800, 1000, "light");
    }

    @AfterAll
    void close() {
        if (page != null) {
            page.close();
        }
    }

    /** Shows a page, and waits until it is complete and an expression is true. */
    protected final void visit(String address, String expression) throws Exception {
        page.go(address);
        page.await("document.readyState === 'complete' && " + expression);
    }

    /** At every width all is in sight without scrolling sideways, and text stands out, in the light and in the dark. */
    protected final void assertReadable(int... widths) throws Exception {
        for (int width : widths) {
            for (String scheme : List.of("light", "dark")) {
                page.size(width, 900, scheme);
                String how = width + "-" + scheme;
                assertThat(page.value("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                        .as(how)
                        .isEqualTo("0");
                assertThat(page.faintest()).as(how).isGreaterThanOrEqualTo(READABLE);
                if (PICTURES.isPresent()) {
                    String name = getClass().getSimpleName() + "-" + how + ".png";
                    Files.write(PICTURES.get().resolve(name), page.screenshot());
                }
            }
        }
    }
}
