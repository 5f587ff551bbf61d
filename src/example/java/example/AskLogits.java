package example;

import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.infer.prompt.ChatMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Asks a pair at three alphas without touching its weights. Arguments: SFT, ALIGNED, a question. */
public final class AskLogits {

    private AskLogits() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        String question = arguments[2];

        try (LogitPair pair = LogitPair.open(sft, aligned, 0, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(pair.model(), ContextOptions.defaults())) {
            String prompt = pair.model().applyChatTemplate(List.of(ChatMessage.user(question)), true);
            for (float alpha : new float[] {0, 0.3f, 8}) {
                pair.setAlpha(alpha);
                String answer =
                        context.generate(prompt, GenerationOptions.greedy(64)).text();
                System.out.println("alpha " + alpha + ": " + answer.strip());
            }
        }
    }
}
