package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.Lexer.Token;
import io.github.expogguf.infer.jinja.Node.Expression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions, by recursive descent, in Jinja's order of precedence. */
final class ExpressionParser {

    // together they bound the depth of a tree, which is evaluated recursively
    private static final int MAX_TOKENS = 1000;
    private static final int MAX_DEPTH = 32;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
    private static final Token END = new Token(Token.Type.OPERATOR, "");

    private final List<Token> tokens;
    private int at;
    private int depth;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** The expression that all tokens left make up; {@link Node.Unsupported} if it is more than this class knows. */
    Expression wholeExpression() {
        try {
            if (tokens.size() > MAX_TOKENS) {
                throw JinjaException.unsupported("an expression of " + tokens.size() + " tokens");
            }
            Expression expression = expression();
            if (at < tokens.size()) {
                throw JinjaException.unsupported("'" + peek().text() + "' behind an expression");
            }
            return expression;
        } catch (JinjaException e) {
            return new Node.Unsupported(e.getMessage());
        }
    }

    String name() throws JinjaException {
        if (peek().type() != Token.Type.NAME) {
            throw JinjaException.unsupported("'" + peek().text() + "' in place of a name");
        }
        return next().text();
    }

    private boolean isNext(String text) {
        return at < tokens.size() && peek().type() != Token.Type.STRING && peek().text().equals(text);
    }

    boolean accept(String text) {
        boolean found = isNext(text);
        if (found) {
            at++;
        }
        return found;
    }

    void expect(String text) throws JinjaException {
        if (!accept(text)) {
            throw JinjaException.unsupported("'" + peek().text() + "' in place of '" + text + "'");
        }
    }

    private Token peek() {
        return at < tokens.size() ? tokens.get(at) : END;
    }

    private Token next() {
        return tokens.get(at++);
    }

    private Expression expression() throws JinjaException {
        if (++depth > MAX_DEPTH) {
            throw JinjaException.unsupported("more than " + MAX_DEPTH + " expressions inside each other");
        }
        Expression value = or();
        if (accept("if")) {
            Expression condition = or();
            value = new Node.Conditional(condition, value, accept("else") ? expression() : null);
        }
        depth--;
        return value;
    }

    private Expression or() throws JinjaException {
        Expression left = and();
        while (accept("or")) {
            left = new Node.Binary("or", left, and());
        }
        return left;
    }

    private Expression and() throws JinjaException {
        Expression left = not();
        while (accept("and")) {
            left = new Node.Binary("and", left, not());
        }
        return left;
    }

    private Expression not() throws JinjaException {
        int count = 0;
        while (accept("not")) {
            count++;
        }
        Expression operand = comparison();
        for (; count > 0; count--) {
            operand = new Node.Not(operand);
        }
        return operand;
    }

    private Expression comparison() throws JinjaException {
        Expression left = sum();
        while (true) {
            if (peek().type() == Token.Type.OPERATOR && COMPARISONS.contains(peek().text())) {
                left = new Node.Binary(next().text(), left, sum());
            } else if (accept("in")) {
                left = new Node.Binary("in", left, sum());
            } else if (accept("not")) {
                expect("in");
                left = new Node.Not(new Node.Binary("in", left, sum()));
            } else {
                return left;
            }
        }
    }

    private Expression sum() throws JinjaException {
        Expression left = product();
        while (peek().type() == Token.Type.OPERATOR && Set.of("+", "-", "~").contains(peek().text())) {
            left = new Node.Binary(next().text(), left, product());
        }
        return left;
    }

    private Expression product() throws JinjaException {
        Expression left = tested();
        while (peek().type() == Token.Type.OPERATOR && Set.of("%", "*").contains(peek().text())) {
            left = new Node.Binary(next().text(), left, tested());
        }
        return left;
    }

    /** Tests bind like filters: {@code not messages[0].content is string}. */
    private Expression tested() throws JinjaException {
        Expression value = postfix(primary());
        while (accept("is")) {
            boolean negated = accept("not");
            Expression test = new Node.Test(value, name());
            value = negated ? new Node.Not(test) : test;
        }
        return value;
    }

    private Expression postfix(Expression start) throws JinjaException {
        Expression value = start;
        while (true) {
            if (accept(".")) {
                String name = name();
                value = accept("(")
                        ? new Node.Method(value, name, arguments(), false)
                        : new Node.Member(value, new Node.Literal(name));
            } else if (accept("[")) {
                value = subscript(value);
            } else if (accept("|")) {
                String name = name();
                value = new Node.Method(value, name, accept("(") ? arguments() : List.of(), true);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression object) throws JinjaException {
        Expression from = isNext(":") ? null : expression();
        if (accept("]")) {
            return new Node.Member(object, from);
        }
        expect(":");
        if (from == null && accept(":")) {
            for (String token : new String[] {"-", "1", "]"}) {
                expect(token);
            }
            return new Node.Reversed(object);
        }
        Expression to = accept("]") ? null : expression();
        if (to != null) {
            expect("]");
        }
        return new Node.Slice(object, from, to);
    }

    private Expression primary() throws JinjaException {
        Token token = peek();
        if (accept("(")) {
            Expression inner = expression();
            expect(")");
            return inner;
        }
        if (accept("-")) {
            return new Node.Binary("-", new Node.Literal(0L), primary());
        }
        at++;
        return switch (token.type()) {
            case STRING -> new Node.Literal(token.text());
            case NUMBER -> number(token.text());
            case NAME -> named(token.text());
            case OPERATOR -> throw JinjaException.unsupported("'" + token.text() + "' in an expression");
        };
    }

    private static Expression number(String digits) throws JinjaException {
        if (digits.length() > 9) {
            throw JinjaException.unsupported("the number " + digits);
        }
        return new Node.Literal(Long.parseLong(digits));
    }

    private Expression named(String name) throws JinjaException {
        return switch (name) {
            case "true", "True" -> new Node.Literal(true);
            case "false", "False" -> new Node.Literal(false);
            case "none", "None" -> new Node.Literal(null);
            default -> accept("(") ? call(name) : new Node.Name(name);
        };
    }

    private Expression call(String name) throws JinjaException {
        List<Expression> arguments = new ArrayList<>();
        Map<String, Expression> named = new HashMap<>();
        while (!accept(")")) {
            boolean isNamed = at + 1 < tokens.size()
                    && peek().type() == Token.Type.NAME
                    && tokens.get(at + 1).equals(new Token(Token.Type.OPERATOR, "="));
            if (isNamed) {
                String key = name();
                expect("=");
                named.put(key, expression());
            } else {
                arguments.add(expression());
            }
            if (!isNext(")")) {
                expect(",");
            }
        }
        return new Node.Call(name, arguments, named);
    }

    private List<Expression> arguments() throws JinjaException {
        Node.Call call = (Node.Call) call("");
        if (!call.named().isEmpty()) {
            throw JinjaException.unsupported("arguments with names");
        }
        return call.arguments();
    }
}
