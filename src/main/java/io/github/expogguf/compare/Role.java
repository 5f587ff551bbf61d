package io.github.expogguf.compare;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a model seems to be, by the words of its name. */
enum Role {
    BASE(Set.of("base", "pretrained", "pt")),
    SFT(Set.of("sft")),
    ALIGNED(Set.of(
            "dpo", "rlhf", "ppo", "orpo", "kto", "simpo", "ipo", "spin", "sppo", "grpo", "rloo", "rl", "rlvr", "aligned",
            "expo")),
    /** No word says. */
    UNKNOWN(Set.of());

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
        List<String> found = List.of(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"));
        for (Role role : List.of(ALIGNED, SFT, BASE)) { // an aligned model's name often has its history
            if (found.stream().anyMatch(role.words::contains)) {
                return role;
            }
        }
        return UNKNOWN;
    }
}
