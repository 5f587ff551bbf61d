package io.github.expogguf.corpus;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Models that say of themselves how they were made. */
public enum BadWrittenRecipe implements BadInput {
    NO_VERSION_OF_LLAMA_CPP(
            "expo.llama_cpp.version", null, "the recipe is incomplete: no string expo.llama_cpp.version"),
    VERSION_THAT_IS_A_NUMBER(
            "expo.version", MetadataValue.ofUint32(1), "the recipe is incomplete: no string expo.version"),
    ALPHA_THAT_IS_AN_INTEGER("expo.alpha", MetadataValue.ofUint32(1), "expo.alpha is of type UINT32, expected FLOAT32"),
    ALPHA_INFINITE(
            "expo.alpha",
            MetadataValue.ofFloat32(Float.POSITIVE_INFINITY),
            "alpha is Infinity, expected a finite number"),
    NO_DIGESTS("expo.sft.sha256", null, "the recipe is incomplete: no strings expo.sft.sha256"),
    DIGEST_THAT_IS_NO_LIST(
            "expo.sft.sha256", MetadataValue.ofString("0"), "the recipe is incomplete: no strings expo.sft.sha256"),
    FILES_THAT_ARE_NUMBERS(
            "expo.aligned.files",
            MetadataValue.ofInt32s(1, 2),
            "the recipe is incomplete: no strings expo.aligned.files"),
    ADAPTER_WITHOUT_FILES(
            "expo.adapter.0.weight",
            MetadataValue.ofFloat32(1),
            "the recipe is incomplete: no strings expo.adapter.0.files"),
    ADAPTER_WITH_A_WEIGHT_THAT_IS_A_TEXT("expo.adapter.0.weight", MetadataValue.ofString("1"), "expo.adapter.0"),
    NO_SUCH_RULE("'--power 9000' is not a rule", "--power 9000"),
    RULE_OF_ESCAPE_SEQUENCES("\\x1b[2J\\u{202e}", "\33[2J\u202e"),
    RULE_THAT_FORGES_A_LINE("'--power\\n  recomputation: ok' is not a rule", "--power\n  recomputation: ok"),
    EXPRESSION_THAT_FORGES_A_LINE("'(\\n  recomputation: ok': Unclosed group", "--rule (\n  recomputation: ok=1"),
    SEED_THAT_FORGES_A_LINE(
            "'--rounding-seed 1\\n  recomputation: ok': the value is not a number",
            "--rounding-seed 1\n  recomputation: ok"),
    RULE_WITHOUT_ALPHA("'a' is not REGEX=ALPHA", "--rule a"),
    RULE_WITH_A_BROKEN_EXPRESSION("Unclosed group", "--rule (=1"),
    RULE_WITH_AN_ENORMOUS_EXPRESSION("is too large", "--rule (((a?){99}){99}){99}=1"),
    TYPE_OF_NO_FILE("expo.rules", "--type Q9_9"),
    TYPE_OF_NO_TENSOR("expo.rules", "--tensor-type a=Q9_9"),
    KEY_WITHOUT_TYPE("expo.rules", "--override-kv a=1"),
    ROUNDING_OF_ANOTHER_KIND("'up' is no rounding", "--rounding up"),
    SEED_OF_LETTERS("expo.rules", "--rounding-seed x"),
    RULES_300000("a recipe of 300004 values in lists, expected at most 262144", repeated(300_000, "")),
    RULES_60000("60000 rules, expected at most 4112", repeated(60_000, "--tensor-type a{%d}=Q8_0")),
    RULES_OF_A_MILLION_CHARACTERS("1048576 characters, expected at most 524288", repeated(1_024, "x".repeat(1_024))),
    RULES_OF_MANY_STATES(
            "the expressions of the rules for types take too long", repeated(4_000, "--tensor-type ^(a?){600}%d=Q8_0"));

    private static final int TENSORS = 1_000;

    private final Map<String, MetadataValue> recipe = goodRecipe();
    private final String words;

    BadWrittenRecipe(String key, MetadataValue value, String words) {
        if (value == null) {
            recipe.remove(key);
        } else {
            recipe.put(key, value);
        }
        this.words = words;
    }

    BadWrittenRecipe(String words, String... rules) {
        recipe.put("expo.rules", MetadataValue.ofStrings(List.of(rules)));
        this.words = words;
    }

    private static String[] repeated(int count, String rule) {
        return IntStream.range(0, count).mapToObj(rule::formatted).toArray(String[]::new);
    }

    private static Map<String, MetadataValue> goodRecipe() {
        Map<String, MetadataValue> recipe = new LinkedHashMap<>();
        recipe.put("general.architecture", MetadataValue.ofString("llama"));
        recipe.put("expo.version", MetadataValue.ofString("0.1.0"));
        recipe.put("expo.llama_cpp.version", MetadataValue.ofString("v0.4.0"));
        recipe.put("expo.alpha", MetadataValue.ofFloat32(0.5f));
        for (String model : List.of("sft", "aligned")) {
            recipe.put("expo." + model + ".files", MetadataValue.ofStrings(List.of(model + ".gguf")));
            recipe.put("expo." + model + ".sha256", MetadataValue.ofStrings(List.of("0".repeat(64))));
        }
        recipe.put("expo.rules", MetadataValue.ofStrings(List.of()));
        return recipe;
    }

    @Override
    public Kind kind() {
        return Kind.WRITTEN_RECIPE;
    }

    @Override
    public Path write(Path directory) throws IOException {
        List<TensorData> tensors = IntStream.range(0, TENSORS)
                .mapToObj(i -> new TensorData(
                        "blk." + i + "." + "a".repeat(40) + ".weight",
                        GgmlType.F32,
                        new Shape(32, 2),
                        new byte[4 * 64]))
                .toList();
        return GgufWriter.writeFile(directory.resolve("recipe.gguf"), new Metadata(recipe), tensors);
    }

    /** Of using the recipe; the file itself is not what it should be. */
    @Override
    public int exitCode() {
        return words.contains("take too long") ? 2 : 7;
    }

    @Override
    public String words() {
        return words;
    }
}
