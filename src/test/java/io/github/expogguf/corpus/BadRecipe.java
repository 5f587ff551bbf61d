package io.github.expogguf.corpus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Recipes in YAML. */
public enum BadRecipe implements BadInput {
    YAML_EMPTY("", ":1: expected keys and values", 2),
    YAML_OF_ONE_WORD("hello", ":1: expected keys and values", 2),
    YAML_LIST("- 1\n- 2\n", ":1: expected keys and values", 2),
    YAML_CUT_OFF("rules: {'a': 1", "no YAML", 2),
    YAML_WITH_A_TAB("alpha: 1\n\ttype: F16", "no YAML", 2),
    YAML_OF_CONTROL_CHARACTERS("\33[2J\u202e: 1", "no YAML", 2),
    YAML_OF_65537_CHARACTERS("#".repeat(65_537), "65537 characters, expected at most 65536", 2),
    YAML_NESTED_100_DEEP("rules: " + "[".repeat(100) + "]".repeat(100), ":1: nested too deep", 2),
    YAML_NESTED_30000_DEEP("rules: " + "[".repeat(30_000), ":1: nested too deep", 2),
    YAML_OF_ALIASES("a: &a [x, x]\nb: &b [*a, *a]\nrules: [*b, *b]\n", ":2: an alias", 2),
    YAML_KEY_TWICE("alpha: 1\nalpha: 2\n", ":2: 'alpha': is there twice", 2),
    YAML_KEY_THAT_IS_A_LIST("[a]: 1\n", ":1: a key that is not a text", 2),
    YAML_OF_A_TYPE_OF_JAVA("alpha: !!javax.script.ScriptEngineManager [x]\n", "'alpha'", 2),
    KEY_UNKNOWN("alhpa: 1\n", ":1: 'alhpa': no such key", 2),
    KEY_OF_ESCAPE_SEQUENCES("\"\\e[2J\\u202e\": 1\n", ":1: '\\x1b[2J\\u{202e}': no such key", 2),
    ALPHA_OF_A_MAPPING("alpha: {a: 1}\n", ":1: 'alpha': expected one value", 2),
    ALPHA_NOT_A_NUMBER("alpha: much\n", ":1: 'alpha': ", 2),
    ALPHA_NAN("alpha: NaN\n", ":1: 'alpha': ", 2),
    ALPHA_BEYOND_FLOATS("alpha: 1e39\n", ":1: 'alpha': ", 2),
    ALPHA_THAT_CLEARS_THE_SCREEN("alpha: \"\\e[2J\\u202e\"\n", "\\x1b[2J\\u{202e}", 2),
    ALPHAS_8000("alpha: [" + "1,".repeat(8_000) + "1]\n", "8,001 alphas with 1 type, expected at most 64 outputs", 2),
    TYPES_4000("type: [" + "F16,".repeat(4_000) + "F16]\n", "with 4,001 types, expected at most 64 outputs", 2),
    TYPE_UNKNOWN("type: Q9_9\n", ":1: 'type': ", 2),
    TYPE_THAT_FORGES_A_LINE("type: \"Q\\nexpo-gguf: done\"\n", "'Q\\nexpo-gguf: done' is not a file type", 2),
    TYPES_OF_TENSORS_IN_A_FILE_OF_FLOATS("type: F16\ntensor-types: {a: Q8_0}\n", "have no effect in F16 files", 2),
    RULE_WITHOUT_ALPHA("rules: [a]\n", ":1: 'rules': 'a' is not REGEX=ALPHA", 2),
    RULE_OF_A_BROKEN_EXPRESSION("rules: {'(': 1}\n", ":1: 'rules': ", 2),
    RULE_OF_A_BACK_REFERENCE("rules: {'(a)\\1': 1}\n", "which expressions for names of tensors do not have", 2),
    RULE_OF_1025_CHARACTERS("rules: ['" + "a".repeat(1_025) + "=1']\n", "1025 characters, expected at most 1024", 2),
    RULE_OF_AN_ENORMOUS_EXPRESSION("rules: {'(((a?){99}){99}){99}': 1}\n", "is too large", 2),
    RULE_OF_NOTHING_OFTEN("rules: {'(" + "()".repeat(400) + "){999}': 1}\n", "is too large", 2),
    RULES_OF_LARGE_EXPRESSIONS(
            "rules:\n" + numbered(2_500, "- '^(a?){600}%d=1'\n"), "the names of the tensors (--rule, --profile)", 2),
    SEED_WITHOUT_ROUNDING("rounding-seed: 1\n", "'rounding-seed' is of use with 'rounding: stochastic' only", 2),
    SEED_NOT_A_NUMBER(
            "rounding: stochastic\nrounding-seed: 1e3\n", ":2: 'rounding-seed': '1e3' is not a whole number", 2),
    ROUNDING_UNKNOWN("rounding: up\n", "is none of auto, nearest, stochastic", 2),
    TRUTH_IN_ANOTHER_LANGUAGE("pure: oui\n", ":1: 'pure': 'oui' is neither true nor false", 2),
    OVERRIDE_WITHOUT_TYPE("override-kv: [a=1]\n", ":1: 'override-kv': ", 2),
    PROFILE_UNKNOWN("profile: fast\n", ":1: 'profile': 'fast' is not a profile", 2),
    IMATRIX_THAT_IS_ABSENT("imatrix: absent.gguf\n", "absent.gguf", 5),
    IMATRIX_THAT_IS_THE_RECIPE("imatrix: recipe.yaml\n", "recipe.yaml", 3),
    YAML_THAT_IS_NOT_UTF_8("alpha: \u00e9\n".getBytes(StandardCharsets.ISO_8859_1), "not UTF-8 text", 3);

    private final byte[] bytes;
    private final String words;
    private final int exitCode;

    BadRecipe(String text, String words, int exitCode) {
        this(text.getBytes(StandardCharsets.UTF_8), words, exitCode);
    }

    BadRecipe(byte[] bytes, String words, int exitCode) {
        this.bytes = bytes;
        this.words = words;
        this.exitCode = exitCode;
    }

    private static String numbered(int count, String pattern) {
        return IntStream.range(0, count).mapToObj(pattern::formatted).collect(Collectors.joining());
    }

    @Override
    public Kind kind() {
        return Kind.RECIPE;
    }

    @Override
    public Path write(Path directory) throws IOException {
        return Files.write(directory.resolve("recipe.yaml"), bytes);
    }

    @Override
    public int exitCode() {
        return exitCode;
    }

    @Override
    public String words() {
        return words;
    }
}
