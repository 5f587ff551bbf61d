package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JinjaTemplateTest {

    /** Templates with the output that Jinja itself gives for {@link #conversation}. */
    enum Case {
        CHATML(
                """
                {% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content']
                 + '<|im_end|>' + '\\n'}}{% endfor %}
                {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
                """,
                """
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
        LOOP_SET_AND_TRIM(
                """
                {% set loop_messages = messages %}
                {% for message in loop_messages %}
                {% set content = '<|h|>' + message['role'] + '<|/h|>\\n\\n'+ message['content'] | trim + '<|eot|>' %}
                {% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}
                {{ content }}{% endfor %}""",
                """
                <s><|h|>system<|/h|>

                Be brief.<|eot|><|h|>user<|/h|>

                Hi<|eot|><|h|>assistant<|/h|>

                Ho<|eot|><|h|>user<|/h|>

                Bye<|eot|>"""),
        SYSTEM_SLICE_AND_ALTERNATION(
                """
                {%- if messages[0]['role'] == 'system' %}
                    {%- set rest = messages[1:] %}{% set system = messages[0].content %}
                {%- else %}
                    {%- set rest = messages %}{% set system = false %}
                {%- endif %}
                {%- for m in rest %}
                    {%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles') }}{% endif %}
                    {%- if loop.first and system is not false %}{{ '[' ~ system ~ ']' }}{% endif %}
                    {{- m.content.strip() }}{% if not loop.last %};{% endif %}
                {%- endfor %}""",
                "[Be brief.]Hi;Ho;Bye"),
        WHITE_SPACE_CONTROL(
                "{#- a comment -#}\n{%- for m in messages -%}\n    {{- m.role }}: \n    {% if loop.last %}\n  last\n"
                        + "    {% endif %}\n  {{ m.content }}\n{%- endfor %}\n\nend\n",
                "system: \n  Be brief.user: \n   Hi assistant: \n  Houser: \n  last\n  Bye\nend"),
        NAMESPACE_AND_REVERSE(
                """
                {% set ns = namespace(seen=none) %}
                {% for m in messages[::-1] %}
                    {% if ns.seen is none and m.role == 'user' %}
                        {% set ns.seen = m.content %}
                    {% endif %}
                {% endfor %}
                {{ ns.seen }}|{{ messages[-2].content }}""",
                "Bye|Ho"),
        UNDEFINED_AND_DEFAULTS(
                """
                {% if tools is defined and tools %}T{% elif not documents is defined %}D{% endif %}
                {{ missing }}{{ missing | default('x') }}
                {{ 'a' if false else 'b' }}{{ messages[0].tool_calls is undefined }}""",
                "Dx\nbTrue"),
        STRINGS(
                """
                {{ 'a,b'.split(',')[-1] }}{{ '\\n x\\n'.lstrip('\\n') ~ '|' }}{{ 'abc'.startswith('ab') }}
                {{ 'b' in 'abc' }}{{ 'x' not in 'abc' }}{{ 'aXa'.replace('X', '-') | upper }}
                {{ messages | length + 1 }}{{ -1 + 3 }}""",
                "b x\n|True\nTrueTrueA-A\n52"),
        UNUSED_TOOLS(
                """
                {% macro call(x) %}{{ x | tojson(indent=4) }}{% endmacro %}
                {% if tools %}{% for k, v in tools.items() %}{{ call({'a': {}}) }}{% endfor %}{% endif %}
                ok""",
                "ok");

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
        assertThat(JinjaTemplate.parse(example.template).render(conversation())).isEqualTo(example.expected);
    }

    /** Asks Jinja itself, with the settings of transformers, where Python has it. */
    @ParameterizedTest
    @EnumSource
    void expectationsAreJinjas(Case example) throws Exception {
        String program =
                """
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
    void reportsWhatATemplateRaises() {
        assertThatThrownBy(() -> JinjaTemplate.parse("{{ raise_exception('no system role') }}").render(conversation()))
                .isInstanceOfSatisfying(JinjaException.class, e -> assertThat(e.isRaisedByTemplate()).isTrue())
                .hasMessage("no system role");
    }

    @Test
    void namesWhatItDoesNotKnow() throws Exception {
        assertUnsupported("{% include 'x' %}", "'include'");
        assertUnsupported("{{ strftime_now('%Y') }}", "the function 'strftime_now'");
        assertUnsupported("{{ messages | tojson }}", "the filter 'tojson' of a list");
        assertUnsupported("{{ 'a'.format('b') }}", "the method 'format' of a string");
        assertUnsupported("{{ messages }}", "writing a list");
        assertUnsupported("{% for m in messages if m.role == 'user' %}{% endfor %}", "'for' with a condition");
        assertUnsupported("{{ ''.__class__ }}", "a member of a string");
        assertUnsupported("{{ 'a' + 1 }}", "arithmetic on a string");
    }

    @Test
    void refusesTemplatesThatDoNotEnd() {
        List<String> sources = List.of(
                "{{ 'a", "{{ a", "{% if a", "{% if a %}", "{% for a in b %}x", "{# a", "{% endif %}", "{%",
                "{{ {'a': 1 }}");
        for (String source : sources) {
            assertUnsupported(source, "");
        }
    }

    @Test
    void boundsDepthAndWork() {
        assertUnsupported("{{ " + "(".repeat(200) + "1" + ")".repeat(200) + " }}", "more than 32 expressions");
        assertUnsupported("{% if 1 %}".repeat(100) + "{% endif %}".repeat(100), "more than 64 blocks");
        assertUnsupported("{{ 1" + " + 1".repeat(5000) + " }}", "an expression of 10001 tokens");
        assertUnsupported("{% set x = 'ab' %}" + "{% set x = x ~ x %}".repeat(40), "more work than its input explains");
        String loops = "{% for m in messages %}";
        assertUnsupported(loops.repeat(15) + "x" + "{% endfor %}".repeat(15), "more than 262144 steps");
    }

    private static void assertUnsupported(String source, String what) {
        assertThatThrownBy(() -> JinjaTemplate.parse(source).render(conversation()))
                .as(source.substring(0, Math.min(60, source.length())))
                .isInstanceOfSatisfying(JinjaException.class, e -> assertThat(e.isRaisedByTemplate()).isFalse())
                .hasMessageContaining(what);
    }
}
