package io.github.expogguf.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.testing.TinyPair;
import io.github.expogguf.testing.TrustFigures;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bit of a written file turns over later, {@code verify} notices, with nothing but the file. */
@Tag("trust")
class VerifiedBitsTest {

    @TempDir
    private Path directory;

    @Test
    void noticesAChangedBitWhereverItMeansSomething() throws IOException {
        TinyPair pair = TinyPair.write(directory);
        Path file = directory.resolve("out.gguf");
        assertThat(Ran.run(
                                "extrapolate",
                                "--sft",
                                pair.sft(),
                                "--aligned",
                                pair.aligned(),
                                "-t",
                                1,
                                "--type",
                                "q8_0",
                                "-o",
                                file)
                        .exitCode())
                .isZero();
        byte[] bytes = Files.readAllBytes(file);
        BitSet meaningful = meaningful(file);
        Random random = new Random(6);
        int turned = 0;
        for (int i = meaningful.nextSetBit(0); i >= 0; i = meaningful.nextSetBit(i + 1 + random.nextInt(5))) {
            turned++;
            int bit = 1 << random.nextInt(8);
            bytes[i] ^= (byte) bit;
            Files.write(file, bytes);
            bytes[i] ^= (byte) bit;
            assertThat(passes(file)).as("byte %d, bit %d", i, bit).isFalse();
        }
        Files.write(file, bytes);
        assertThat(passes(file)).isTrue();
        TrustFigures.print(
                "bits turned over in a written file, noticed by verify",
                turned + " in " + meaningful.cardinality() + " bytes");
    }

    private static boolean passes(Path file) throws IOException {
        return Verifier.verify(file, WorkOptions.defaults().withThreads(1)).passed();
    }

    /** Header and data without the padding, which no reader looks at. */
    private static BitSet meaningful(Path path) throws IOException {
        GgufFile file = GgufReader.read(path);
        BitSet bytes = new BitSet();
        bytes.set(0, headerEnd(path, file));
        for (TensorInfo tensor : file.tensors()) {
            int from = (int) file.fileOffset(tensor);
            bytes.set(from, from + (int) tensor.byteCount());
        }
        return bytes;
    }

    /** The last field of a header is the offset of the last tensor. */
    private static int headerEnd(Path path, GgufFile file) throws IOException {
        TensorInfo last = file.tensors().getLast();
        byte[] bytes = Files.readAllBytes(path);
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        int name = text.lastIndexOf(last.name());
        return name + last.name().length() + 4 + 8 * last.shape().dimensions().length + 4 + 8;
    }
}
