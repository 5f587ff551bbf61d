package example;

import io.github.expogguf.infer.ChatAnswer;
import io.github.expogguf.infer.ChatServer;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.Grammar;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Answers that programs can read. Arguments: MODEL, QUESTION. */
public final class AnswerInForm {

    private AnswerInForm() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        List<ChatMessage> question = List.of(ChatMessage.user(arguments[1]));
        Cancellation cancellation = new Cancellation();

        try (LlamaModel model = LlamaModel.load(
                        file,
                        LoadOptions.defaults(),
                        progress -> System.out.print("\r" + progress.done() + " of " + progress.total()),
                        cancellation); // cancel() may be called from any thread
                ChatServer chats = ChatServer.open(model, ContextOptions.defaults())) {
            System.out.println();
            Grammar form = Grammar.parse("root ::= \"{\\\"city\\\": \\\"\" [A-Z] [a-z]{1,15} \"\\\"}\"");
            GenerationOptions how = GenerationOptions.greedy(64).withGrammar(form);
            try (ChatAnswer answer = chats.answer(question, how)) {
                System.out.println(answer.result().text());
            }
        }
    }
}
