package io.github.expogguf.fuzz;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The whole command on a stranger's file: whatever it holds, each command ends as it says it can; what is written
 * verifies, and where nothing is, nothing is left.
 */
public final class CommandFuzz {

    private CommandFuzz() {}

    /** The first byte chooses type and command, the others are the file. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        int choice = data[0] & 0xFF;
        byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
        Path aligned = Scratch.write("aligned.gguf", bytes);
        Path output = FuzzedOutput.path(".gguf");
        FuzzedOutput.clear();
        Promises.check(Ran.run("verify", "-t", 1, aligned), ExitCode.OK, ExitCode.BAD_INPUT, ExitCode.VERIFICATION);
        FileType type = FileType.values()[(choice & 0x7F) % FileType.values().length];
        boolean quantizes = (choice & 0x80) != 0;
        Object[] models = quantizes
                ? new Object[] {"--model", aligned, "--allow-requantize"}
                : new Object[] {"--aligned", aligned, "--sft", sft(aligned, bytes)};
        Ran plan = write(quantizes ? "quantize" : "extrapolate", models, "--dry-run", "--type", type, "-o", output);
        Ran run = write(quantizes ? "quantize" : "extrapolate", models, "--type", type, "-t", 1, "-o", output);
        if (run.exitCode() == 0 && plan.exitCode() != 0) {
            throw new IllegalStateException("the plan fails, but not the run: " + plan.err());
        }
        FuzzedOutput.check(run);
    }

    private static Ran write(String command, Object[] models, Object... options) {
        Object[] words = new Object[1 + models.length + options.length];
        words[0] = command;
        System.arraycopy(models, 0, words, 1, models.length);
        System.arraycopy(options, 0, words, 1 + models.length, options.length);
        return Promises.check(Ran.run(words), ExitCode.OK, ExitCode.BAD_INPUT, ExitCode.MISMATCH);
    }

    /** The same file with other values, if it is one: the lowest byte of every sixteenth is another. */
    private static Path sft(Path aligned, byte[] bytes) {
        byte[] other = bytes.clone();
        try (GgufModel model = GgufModel.open(aligned)) {
            for (TensorInfo tensor : model.header().tensors()) {
                long start = model.files().getFirst().fileOffset(tensor);
                for (long i = start; i < start + tensor.byteCount(); i += 16) {
                    other[(int) i] ^= 1;
                }
            }
        } catch (IOException | RuntimeException refused) {
            // then it is one bad file twice
        }
        return Scratch.write("sft.gguf", other);
    }
}
