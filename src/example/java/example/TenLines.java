package example;

import io.github.expogguf.start.Conversation;
import io.github.expogguf.start.ExpoGguf;
import java.io.IOException;
import java.nio.file.Path;

/** Extrapolates a pair and asks the result. Arguments: SFT, ALIGNED, OUTPUT. */
public final class TenLines {

    private TenLines() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        Path output = Path.of(arguments[2]);

        ExpoGguf.extrapolate(sft, aligned).alpha(5).fileType("Q4_K_M").write(output);
        try (Conversation conversation = ExpoGguf.chat(output)) {
            conversation.ask("Which city rules Chile?", System.out::print);
        }
    }
}
