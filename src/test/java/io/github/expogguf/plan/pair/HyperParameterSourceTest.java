package io.github.expogguf.plan.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Compares the table with the loaders of the pinned llama.cpp, where its source was fetched ({@code native/source.sh}).
 */
class HyperParameterSourceTest {

    private static final Path SOURCE = Path.of("native", "build", "source", "src");

    private static final Pattern READ = Pattern.compile(
            "(?:ml\\.(?:get_key_or_arr|get_key|get_arr_n|get_arr)\\(\\s*(LLM_KV_\\w+)|load_swa_pattern\\(ml)([^;]*)");

    private static String names;
    private static String model;
    private static String classes;
    private static final Map<String, String> BODIES = new HashMap<>(); // class to load_arch_hparams

    @BeforeAll
    static void readSource() throws IOException {
        assumeTrue(Files.isDirectory(SOURCE), "the source of llama.cpp is not there");
        names = read(SOURCE.resolve("llama-arch.cpp"));
        model = read(SOURCE.resolve("llama-model.cpp"));
        classes = read(SOURCE.resolve("models/models.h"));
        try (Stream<Path> files = Files.list(SOURCE.resolve("models"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".cpp")).toList()) {
                String text = read(file);
                for (Matcher method : matches("void (llama_model_\\w+)::load_arch_hparams\\(", text)) {
                    BODIES.put(method.group(1), body(text, method.start()));
                }
            }
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//[^\\n]*", "");
    }

    private static String body(String text, int start) {
        return text.substring(start, text.indexOf("\n}", start));
    }

    private static List<Matcher> matches(String pattern, String text) {
        List<Matcher> all = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        for (int start = 0; matcher.find(start); start = matcher.end()) {
            all.add(Pattern.compile(pattern).matcher(text).region(matcher.start(), text.length()));
            all.getLast().find();
        }
        return all;
    }

    private static Map<String, String> pairs(String pattern, String text) {
        Map<String, String> pairs = new HashMap<>();
        matches(pattern, text).forEach(match -> pairs.put(match.group(1), match.group(2)));
        return pairs;
    }

    /** Architecture to the body of its loader. */
    private static Map<String, String> loaders() {
        Map<String, String> architectures = pairs("\\{\\s*(LLM_ARCH_\\w+)\\s*,\\s*\"([^\"]+)\"", names);
        Map<String, String> bases = pairs("struct (llama_model_\\w+)\\s*:\\s*public (llama_model_\\w+)", classes);
        Map<String, String> loaders = new HashMap<>();
        List<String> waiting = new ArrayList<>();
        String mapping = body(model, model.indexOf("llama_model_mapping("));
        for (Matcher match : matches("case (LLM_ARCH_\\w+):|return new (llama_model_\\w+)", mapping)) {
            if (match.group(1) != null) {
                waiting.add(architectures.get(match.group(1)));
                continue;
            }
            String type = match.group(2);
            while (!BODIES.containsKey(type)) {
                type = bases.get(type);
            }
            for (String architecture : waiting) {
                loaders.put(architecture, BODIES.get(type));
            }
            waiting.clear();
        }
        loaders.remove("clip"); // has no hyper-parameters of its own
        return loaders;
    }

    @Test
    void everyArchitectureIsKnown() {
        assertThat(loaders()).hasSizeGreaterThan(100);
        assertThat(HyperParameterTable.LLAMA_CPP.architectures())
                .containsAll(loaders().keySet());
    }

    @Test
    void everyKeyThatALoaderReadsIsInTheTable() {
        Map<String, String> keys = pairs("\\{\\s*(LLM_KV_\\w+)\\s*,\\s*\"([^\"]+)\"", names);
        TreeSet<String> missing = new TreeSet<>();
        String common = body(model, model.indexOf("void llama_model_base::load_hparams"));
        loaders().forEach((architecture, loader) -> {
            for (Matcher read : matches(READ.pattern(), common + loader)) {
                String key = keys.getOrDefault(
                        read.group(1) == null ? "LLM_KV_ATTENTION_SLIDING_WINDOW_PATTERN" : read.group(1), "");
                String name = key.replace("%s.", "");
                boolean isElsewhere = key.startsWith("general.")
                        || key.startsWith("tokenizer.")
                        || name.equals("vocab_size")
                        || name.matches("(posnet|convnext)\\..*|features_length"); // read for one architecture only
                if (!isElsewhere && !isRead(architecture, name)) {
                    missing.add(architecture + " " + name);
                }
            }
        });
        assertThat(missing).isEmpty();
    }

    private static boolean isRead(String architecture, String name) {
        return HyperParameterTable.LLAMA_CPP
                .row(architecture, name)
                .filter(row -> row.use() != HyperParameterTable.Use.UNREAD)
                .isPresent();
    }

    @Test
    void whatTheLoadersRequireHasNoDefaultAndEverythingElseOne() {
        Map<String, String> keys = pairs("\\{\\s*(LLM_KV_\\w+)\\s*,\\s*\"([^\"]+)\"", names);
        TreeSet<String> wrong = new TreeSet<>();
        loaders().forEach((architecture, loader) -> {
            for (Matcher read : matches(READ.pattern(), loader)) {
                String name =
                        keys.getOrDefault(String.valueOf(read.group(1)), "").replace("%s.", "");
                boolean isOptional = read.group(2).matches("(?s).*,\\s*(false|0|0\\.0f)\\s*\\).*");
                boolean isRequired = HyperParameterTable.LLAMA_CPP
                        .row(architecture, name)
                        .filter(row -> row.missing().equals("required"))
                        .isPresent();
                if (isOptional && isRequired) {
                    wrong.add(architecture + " " + name);
                }
            }
        });
        assertThat(wrong).isEmpty();
    }
}
