package io.github.expogguf.infer.jinja.syntax;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Repr;
import org.jspecify.annotations.Nullable;

/** The tokens of a template, with the one behind the current one in sight. */
final class TokenStream {

    private final Lexer lexer;
    private Token current;
    private @Nullable Token ahead; // null if not looked at

    TokenStream(Lexer lexer) throws JinjaException {
        this.lexer = lexer;
        this.current = lexer.next();
    }

    Token current() {
        return current;
    }

    int line() {
        return current.line();
    }

    Token look() throws JinjaException {
        if (ahead == null) {
            ahead = current.type() == Token.Type.END ? current : lexer.next();
        }
        return ahead;
    }

    /** Goes one token ahead and returns the one before. */
    Token next() throws JinjaException {
        Token token = current;
        current = look();
        ahead = null;
        return token;
    }

    boolean isOperator(String operator) {
        return current.isOperator(operator);
    }

    boolean isName(String name) {
        return current.isName(name);
    }

    boolean acceptOperator(String operator) throws JinjaException {
        boolean found = isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    boolean acceptName(String name) throws JinjaException {
        boolean found = isName(name);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Token.Type type) throws JinjaException {
        if (current.type() != type) {
            throw unexpected(type.description);
        }
        return next();
    }

    Token expectOperator(String operator) throws JinjaException {
        if (!isOperator(operator)) {
            throw unexpected(operator);
        }
        return next();
    }

    Token expectName(String name) throws JinjaException {
        if (!isName(name)) {
            throw unexpected(name);
        }
        return next();
    }

    private JinjaException unexpected(String expected) {
        if (current.type() == Token.Type.END) {
            return fail("unexpected end of template, expected " + Repr.of(expected) + ".");
        }
        return fail("expected token " + Repr.of(expected) + ", got " + Repr.of(current.description()));
    }

    JinjaException fail(String message) {
        return JinjaException.syntax(message, line());
    }
}
