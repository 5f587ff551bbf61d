package io.github.expogguf.infer.jinja.syntax;

import io.github.expogguf.infer.jinja.syntax.Expression.Arguments;
import io.github.expogguf.infer.jinja.syntax.Expression.Operation;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Repr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses expressions, by recursive descent, in Jinja's order of precedence. */
final class ExpressionParser {

    // bounds the depth of a tree, which is evaluated recursively; real templates stay below ten
    private static final int MAX_DEPTH = 64;
    private static final int MAX_CHAIN = 200; // members and filters of one value, which nest, too
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");

    private final TokenStream tokens;
    private int depth;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    private void enter() throws JinjaException {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.limit("more than " + MAX_DEPTH + " expressions inside each other")
                    .at(tokens.line());
        }
    }

    Expression expression() throws JinjaException {
        return expression(true);
    }

    /** Without {@code if … else}, which means something else behind {@code for … in}. */
    Expression expression(boolean conditional) throws JinjaException {
        enter();
        Expression value = conditional ? conditional() : or();
        depth--;
        return value;
    }

    private Expression conditional() throws JinjaException {
        int line = tokens.line();
        Expression value = or();
        for (int chain = 0; tokens.acceptName("if"); chain++) {
            checkChain(chain);
            Expression condition = or();
            Expression otherwise = tokens.acceptName("else") ? expression() : null;
            value = new Expression.Conditional(condition, value, otherwise, line);
            line = tokens.line();
        }
        return value;
    }

    private void checkChain(int length) throws JinjaException {
        if (length > MAX_CHAIN) {
            throw JinjaException.limit("more than " + MAX_CHAIN + " operations in a chain")
                    .at(tokens.line());
        }
    }

    private Expression or() throws JinjaException {
        List<Expression> operands = new ArrayList<>(List.of(and()));
        while (tokens.acceptName("or")) {
            operands.add(and());
        }
        return operands.size() == 1 ? operands.getFirst() : new Expression.Or(operands);
    }

    private Expression and() throws JinjaException {
        List<Expression> operands = new ArrayList<>(List.of(not()));
        while (tokens.acceptName("and")) {
            operands.add(not());
        }
        return operands.size() == 1 ? operands.getFirst() : new Expression.And(operands);
    }

    private Expression not() throws JinjaException {
        if (!tokens.acceptName("not")) {
            return comparison();
        }
        enter();
        Expression operand = not();
        depth--;
        return new Expression.Not(operand);
    }

    private Expression comparison() throws JinjaException {
        int line = tokens.line();
        Expression first = sum();
        List<Operation> operations = new ArrayList<>();
        while (true) {
            if (tokens.current().type() == Token.Type.OPERATOR
                    && COMPARISONS.contains(tokens.current().text())) {
                operations.add(new Operation(tokens.next().text(), sum()));
            } else if (tokens.acceptName("in")) {
                operations.add(new Operation("in", sum()));
            } else if (tokens.isName("not") && tokens.look().isName("in")) {
                tokens.next();
                tokens.next();
                operations.add(new Operation("not in", sum()));
            } else {
                return operations.isEmpty() ? first : new Expression.Compare(first, operations, line);
            }
        }
    }

    private Expression sum() throws JinjaException {
        int line = tokens.line();
        Expression first = concat();
        List<Operation> operations = new ArrayList<>();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            operations.add(new Operation(tokens.next().text(), concat()));
        }
        return operations.isEmpty() ? first : new Expression.Arithmetic(first, operations, line);
    }

    private Expression concat() throws JinjaException {
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.acceptOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concat(parts);
    }

    private Expression product() throws JinjaException {
        int line = tokens.line();
        Expression first = power();
        List<Operation> operations = new ArrayList<>();
        while (tokens.isOperator("*") || tokens.isOperator("/") || tokens.isOperator("//") || tokens.isOperator("%")) {
            operations.add(new Operation(tokens.next().text(), power()));
        }
        return operations.isEmpty() ? first : new Expression.Arithmetic(first, operations, line);
    }

    private Expression power() throws JinjaException {
        int line = tokens.line();
        Expression first = unary(true);
        List<Operation> operations = new ArrayList<>();
        while (tokens.isOperator("**")) {
            operations.add(new Operation(tokens.next().text(), unary(true)));
        }
        return operations.isEmpty() ? first : new Expression.Arithmetic(first, operations, line);
    }

    private Expression unary(boolean withFilter) throws JinjaException {
        int line = tokens.line();
        Expression value;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            boolean negative = tokens.next().text().equals("-");
            enter();
            value = new Expression.Sign(negative, unary(false), line);
            depth--;
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilter ? filters(value) : value;
    }

    Expression primary() throws JinjaException {
        Token token = tokens.current();
        return switch (token.type()) {
            case NAME -> {
                tokens.next();
                yield switch (token.text()) {
                    case "true", "True" -> new Expression.Literal(true);
                    case "false", "False" -> new Expression.Literal(false);
                    case "none", "None" -> new Expression.Literal(null);
                    default -> new Expression.Name(token.text(), token.line());
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.current().type() == Token.Type.STRING) {
                    text.append((String) tokens.next().value());
                }
                yield new Expression.Literal(text.toString());
            }
            case INTEGER, FLOAT -> new Expression.Literal(tokens.next().value());
            default -> collection(token);
        };
    }

    private Expression collection(Token token) throws JinjaException {
        if (token.isOperator("(")) {
            tokens.next();
            Expression value = tuple(true, Set.of(), true);
            tokens.expectOperator(")");
            return value;
        }
        if (token.isOperator("[")) {
            tokens.next();
            List<Expression> items = new ArrayList<>();
            while (!tokens.isOperator("]")) {
                if (!items.isEmpty()) {
                    tokens.expectOperator(",");
                }
                if (!tokens.isOperator("]")) {
                    items.add(expression());
                }
            }
            tokens.next();
            return new Expression.ListOf(items);
        }
        if (token.isOperator("{")) {
            return dict();
        }
        throw tokens.fail("unexpected " + Repr.of(token.description()));
    }

    private Expression dict() throws JinjaException {
        tokens.next();
        List<Expression.Pair> pairs = new ArrayList<>();
        while (!tokens.isOperator("}")) {
            if (!pairs.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (!tokens.isOperator("}")) {
                Expression key = expression();
                tokens.expectOperator(":");
                pairs.add(new Expression.Pair(key, expression()));
            }
        }
        tokens.next();
        return new Expression.DictOf(pairs);
    }

    /**
     * One expression, or several with commas between them.
     *
     * @param end         names that end it, besides the ends of tags and parentheses
     * @param parentheses whether it stands in parentheses, so that it may be empty
     */
    Expression tuple(boolean conditional, Set<String> end, boolean parentheses) throws JinjaException {
        List<Expression> items = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (isTupleEnd(end)) {
                break;
            }
            items.add(expression(conditional));
            if (!tokens.isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && !items.isEmpty()) {
            return items.getFirst();
        }
        if (!isTuple && !parentheses) {
            throw tokens.fail(
                    "Expected an expression, got " + Repr.of(tokens.current().description()));
        }
        return new Expression.TupleOf(items);
    }

    boolean isTupleEnd(Set<String> end) {
        Token token = tokens.current();
        return token.type() == Token.Type.OUTPUT_END
                || token.type() == Token.Type.BLOCK_END
                || token.isOperator(")")
                || (token.type() == Token.Type.NAME && end.contains(token.text()));
    }

    private Expression postfix(Expression object) throws JinjaException {
        Expression value = object;
        for (int chain = 0; ; chain++) {
            checkChain(chain);
            if (tokens.isOperator(".") || tokens.isOperator("[")) {
                value = subscript(value);
            } else if (tokens.isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression filters(Expression object) throws JinjaException {
        Expression value = object;
        for (int chain = 0; ; chain++) {
            checkChain(chain);
            if (tokens.isOperator("|")) {
                tokens.next();
                value = filter(value);
            } else if (tokens.isName("is")) {
                value = test(value);
            } else if (tokens.isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // the slice that was read here, not an equal one
    private Expression subscript(Expression object) throws JinjaException {
        Token token = tokens.next();
        if (token.isOperator(".")) {
            Token name = tokens.next();
            if (name.type() == Token.Type.NAME) {
                return new Expression.Member(object, name.text(), token.line());
            }
            if (name.type() != Token.Type.INTEGER) {
                throw JinjaException.syntax("expected name or number", name.line());
            }
            return new Expression.Item(object, new Expression.Literal(name.value()), token.line());
        }
        List<Expression> keys = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            if (!keys.isEmpty()) {
                tokens.expectOperator(",");
            }
            keys.add(key(object, token.line()));
        }
        tokens.next();
        if (keys.size() == 1 && keys.getFirst() instanceof Expression.Slice slice && slice.object() == object) {
            return slice;
        }
        if (keys.stream().anyMatch(one -> one instanceof Expression.Slice slice && slice.object() == object)) {
            throw JinjaException.unsupported("a slice beside other keys").at(token.line());
        }
        Expression key = keys.size() == 1 ? keys.getFirst() : new Expression.TupleOf(keys);
        return new Expression.Item(object, key, token.line());
    }

    /** A key, or a slice of the object. */
    private Expression key(Expression object, int line) throws JinjaException {
        Expression from = null;
        if (!tokens.isOperator(":")) {
            from = expression();
            if (!tokens.isOperator(":")) {
                return from;
            }
        }
        tokens.next();
        Expression to = isBoundMissing() ? null : expression();
        Expression by = tokens.acceptOperator(":") && !isBoundMissing() ? expression() : null;
        return new Expression.Slice(object, from, to, by, line);
    }

    private boolean isBoundMissing() {
        return tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
    }

    private Expression call(Expression callee) throws JinjaException {
        int line = tokens.line();
        return new Expression.Call(callee, arguments(), line);
    }

    private Arguments arguments() throws JinjaException {
        int line = tokens.expectOperator("(").line();
        List<Expression> positional = new ArrayList<>();
        List<Expression.Keyword> named = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Expression more = null;
        Expression moreNamed = null;
        boolean first = true;
        while (!tokens.isOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.isOperator(")")) {
                    break;
                }
            }
            first = false;
            boolean valid;
            if (tokens.acceptOperator("*")) {
                valid = more == null && moreNamed == null;
                more = expression();
            } else if (tokens.acceptOperator("**")) {
                valid = moreNamed == null;
                moreNamed = expression();
            } else if (tokens.current().type() == Token.Type.NAME
                    && tokens.look().isOperator("=")) {
                valid = moreNamed == null;
                String name = tokens.next().text();
                tokens.next();
                if (!names.add(name)) {
                    throw JinjaException.syntax("keyword argument repeated: " + name, line);
                }
                named.add(new Expression.Keyword(name, expression()));
            } else {
                valid = more == null && moreNamed == null && named.isEmpty();
                if (valid) {
                    positional.add(expression());
                }
            }
            if (!valid) {
                throw JinjaException.syntax("invalid syntax for function call expression", line);
            }
        }
        tokens.next();
        return new Arguments(positional, named, more, moreNamed);
    }

    private String dottedName() throws JinjaException {
        StringBuilder name = new StringBuilder(tokens.expect(Token.Type.NAME).text());
        while (tokens.acceptOperator(".")) {
            name.append('.').append(tokens.expect(Token.Type.NAME).text());
        }
        return name.toString();
    }

    /** A filter whose bar has been read. */
    Expression.Filter filter(@Nullable Expression value) throws JinjaException {
        int line = tokens.line();
        String name = dottedName();
        Arguments arguments = tokens.isOperator("(") ? arguments() : Arguments.NONE;
        return new Expression.Filter(value, name, arguments, line);
    }

    /** Filters one after the other, as blocks have them; {@code first} has been read already. */
    Expression.Filter chain(Expression.Filter first) throws JinjaException {
        Expression.Filter filter = first;
        for (int chain = 0; tokens.acceptOperator("|"); chain++) {
            checkChain(chain);
            filter = filter(filter);
        }
        return filter;
    }

    private Expression test(Expression value) throws JinjaException {
        int line = tokens.next().line();
        boolean negated = tokens.acceptName("not");
        String name = dottedName();
        Arguments arguments = Arguments.NONE;
        if (tokens.isOperator("(")) {
            arguments = arguments();
        } else if (isOperandOfTest()) {
            if (tokens.isName("is")) {
                throw tokens.fail("You cannot chain multiple tests with is");
            }
            arguments = new Arguments(List.of(postfix(primary())), List.of(), null, null);
        }
        Expression test = new Expression.Test(value, name, arguments, line);
        return negated ? new Expression.Not(test) : test;
    }

    private boolean isOperandOfTest() {
        Token token = tokens.current();
        return switch (token.type()) {
            case NAME -> !Set.of("else", "or", "and").contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> Set.of("(", "[", "{").contains(token.text());
            default -> false;
        };
    }
}
