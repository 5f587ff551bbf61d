package consumer;

import io.github.expogguf.start.Conversation;
import io.github.expogguf.start.ExpoGguf;
import io.github.expogguf.work.OutputOptions;
import java.nio.file.Path;

/** Extrapolates, loads the result, and asks it: {@code SFT ALIGNED ALPHA OUTPUT QUESTION}. */
public final class Consumer {

    private Consumer() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        Path output = Path.of(arguments[3]);
        ExpoGguf.extrapolate(Path.of(arguments[0]), Path.of(arguments[1]))
                .alpha(Float.parseFloat(arguments[2]))
                .fileType("Q4_K_M")
                .with(OutputOptions.defaults().withForce(true))
                .write(output);
        try (Conversation conversation = ExpoGguf.chat(output)) {
            System.out.println(conversation.ask(arguments[4]));
        }
    }
}
