package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.filter.Environment;
import io.github.expogguf.infer.jinja.syntax.Expression;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds filters and tests that do not exist; in branches they are an error only when they are reached. */
final class FilterCheck extends NameWalk {

    private boolean soft;
    private @Nullable JinjaException found;

    private FilterCheck(boolean soft) {
        this.soft = soft;
    }

    /** Looks at an expression, which may be null. */
    static void check(@Nullable Expression expression, boolean soft) throws JinjaException {
        FilterCheck check = new FilterCheck(soft);
        check.expression(expression);
        if (check.found != null) {
            throw check.found;
        }
    }

    @Override
    void load(String name) {}

    @Override
    void expression(@Nullable Expression expression) {
        boolean before = soft;
        switch (expression) {
            case Expression.Conditional conditional -> soft = true;
            case Expression.Filter filter ->
                check("filter", filter.name(), Environment.FILTERS.has(filter.name()), filter.line());
            case Expression.Test test -> check("test", test.name(), Environment.TESTS.has(test.name()), test.line());
            case null, default -> {}
        }
        switch (expression) {
            case Expression.And and -> operands(and.operands(), false);
            case Expression.Or or -> operands(or.operands(), true);
            case null, default -> super.expression(expression);
        }
        soft = before;
    }

    /** jinja2 does not look at what stands behind a literal that settles the matter. */
    private void operands(List<Expression> operands, boolean settling) {
        for (Expression operand : operands) {
            expression(operand);
            if (operand instanceof Expression.Literal literal && isTrue(literal.value()) == settling) {
                return;
            }
        }
    }

    private static boolean isTrue(@Nullable Object literal) {
        try {
            return Types.isTrue(literal);
        } catch (JinjaException e) {
            throw new IllegalStateException(e); // literals have a truth value
        }
    }

    private void check(String kind, String name, boolean known, int line) {
        if (!known && !soft && found == null) {
            found = JinjaException.syntax("No " + kind + " named '" + name + "'.", line);
        }
    }
}
