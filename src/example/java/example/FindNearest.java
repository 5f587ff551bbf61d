package example;

import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.TextEmbedder;
import io.github.expogguf.infer.TextPooler.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Which text is nearest to a question. Arguments: MODEL, QUESTION, TEXT, TEXT. */
public final class FindNearest {

    private FindNearest() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        String question = arguments[1];
        List<String> texts = List.of(arguments[2], arguments[3]);

        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults());
                TextEmbedder embedder =
                        TextEmbedder.open(model, ContextOptions.defaults().withSequences(8), Pooling.MEAN)) {
            float[] asked = embedder.embed(question);
            List<float[]> vectors = embedder.embed(texts);
            for (int i = 0; i < texts.size(); i++) {
                System.out.printf("%.2f %s%n", cosine(asked, vectors.get(i)), texts.get(i));
            }
        }
    }

    private static double cosine(float[] one, float[] two) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * two[i];
        }
        return sum;
    }
}
