package io.github.expogguf.infer.jinja;

/** Finds filters and tests that do not exist; in branches they are an error only when they are reached. */
final class FilterCheck extends NameWalk {

    private boolean soft;
    private JinjaException found;

    private FilterCheck(boolean soft) {
        this.soft = soft;
    }

    /** Looks at an expression, which may be null. */
    static void check(Expression expression, boolean soft) throws JinjaException {
        FilterCheck check = new FilterCheck(soft);
        check.expression(expression);
        if (check.found != null) {
            throw check.found;
        }
    }

    @Override
    void load(String name) {}

    @Override
    void expression(Expression expression) {
        boolean before = soft;
        switch (expression) {
            case Expression.Conditional conditional -> soft = true;
            case Expression.Filter filter -> check("filter", filter.name(), Filters.isFilter(filter.name()), filter.line());
            case Expression.Test test -> check("test", test.name(), Tests.isTest(test.name()), test.line());
            case null, default -> {}
        }
        super.expression(expression);
        soft = before;
    }

    private void check(String kind, String name, boolean known, int line) {
        if (!known && !soft && found == null) {
            found = JinjaException.syntax("No " + kind + " named '" + name + "'.", line);
        }
    }
}
