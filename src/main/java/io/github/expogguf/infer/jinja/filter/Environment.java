package io.github.expogguf.infer.jinja.filter;

/** The filters and tests of jinja2's default environment (3.1), with the {@code tojson} of transformers. */
public final class Environment {

    /** What may stand behind a bar. */
    public static final FilterTable FILTERS = new FilterTable();

    /** What may stand behind {@code is}. */
    public static final FilterTable TESTS = new FilterTable();

    static {
        TextFilters.addTo(FILTERS);
        MarkupFilters.addTo(FILTERS);
        NumberFilters.addTo(FILTERS);
        SequenceFilters.addTo(FILTERS);
        SelectingFilters.addTo(FILTERS, TESTS);
        OrderingFilters.addTo(FILTERS);
        Tests.addTo(TESTS, FILTERS);
    }

    private Environment() {}
}
