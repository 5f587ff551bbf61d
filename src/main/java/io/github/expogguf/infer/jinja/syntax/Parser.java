package io.github.expogguf.infer.jinja.syntax;

import io.github.expogguf.infer.jinja.value.Characters;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Repr;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parses the statements of a template. Its complaints are those of jinja2. */
public final class Parser {

    private static final int MAX_DEPTH = 64; // blocks inside each other

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final Deque<String> open = new ArrayDeque<>(); // tags that are not closed yet
    private final Deque<List<String>> ends = new ArrayDeque<>(); // what would close them

    private Parser(String source) throws JinjaException {
        tokens = new TokenStream(new Lexer(source));
        expressions = new ExpressionParser(tokens);
    }

    public static List<Node> parse(String source) throws JinjaException {
        return new Parser(source).nodes(List.of());
    }

    /** All up to one of these tags, which is left to be read. */
    private List<Node> nodes(List<String> until) throws JinjaException {
        if (ends.size() > MAX_DEPTH) {
            throw JinjaException.limit("more than " + MAX_DEPTH + " blocks inside each other")
                    .at(tokens.line());
        }
        List<Node> nodes = new ArrayList<>();
        if (!until.isEmpty()) {
            ends.push(until);
        }
        while (tokens.current().type() != Token.Type.END) {
            Token token = tokens.next();
            switch (token.type()) {
                case DATA -> nodes.add(new Node.Data(token.text()));
                case OUTPUT_BEGIN -> {
                    int line = tokens.line();
                    nodes.add(new Node.Output(expressions.tuple(true, Set.of(), false), line));
                    tokens.expect(Token.Type.OUTPUT_END);
                }
                default -> {
                    if (tokens.current().type() == Token.Type.NAME
                            && until.contains(tokens.current().text())) {
                        ends.pop();
                        return nodes;
                    }
                    nodes.addAll(statement());
                    tokens.expect(Token.Type.BLOCK_END);
                }
            }
        }
        if (!until.isEmpty()) {
            throw unknownTag(null, tokens.line());
        }
        return nodes;
    }

    private JinjaException unknownTag(@Nullable String name, int line) {
        StringBuilder message = new StringBuilder(
                name == null ? "Unexpected end of template." : "Encountered unknown tag '" + name + "'.");
        if (!ends.isEmpty()) {
            String looking = ends.peek().stream().map(end -> "'" + end + "'").collect(Collectors.joining(" or "));
            boolean misplaced = name != null && ends.stream().anyMatch(tags -> tags.contains(name));
            message.append(
                    misplaced
                            ? " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for "
                            : " Jinja was looking for the following tags: ");
            message.append(looking).append('.');
        }
        if (!open.isEmpty()) {
            message.append(" The innermost block that needs to be closed is '")
                    .append(open.peek())
                    .append("'.");
        }
        return JinjaException.syntax(message.toString(), line);
    }

    private List<Node> statement() throws JinjaException {
        Token tag = tokens.current();
        if (tag.type() != Token.Type.NAME) {
            throw tokens.fail("tag name expected");
        }
        open.push(tag.text());
        List<Node> nodes = switch (tag.text()) {
            case "if" -> List.of(ifBlock());
            case "for" -> List.of(forBlock());
            case "set" -> List.of(set());
            case "macro" -> List.of(macro());
            case "call" -> List.of(callBlock());
            case "filter" -> List.of(filterBlock());
            case "with" -> List.of(with());
            case "block" -> List.of(block());
            case "print" -> print();
            case "autoescape" -> List.of(autoescape());
            case "generation" -> List.of(new Node.Generation(bodyOf("endgeneration"), tag.line()));
            case "break" -> List.of(new Node.Break(tokens.next().line()));
            case "continue" -> List.of(new Node.Continue(tokens.next().line()));
            case "include" -> List.of(include());
            case "import" -> List.of(importAll());
            case "from" -> List.of(importNames());
            case "extends" -> {
                int line = tokens.next().line();
                yield List.of(new Node.OtherTemplate("extends", List.of(expressions.expression()), List.of(), line));
            }
            default -> {
                open.pop();
                throw unknownTag(tag.text(), tag.line());
            }
        };
        open.pop();
        return nodes;
    }

    /** Statements behind the tag that has just been read, up to one of these tags. */
    private List<Node> body(String... until) throws JinjaException {
        tokens.acceptOperator(":");
        tokens.expect(Token.Type.BLOCK_END);
        return nodes(List.of(until));
    }

    private List<Node> bodyOf(String end) throws JinjaException {
        tokens.next();
        return closedBody(end);
    }

    private List<Node> closedBody(String end) throws JinjaException {
        List<Node> body = body(end);
        tokens.next();
        return body;
    }

    private Node ifBlock() throws JinjaException {
        List<Node.Branch> branches = new ArrayList<>();
        while (true) {
            int line = tokens.next().line();
            Expression condition = expressions.tuple(false, Set.of(), false);
            branches.add(new Node.Branch(condition, body("elif", "else", "endif"), line));
            if (tokens.isName("elif")) {
                continue;
            }
            boolean hasElse = tokens.next().text().equals("else");
            return new Node.If(branches, hasElse ? closedBody("endif") : List.of());
        }
    }

    private Node forBlock() throws JinjaException {
        int line = tokens.next().line();
        Target target = target(Set.of("in"));
        tokens.expectName("in");
        Expression items = expressions.tuple(false, Set.of("recursive"), false);
        Expression condition = tokens.acceptName("if") ? expressions.expression() : null;
        boolean recursive = tokens.acceptName("recursive");
        List<Node> body = body("endfor", "else");
        boolean hasElse = tokens.next().text().equals("else");
        List<Node> otherwise = hasElse ? closedBody("endfor") : List.of();
        return new Node.For(target, items, condition, recursive, body, otherwise, line);
    }

    private Node set() throws JinjaException {
        int line = tokens.next().line();
        Target target = tokens.look().isOperator(".") ? memberTarget() : target(Set.of());
        if (tokens.acceptOperator("=")) {
            return new Node.Set(target, expressions.tuple(true, Set.of(), false), line);
        }
        Expression.Filter filter = tokens.acceptOperator("|") ? expressions.chain(expressions.filter(null)) : null;
        return new Node.SetBlock(target, filter, closedBody("endset"), line);
    }

    private Target memberTarget() throws JinjaException {
        Token namespace = tokens.expect(Token.Type.NAME);
        tokens.next();
        return new Target.MemberOf(
                namespace.text(), tokens.expect(Token.Type.NAME).text(), namespace.line());
    }

    /** A name, or several with commas between them, in parentheses or not. */
    private Target target(Set<String> end) throws JinjaException {
        List<Target> targets = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (expressions.isTupleEnd(end)) {
                break;
            }
            int line = tokens.line();
            targets.add(asTarget(expressions.primary(), line));
            if (!tokens.isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && targets.isEmpty()) {
            throw tokens.fail(
                    "Expected an expression, got " + Repr.of(tokens.current().description()));
        }
        return isTuple ? new Target.Several(targets) : targets.getFirst();
    }

    private static Target asTarget(Expression expression, int line) throws JinjaException {
        return switch (expression) {
            case Expression.Name name -> new Target.Variable(name.name());
            case Expression.TupleOf tuple -> {
                List<Target> targets = new ArrayList<>();
                for (Expression item : tuple.items()) {
                    targets.add(asTarget(item, line));
                }
                yield new Target.Several(targets);
            }
            default -> throw JinjaException.syntax("can't assign to '" + kind(expression) + "'", line);
        };
    }

    private static String kind(Expression expression) {
        return switch (expression) {
            case Expression.Literal literal -> "const";
            case Expression.ListOf list -> "list";
            case Expression.DictOf dict -> "dict";
            default -> "tuple";
        };
    }

    private String nameTarget() throws JinjaException {
        Token name = tokens.expect(Token.Type.NAME);
        if (Set.of("true", "false", "none", "True", "False", "None").contains(name.text())) {
            throw JinjaException.syntax("can't assign to 'name'", name.line());
        }
        return name.text();
    }

    private Node macro() throws JinjaException {
        int line = tokens.next().line();
        String name = nameTarget();
        Node.Parameters parameters = parameters();
        return new Node.MacroOf(name, parameters, closedBody("endmacro"), line);
    }

    private Node.Parameters parameters() throws JinjaException {
        tokens.expectOperator("(");
        List<String> names = new ArrayList<>();
        Set<String> known = new HashSet<>();
        List<Expression> defaults = new ArrayList<>();
        while (!tokens.isOperator(")")) {
            if (!names.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = nameTarget();
            if (!known.add(name)) {
                throw tokens.fail("duplicate argument '" + name + "' in function definition");
            }
            if (tokens.acceptOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.fail("non-default argument follows default argument");
            }
            names.add(name);
        }
        tokens.next();
        return new Node.Parameters(names, defaults);
    }

    private Node callBlock() throws JinjaException {
        int line = tokens.next().line();
        Node.Parameters parameters = tokens.isOperator("(") ? parameters() : Node.Parameters.NONE;
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw JinjaException.syntax("expected call", line);
        }
        return new Node.CallBlock(parameters, call, closedBody("endcall"), line);
    }

    private Node filterBlock() throws JinjaException {
        int line = tokens.next().line();
        Expression.Filter filter = expressions.chain(expressions.filter(null));
        return new Node.FilterBlock(filter, closedBody("endfilter"), line);
    }

    private Node with() throws JinjaException {
        int line = tokens.next().line();
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.current().type() != Token.Type.BLOCK_END) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(target(Set.of()));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Node.With(targets, values, closedBody("endwith"), line);
    }

    private List<Node> print() throws JinjaException {
        int line = tokens.next().line();
        List<Node> outputs = new ArrayList<>();
        while (tokens.current().type() != Token.Type.BLOCK_END) {
            if (!outputs.isEmpty()) {
                tokens.expectOperator(",");
            }
            outputs.add(new Node.Output(expressions.expression(), line));
        }
        return outputs;
    }

    private Node autoescape() throws JinjaException {
        int line = tokens.next().line();
        if (!expressions.expression().equals(new Expression.Literal(false))) {
            throw JinjaException.unsupported("the template tag 'autoescape' with anything but false")
                    .at(line);
        }
        return new Node.Scope(closedBody("endautoescape"));
    }

    private Node block() throws JinjaException {
        int line = tokens.next().line();
        String name = tokens.expect(Token.Type.NAME).text();
        boolean scoped = tokens.acceptName("scoped");
        boolean required = tokens.acceptName("required");
        if (tokens.isOperator("-")) {
            throw tokens.fail("Block names in Jinja have to be valid Python identifiers and may not contain hyphens,"
                    + " use an underscore instead.");
        }
        List<Node> body = closedBody("endblock");
        if (required && !body.stream().allMatch(node -> node instanceof Node.Data data && isBlank(data.text()))) {
            throw tokens.fail("Required blocks can only contain comments or whitespace");
        }
        tokens.acceptName(name);
        return new Node.Block(name, scoped, required, body, line);
    }

    private static boolean isBlank(String text) {
        return Characters.strip(text, true, false).isEmpty();
    }

    private void importContext() throws JinjaException {
        boolean given = tokens.isName("with") || tokens.isName("without");
        if (given && tokens.look().isName("context")) {
            tokens.next();
            tokens.next();
        }
    }

    private Node include() throws JinjaException {
        int line = tokens.next().line();
        Expression template = expressions.expression();
        if (tokens.isName("ignore") && tokens.look().isName("missing")) {
            tokens.next();
            tokens.next();
        }
        importContext();
        return new Node.OtherTemplate("include", List.of(template), List.of(), line);
    }

    private Node importAll() throws JinjaException {
        int line = tokens.next().line();
        Expression template = expressions.expression();
        tokens.expectName("as");
        String name = nameTarget();
        importContext();
        return new Node.OtherTemplate("import", List.of(template), List.of(name), line);
    }

    private Node importNames() throws JinjaException {
        int line = tokens.next().line();
        Expression template = expressions.expression();
        tokens.expectName("import");
        List<String> names = new ArrayList<>();
        do {
            String name = nameTarget();
            if (name.startsWith("_")) {
                throw tokens.fail("names starting with an underline can not be imported");
            }
            names.add(tokens.acceptName("as") ? nameTarget() : name);
        } while (tokens.acceptOperator(","));
        importContext();
        return new Node.OtherTemplate("from", List.of(template), names, line);
    }
}
