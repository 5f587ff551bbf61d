package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.Lexer.Kind;
import io.github.expogguf.infer.jinja.Lexer.Piece;
import io.github.expogguf.infer.jinja.Node.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses statements. */
final class Parser {

    private static final int MAX_DEPTH = 64;

    private final List<Piece> pieces;
    private int at;

    private Parser(List<Piece> pieces) {
        this.pieces = pieces;
    }

    static List<Node> parse(String source) throws JinjaException {
        Parser parser = new Parser(Lexer.split(source));
        List<Node> nodes = parser.nodes(Set.of(), 0);
        if (parser.at < parser.pieces.size()) {
            throw JinjaException.unsupported("'" + parser.keyword() + "' without its beginning");
        }
        return nodes;
    }

    /** Statements up to one of these keywords, which is left to the caller. */
    private List<Node> nodes(Set<String> until, int depth) throws JinjaException {
        if (depth > MAX_DEPTH) {
            throw JinjaException.unsupported("more than " + MAX_DEPTH + " blocks inside each other");
        }
        List<Node> nodes = new ArrayList<>();
        while (at < pieces.size()) {
            Piece piece = pieces.get(at);
            if (piece.kind() == Kind.TEXT) {
                nodes.add(new Node.Text(piece.text()));
                at++;
            } else if (piece.kind() == Kind.OUTPUT) {
                nodes.add(new Node.Output(tokens(0).wholeExpression()));
                at++;
            } else if (until.contains(keyword())) {
                return nodes;
            } else {
                nodes.addAll(block(depth));
            }
        }
        if (!until.isEmpty()) {
            throw JinjaException.unsupported("a block without " + until);
        }
        return nodes;
    }

    private List<Node> block(int depth) throws JinjaException {
        return switch (keyword()) {
            case "if" -> List.of(ifBlock(depth));
            case "for" -> List.of(forBlock(depth));
            case "set" -> List.of(set());
            // marks what a model is trained on
            case "generation" -> bodyUntil("endgeneration", depth);
            case "macro" -> {
                bodyUntil("endmacro", depth); // an error where it is called
                yield List.of();
            }
            default -> throw JinjaException.unsupported("'" + keyword() + "'");
        };
    }

    private List<Node> bodyUntil(String end, int depth) throws JinjaException {
        at++;
        List<Node> body = nodes(Set.of(end), depth + 1);
        at++;
        return body;
    }

    private Node ifBlock(int depth) throws JinjaException {
        List<Node.Branch> branches = new ArrayList<>();
        while (true) {
            boolean isElse = keyword().equals("else");
            Expression condition = isElse ? new Node.Literal(true) : tokens(1).wholeExpression();
            at++;
            Set<String> until = isElse ? Set.of("endif") : Set.of("elif", "else", "endif");
            branches.add(new Node.Branch(condition, nodes(until, depth + 1)));
            if (keyword().equals("endif")) {
                at++;
                return new Node.If(branches);
            }
        }
    }

    private Node forBlock(int depth) throws JinjaException {
        ExpressionParser tokens = tokens(1);
        String variable = tokens.name();
        boolean oneVariable = tokens.accept("in");
        Expression items =
                oneVariable ? tokens.wholeExpression() : new Node.Unsupported("'for' with several variables");
        if (items instanceof Node.Conditional) {
            items = new Node.Unsupported("'for' with a condition");
        }
        return new Node.For(variable, items, bodyUntil("endfor", depth));
    }

    private Node set() throws JinjaException {
        ExpressionParser tokens = tokens(1);
        at++;
        String name = tokens.name();
        String member = tokens.accept(".") ? tokens.name() : null;
        tokens.expect("=");
        return new Node.Set(name, member, tokens.wholeExpression());
    }

    private String keyword() {
        Piece piece = pieces.get(at);
        return piece.tokens().isEmpty() ? "" : piece.tokens().getFirst().text();
    }

    private ExpressionParser tokens(int from) {
        List<Lexer.Token> tokens = pieces.get(at).tokens();
        return new ExpressionParser(tokens.subList(Math.min(from, tokens.size()), tokens.size()));
    }
}
