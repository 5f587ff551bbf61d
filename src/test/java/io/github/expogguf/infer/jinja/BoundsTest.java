package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.fuzz.Bounds;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Work;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Templates that ask for more than there is, in every way that was found: for little, of bounds that are small, too, so
 * that other programs finish them.
 */
final class BoundsTest {

    private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-11-29T07:05:03Z");

    private static final long CHARACTERS = 1 << 14;
    private static final long STEPS = 1 << 12;
    private static final long ANY_STEPS = Long.MAX_VALUE;

    /** Operations on a text of a thousand characters. */
    private static final List<String> OF_TEXTS = List.of(
            "x|upper",
            "x|title",
            "x.title()",
            "x.swapcase()",
            "x.casefold()",
            "x|capitalize",
            "x.strip('ab')",
            "x.replace('','b')",
            "x.split('a')",
            "x.split()",
            "x.splitlines()",
            "x|list",
            "x[::-1]",
            "x[5]",
            "x[1:]",
            "x|length",
            "'aab' * 10 in x",
            "x.find('aab' * 100)",
            "x.center(2000)",
            "x|indent",
            "x|wordcount",
            "x|tojson",
            "[x]|string",
            "x|e",
            "x|urlencode",
            "x|striptags",
            "x|int",
            "x|float",
            "x.isalpha()",
            "x ~ x",
            "x * 3",
            "x == x ~ ''",
            "x < x ~ ''",
            "x is lower",
            "x|unique|list",
            "x|sort",
            "x|join(',')",
            "x|batch(2)|list",
            "x|map('upper')|join",
            "x|min",
            "('\t' * 100).expandtabs(100)",
            "x.zfill(3000)",
            "'%s%s' % (x, x)",
            "'{}{}'.format(x, x)",
            "'%5000s' % x",
            "'{:5000}'.format(x)",
            "'{:.5000f}'.format(1.5)",
            "'%.5000f' % 1.5",
            "'{:05000,}'.format(1)",
            "x|safe + x",
            "x|truncate(10)",
            "{(x, x): 1}",
            "dict([(x, x)])",
            "[x]|tojson(indent=5000)",
            "strftime_now(x)",
            "strftime_now('%5000Y')",
            "strftime_now('%c' * 100)",
            "[1]|batch(3000, 1)|list",
            "[1]|slice(3000)|list",
            "1 if x else 2",
            "x.encode");

    /** Operations on a list of a hundred numbers. */
    private static final List<String> OF_LISTS = List.of(
            "l|sort",
            "l|sort(reverse=true)",
            "l|reverse|list",
            "l|unique|list",
            "l|sum",
            "l|map('string')|join(',')",
            "l + l",
            "l * 3",
            "l[::-1]",
            "99 in l",
            "l.index(99)",
            "l.count(5)",
            "l == l[:]",
            "l < l[:]",
            "l|tojson",
            "l|string",
            "l|batch(3)|list",
            "l|slice(7)|list",
            "l|groupby('real')",
            "l|select('odd')|list",
            "l|map(attribute='real')|list",
            "l|last",
            "dict(l|batch(2))",
            "(l|batch(2)|list)|sort",
            "cycler(*l)",
            "99.5 in l",
            "'a' in range(100)",
            "l|map('default', l)|list");

    /** Bodies that a loop repeats without end. */
    private static final List<String> REPEATED = List.of(
            "{{ i }}{{ loop.last }}",
            "{{ [i, i, i] }}",
            "{{ {'a': i} }}",
            "{{ '%.300f' % 1e308 }}",
            "{{ 1e308|round(300) }}",
            "{% set x %}a{% endset %}",
            "{{ namespace(a=1) }}",
            "{{ [3, 1, 2]|sort }}",
            "{% macro f(a, b=1) %}{{ a }}{% endmacro %}{{ f(i) }}",
            "{{ i|tojson }}",
            "{{ i / 7 }}",
            "{% set y = 7 ** 20000 % i %}",
            "{{ '%x' % 7 ** 5000 }}",
            "{{ (7 ** 5000)|string }}",
            "{{ 7 ** 20000 < 7 ** 20000 + 0.5 }}",
            "{% block b scoped %}{% endblock %}",
            "{% if 0 %}" + sets(1_000) + "{% endif %}");

    /** Macros that call each other, a little deeper than they may. */
    private static final String CALLS = "{% macro f() %}{{ caller() }}{% endmacro %}"
            + "{% macro g(n) %}{% call f() %}{% if n < 300 %}{{ g(n + 1) }}{% endif %}{% endcall %}{% endmacro %}{{ g(0) }}";

    /** Templates that need no loop around them. */
    private static final List<String> OTHERS = List.of(
            doubled("[]", "[x, x]") + "{{ x == x[:] }}" + "{{ x|tojson(indent=9) }}",
            doubled("()", "(x, x)") + "{{ {x: 1} }}",
            nested("[]", "[n.x]") + "{{ n.x }}",
            nested("[]", "[n.x]") + "{{ n.x|tojson }}",
            nested("[]", "[n.x]") + "{{ n.x == [n.x] }}",
            nested("()", "(n.x,)") + "{{ {n.x: 1} }}",
            nested("1", "n.x * 7"),
            nested(18, "3", "n.x ** 2"),
            nested("''", "n.x ~ i"),
            nested("[]", "n.x + [i]"),
            nested("{}", "dict(n.x, **{i|string: i})"),
            nested(600, "[1]", "n.x|map('string')") + "{{ n.x|list }}",
            nested(600, "[1]", "n.x|select") + "{{ n.x|list }}",
            nested(600, "[1]", "n.x|batch(1)") + "{{ n.x|list }}",
            nested(600, "[1]", "n.x|unique") + "{{ n.x|list }}",
            "{% macro f(n) %}{% if n < 300 %}{{ f(n + 1) }}{% endif %}{% endmacro %}{{ f(0) }}",
            "{% macro f(n) %}{% if n < 300 %}{% for a in [1] %}{% set x %}{{ ((f(n + 1))) }}{% endset %}{% endfor %}"
                    + "{% endif %}{% endmacro %}{{ f(0) }}",
            CALLS,
            "{% macro f(n) %}{% if n < 12 %}{{ f(n + 1) }}{{ f(n + 1) }}{% endif %}{% endmacro %}{{ f(0) }}",
            "{% for x in [1] recursive %}{% if loop.depth < 300 %}{{ loop([1]) }}{% endif %}{% endfor %}",
            "{{ 9 ** 9 ** 6 }}",
            "{{ [1]|sort(attribute='a,' * 400000) }}",
            "{{ [1]|map(attribute='a.' * 400000)|list }}",
            "{{ ('%' + ' ' * 900000 + 'd') % 1 }}",
            "{{ ('{0' + '.a' * 400000 + '}').format(1) }}",
            "{{ ('%(' * 300000) % {} }}",
            "{{ ('<!--' * 200000)|striptags }}",
            "{{ " + "1".repeat(500_000) + " }}",
            "{{ 1" + "_1".repeat(200_000) + " }}",
            "{{ [" + "1,".repeat(200_000) + "] }}",
            "{{ 1" + "+1".repeat(1_000) + " }}",
            "{{ x" + "|e".repeat(1_000) + " }}",
            "{{ " + "[".repeat(1_000) + " }}",
            "{{ f(" + names(5_000, "=1") + ") }}",
            "{% macro f(" + names(5_000, "") + ") %}{% endmacro %}",
            "{% for " + "a,".repeat(200_000) + " in b %}{% endfor %}",
            repeated("{% set l = range(100)|list %}", "{{ l.pop(0) }}"),
            ifs(800),
            ifs(1_100),
            "{% for a in b %}".repeat(30) + sets(1_000) + "{% endfor %}".repeat(30),
            "{% if 0 %}" + "{% elif 0 %}{% set x = 1 %}".repeat(3_000) + "{% endif %}",
            "{% raw %}" + ("{%" + " ".repeat(1000)).repeat(500));

    private static String doubled(String first, String next) {
        return "{% set x = " + first + " %}" + ("{% set x = " + next + " %}").repeat(14);
    }

    private static String nested(String first, String next) {
        return nested(200, first, next);
    }

    private static String nested(int times, String first, String next) {
        return "{% set n = namespace(x=" + first + ") %}{% for i in range(" + times + ") %}{% set n.x = " + next
                + " %}{% endfor %}";
    }

    private static String names(int count, String value) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("a" + i + value);
        }
        return String.join(",", names);
    }

    private static String sets(int count) {
        return "{% set " + names(count, " = 1 %}{% set ").replace(",", "") + "z = 1 %}";
    }

    private static String ifs(int count) {
        return "{% if z %}{% set "
                + names(count, " = 1 %}{% endif %}{% if z %}{% set ").replace(",", "") + "z = 1 %}{% endif %}";
    }

    private static String repeated(String before, String body) {
        return before + "{% for i in range(30) %}{% for j in range(30) %}" + body + "{% endfor %}{% endfor %}";
    }

    static Stream<String> loops() {
        Stream<String> texts = OF_TEXTS.stream()
                .flatMap(operation -> Stream.of("{% set x = 'ab' * 500 %}", "{% set x = 'é𝔘\n' * 200 %}")
                        .map(text -> repeated(text, "{% set y = " + operation + " %}")));
        Stream<String> lists = OF_LISTS.stream()
                .map(operation -> repeated("{% set l = range(100)|list %}", "{% set y = " + operation + " %}"));
        return Stream.of(texts, lists, REPEATED.stream().map(body -> repeated("", body)))
                .flatMap(group -> group);
    }

    /** As each operation counts what it looks at and makes, and not its step alone. */
    @ParameterizedTest(name = "{index}")
    @MethodSource("loops")
    void whatALoopRepeatsIsRefusedWhateverItsSteps(String template) {
        Bounds.check(() -> assertThatThrownBy(
                        () -> JinjaTemplate.parse(template).render(Map.of(), NOW, new Work(CHARACTERS, ANY_STEPS)))
                .as(template)
                .hasMessageContaining("more work than its input explains"));
    }

    static Stream<String> others() {
        return OTHERS.stream();
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("others")
    void endsSoonAndWithinMemory(String template) {
        Bounds.check(() -> {
            try {
                JinjaTemplate.parse(template).render(Map.of(), NOW, new Work(CHARACTERS, STEPS));
            } catch (JinjaException refusal) {
                assertThat(refusal.kind()).as(refusal.getMessage()).isNotEqualTo(JinjaException.Kind.UNSUPPORTED);
            }
        });
    }

    @Test
    void aThreadWithASmallStackRefusesRatherThanOverflows() throws Exception {
        JinjaTemplate template = JinjaTemplate.parse(CALLS);
        Throwable[] thrown = {null};
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        template.render(Map.of(), NOW);
                    } catch (Throwable e) {
                        thrown[0] = e;
                    }
                },
                "small",
                128 << 10);
        thread.start();
        thread.join();
        assertThat(thrown[0]).isInstanceOf(JinjaException.class).hasMessageContaining("inside each other");
    }

    @Test
    void aLongConversationIsNoReasonToRefuse() throws Exception {
        List<Map<String, Object>> messages = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            messages.add(Map.of("role", i % 2 == 0 ? "user" : "assistant", "content", "some words ".repeat(50)));
        }
        String template = "{% macro render(m) %}{{ m.content | trim }}{% endmacro %}{% for m in messages %}"
                + "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles') }}{% endif %}"
                + "{{ '<|im_start|>' + m['role'] + '\n' + render(m).split('</think>')[-1].lstrip('\n') }}<|im_end|>"
                + "{% endfor %}";
        assertThat(JinjaTemplate.parse(template).render(Map.of("messages", messages), NOW))
                .hasSizeGreaterThan(2_000_000);
    }

    @Test
    void saysWhichBoundWasMet() {
        assertThatThrownBy(() -> JinjaTemplate.parse("x".repeat(600_000)))
                .hasMessage("a template of 600000 characters, more than 524288");
        assertThatThrownBy(() -> JinjaTemplate.parse(ifs(1_100))).hasMessageContaining("variables beside");
    }
}
