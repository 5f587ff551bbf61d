package io.github.expogguf.compare;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.pair.TensorLayouts;
import io.github.expogguf.plan.pair.VocabularyDifference;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether two models look like one before and one after alignment, told from their metadata. */
final class MetadataJudgement {

    private static final String TEMPLATE = "tokenizer.chat_template";

    /** What a tokenizer does with its tokens; which tokens there are, {@code plan} compares. */
    private static final List<String> TOKENIZER_SETTINGS = List.of(
            "add_bos_token",
            "add_eos_token",
            "add_space_prefix",
            "padding_token_id",
            "eos_token_id",
            "eot_token_id",
            "eom_token_id");

    private final ModelHeader sft;
    private final ModelHeader aligned;
    private final List<Remark> remarks = new ArrayList<>();

    MetadataJudgement(ModelHeader sft, ModelHeader aligned) {
        this.sft = sft;
        this.aligned = aligned;
    }

    List<Remark> remarks() {
        roles();
        chatTemplates();
        tokenizers();
        TensorLayouts.note(sft, aligned).ifPresent(line -> add(Weight.NOTE, line));
        return remarks;
    }

    private void roles() {
        if (sft.equals(aligned)) {
            return; // what an adapter was trained for, the name of its base does not say
        }
        Role before = Role.of(sft);
        Role after = Role.of(aligned);
        if (isParent(aligned.metadata(), sft.metadata())) {
            add(Weight.WARNING, "swapped? the SFT model's metadata names the aligned one as what it was made from");
        } else if (before == Role.ALIGNED && (after == Role.SFT || after == Role.BASE)) {
            add(Weight.WARNING, "swapped? by its name the SFT model is an aligned one, and the aligned model is not");
        } else if (before == Role.BASE && after != Role.ALIGNED) {
            add(
                    Weight.WARNING,
                    "base and SFT? by its name the SFT model is a base model, and nothing says that the other is aligned;"
                            + " from base to SFT extrapolation is known to collapse");
        }
    }

    /** Whether a model is named among those that another was made from. */
    private static boolean isParent(Metadata parent, Metadata child) {
        Optional<String> name = parent.string("general.name");
        return name.isPresent()
                && child.keys().stream()
                        .filter(key -> key.matches("general\\.base_model\\.\\d+\\.name"))
                        .anyMatch(key -> child.string(key).equals(name));
    }

    private void chatTemplates() {
        Optional<String> before = sft.metadata().string(TEMPLATE);
        Optional<String> after = aligned.metadata().string(TEMPLATE);
        if (before.isPresent() != after.isPresent()) {
            add(
                    Weight.NOTE,
                    before.isPresent()
                            ? "only the SFT model has a chat template; the result has none, like the aligned model"
                            : "only the aligned model has a chat template; the result has it");
        } else if (!before.equals(after)) {
            add(
                    Weight.NOTE,
                    "the chat templates differ; the result has the aligned model's: "
                            + Escape.quote(start(after.get())));
        }
    }

    /** Like {@link io.github.expogguf.plan.pair.Pairing}, takes what only one file states for no difference. */
    private void tokenizers() {
        VocabularyDifference.of(sft, aligned)
                .ifPresent(vocabulary -> vocabulary.lines().forEach(line -> add(Weight.NOTE, line)));
        VocabularyDifference.tiedOutput(sft, aligned).ifPresent(line -> add(Weight.NOTE, line));
        List<String> differing = TOKENIZER_SETTINGS.stream()
                .filter(key -> differ(sft.metadata(), aligned.metadata(), "tokenizer.ggml." + key))
                .toList();
        if (!differing.isEmpty()) {
            add(
                    Weight.NOTE,
                    "the tokenizers' settings differ (" + String.join(", ", differing)
                            + "); the result has the aligned model's");
        }
    }

    private static boolean differ(Metadata sft, Metadata aligned, String key) {
        Optional<String> from = sft.get(key).map(MetadataValue::toString);
        Optional<String> to = aligned.get(key).map(MetadataValue::toString);
        return from.isPresent() && to.isPresent() && !from.equals(to);
    }

    private static String start(String template) {
        return template.length() <= 40 ? template : template.substring(0, 40) + "...";
    }

    private void add(Weight weight, String text) {
        remarks.add(new Remark(weight, text));
    }
}
