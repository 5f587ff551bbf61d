package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.Main;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The loaded version of llama.cpp beside the others of the range, each in a process of its own; {@code make
 * test-versions} names the directory with their libraries.
 */
@EnabledIfSystemProperty(named = AcrossVersionsTest.VERSIONS, matches = ".+")
class AcrossVersionsTest {

    static final String VERSIONS = "expo.gguf.test.versions";

    private static final String ROUNDS = "20"; // 20,480 super-blocks of each type

    @TempDir
    Path directory;

    /** Directories with libraries, by release. */
    private static Map<String, Path> versions() throws IOException {
        Map<String, Path> versions = new LinkedHashMap<>();
        List<String> releases = new ArrayList<>(List.of(PinnedVersion.LLAMA_CPP));
        PinnedVersion.older().forEach(version -> releases.add(version.split(",")[0]));
        for (String release : releases) {
            Path version = Path.of(System.getProperty(VERSIONS)).resolve("v" + release);
            try (Stream<Path> platforms = Files.list(version)) {
                platforms
                        .filter(path -> Files.exists(path.resolve("files.txt")))
                        .forEach(path -> versions.put("v" + release, path.toAbsolutePath()));
            }
        }
        assertThat(versions).hasSameSizeAs(releases);
        return versions;
    }

    private static Map<String, String> digests(Path libraries) throws Exception {
        ChildJvm jvm =
                ChildJvm.run(Map.of(), List.of(ChildJvm.WITH_VECTORS), DigestProbe.class, libraries.toString(), ROUNDS);
        assertThat(jvm.exitCode()).as(jvm.lastWords()).isZero();
        Map<String, String> digests = new LinkedHashMap<>();
        jvm.output().lines().map(line -> line.split(" ")).forEach(words -> digests.put(words[0], words[1]));
        return digests;
    }

    @Test
    void theTypesWhoseBytesDifferAreThoseThatAreListed() throws Exception {
        NativeLibrary.load();
        Map<String, String> ours = digests(versions().get(NativeLibrary.release()));
        assertThat(ours).hasSizeGreaterThan(20);
        for (Map.Entry<String, Path> version : versions().entrySet()) {
            Set<String> differing = new TreeSet<>();
            digests(version.getValue()).forEach((type, digest) -> {
                if (!digest.equals(ours.get(type))) {
                    differing.add(type);
                }
            });
            assertThat(differing)
                    .as(NativeLibrary.release() + " and " + version.getKey())
                    .isEqualTo(new TreeSet<>(QuantizerChange.since(version.getKey()).orElseThrow().types().stream()
                            .map(GgmlType::toString)
                            .toList()));
        }
    }

    @Test
    void aFileOfOneVersionVerifiesInTheOthers() throws Exception {
        TinyModel model = TinyModels.llama(Sizes.of(4, 512, 1536, 8, 4)).withMatrices(GgmlType.F16);
        Path sft = model.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        Path aligned = model.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        Path imatrix = imatrix(model);
        for (FileType type : List.of(FileType.IQ1_M, FileType.Q4_K_M)) {
            Map<String, Path> files = new LinkedHashMap<>();
            for (Map.Entry<String, Path> writer : versions().entrySet()) {
                Path file = directory.resolve(writer.getKey() + "-" + type + ".gguf");
                run(
                        writer.getValue(),
                        "extrapolate",
                        "--sft",
                        sft,
                        "--aligned",
                        aligned,
                        "--imatrix",
                        imatrix,
                        "--type",
                        type,
                        "-o",
                        file,
                        "--force");
                files.put(writer.getKey(), file);
            }
            for (Map.Entry<String, Path> file : files.entrySet()) {
                for (Map.Entry<String, Path> reader : versions().entrySet()) {
                    JsonObject report = run(
                            reader.getValue(),
                            "verify",
                            file.getValue(),
                            "--sft",
                            sft,
                            "--aligned",
                            aligned,
                            "--imatrix",
                            imatrix,
                            "--json");
                    check(report, type, file.getKey(), reader.getKey());
                }
            }
        }
    }

    private static void check(JsonObject report, FileType type, String writer, String reader) {
        String what = type + " of " + writer + " in " + reader + ": " + report;
        assertThat(report.get("passed").getAsBoolean()).as(what).isTrue();
        assertThat(report.getAsJsonObject("recipe").get("llamaCpp").getAsString())
                .isEqualTo(writer);
        JsonArray notes = report.getAsJsonArray("notes");
        if (writer.equals(reader) || type != FileType.IQ1_M) {
            assertThat(notes).as(what).isEmpty();
        } else if (!notes.isEmpty()) {
            assertThat(notes.get(0).getAsJsonObject().get("problem").getAsString())
                    .contains("IQ1_M", "made with ggml");
        }
    }

    private JsonObject run(Path libraries, Object... arguments) throws Exception {
        List<String> words =
                new ArrayList<>(Stream.of(arguments).map(Object::toString).toList());
        words.addAll(List.of("--lib-path", libraries.toString()));
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(ChildJvm.WITH_VECTORS), Main.class, words.toArray(String[]::new));
        assertThat(jvm.exitCode()).as(jvm.output() + jvm.lastWords()).isZero();
        return words.contains("--json") ? JsonParser.parseString(jvm.output()).getAsJsonObject() : new JsonObject();
    }

    /** As llama-imatrix used to write it: for each tensor its name, a count of calls, and a value for each column. */
    private Path imatrix(TinyModel model) throws IOException {
        var matrix = model.imatrix(5);
        Path file = directory.resolve("imatrix.dat");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            writeInt(out, matrix.tensors().size());
            for (String name : matrix.tensors()) {
                float[] weights = matrix.weights(name).orElseThrow();
                byte[] text = name.getBytes(StandardCharsets.UTF_8);
                writeInt(out, text.length);
                out.write(text);
                writeInt(out, 1);
                writeInt(out, weights.length);
                for (float weight : weights) {
                    writeInt(out, Float.floatToRawIntBits(weight));
                }
            }
        }
        return file;
    }

    private static void writeInt(DataOutputStream out, int value) throws IOException {
        out.write(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }
}
