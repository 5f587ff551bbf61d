package io.github.expogguf.infer.jinja.syntax;

import org.jspecify.annotations.Nullable;

/**
 * A token of a template.
 *
 * @param line  from 1
 * @param text  an operator, a name, or the data between tags
 * @param value what a literal stands for
 */
record Token(int line, Type type, String text, @Nullable Object value) {

    /** With the words of jinja2 for those that are not a name or an operator. */
    enum Type {
        DATA("template data / text"),
        BLOCK_BEGIN("begin of statement block"),
        BLOCK_END("end of statement block"),
        OUTPUT_BEGIN("begin of print statement"),
        OUTPUT_END("end of print statement"),
        NAME("name"),
        STRING("string"),
        INTEGER("integer"),
        FLOAT("float"),
        OPERATOR("operator"),
        END("end of template");

        final String description;

        Type(String description) {
            this.description = description;
        }
    }

    Token(int line, Type type, String text) {
        this(line, type, text, null);
    }

    boolean isName(String name) {
        return type == Type.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return type == Type.OPERATOR && text.equals(operator);
    }

    String description() {
        return type == Type.NAME || type == Type.OPERATOR ? text : type.description;
    }
}
