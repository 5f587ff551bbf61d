package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator.Output;
import io.github.expogguf.run.output.FaultyFiles;
import io.github.expogguf.run.output.FaultyFiles.Fault;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.testing.TrustFigures;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The N-th operation on the outputs fails, for every N until a run gets through: then the inputs are as they were,
 * every output is absent, old or identical to the good one, nothing else is left but what another run can go on from,
 * and that run makes it good.
 */
@Tag("trust")
class FailingFilesTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2))
            .withMatrices(GgmlType.F16)
            .select(name -> Set.of("token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight")
                    .contains(name));
    private static final String OLD = "what was there before";

    private static final Map<Fault, Integer> COUNTS = new EnumMap<>(Fault.class);
    private static int resumed;

    @TempDir
    static Path shared;

    private static Path sft;
    private static Path aligned;
    private static Map<Path, Object> inputsBefore;

    @TempDir
    Path directory;

    /** What is written, and what is there before. */
    enum Scenario {
        SINGLE(1, 0, false, false),
        SEVERAL(2, 0, false, false),
        SHARDS(1, 100_000, false, false),
        REPLACED(1, 0, true, false),
        REPLACED_SHARDS(1, 100_000, true, false),
        RESUMABLE(1, 0, false, true),
        RESUMABLE_SHARDS(2, 100_000, true, true);

        private final int outputs;
        private final long shardBytes;
        private final boolean replaces;
        private final boolean resumable;

        Scenario(int outputs, long shardBytes, boolean replaces, boolean resumable) {
            this.outputs = outputs;
            this.shardBytes = shardBytes;
            this.replaces = replaces;
            this.resumable = resumable;
        }

        OutputOptions how() {
            OutputOptions how =
                    OutputOptions.defaults().withThreads(1).withForce(replaces).withResume(resumable);
            return shardBytes == 0 ? how : how.withSplitMaxBytes(shardBytes);
        }

        List<Output> outputs(Path directory) {
            List<Output> all = new ArrayList<>();
            for (int i = 0; i < outputs; i++) {
                PlanOptions options = PlanOptions.builder()
                        .alpha(0.5f + i)
                        .fileType(FileType.Q8_0)
                        .build();
                all.add(new Output(options, directory.resolve("out" + i + ".gguf")));
            }
            return all;
        }
    }

    @BeforeAll
    static void writeInputs() throws IOException {
        sft = MODEL.write(shared.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(shared.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        inputsBefore = inputs();
    }

    @AfterAll
    static void printFigures() {
        COUNTS.forEach((fault, count) ->
                TrustFigures.print("output operations that failed: " + fault, Integer.toString(count)));
        TrustFigures.print("runs resumed after a fault, to the same bytes", Integer.toString(resumed));
    }

    @ParameterizedTest
    @EnumSource
    void everyFaultLeavesTheOutputsWholeOrAbsent(Scenario scenario) throws IOException {
        Map<String, ByteBuffer> good = good(scenario);
        for (Fault fault : Fault.values()) {
            int at = 1;
            while (strike(scenario, fault, at, good)) {
                at++;
            }
            assertThat(at).as("operations that can meet " + fault).isGreaterThan(8);
            COUNTS.merge(fault, at - 1, Integer::sum);
        }
        assertThat(inputs()).isEqualTo(inputsBefore);
    }

    /** Runs with a fault; returns whether it happened. */
    private boolean strike(Scenario scenario, Fault fault, int at, Map<String, ByteBuffer> good) throws IOException {
        String what = scenario + ", " + fault + " at " + at;
        Path place = begin(scenario, "run", good);
        FaultyFiles files = new FaultyFiles(fault, at);
        Exception failure = null;
        try {
            write(scenario, place, scenario.how(), files);
        } catch (IOException e) {
            failure = e;
        }
        Map<String, ByteBuffer> left = contents(place);
        Map<String, ByteBuffer> unfinished = new HashMap<>(left);
        unfinished.keySet().removeAll(good.keySet());
        if (failure == null) {
            assertThat(left).as(what).isEqualTo(good);
        }
        assertOutputs(scenario, what, left, good);
        boolean keeps = fault == Fault.KILL || scenario.resumable || failure instanceof UnfinishedOutputException;
        if (!keeps && !files.failedToDelete()) {
            assertThat(unfinished.keySet()).as(what).isEmpty();
        }
        if (!unfinished.isEmpty()) {
            assertThat(unfinished.keySet())
                    .as(what)
                    .allMatch(name -> name.matches("\\.out.*\\.gguf\\.expo-(partial|journal)"));
            Path copy = copy(place, "copy");
            assertResumes(scenario, what, place, good);
            assertDiscards(scenario, what, copy, good);
        }
        return files.struck();
    }

    /** A set that loads, which it does with its first file, is all old or all good; so is a file. */
    private static void assertOutputs(
            Scenario scenario, String what, Map<String, ByteBuffer> left, Map<String, ByteBuffer> good) {
        for (int i = 0; i < scenario.outputs; i++) {
            String output = "out" + i;
            List<String> names = good.keySet().stream()
                    .filter(name -> name.startsWith(output))
                    .sorted()
                    .toList();
            List<String> states = names.stream()
                    .map(name -> state(left.get(name), good.get(name)))
                    .toList();
            assertThat(states).as(what).doesNotContain("wrong");
            if (!states.getFirst().equals("absent")) {
                assertThat(Set.copyOf(states)).as(what).hasSize(1);
            }
            if (!scenario.replaces) {
                assertThat(states).as(what).doesNotContain("old");
            } else if (names.size() == 1) {
                assertThat(states).as(what).doesNotContain("absent");
            }
        }
    }

    private static String state(ByteBuffer bytes, ByteBuffer good) {
        if (bytes == null) {
            return "absent";
        }
        return bytes.equals(good) ? "good" : bytes.equals(ByteBuffer.wrap(OLD.getBytes())) ? "old" : "wrong";
    }

    private static void assertResumes(Scenario scenario, String what, Path place, Map<String, ByteBuffer> good)
            throws IOException {
        try {
            write(scenario, place, scenario.how().withResume(true), FaultyFiles.sound());
        } catch (FileAlreadyExistsException e) {
            // killed while the journals were removed, so that a run cannot know any more that it was about these
            Map<String, ByteBuffer> outputs = contents(place);
            outputs.keySet().retainAll(good.keySet());
            assertThat(outputs).as(what).isEqualTo(good);
            return;
        }
        resumed++;
        assertThat(contents(place)).as(what).isEqualTo(good);
    }

    private static void assertDiscards(Scenario scenario, String what, Path place, Map<String, ByteBuffer> good)
            throws IOException {
        boolean isPartial = contents(place).keySet().stream().anyMatch(name -> name.endsWith("partial"));
        OutputOptions force = scenario.how().withForce(true);
        if (isPartial) {
            assertThatThrownBy(() -> write(scenario, place, force.withResume(false), FaultyFiles.sound()))
                    .as(what)
                    .isInstanceOf(UnfinishedOutputException.class);
        }
        write(scenario, place, force.withUnfinished(Unfinished.DISCARD), FaultyFiles.sound());
        assertThat(contents(place)).as(what).isEqualTo(good);
    }

    private static List<ExpoReport> write(Scenario scenario, Path place, OutputOptions how, FileSystem fileSystem)
            throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            return pair.writeAll(scenario.outputs(place), how, fileSystem);
        }
    }

    private Map<String, ByteBuffer> good(Scenario scenario) throws IOException {
        Path place = Files.createDirectories(directory.resolve("good"));
        write(scenario, place, scenario.how(), FaultyFiles.sound());
        return contents(place);
    }

    private Path begin(Scenario scenario, String name, Map<String, ByteBuffer> good) throws IOException {
        Path place = emptied(name);
        if (scenario.replaces) {
            for (String output : good.keySet()) {
                Files.writeString(place.resolve(output), OLD);
            }
        }
        return place;
    }

    private Path copy(Path place, String name) throws IOException {
        Path copy = emptied(name);
        for (Path file : list(place)) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private Path emptied(String name) throws IOException {
        Path place = Files.createDirectories(directory.resolve(name));
        for (Path file : list(place)) {
            Files.delete(file);
        }
        return place;
    }

    private static List<Path> list(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.toList();
        }
    }

    private static Map<String, ByteBuffer> contents(Path place) throws IOException {
        Map<String, ByteBuffer> contents = new HashMap<>();
        for (Path file : list(place)) {
            contents.put(file.getFileName().toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
        }
        return contents;
    }

    /** Contents, sizes and times of the inputs. */
    private static Map<Path, Object> inputs() throws IOException {
        Map<Path, Object> inputs = new HashMap<>();
        for (Path file : list(shared)) {
            FileTime modified = Files.getLastModifiedTime(file);
            inputs.put(file, List.of(modified, ByteBuffer.wrap(Files.readAllBytes(file))));
        }
        return inputs;
    }
}
