package example;

import io.github.expogguf.infer.ChatSession;
import io.github.expogguf.infer.ChatStream;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import java.io.IOException;
import java.nio.file.Path;

/** One conversation of two questions. Arguments: MODEL, QUESTION, QUESTION. */
public final class HoldConversation {

    private HoldConversation() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        String question = arguments[1];
        String another = arguments[2];

        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults());
                ChatSession session = ChatSession.open(model, ContextOptions.defaults())) {
            GenerationOptions how = GenerationOptions.greedy(64);
            session.answer(ChatMessage.user(question), how, System.out::print);
            try (ChatStream answer = session.stream(ChatMessage.user(another), how)) {
                while (answer.hasNext()) {
                    System.out.print(answer.next());
                }
            }
            System.out.println("\n" + session.messages().size() + " messages");
        }
    }
}
