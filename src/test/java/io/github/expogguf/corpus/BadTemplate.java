package io.github.expogguf.corpus;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model that answers, with a chat template that somebody else wrote. */
public enum BadTemplate implements BadInput {
    CUT_OFF("{% for m in messages %}{{ m.content", "unexpected end of template, expected 'end of print statement'"),
    LOOP_WITHOUT_END("{% for m in messages %}{{ m.content }}", "endfor"),
    CLASSES_OF_PYTHON(
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "access to attribute '__class__' of 'str' object is unsafe"),
    GLOBALS_OF_PYTHON(
            "{{ messages.__init__.__globals__ }}", "access to attribute '__init__' of 'list' object is unsafe"),
    IMPORT("{% import 'os' as os %}{{ os }}", "import"),
    INCLUDED_FILE("{% include '/etc/passwd' %}", "include"),
    EMPTY("", "is empty"),
    DEAF("{% for m in messages %}[{{ m.role }}]{% endfor %}", "leaves out what the user says"),
    CHANGED_LIST("{{ messages.append(1) }}", "access to attribute 'append' of 'list' object is unsafe"),
    REFUSAL("{{ raise_exception('roles must alternate') }}", "refuses the conversation: roles must alternate"),
    REFUSAL_THAT_CLEARS_THE_SCREEN("{{ raise_exception('\33[2J\u202eno') }}", "\\x1b[2J\\u{202e}no"),
    ENDLESS_LOOP(
            "{% set x = ',,,,,,,,'.split(',') %}" + "{% for a in x %}".repeat(6) + "{% endfor %}".repeat(6), "steps"),
    RANGE_ABOVE_THE_LIMIT("{{ range(100001) | length }}", "Range too big"),
    DOUBLED_TEXT(
            "{% set x = 'aaaaaaaaaaaaaaaa' %}" + "{% set x = x + x %}".repeat(21) + "{{ x }}",
            "more work than its input explains"),
    REPLACED_TEXT(
            "{% set x = 'aaaaaaaa' %}" + "{% set x = x.replace('a', x) %}".repeat(3) + "{{ x }}",
            "more work than its input explains"),
    REPEATED_TEXT("{{ 'x' * 30000000 }}", "more work than its input explains"),
    WIDE_NUMBER("{{ '%30000000d' % 1 }}", "more work than its input explains"),
    ENORMOUS_POWER("{{ 9 ** 30000 }}", "65536 bits"),
    MACRO_THAT_CALLS_ITSELF(
            "{% macro f(n) %}{% if n < 300 %}{{ f(n + 1) }}{% endif %}{% endmacro %}{{ f(0) }}", "inside each other"),
    LIST_OF_ITSELF_AND_ITSELF(
            "{% set x = 'a' %}" + "{% set x = [x, x] %}".repeat(20) + "{{ x }}", "more work than its input explains"),
    NESTED_BLOCKS("{% if true %}".repeat(80) + "{% endif %}".repeat(80), "64 blocks inside each other"),
    NESTED_PARENTHESES("{{ " + "(".repeat(1_000) + "1" + ")".repeat(1_000) + " }}", "expressions inside each other"),
    TWO_MILLION_CHARACTERS("x".repeat(2_000_000), "characters"),
    DIVISION_BY_ZERO("{{ 1 // 0 }}", "division or modulo by zero");

    private static final Path MODEL = Path.of("src/demo/guide-sft-f16.gguf");
    private static final String KEY = "tokenizer.chat_template";

    private final String template;
    private final String words;

    BadTemplate(String template, String words) {
        this.template = template;
        this.words = words;
    }

    @Override
    public Kind kind() {
        return Kind.TEMPLATE;
    }

    @Override
    public Path write(Path directory) throws IOException {
        try (GgufModel model = GgufModel.open(MODEL)) {
            Map<String, MetadataValue> values =
                    new LinkedHashMap<>(model.header().metadata().asMap());
            values.put(KEY, MetadataValue.ofString(template));
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : model.header().tensors()) {
                tensors.add(new TensorData(tensor.name(), tensor.type(), tensor.shape(), bytes(model, tensor)));
            }
            return GgufWriter.writeFile(directory.resolve("template.gguf"), new Metadata(values), tensors);
        }
    }

    private static byte[] bytes(GgufModel model, TensorInfo tensor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(tensor.byteCount());
            model.read(tensor, 0, bytes);
            return bytes.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public int exitCode() {
        return 6;
    }

    @Override
    public String words() {
        return words;
    }
}
