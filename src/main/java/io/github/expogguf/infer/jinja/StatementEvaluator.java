package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.syntax.Expression;
import io.github.expogguf.infer.jinja.syntax.Node;
import io.github.expogguf.infer.jinja.syntax.Target;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Namespace;
import io.github.expogguf.infer.jinja.value.PyIterator;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the statements of a template, within the bounds of {@link Work}. */
final class StatementEvaluator {

    /** How a body ended. */
    enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    private final Scopes scopes;
    private final Work work;
    private final ExpressionEvaluator expressions;
    private Context context;
    private StringBuilder output = new StringBuilder();
    // of the first value that is no text, thrown when the output is put together
    private @Nullable JinjaException unwritable;

    StatementEvaluator(Scopes scopes, Context context, Work work) {
        this.scopes = scopes;
        this.context = context;
        this.work = work;
        this.expressions = new ExpressionEvaluator(work);
    }

    String run(List<Node> template) throws JinjaException {
        try {
            Frame frame = new Frame(scopes.root(), null, new HashMap<>(), true);
            begin(frame);
            evaluate(template, frame);
            return written();
        } catch (JinjaException e) {
            throw e.at(expressions.line());
        }
    }

    private Flow evaluate(List<Node> nodes, Frame frame) throws JinjaException {
        work.enter();
        Flow flow = Flow.NORMAL;
        for (Node node : nodes) {
            work.step();
            flow = evaluate(node, frame);
            if (flow != Flow.NORMAL) {
                break;
            }
        }
        work.leave();
        return flow;
    }

    private Flow evaluate(Node node, Frame frame) throws JinjaException {
        switch (node) {
            case Node.Data data -> write(data.text());
            case Node.Output written -> {
                expressions.at(written.line());
                write(Text.of(expressions.value(written.value(), frame), work));
            }
            case Node.If choice -> {
                return choose(choice, frame);
            }
            case Node.For loop -> loop(loop, frame);
            case Node.Break end -> {
                return Flow.BREAK;
            }
            case Node.Continue end -> {
                return Flow.CONTINUE;
            }
            case Node.Set set -> set(set, frame);
            case Node.SetBlock set -> {
                return setBlock(set, frame);
            }
            case Node.MacroOf macro ->
                assign(
                        macro.name(),
                        new Macro(
                                macro.name(),
                                macro.parameters(),
                                macro.body(),
                                scopes.ofMacro(macro),
                                frame,
                                this::run),
                        frame);
            case Node.CallBlock call -> {
                Macro caller = new Macro(null, call.parameters(), call.body(), scopes.ofMacro(call), frame, this::run);
                expressions.at(call.line());
                writeText(expressions.call(call.call(), frame, caller));
            }
            case Node.Generation block ->
                writeText(new Macro(null, Node.Parameters.NONE, block.body(), scopes.ofMacro(block), frame, this::run)
                        .call(List.of(), Map.of()));
            case Node.FilterBlock block -> {
                Frame inner = begin(frame.inside(scopes.of(block)));
                Captured body = captured(block.body(), inner);
                if (body.flow() == Flow.NORMAL) {
                    writeText(expressions.filtered(block.filter(), body.text(), inner));
                }
                inner.end();
                return body.flow();
            }
            case Node.With with -> {
                return with(with, frame);
            }
            case Node.Scope block -> {
                Frame inner = begin(frame.inside(scopes.of(block)));
                Flow flow = evaluate(block.body(), inner);
                inner.end();
                return flow;
            }
            case Node.Block block -> block(block, frame);
            case Node.OtherTemplate other ->
                throw JinjaException.unsupported(
                                "the template tag '" + other.tag() + "' (a chat template has no other templates)")
                        .at(other.line());
        }
        return Flow.NORMAL;
    }

    private Frame begin(Frame frame) throws JinjaException {
        work.charge((long) Work.MAPPING * frame.symbols().loads().size());
        frame.begin(context);
        return frame;
    }

    private void write(String text) throws JinjaException {
        work.charge(text.length());
        output.append(text);
    }

    /** Writes what a call or filter block gives, which jinja2 takes for a text without asking. */
    private void writeText(@Nullable Object value) throws JinjaException {
        if (Types.isString(value)) {
            write(Types.string(value));
        } else if (unwritable == null) {
            unwritable = JinjaException.type("sequence item 0: expected str instance, " + Types.name(value) + " found")
                    .at(expressions.line());
        }
    }

    private String written() throws JinjaException {
        if (unwritable != null) {
            throw unwritable;
        }
        return output.toString();
    }

    /** What a body writes: nothing where {@code break} or {@code continue} leaves it, as in jinja2. */
    private record Captured(String text, Flow flow) {}

    private Captured captured(List<Node> body, Frame frame) throws JinjaException {
        return captured(() -> evaluate(body, frame));
    }

    @FunctionalInterface
    private interface Writing {
        Flow run() throws JinjaException;
    }

    private Captured captured(Writing writing) throws JinjaException {
        StringBuilder outside = output;
        JinjaException unwritableOutside = unwritable;
        output = new StringBuilder();
        unwritable = null;
        Flow flow = writing.run();
        String text = flow == Flow.NORMAL ? written() : "";
        output = outside;
        unwritable = unwritableOutside;
        work.charge(text.length());
        return new Captured(text, flow);
    }

    private Flow choose(Node.If choice, Frame frame) throws JinjaException {
        for (Node.Branch branch : choice.branches()) {
            expressions.at(branch.line());
            if (Types.isTrue(expressions.value(branch.condition(), frame))) {
                return evaluate(branch.body(), frame);
            }
        }
        return evaluate(choice.otherwise(), frame);
    }

    private void set(Node.Set set, Frame frame) throws JinjaException {
        expressions.at(set.line());
        if (set.target() instanceof Target.MemberOf member) {
            Namespace namespace = namespace(member, frame); // checked before the value is looked at
            namespace.members().put(member.member(), expressions.value(set.value(), frame));
        } else {
            assign(set.target(), expressions.value(set.value(), frame), frame);
        }
    }

    private static Namespace namespace(Target.MemberOf member, Frame frame) throws JinjaException {
        if (frame.get(member.namespace()) instanceof Namespace namespace) {
            return namespace;
        }
        throw JinjaException.other("cannot assign attribute on non-namespace object")
                .at(member.line());
    }

    private Flow setBlock(Node.SetBlock set, Frame frame) throws JinjaException {
        Frame inner = begin(frame.inside(scopes.of(set)));
        Captured body = captured(set.body(), inner);
        if (body.flow() != Flow.NORMAL) {
            inner.end();
            return body.flow();
        }
        Object value = body.text();
        expressions.at(set.line());
        if (set.target() instanceof Target.MemberOf member) {
            namespace(member, frame);
        }
        if (set.filter() != null) {
            value = expressions.filtered(set.filter(), value, inner);
        }
        if (set.target() instanceof Target.MemberOf member) {
            namespace(member, frame).members().put(member.member(), value);
        } else {
            assign(set.target(), value, frame);
        }
        inner.end();
        return Flow.NORMAL;
    }

    private void assign(Target target, @Nullable Object value, Frame frame) throws JinjaException {
        switch (target) {
            case Target.Variable variable -> assign(variable.name(), value, frame);
            case Target.MemberOf member -> throw new IllegalStateException(member.toString());
            case Target.Several several -> {
                List<@Nullable Object> items = unpacked(value, several.targets().size());
                for (int i = 0; i < items.size(); i++) {
                    assign(several.targets().get(i), items.get(i), frame);
                }
            }
        }
    }

    private void assign(String name, @Nullable Object value, Frame frame) {
        frame.set(name, value);
        if (frame.toplevel()) {
            context.set(name, value);
        }
    }

    private List<@Nullable Object> unpacked(@Nullable Object value, int count) throws JinjaException {
        if (!Types.isIterable(value)) {
            throw JinjaException.type("cannot unpack non-iterable " + Types.name(value) + " object");
        }
        List<@Nullable Object> items = new ArrayList<>();
        PyIterator iterator = Iteration.of(value, work);
        for (Object item = iterator.next(); item != PyIterator.END; item = iterator.next()) {
            if (items.size() == count) {
                throw JinjaException.value("too many values to unpack (expected " + count + ")");
            }
            items.add(item);
        }
        if (items.size() < count) {
            throw JinjaException.value(
                    "not enough values to unpack (expected " + count + ", got " + items.size() + ")");
        }
        return items;
    }

    private Flow with(Node.With with, Frame frame) throws JinjaException {
        Frame inner = begin(frame.inside(scopes.of(with)));
        expressions.at(with.line());
        for (int i = 0; i < with.targets().size(); i++) {
            assign(with.targets().get(i), expressions.value(with.values().get(i), frame), inner);
        }
        Flow flow = evaluate(with.body(), inner);
        inner.end();
        return flow;
    }

    // loops

    private void loop(Node.For loop, Frame frame) throws JinjaException {
        expressions.at(loop.line());
        Object items = expressions.value(loop.items(), frame);
        if (loop.recursive()) {
            write(recursion(loop, items, frame, 0));
        } else {
            run(loop, items, frame, null, 0);
        }
    }

    /** One level of a recursive loop, which is a function. */
    private String recursion(Node.For loop, @Nullable Object items, Frame frame, int depth) throws JinjaException {
        work.enter();
        Captured level = captured(() -> {
            run(loop, items, frame.function(TemplateSymbols.inside(null)), frame, depth);
            return Flow.NORMAL;
        });
        work.leave();
        return level.text();
    }

    /**
     * Runs a loop.
     *
     * @param outer  where its variables live: the scope around it, or the function of a recursive loop
     * @param caller the scope around a recursive loop, else null
     */
    private void run(Node.For loop, @Nullable Object items, Frame outer, @Nullable Frame caller, int depth)
            throws JinjaException {
        Scopes.LoopScopes scope = scopes.of(loop);
        Frame body = outer.inside(scope.body());
        PyIterator all = Iteration.of(items, work);
        PyIterator iterator = loop.condition() == null ? all : selected(loop, loop.condition(), all, outer);
        Loop.Recursion recursion = caller == null ? null : (deeper, below) -> recursion(loop, deeper, caller, below);
        Object source = loop.condition() == null ? items : iterator;
        Loop position = new Loop(source, iterator, depth, recursion, work);
        boolean empty = true;
        Flow flow = Flow.NORMAL;
        while (flow != Flow.BREAK && position.advance()) {
            work.step();
            work.charge(1);
            assign(loop.target(), position.current(), body);
            if (scope.extended()) {
                body.set("loop", position);
            }
            begin(body);
            flow = evaluate(loop.body(), body);
            empty &= flow != Flow.NORMAL; // so it is in jinja2: only a whole turn counts
        }
        body.end();
        if (empty && !loop.otherwise().isEmpty()) {
            Frame otherwise = begin(outer.inside(scope.otherwise()));
            evaluate(loop.otherwise(), otherwise);
            otherwise.end();
        }
    }

    /** The items for which the condition of a loop holds, found as they are asked for. */
    private PyIterator selected(Node.For loop, Expression condition, PyIterator items, Frame outer) {
        Frame frame = outer.function(scopes.of(loop).condition());
        boolean[] begun = {false};
        return PyIterator.generator(work, () -> {
            if (!begun[0]) {
                begun[0] = true;
                begin(frame);
            }
            for (Object item = items.next(); item != PyIterator.END; item = items.next()) {
                work.step();
                assign(loop.target(), item, frame);
                if (Types.isTrue(expressions.value(condition, frame))) {
                    return packed(loop.target(), frame);
                }
            }
            return PyIterator.END;
        });
    }

    /** The item again: jinja2's generator takes it apart and gives what the variables hold then, lists as tuples. */
    private static @Nullable Object packed(Target target, Frame frame) {
        return switch (target) {
            case Target.Variable variable -> frame.get(variable.name());
            case Target.MemberOf member -> throw new IllegalStateException(member.toString());
            case Target.Several several ->
                new PyTuple(several.targets().stream()
                        .map(part -> packed(part, frame))
                        .toList());
        };
    }

    // macros

    private String run(Macro macro, Map<String, @Nullable Object> arguments) throws JinjaException {
        work.enter();
        Frame frame = macro.frame().function(macro.scope().symbols());
        arguments.forEach(frame::set);
        begin(frame);
        List<String> names = macro.parameters().names();
        List<Expression> defaults = macro.parameters().defaults();
        int required = names.size() - defaults.size();
        for (int i = 0; i < names.size(); i++) {
            if (frame.get(names.get(i)) == Context.MISSING) {
                Object value = i < required
                        ? Undefined.because("parameter '" + names.get(i) + "' was not provided")
                        : expressions.value(defaults.get(i - required), frame);
                frame.set(names.get(i), value);
            }
        }
        int line = expressions.line();
        String text = captured(macro.body(), frame).text();
        expressions.at(line);
        work.leave();
        return text;
    }

    // blocks

    private void block(Node.Block block, Frame frame) throws JinjaException {
        if (block.required()) {
            throw JinjaException.other("Required block '" + block.name() + "' not found")
                    .at(block.line());
        }
        Context before = context;
        if (block.scoped()) {
            Map<String, @Nullable Object> values = new HashMap<>();
            work.chargeObjects(4L * scopes.size());
            frame.symbols().stored().keySet().forEach(name -> {
                Object value = frame.get(name);
                if (value != Context.MISSING) {
                    values.put(name, value);
                }
            });
            context = new Context(before, values);
        }
        run(block);
        context = before;
    }

    private void run(Node.Block block) throws JinjaException {
        Frame inner = new Frame(scopes.of(block), null, new HashMap<>(), false);
        begin(inner);
        if (inner.symbols().own("super") != null) {
            inner.set("super", Undefined.because("there is no parent block called '" + block.name() + "'."));
        }
        evaluate(block.body(), inner);
    }
}
