package io.github.expogguf.card;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;

/** A Modelfile for {@code ollama create}. */
public final class OllamaModelfile {

    private static final String TOKENIZER = "tokenizer.ggml.";

    private static final String CHAT_TEMPLATE = "tokenizer.chat_template";

    /** Tokens that end an answer. */
    private static final List<String> END_TOKENS = List.of("eos_token_id", "eot_token_id", "eom_token_id");

    private OllamaModelfile() {}

    /**
     * {@return the Modelfile to stand beside a model}
     *
     * @param file a file
     * @throws IllegalArgumentException if the model is a set of shards, or no Modelfile can hold its name
     * @throws IOException              if the file cannot be read
     */
    public static String of(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        try (GgufModel model = GgufModel.open(file)) {
            requireOneFile(file, model.files().size());
            StringBuilder text = new StringBuilder("# ollama create NAME -f Modelfile\n");
            text.append("FROM ./").append(file.getFileName()).append('\n');
            Metadata metadata = model.header().metadata();
            boolean hasTemplate = metadata.string(CHAT_TEMPLATE)
                    .filter(template -> !template.isBlank())
                    .isPresent();
            text.append(hasTemplate ? """

                    # No TEMPLATE: Ollama's are Go templates. What the model has is a Jinja template in the GGUF file
                    # (tokenizer.chat_template), which Ollama recognizes for the common families.
                    """ : """

                    # The model has no chat template (tokenizer.chat_template): where it was trained on conversations,
                    # add what these looked like as TEMPLATE.
                    """);
            List<String> stops = stops(metadata);
            if (!stops.isEmpty()) {
                text.append("\n# tokens that end an answer, from the tokenizer\n");
                stops.forEach(
                        stop -> text.append("PARAMETER stop \"").append(stop).append("\"\n"));
            }
            return text.toString();
        }
    }

    /**
     * Refuses a model that a Modelfile cannot name.
     *
     * @param file  a file
     * @param files number of its files
     */
    public static void requireOneFile(Path file, int files) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        if (files > 1) {
            throw new IllegalArgumentException(name + ": Ollama reads models of one file, not of " + files + " shards");
        }
        if (!name.matches("[^\\p{Cntrl}\\p{Cf}\"\\u2028\\u2029]+") || !name.equals(name.strip())) {
            throw new IllegalArgumentException("no Modelfile can name '" + name + "'; give the output a plainer name");
        }
    }

    /** Quotes in a Modelfile know no escapes, so only tokens that need none are named. */
    private static List<String> stops(Metadata metadata) {
        MetadataValue tokens = metadata.get(TOKENIZER + "tokens")
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING)
                .orElse(null);
        if (tokens == null) {
            return List.of();
        }
        Set<String> stops = new LinkedHashSet<>();
        for (String key : END_TOKENS) {
            OptionalLong id = metadata.integer(TOKENIZER + key);
            if (id.isPresent() && id.getAsLong() >= 0 && id.getAsLong() < tokens.elementCount()) {
                tokens.stream()
                        .skip(id.getAsLong())
                        .findFirst()
                        .map(MetadataValue::asString)
                        .filter(token -> token.matches("[!#-\\[\\]-~]{2,64}"))
                        .ifPresent(stops::add);
            }
        }
        return List.copyOf(stops);
    }
}
