package io.github.expogguf.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/** The frame of a page that needs nothing else: no network, no script. */
public final class Page {

    private Page() {}

    /**
     * A whole page.
     *
     * @param title text, the heading, too
     * @param style what the page has beside the style of all pages
     * @param body  HTML below the heading
     */
    public static String of(String title, String style, String body) {
        return String.format(Locale.ROOT, """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s</title>
                <style>
                %2$s</style>
                </head>
                <body>
                <main>
                <h1>%1$s</h1>
                %3$s</main>
                </body>
                </html>
                """, Html.escape(title), styleOfAll() + style, body);
    }

    /** The style sheet that all pages have: their colors, and what a frame and a table look like. */
    public static String styleOfAll() {
        return resource(Page.class, "page.css");
    }

    /** A text, such as a style sheet, that lies beside the class of a page. */
    public static String resource(Class<?> page, String name) {
        try (InputStream in = Objects.requireNonNull(page.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
