package example;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Extrapolates a pair to Q4_K_M and asks the result a question. Arguments: SFT, ALIGNED, ALPHA, OUTPUT, QUESTION. */
public final class ExtrapolateAndAsk {

    private ExtrapolateAndAsk() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        Path output = Path.of(arguments[3]);

        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            PlanOptions options = PlanOptions.builder()
                    .alpha(Float.parseFloat(arguments[2]))
                    .fileType(FileType.Q4_K_M)
                    .build();
            ExpoReport report =
                    pair.write(options, output, OutputOptions.defaults().withForce(true));
            System.out.println(report.extrapolated() + " tensors extrapolated, " + report.outputBytes() + " bytes");
        }

        try (LlamaModel model = LlamaModel.load(output, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(model, ContextOptions.defaults())) {
            String prompt = model.applyChatTemplate(List.of(ChatMessage.user(arguments[4])), true);
            System.out.println(
                    context.generate(prompt, GenerationOptions.greedy(40)).text());
        }
    }
}
