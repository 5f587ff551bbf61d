package io.github.expogguf.bench;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The command's {@code quantize} beside other programs that take llama-quantize's arguments ({@code INPUT OUTPUT TYPE
 * THREADS}), in turn, on one file; and whether what they write holds the same tensors. The programs are in the
 * environment variable {@code PEERS}, separated by spaces.
 *
 * <p>Arguments: {@code [FILE or millions of weights] [types, by commas] [rounds] [threads]}. The outputs, and a file
 * that is made, go to the directory in the system property {@code java.io.tmpdir} and are removed. The system property
 * {@code expo.gguf.bench.command} has what runs the command, separated by spaces, if not the jar.
 */
public final class Peers {

    private static final String OURS = "expo-gguf";
    private static final int PIECE_BYTES = 1 << 24;

    private final Path input;
    private final Path directory;
    private final int threads;

    private Peers(Path input, Path directory, int threads) {
        this.input = input;
        this.directory = directory;
        this.threads = threads;
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        String peers = Objects.requireNonNullElse(System.getenv("PEERS"), "").strip();
        if (peers.isEmpty()) {
            System.err.println("PEERS names no program, as in make bench-peers PEERS='/path/llama-quantize'");
            System.exit(2);
        }
        String what = arguments.length > 0 ? arguments[0] : "400";
        List<String> types = List.of((arguments.length > 1 ? arguments[1] : "Q4_K_M,Q8_0").split(","));
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        int threads = arguments.length > 3
                ? Integer.parseInt(arguments[3])
                : Runtime.getRuntime().availableProcessors();
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            Path input = Path.of(what);
            if (what.matches("[0-9]+")) {
                input = directory.resolve("model.gguf");
                new RandomPair(Long.parseLong(what) * 1_000_000).write(input);
            }
            Peers bench = new Peers(input, directory, threads);
            for (String type : types) {
                bench.compare(type, List.of(peers.split("\\s+")), rounds);
            }
        } finally {
            Disk.deleteAll(directory);
        }
    }

    private void compare(String type, List<String> peers, int rounds) throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%n%s of %,d bytes to %s, %d threads, %d rounds%n",
                input.getFileName(),
                Files.size(input),
                type,
                threads,
                rounds);
        Map<String, List<MeasuredProcess>> runs = new LinkedHashMap<>();
        Map<String, String> said = new LinkedHashMap<>();
        List<String> programs = new ArrayList<>(List.of(OURS));
        programs.addAll(peers);
        for (int round = 0; round < rounds; round++) {
            for (String program : programs) {
                if (said.getOrDefault(program, "").startsWith("failed")) {
                    continue;
                }
                try {
                    MeasuredProcess run = MeasuredProcess.run(command(program, type));
                    runs.computeIfAbsent(program, _ -> new ArrayList<>()).add(run);
                    if (!program.equals(OURS) && round == 0) {
                        said.put(program, difference(output(OURS), output(program)));
                    }
                } catch (IOException e) {
                    if (program.equals(OURS)) {
                        throw e;
                    }
                    said.put(program, "failed: " + e.getMessage());
                }
                if (!program.equals(OURS)) {
                    Files.deleteIfExists(output(program));
                }
            }
        }
        List<MeasuredProcess> ours = runs.get(OURS);
        print(OURS, ours);
        for (String peer : peers) {
            if (said.get(peer).startsWith("failed")) {
                System.out.println(peer + "\n  " + said.get(peer));
                continue;
            }
            List<MeasuredProcess> theirs = runs.get(peer);
            print(peer, theirs);
            System.out.printf(
                    Locale.ROOT,
                    "  expo-gguf takes %s of its time, %s of its processor seconds; %s%n",
                    ratio(ours, theirs, MeasuredProcess::seconds),
                    ratio(ours, theirs, MeasuredProcess::processorSeconds),
                    said.get(peer));
        }
    }

    private List<String> command(String program, String type) {
        if (!program.equals(OURS)) {
            return List.of(program, input.toString(), output(program).toString(), type, Integer.toString(threads));
        }
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("expo.gguf.bench.command", MeasuredProcess.java() + " -jar target/expo-gguf.jar")
                        .split(" ")));
        command.addAll(List.of("quantize", "--model", input.toString(), "--type", type));
        command.addAll(List.of("-t", Integer.toString(threads), "--force", "--quiet"));
        command.addAll(List.of("-o", output(program).toString()));
        return command;
    }

    private Path output(String program) {
        return directory.resolve(program.equals(OURS) ? "ours.gguf" : "theirs.gguf");
    }

    private static void print(String name, List<MeasuredProcess> runs) {
        double[] seconds = sorted(runs, MeasuredProcess::seconds);
        double[] processor = sorted(runs, MeasuredProcess::processorSeconds);
        System.out.printf(
                Locale.ROOT,
                "%s%n  median %.2f s (from %.2f to %.2f), %.2f s of processor, peak anonymous memory %d MB%n",
                name,
                seconds[seconds.length / 2],
                seconds[0],
                seconds[seconds.length - 1],
                processor[processor.length / 2],
                runs.stream()
                                .mapToLong(MeasuredProcess::peakAnonymousBytes)
                                .max()
                                .orElse(0)
                        / 1_000_000);
    }

    private static double[] sorted(List<MeasuredProcess> runs, ToDoubleFunction<MeasuredProcess> value) {
        return runs.stream().mapToDouble(value).sorted().toArray();
    }

    /** Round by round, so that a slow moment of the machine meets both. */
    private static String ratio(
            List<MeasuredProcess> ours, List<MeasuredProcess> theirs, ToDoubleFunction<MeasuredProcess> value) {
        double[] ratios = new double[ours.size()];
        Arrays.setAll(ratios, i -> value.applyAsDouble(ours.get(i)) / value.applyAsDouble(theirs.get(i)));
        Arrays.sort(ratios);
        return String.format(Locale.ROOT, "%.2f", ratios[ratios.length / 2]);
    }

    /** What a reader of two outputs would want to know. */
    private static String difference(Path ours, Path theirs) throws IOException {
        if (Files.mismatch(ours, theirs) < 0) {
            return "the files are equal";
        }
        try (GgufModel one = GgufModel.open(ours);
                GgufModel other = GgufModel.open(theirs)) {
            Map<String, TensorInfo> others =
                    other.header().tensors().stream().collect(Collectors.toMap(TensorInfo::name, tensor -> tensor));
            List<TensorInfo> tensors = one.header().tensors();
            List<String> differing = new ArrayList<>();
            for (TensorInfo tensor : tensors) {
                TensorInfo match = others.get(tensor.name());
                if (match == null || !isEqual(one, tensor, other, match)) {
                    differing.add(tensor.name()
                            + (match == null
                                    ? ", which it lacks"
                                    : " (" + tensor.type() + ", its " + match.type() + ")"));
                }
            }
            return differing.isEmpty() && others.size() == tensors.size()
                    ? "all tensors are equal, only metadata differs"
                    : differing.isEmpty()
                            ? "it has " + (others.size() - tensors.size()) + " more tensors, all others are equal"
                            : differing.size() + " of " + tensors.size() + " tensors differ, first "
                                    + differing.getFirst();
        }
    }

    private static boolean isEqual(GgufModel one, TensorInfo tensor, GgufModel other, TensorInfo match)
            throws IOException {
        if (tensor.type() != match.type() || !tensor.shape().equals(match.shape())) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            long most = Math.min(PIECE_BYTES, tensor.byteCount());
            MemorySegment first = arena.allocate(most);
            MemorySegment second = arena.allocate(most);
            for (long at = 0; at < tensor.byteCount(); at += PIECE_BYTES) {
                long bytes = Math.min(most, tensor.byteCount() - at);
                one.read(tensor, at, first.asSlice(0, bytes));
                other.read(match, at, second.asSlice(0, bytes));
                if (first.asSlice(0, bytes).mismatch(second.asSlice(0, bytes)) >= 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
