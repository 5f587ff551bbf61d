package io.github.expogguf.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which option each of two or three files goes behind, for every kind of file that people have of one model. */
class DoctorTableTest {

    private static final Path FOLDERS = Path.of("src/test/resources/folders");
    private static final Set<String> FINE = Set.of("sft.gguf", "dpo.gguf", "shard");
    private static final Set<String> COARSE = Set.of("sft-q4.gguf", "dpo-q4.gguf");
    private static final Set<String> IN_SAFETENSORS = Set.of("sft", "aligned");
    private static final Set<String> ADAPTERS = Set.of("lora", "peft");

    @TempDir
    static Path directory;

    private static final Map<String, Path> FILES = new LinkedHashMap<>();

    @BeforeAll
    static void writeFiles() throws IOException {
        Path sft = FOLDERS.resolve("llama/sft");
        Path like = FOLDERS.resolve("llama/like.gguf");
        FILES.put("sft", sft);
        FILES.put("aligned", FOLDERS.resolve("llama/aligned"));
        FILES.put("peft", FOLDERS.resolve("adapters/llama_plain"));
        make("sft.gguf", "sft.gguf", "quantize", "-m", sft, "--like", like, "--type", "F16");
        make("dpo.gguf", "dpo.gguf", "quantize", "-m", like, "--type", "F16", "--allow-requantize");
        make("sft-q4.gguf", "sft-q4.gguf", "quantize", "-m", FILES.get("sft.gguf"), "--type", "Q4_0");
        make("dpo-q4.gguf", "dpo-q4.gguf", "quantize", "-m", FILES.get("dpo.gguf"), "--type", "Q4_0");
        FILES.put("shard", shard(FILES.get("dpo.gguf")));
        make(
                "lora.gguf",
                "lora",
                "export-lora",
                "--sft",
                FILES.get("sft.gguf"),
                "--aligned",
                FILES.get("dpo.gguf"),
                "--rank",
                "2");
        FILES.put("imatrix", imatrix(like));
        FILES.put(
                "mmproj",
                TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1))
                        .with("general.type", MetadataValue.ofString("mmproj"))
                        .write(directory.resolve("mmproj.gguf"), TensorValues.random(1)));
    }

    private static void make(String file, String name, Object... words) {
        Path output = directory.resolve(file);
        Ran ran = Ran.run(
                Stream.concat(Arrays.stream(words), Stream.of("-o", output)).toArray());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        FILES.put(name, output);
    }

    private static Path shard(Path model) throws IOException {
        try (Extrapolator opened = Extrapolator.open(model)) {
            opened.write(
                    PlanOptions.builder().build(),
                    directory.resolve("split.gguf"),
                    OutputOptions.defaults().withSplitMaxBytes(Files.size(model) * 2 / 3));
        }
        return directory.resolve("split-00002-of-00002.gguf");
    }

    private static Path imatrix(Path model) throws IOException {
        List<TensorSpec> sums = new ArrayList<>();
        try (GgufModel opened = GgufModel.open(model)) {
            for (TensorInfo tensor : opened.header().tensors()) {
                if (tensor.shape().rank() > 1) {
                    Shape columns = new Shape(tensor.shape().rowLength());
                    sums.add(new TensorSpec(tensor.name() + ".in_sum2", GgmlType.F32, columns));
                    sums.add(new TensorSpec(tensor.name() + ".counts", GgmlType.F32, new Shape(1)));
                }
            }
        }
        Map<String, MetadataValue> metadata = Map.of(
                "general.type", MetadataValue.ofString("imatrix"),
                "imatrix.datasets", MetadataValue.ofStrings(List.of("text.txt")),
                "imatrix.chunk_count", MetadataValue.ofUint32(1),
                "imatrix.chunk_size", MetadataValue.ofUint32(512));
        return new TinyModel(new Metadata(metadata), sums).write(directory.resolve("imatrix.gguf"), tensor -> {
            float[] ones = new float[(int) tensor.shape().elementCount()];
            Arrays.fill(ones, 1);
            return ones;
        });
    }

    private static Ran doctor(List<String> names) {
        return Ran.run(Stream.concat(
                        Stream.concat(Stream.of("doctor"), names.stream().map(FILES::get)), Stream.of("--json"))
                .toArray());
    }

    private static List<String> next(Ran ran) {
        return ran.json().getAsJsonArray("next").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    /** Names of the files by their options. */
    private static Map<String, String> options(String line) {
        List<String> words = List.of(line.replace("'", "").split(" "));
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < words.size(); i++) {
            String option = words.get(i);
            Path value = Path.of(words.get(i + 1));
            FILES.forEach((name, file) -> {
                if (file.equals(value)) {
                    options.put(option, name);
                }
            });
        }
        return options;
    }

    @ParameterizedTest
    @CsvSource({
        "sft.gguf dpo.gguf, --sft sft.gguf --aligned dpo.gguf",
        "dpo.gguf sft.gguf, --sft sft.gguf --aligned dpo.gguf",
        "sft.gguf shard, --sft sft.gguf --aligned shard",
        "sft dpo.gguf, --sft sft --aligned dpo.gguf",
        "sft shard, --sft sft --aligned shard",
        "sft.gguf aligned, --sft sft.gguf --aligned aligned --like sft.gguf",
        "sft aligned dpo-q4.gguf, --sft sft --aligned aligned --like dpo-q4.gguf",
        "sft aligned sft.gguf, --sft sft --aligned aligned --like sft.gguf",
        "sft.gguf lora, --sft sft.gguf --adapter lora",
        "peft sft.gguf, --sft sft.gguf --adapter peft",
        "sft-q4.gguf peft, --sft sft-q4.gguf --adapter peft",
        "sft peft sft.gguf, --sft sft --adapter peft --like sft.gguf",
        "sft.gguf peft sft, --sft sft --adapter peft --like sft.gguf",
        "sft lora sft-q4.gguf, --sft sft --adapter lora --like sft-q4.gguf",
        "sft lora dpo-q4.gguf, --sft sft --adapter lora --like dpo-q4.gguf",
        "sft.gguf lora sft-q4.gguf, --sft sft.gguf --adapter lora",
        "sft.gguf lora dpo.gguf, --sft sft.gguf --adapter lora",
        "aligned lora sft.gguf, --sft sft.gguf --adapter lora",
        "sft.gguf dpo.gguf mmproj, --sft sft.gguf --aligned dpo.gguf",
        "sft.gguf dpo.gguf imatrix, --sft sft.gguf --aligned dpo.gguf --imatrix imatrix",
        "sft.gguf peft imatrix, --sft sft.gguf --adapter peft --imatrix imatrix"
    })
    void filesGoBehindTheirOptions(String names, String expected) {
        Ran ran = doctor(List.of(names.split(" ")));

        assertThat(ran.exitCode()).as(ran.out()).isZero();
        List<String> words = List.of(expected.split(" "));
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < words.size(); i += 2) {
            options.put(words.get(i), words.get(i + 1));
        }
        assertThat(options(next(ran).getLast())).as(next(ran).getLast()).isEqualTo(options);
    }

    /** Of all twos and threes, whatever is advised. */
    @Test
    void everyCommandIsAcceptedAndNamesEachFileBehindItsOption() {
        List<String> names = List.copyOf(FILES.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                assertRight(List.of(names.get(i), names.get(j)));
                for (int k = j + 1; k < names.size(); k++) {
                    assertRight(List.of(names.get(i), names.get(j), names.get(k)));
                }
            }
        }
    }

    private static void assertRight(List<String> names) {
        Ran ran = doctor(names);
        for (String line : next(ran)) {
            Map<String, String> options = options(line);
            if (line.startsWith("expo-gguf extrapolate ")) {
                assertThat(ran.exitCode()).as(line).isZero();
                assertRight(names, line, options);
                List<Object> words =
                        new ArrayList<>(List.of((Object[]) line.replace("'", "").split(" ")));
                words.removeFirst();
                words.add("--dry-run");
                assertThat(Ran.run(words.toArray()).exitCode()).as(line).isZero();
            } else if (line.startsWith("expo-gguf chat ")) {
                assertThat(options.keySet()).as(line).containsExactlyInAnyOrder("--sft", "--aligned");
                assertThat(options.values()).as(line).noneMatch(IN_SAFETENSORS::contains);
            } else {
                assertThat(line).matches("(?s)(mkdir|hf download|expo-gguf (doctor|presets)).*");
            }
        }
    }

    private static void assertRight(List<String> names, String line, Map<String, String> options) {
        boolean isAdapted = names.stream().anyMatch(ADAPTERS::contains);
        String sft = options.get("--sft");
        String aligned = options.get("--aligned");
        assertThat(options.keySet())
                .as(line)
                .isSubsetOf("--sft", "--aligned", "--adapter", "--like", "--imatrix")
                .contains("--sft", isAdapted ? "--adapter" : "--aligned")
                .doesNotContain(isAdapted ? "--aligned" : "--adapter");
        assertThat(names).containsAll(options.values());
        assertThat(options.get("--imatrix")).as(line).isEqualTo(names.contains("imatrix") ? "imatrix" : null);
        assertThat(FINE.contains(sft) || IN_SAFETENSORS.contains(sft) || (isAdapted && COARSE.contains(sft)))
                .as(line)
                .isTrue();
        assertThat(aligned == null || FINE.contains(aligned) || IN_SAFETENSORS.contains(aligned))
                .as(line)
                .isTrue();
        assertThat(aligned).as(line).isNotEqualTo(sft);
        assertThat(isAdapted ? ADAPTERS.contains(options.get("--adapter")) : aligned != null)
                .as(line)
                .isTrue();
        boolean needsTemplate = IN_SAFETENSORS.contains(isAdapted ? sft : aligned);
        String like = options.get("--like");
        assertThat(like != null).as(line).isEqualTo(needsTemplate);
        assertThat(like == null || FINE.contains(like) || COARSE.contains(like))
                .as(line)
                .isTrue();
    }
}
