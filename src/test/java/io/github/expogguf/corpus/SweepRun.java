package io.github.expogguf.corpus;

import static io.github.expogguf.gguf.GgufBytes.concat;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.text;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.MetadataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A small file with a little of everything, cut off at every byte, and with every bit of its header turned over. */
final class SweepRun {

    private final Path directory;
    private final Path whole;
    private final Path damaged;
    private final byte[] bytes;
    private final int headerBytes;
    private final List<String> problems = new ArrayList<>();
    private int accepted;

    SweepRun(Path directory) throws IOException {
        this.directory = directory;
        this.damaged = directory.resolve("damaged.gguf");
        this.bytes = GgufBytes.file()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 1)
                .uint32("general.alignment", 32)
                .pair("b", MetadataType.BOOL, little(1).put((byte) 1))
                .pair("f", MetadataType.FLOAT64, little(8).putDouble(0.5))
                .array("s", MetadataType.STRING.ordinal(), 2, concat(text("ab"), text("")))
                .array("n", MetadataType.INT16.ordinal(), 3, new byte[6])
                .tensor("a.weight", 0, 0, 4, 2)
                .tensor("b.weight", 8, 32, 32)
                .data(64 + 2)
                .bytes();
        this.whole = Files.write(directory.resolve("whole.gguf"), bytes);
        this.headerBytes = (int) GgufReader.read(whole).dataOffset();
    }

    List<String> problems() {
        return problems;
    }

    int fileBytes() {
        return bytes.length;
    }

    int headerBits() {
        return 8 * headerBytes;
    }

    /** Damaged files that are right all the same, and were extrapolated. */
    int accepted() {
        return accepted;
    }

    void cutOffAtEveryByte() throws IOException {
        for (int length = 0; length < bytes.length; length++) {
            Files.write(damaged, Arrays.copyOf(bytes, length));
            String place = "cut off after " + length;
            expect(place, Set.of(3), "inspect", damaged);
            expect(place, Set.of(3), "quantize", "-q", "-m", damaged, "-o", directory.resolve("out.gguf"));
            expect(place, Set.of(7), "verify", damaged);
        }
    }

    /** But for the upper part of each dimension: a tensor of gigabytes is more than all programs have memory for. */
    void turnOverEveryBitOfTheHeader() throws IOException {
        for (int bit = 0; bit < headerBits(); bit++) {
            if (GgufBytes.isUpperPartOfADimension(bytes, bit / 8)) {
                continue;
            }
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(damaged, changed);
            String place = "bit " + bit % 8 + " of byte " + bit / 8;
            Path output = directory.resolve("out.gguf");
            if (expect(place, Set.of(0, 3), "inspect", damaged) == 0) {
                accepted++;
                expect(place, Set.of(0, 3, 4), "extrapolate", "-q", "--sft", whole, "--aligned", damaged, "-o", output);
                Files.deleteIfExists(output);
            } else {
                expect(place, Set.of(3), "extrapolate", "-q", "--sft", damaged, "--aligned", whole, "-o", output);
            }
        }
    }

    private int expect(String place, Set<Integer> exitCodes, Object... command) throws IOException {
        Ran ran = Ran.run(command);
        String said = command[0].equals("verify") ? ran.out() : ran.err();
        if (!exitCodes.contains(ran.exitCode())) {
            problems.add(place + ": " + command[0] + ": exit code " + ran.exitCode() + ": " + said);
        } else if (ran.exitCode() != 0 && !said.contains("damaged.gguf: ") && ran.exitCode() != 4) {
            problems.add(place + ": " + command[0] + ": said " + said);
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> left = files.filter(file -> !file.equals(whole) && !file.equals(damaged))
                    .toList();
            if (left.size() > (ran.exitCode() == 0 ? 1 : 0)) {
                problems.add(place + ": " + command[0] + ": left " + left);
            }
        }
        return ran.exitCode();
    }
}
