package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.infer.jinja.value.JinjaException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JinjaTemplateTest {

    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 29, 7, 5, 3, 0, ZoneOffset.UTC);

    /** Templates with the output that Jinja itself gives for {@link #conversation}. */
    enum Case {
        CHATML("""
                {% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content']
                 + '<|im_end|>' + '\\n'}}{% endfor %}
                {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
                """, """
                <|im_start|>system
                Be brief.<|im_end|>
                <|im_start|>user
                 Hi <|im_end|>
                <|im_start|>assistant
                Ho<|im_end|>
                <|im_start|>user
                Bye<|im_end|>
                <|im_start|>assistant
                """),
        LOOP_SET_AND_TRIM("""
                {% set loop_messages = messages %}
                {% for message in loop_messages %}
                {% set content = '<|h|>' + message['role'] + '<|/h|>\\n\\n'+ message['content'] | trim + '<|eot|>' %}
                {% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}
                {{ content }}{% endfor %}""", """
                <s><|h|>system<|/h|>

                Be brief.<|eot|><|h|>user<|/h|>

                Hi<|eot|><|h|>assistant<|/h|>

                Ho<|eot|><|h|>user<|/h|>

                Bye<|eot|>"""),
        SYSTEM_SLICE_AND_ALTERNATION("""
                {%- if messages[0]['role'] == 'system' %}
                    {%- set rest = messages[1:] %}{% set system = messages[0].content %}
                {%- else %}
                    {%- set rest = messages %}{% set system = false %}
                {%- endif %}
                {%- for m in rest %}
                    {%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles') }}{% endif %}
                    {%- if loop.first and system is not false %}{{ '[' ~ system ~ ']' }}{% endif %}
                    {{- m.content.strip() }}{% if not loop.last %};{% endif %}
                {%- endfor %}""", "[Be brief.]Hi;Ho;Bye"),
        WHITE_SPACE_CONTROL(
                "{#- a comment -#}\n{%- for m in messages -%}\n    {{- m.role }}: \n    {% if loop.last %}\n  last\n"
                        + "    {% endif %}\n  {{ m.content }}\n{%- endfor %}\n\nend\n",
                "system: \n  Be brief.user: \n   Hi assistant: \n  Houser: \n  last\n  Bye\nend"),
        NAMESPACE_AND_REVERSE("""
                {% set ns = namespace(seen=none) %}
                {% for m in messages[::-1] %}
                    {% if ns.seen is none and m.role == 'user' %}
                        {% set ns.seen = m.content %}
                    {% endif %}
                {% endfor %}
                {{ ns.seen }}|{{ messages[-2].content }}""", "Bye|Ho"),
        UNDEFINED_AND_DEFAULTS("""
                {% if tools is defined and tools %}T{% elif not documents is defined %}D{% endif %}
                {{ missing }}{{ missing | default('x') }}
                {{ 'a' if false else 'b' }}{{ messages[0].tool_calls is undefined }}""", "Dx\nbTrue"),
        STRINGS("""
                {{ 'a,b'.split(',')[-1] }}{{ '\\n x\\n'.lstrip('\\n') ~ '|' }}{{ 'abc'.startswith('ab') }}
                {{ 'b' in 'abc' }}{{ 'x' not in 'abc' }}{{ 'aXa'.replace('X', '-') | upper }}
                {{ messages | length + 1 }}{{ -1 + 3 }}""", "b x\n|True\nTrueTrueA-A\n52"),
        UNUSED_TOOLS("""
                {% macro call(x) %}{{ x | tojson(indent=4) }}{% endmacro %}
                {% if tools %}{% for k, v in tools.items() %}{{ call({'a': {}}) }}{% endfor %}{% endif %}
                ok""", "ok");

        private final String template;
        private final String expected;

        Case(String template, String expected) {
            this.template = template;
            this.expected = expected;
        }
    }

    private static Map<String, Object> conversation() {
        Map<String, Object> variables = new HashMap<>();
        variables.put(
                "messages",
                List.of(
                        Map.of("role", "system", "content", "Be brief."),
                        Map.of("role", "user", "content", " Hi "),
                        Map.of("role", "assistant", "content", "Ho"),
                        Map.of("role", "user", "content", "Bye")));
        variables.put("add_generation_prompt", true);
        variables.put("bos_token", "<s>");
        variables.put("eos_token", "</s>");
        return variables;
    }

    @ParameterizedTest
    @EnumSource
    void rendersAsJinjaDoes(Case example) throws Exception {
        assertThat(JinjaTemplate.parse(example.template).render(conversation(), NOW))
                .isEqualTo(example.expected);
    }

    /** Asks Jinja itself, with the settings of transformers, where Python has it. */
    @ParameterizedTest
    @EnumSource
    void expectationsAreJinjas(Case example) throws Exception {
        String program = """
                import sys
                try:
                    from jinja2.sandbox import ImmutableSandboxedEnvironment
                except ImportError:
                    sys.exit(77)
                environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
                messages = [dict(role='system', content='Be brief.'), dict(role='user', content=' Hi '),
                            dict(role='assistant', content='Ho'), dict(role='user', content='Bye')]
                sys.stdout.buffer.write(environment.from_string(sys.stdin.buffer.read().decode()).render(
                    messages=messages, add_generation_prompt=True, bos_token='<s>', eos_token='</s>').encode())
                """;
        Process python;
        try {
            python = new ProcessBuilder("python3", "-c", program)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (java.io.IOException e) {
            assumeTrue(false, "skipped: no python3");
            return;
        }
        try (var input = python.getOutputStream()) {
            input.write(example.template.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = python.waitFor();
        assumeTrue(code != 77, "skipped: python3 has no jinja2");
        assertThat(code).isZero();
        assertThat(output).isEqualTo(example.expected);
    }

    @Test
    void reportsWhatATemplateRaises() throws Exception {
        JinjaTemplate template = JinjaTemplate.parse("{{ raise_exception('no system role') }}");
        assertThatThrownBy(() -> template.render(conversation(), NOW))
                .isInstanceOfSatisfying(
                        JinjaException.class,
                        e -> assertThat(e.isRaisedByTemplate()).isTrue())
                .hasMessage("no system role");
    }

    @Test
    void namesWhatItDoesNotKnow() {
        assertRefused("{% include 'x' %}", "the template tag 'include'", 1);
        assertRefused("\n{% import 'x' as y %}", "the template tag 'import'", 2);
        assertRefused("{{ 'a' | lipsum }}", "No filter named 'lipsum'.", 1);
        assertRefused("{{ lipsum() }}", "the function 'lipsum' is not supported", 1);
        assertRefused("{{ [1] | random }}", "the filter 'random' is not supported", 1);
        assertRefused("{{ 'a'.encode() }}", "the method 'encode' of 'str' is not supported", 1);
        assertRefused("{{ messages | map('upper') }}", "writing a generator", 1);
        assertRefused("{% autoescape true %}{% endautoescape %}", "the template tag 'autoescape'", 1);
    }

    @Test
    void saysWhereATemplateFails() {
        assertRefused("a\n{{ x.y }}\n", "'x' is undefined", 2);
        assertRefused("a\n{% if\n true %}\n{{ 'a' + 1 }}{% endif %}", "can only concatenate str", 4);
        assertRefused("{% macro f() %}\n{{ 1 // 0 }}{% endmacro %}\n\n{{ f() }}", "division", 2);
        assertRefused("{# a\nb #}{%- set x = %}", "Expected an expression, got 'end of statement block'", 2);
    }

    @Test
    void refusesTemplatesThatDoNotEnd() {
        List<String> sources = List.of(
                "{{ 'a",
                "{{ a",
                "{% if a",
                "{% if a %}",
                "{% for a in b %}x",
                "{# a",
                "{% endif %}",
                "{%",
                "{{ {'a': 1 }}");
        for (String source : sources) {
            assertRefused(source, "", 1);
        }
    }

    @Test
    void boundsDepthAndWork() {
        assertRefused("{{ " + "(".repeat(200) + "1" + ")".repeat(200) + " }}", "more than 64 expressions", 1);
        assertRefused("{{ " + "not ".repeat(200) + "1 }}", "more than 64 expressions", 1);
        assertRefused("{{ " + "-".repeat(200) + "1 }}", "more than 64 expressions", 1);
        assertRefused("{{ x" + ".a".repeat(5000) + " }}", "more than 200 operations in a chain", 1);
        assertRefused("{{ 1" + " if 1".repeat(5000) + " }}", "more than 200 operations in a chain", 1);
        assertRefused("{% if 1 %}".repeat(100) + "{% endif %}".repeat(100), "more than 64 blocks", 1);
        assertRefused("{% set x = 'ab' %}" + "{% set x = x ~ x %}".repeat(40), "more work than its input explains", 1);
        String loops = "{% for m in messages %}";
        assertRefused(loops.repeat(15) + "x" + "{% endfor %}".repeat(15), " steps", 1);
    }

    @Test
    void takesLongChainsOfOperators() throws Exception {
        String sum = "{{ 1" + " + 1".repeat(5000) + " }}";
        assertThat(JinjaTemplate.parse(sum).render(Map.of(), NOW)).isEqualTo("5001");
    }

    private static void assertRefused(String source, String words, int line) {
        assertThatThrownBy(() -> JinjaTemplate.parse(source).render(conversation(), NOW))
                .as(source.substring(0, Math.min(60, source.length())))
                .isInstanceOfSatisfying(JinjaException.class, e -> {
                    assertThat(e.isRaisedByTemplate()).isFalse();
                    assertThat(e.line()).isEqualTo(line);
                })
                .hasMessageContaining(words);
    }
}
