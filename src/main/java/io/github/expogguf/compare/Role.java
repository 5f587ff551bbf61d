package io.github.expogguf.compare;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a model seems to be, by the words of its name. */
enum Role {
    BASE(Set.of("base", "pretrained", "pt")),
    SFT(Set.of("sft")),
    ALIGNED(Set.of(
            "dpo", "rlhf", "ppo", "orpo", "kto", "simpo", "ipo", "spin", "sppo", "grpo", "rloo", "rl", "rlvr",
            "aligned", "expo")),
    /** No word says. */
    UNKNOWN(Set.of());

    /**
     * A size in the names of models that come in tiny, small, base and large, and a stage of training in those of all
     * others.
     */
    private static final String SIZE_OR_STAGE = "base";

    /**
     * Words in names, or architectures, of such models: encoders of text, speech and pictures, and encoder-decoders.
     */
    private static final Pattern SIZED = Pattern.compile(
            ".*bert.*|(flan|m|by|code|um|long|ul|st)?t5.*|m?bart|whisper|distil|electra|mpnet|xlnet|xlm|longformer|bigbird|pegasus"
                    + "|e5|bge|gte|embed|embedding|embeddings|rerank|reranker|wav2vec2?|data2vec|hubert|wavlm|unispeech"
                    + "|seamless|m4t|vit|deit|beit|swin|clip|siglip2?|dinov?[23]?|blip2?|owlvit|trocr|segformer");

    private final Set<String> words;

    Role(Set<String> words) {
        this.words = words;
    }

    /** By {@code general.name} and {@code general.finetune}, or the name of the file where there are none. */
    static Role of(ModelHeader model) {
        Metadata metadata = model.metadata();
        Optional<String> name = metadata.string("general.name");
        Optional<String> finetune = metadata.string("general.finetune");
        String text = name.isEmpty() && finetune.isEmpty() ? model.name() : name.orElse("") + " " + finetune.orElse("");
        List<String> found = words(text).toList();
        boolean isSize = Stream.concat(found.stream(), words(metadata.architecture()))
                .anyMatch(word -> SIZED.matcher(word).matches());
        for (Role role : List.of(ALIGNED, SFT, BASE)) { // an aligned model's name often has its history
            if (found.stream().anyMatch(word -> role.words.contains(word) && !(isSize && word.equals(SIZE_OR_STAGE)))) {
                return role;
            }
        }
        return UNKNOWN;
    }

    private static Stream<String> words(String text) {
        return Stream.of(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"));
    }
}
