package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.syntax.Expression;
import io.github.expogguf.infer.jinja.syntax.Node;
import io.github.expogguf.infer.jinja.syntax.Target;
import io.github.expogguf.infer.jinja.value.JinjaException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The scopes of a template: what each statement that has variables of its own knows. Also checks what jinja2 checks
 * when it compiles a template: filters and tests that do not exist (unless in an {@code if}), loops that assign to
 * {@code loop}, {@code break} outside of loops, blocks that are defined twice.
 */
final class Scopes {

    /** The scopes of one loop. */
    record LoopScopes(TemplateSymbols body, TemplateSymbols condition, TemplateSymbols otherwise, boolean extended) {}

    /** The scope of a macro or call block, and what it takes besides its parameters. */
    record MacroScope(TemplateSymbols symbols, boolean caller, boolean named, boolean more) {}

    private static final long MAX_BRANCHES_TIMES_NAMES = 1 << 20; // real templates stay below a tenth
    private static final Set<String> SPECIAL = Set.of("caller", "kwargs", "varargs");

    private final IdentityHashMap<Node, TemplateSymbols> scopes = new IdentityHashMap<>();
    private final IdentityHashMap<Node, LoopScopes> loops = new IdentityHashMap<>();
    private final IdentityHashMap<Node, MacroScope> macros = new IdentityHashMap<>();
    private final Map<String, Node.Block> blocks = new HashMap<>();
    private final TemplateSymbols root = TemplateSymbols.inside(null);

    private final int size;

    private Scopes(int size) {
        this.size = size;
    }

    static Scopes of(List<Node> template) throws JinjaException {
        Scopes scopes = new Scopes(checkSize(template));
        scopes.findBlocks(template);
        checkSelf(template);
        new Names(scopes.root).nodes(template);
        scopes.nodes(template, scopes.root, new Checks(false, false));
        for (Node.Block block : scopes.blocks.values()) {
            TemplateSymbols symbols = TemplateSymbols.inside(null);
            checkSelf(block.body());
            if (!NameWalk.undeclared(block.body(), Set.of("super")).isEmpty()) {
                symbols.declareParameter("super");
            }
            new Names(symbols).nodes(block.body());
            scopes.scopes.put(block, symbols);
            scopes.nodes(block.body(), symbols, new Checks(false, false));
        }
        return scopes;
    }

    private static void checkSelf(List<Node> body) throws JinjaException {
        if (!NameWalk.undeclared(body, Set.of("self")).isEmpty()) {
            throw JinjaException.unsupported("the variable 'self', which writes a block once more,");
        }
    }

    /** How many names and branches there are, which bounds what finding out about them costs. */
    private static int checkSize(List<Node> template) throws JinjaException {
        Set<String> names = new HashSet<>();
        int[] branches = {1};
        new NameWalk() {
            @Override
            void load(String name) {
                names.add(name);
            }

            @Override
            void store(String name) {
                names.add(name);
            }

            @Override
            void node(Node node) {
                branches[0] +=
                        node instanceof Node.If choice ? choice.branches().size() : 0;
                super.node(node);
            }
        }.nodes(template);
        if ((long) branches[0] * names.size() > MAX_BRANCHES_TIMES_NAMES) {
            throw JinjaException.limit(names.size() + " variables beside " + branches[0] + " branches");
        }
        return names.size();
    }

    /** The number of names in the template, at least. */
    int size() {
        return size;
    }

    TemplateSymbols root() {
        return root;
    }

    TemplateSymbols of(Node node) {
        return Objects.requireNonNull(scopes.get(node));
    }

    LoopScopes of(Node.For loop) {
        return Objects.requireNonNull(loops.get(loop));
    }

    MacroScope ofMacro(Node macro) {
        return Objects.requireNonNull(macros.get(macro));
    }

    private void findBlocks(List<Node> template) throws JinjaException {
        Node.Block[] twice = {null};
        new NameWalk() {
            @Override
            void load(String name) {}

            @Override
            void node(Node node) {
                if (node instanceof Node.Block block && blocks.putIfAbsent(block.name(), block) != null) {
                    twice[0] = twice[0] == null ? block : twice[0];
                }
                super.node(node);
            }
        }.nodes(template);
        if (twice[0] != null) {
            throw JinjaException.syntax("block '" + twice[0].name() + "' defined twice", twice[0].line());
        }
    }

    /** The names that one scope reads and sets, without those of the scopes inside. */
    private static final class Names extends NameWalk {

        private TemplateSymbols symbols;

        Names(TemplateSymbols symbols) {
            this.symbols = symbols;
        }

        @Override
        void load(String name) {
            symbols.load(name);
        }

        @Override
        void store(String name) {
            symbols.store(name);
        }

        @Override
        void target(Target target) {
            if (target instanceof Target.MemberOf member) {
                load(member.namespace());
            } else {
                super.target(target);
            }
        }

        @Override
        void node(Node node) {
            switch (node) {
                case Node.If choice -> branches(choice);
                case Node.MacroOf macro -> store(macro.name());
                case Node.OtherTemplate other -> {
                    super.node(other);
                    other.names().forEach(this::store);
                }
                case Node.Set set -> {
                    expression(set.value());
                    target(set.target());
                }
                case Node.For loop -> expression(loop.items());
                case Node.CallBlock call -> expression(call.call());
                case Node.FilterBlock block -> expression(block.filter());
                case Node.With with -> with.values().forEach(this::expression);
                case Node.SetBlock set -> target(set.target());
                case Node.Generation generation -> {}
                case Node.Scope scope -> {}
                case Node.Block block -> {}
                case Node.Data data -> {}
                case Node.Output output -> super.node(output);
                case Node.Break end -> {}
                case Node.Continue end -> {}
            }
        }

        private void branches(Node.If choice) {
            expression(choice.branches().getFirst().condition());
            TemplateSymbols before = symbols;
            TemplateSymbols first = before.copy();
            symbols = first;
            nodes(choice.branches().getFirst().body());
            TemplateSymbols others = before.copy();
            symbols = others;
            for (Node.Branch branch :
                    choice.branches().subList(1, choice.branches().size())) {
                branches(new Node.If(List.of(branch), List.of()));
            }
            TemplateSymbols otherwise = before.copy();
            symbols = otherwise;
            nodes(choice.otherwise());
            symbols = before;
            symbols.merge(List.of(first, others, otherwise));
        }

        void parameters(Target target) {
            switch (target) {
                case Target.Variable variable -> symbols.declareParameter(variable.name());
                case Target.Several several -> several.targets().forEach(this::parameters);
                case Target.MemberOf member -> {}
            }
        }
    }

    /** What a place in the template is inside of: an {@code if}, where unknown filters are no error yet; a loop. */
    private record Checks(boolean soft, boolean loop) {

        Checks inIf() {
            return new Checks(true, loop);
        }
    }

    private void nodes(List<Node> nodes, TemplateSymbols scope, Checks checks) throws JinjaException {
        for (Node node : nodes) {
            node(node, scope, checks);
        }
    }

    private void node(Node node, TemplateSymbols scope, Checks checks) throws JinjaException {
        switch (node) {
            case Node.Data data -> {}
            case Node.Output output -> FilterCheck.check(output.value(), checks.soft());
            case Node.If choice -> {
                for (Node.Branch branch : choice.branches()) {
                    nodes(branch.body(), scope, checks.inIf());
                }
                nodes(choice.otherwise(), scope, checks.inIf());
            }
            case Node.For loop -> loop(loop, scope, checks);
            case Node.Break end -> checkLoop("'break' outside loop", end.line(), checks);
            case Node.Continue end -> checkLoop("'continue' not properly in loop", end.line(), checks);
            case Node.Set set -> FilterCheck.check(set.value(), checks.soft());
            case Node.SetBlock set -> {
                TemplateSymbols inner = scopeOf(set, scope, names -> names.nodes(set.body()));
                checkKnown(set, inner);
                FilterCheck.check(set.filter(), false);
                nodes(set.body(), inner, new Checks(false, checks.loop()));
            }
            case Node.MacroOf macro -> macro(macro, macro.parameters(), macro.body(), macro.line(), scope);
            case Node.CallBlock call -> {
                macro(call, call.parameters(), call.body(), call.line(), scope);
                FilterCheck.check(call.call(), checks.soft());
            }
            case Node.Generation generation ->
                macro(generation, Node.Parameters.NONE, generation.body(), generation.line(), scope);
            case Node.FilterBlock block -> {
                TemplateSymbols inner = scopeOf(block, scope, names -> {
                    names.nodes(block.body());
                    names.expression(block.filter());
                });
                nodes(block.body(), inner, new Checks(false, checks.loop()));
                FilterCheck.check(block.filter(), false);
            }
            case Node.With with -> {
                TemplateSymbols inner = scopeOf(with, scope, names -> {
                    with.targets().forEach(names::parameters);
                    names.nodes(with.body());
                });
                for (Expression value : with.values()) {
                    FilterCheck.check(value, checks.soft());
                }
                nodes(with.body(), inner, new Checks(false, checks.loop()));
            }
            case Node.Scope block -> {
                TemplateSymbols inner = scopeOf(block, scope, names -> names.nodes(block.body()));
                nodes(block.body(), inner, new Checks(false, checks.loop()));
            }
            case Node.Block block -> {}
            case Node.OtherTemplate other -> {}
        }
    }

    private static void checkLoop(String complaint, int line, Checks checks) throws JinjaException {
        if (!checks.loop()) {
            throw JinjaException.syntax(complaint, line);
        }
    }

    private TemplateSymbols scopeOf(Node node, TemplateSymbols outer, java.util.function.Consumer<Names> analysis) {
        TemplateSymbols inner = TemplateSymbols.inside(outer);
        analysis.accept(new Names(inner));
        scopes.put(node, inner);
        return inner;
    }

    /** jinja2 overlooks the names in the filter of a {@code set} block, and fails on those it meets there first. */
    private static void checkKnown(Node.SetBlock set, TemplateSymbols inner) throws JinjaException {
        String[] unknown = {null};
        new NameWalk() {
            @Override
            void load(String name) {
                unknown[0] = unknown[0] == null && inner.find(name) == null ? name : unknown[0];
            }
        }.expression(set.filter());
        if (unknown[0] != null) {
            throw JinjaException.syntax(
                    "Tried to resolve a name to a reference that was unknown to the frame ('" + unknown[0] + "')",
                    set.line());
        }
    }

    private void loop(Node.For loop, TemplateSymbols scope, Checks checks) throws JinjaException {
        boolean[] assigned = {false};
        boolean[] scopedBlock = {false};
        new NameWalk() {
            @Override
            void load(String name) {}

            @Override
            void store(String name) {
                assigned[0] |= name.equals("loop");
            }

            @Override
            void node(Node node) {
                scopedBlock[0] |= node instanceof Node.Block block && block.scoped();
                super.node(node);
            }
        }.node(loop);
        if (assigned[0]) {
            throw JinjaException.syntax("Can't assign to special loop variable in for-loop target", loop.line());
        }
        boolean extended = loop.recursive()
                || scopedBlock[0]
                || !NameWalk.undeclared(loop.body(), Set.of("loop")).isEmpty();
        TemplateSymbols body = TemplateSymbols.inside(scope);
        if (extended) {
            body.declareParameter("loop");
        }
        Names names = new Names(body);
        names.parameters(loop.target());
        names.nodes(loop.body());
        TemplateSymbols otherwise = TemplateSymbols.inside(scope);
        new Names(otherwise).nodes(loop.otherwise());
        TemplateSymbols condition = TemplateSymbols.inside(scope);
        if (loop.condition() != null) {
            Names conditionNames = new Names(condition);
            conditionNames.parameters(loop.target());
            conditionNames.expression(loop.condition());
            FilterCheck.check(loop.condition(), false);
        }
        loops.put(loop, new LoopScopes(body, condition, otherwise, extended));
        FilterCheck.check(loop.items(), checks.soft());
        nodes(loop.body(), body, new Checks(false, true));
        nodes(loop.otherwise(), otherwise, new Checks(false, !loop.recursive() && checks.loop()));
    }

    private void macro(Node node, Node.Parameters parameters, List<Node> body, int line, TemplateSymbols scope)
            throws JinjaException {
        TemplateSymbols inner = TemplateSymbols.inside(scope);
        Names names = new Names(inner);
        parameters.names().forEach(inner::declareParameter);
        parameters.defaults().forEach(names::expression);
        names.nodes(body);
        Set<String> special = NameWalk.undeclared(body, SPECIAL);
        int caller = parameters.names().indexOf("caller");
        if (special.contains("caller")
                && caller >= 0
                && caller < parameters.names().size() - parameters.defaults().size()) {
            throw JinjaException.syntax(
                    "When defining macros or call blocks the special \"caller\" argument must be"
                            + " omitted or be given a default.",
                    line);
        }
        boolean more = special.contains("varargs") && !parameters.names().contains("varargs");
        boolean named = special.contains("kwargs") && !parameters.names().contains("kwargs");
        if (special.contains("caller") && caller < 0) {
            inner.declareParameter("caller");
        }
        if (named) {
            inner.declareParameter("kwargs");
        }
        if (more) {
            inner.declareParameter("varargs");
        }
        macros.put(node, new MacroScope(inner, special.contains("caller"), named, more));
        for (Expression value : parameters.defaults()) {
            FilterCheck.check(value, false);
        }
        nodes(body, inner, new Checks(false, false));
    }
}
