package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtrapolateAndAskTest {

    @Test
    void answersAsTheReadmeShows(@TempDir Path directory) throws IOException {
        PrintStream stdout = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true));
        try {
            ExtrapolateAndAsk.main(new String[] {
                "src/demo/guide-sft-f16.gguf",
                "src/demo/guide-dpo-20-f16.gguf",
                "5",
                directory.resolve("out.gguf").toString(),
                "Which city rules Chile?"
            });
        } finally {
            System.setOut(stdout);
        }
        assertThat(printed.toString()).startsWith("30 tensors extrapolated").contains("Santiago");
    }
}
