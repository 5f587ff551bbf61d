package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Pairs whose extrapolation was published, with the figures before and after it. Sources: leaderboard.csv and
 * results_lmeval of github.com/chujiezheng/LLM-Extrapolation (commit 04e04f5), Table 1 of arXiv 2404.16792, and the
 * model cards huggingface.co/chujiezheng/*-ExPO. An alpha is here only if a model card or a script of the authors says
 * it.
 */
public enum PublishedPair {
    /** {@code HuggingFaceH4/zephyr-7b-alpha}, from {@code HuggingFaceH4/mistral-7b-sft-alpha}. */
    ZEPHYR_7B_ALPHA(of("HuggingFaceH4/zephyr-7b-alpha", "HuggingFaceH4/mistral-7b-sft-alpha")
            .sftByName()
            .alpacaEval(6.7, 10.6, 10.0, 13.6)
            .mtBench(6.85, 6.87)
            .characters(1160, 1248)),
    /** {@code HuggingFaceH4/zephyr-7b-beta}, from {@code HuggingFaceH4/mistral-7b-sft-beta}. */
    ZEPHYR_7B_BETA(of("HuggingFaceH4/zephyr-7b-beta", "HuggingFaceH4/mistral-7b-sft-beta")
            .alpha(0.1f)
            .alpacaEval(10.2, 11.1, 13.2, 14.0)
            .mtBench(7.02, 7.06)
            .characters(1355, 1405)),
    /** {@code berkeley-nest/Starling-LM-7B-alpha}, from {@code openchat/openchat_3.5}. */
    STARLING_LM_7B_ALPHA(of("berkeley-nest/Starling-LM-7B-alpha", "openchat/openchat_3.5")
            .alpha(0.2f)
            .alpacaEval(15.0, 18.2, 18.3, 19.5)
            .mtBench(7.82, 7.91)
            .characters(1618, 1821)),
    /** {@code Nexusflow/Starling-LM-7B-beta}, from {@code openchat/openchat-3.5-0106}. */
    STARLING_LM_7B_BETA(of("Nexusflow/Starling-LM-7B-beta", "openchat/openchat-3.5-0106")
            .alpha(0.5f)
            .alpacaEval(26.6, 29.6, 25.8, 26.4)
            .mtBench(8.10, 8.18)
            .characters(2015, 2215)),
    /** {@code snorkelai/Snorkel-Mistral-PairRM-DPO}, from {@code mistralai/Mistral-7B-Instruct-v0.2}. */
    SNORKEL_MISTRAL_PAIRRM_DPO(of("snorkelai/Snorkel-Mistral-PairRM-DPO", "mistralai/Mistral-7B-Instruct-v0.2")
            .alpha(0.3f)
            .alpacaEval(24.7, 28.8, 24.0, 26.4)
            .mtBench(7.63, 7.69)
            .characters(2040, 2262)
            .gsm8k(36.09, 34.80)),
    /** {@code RLHFlow/LLaMA3-iterative-DPO-final}, from {@code RLHFlow/LLaMA3-SFT}. */
    LLAMA3_ITERATIVE_DPO_FINAL(of("RLHFlow/LLaMA3-iterative-DPO-final", "RLHFlow/LLaMA3-SFT")
            .alpha(0.3f)
            .alpacaEval(29.2, 32.7, 36.0, 37.8)
            .mtBench(8.08, 8.45)
            .characters(1628, 1692)
            .gsm8k(67.25, 59.59)),
    /** {@code internlm/internlm2-chat-1_8b}, from {@code internlm/internlm2-chat-1_8b-sft}. */
    INTERNLM2_CHAT_1_8B(of("internlm/internlm2-chat-1_8b", "internlm/internlm2-chat-1_8b-sft")
            .sftByName()
            .alpacaEval(3.8, 5.2, 4.0, 4.3)
            .mtBench(5.17, 5.26)
            .characters(1634, 2126)
            .gsm8k(30.40, 31.24)),
    /** {@code internlm/internlm2-chat-7b}, from {@code internlm/internlm2-chat-7b-sft}. */
    INTERNLM2_CHAT_7B(of("internlm/internlm2-chat-7b", "internlm/internlm2-chat-7b-sft")
            .alpha(0.5f)
            .alpacaEval(20.5, 28.1, 18.3, 22.7)
            .mtBench(7.72, 7.80)
            .characters(2069, 2390)
            .gsm8k(27.14, 30.48)),
    /** {@code internlm/internlm2-chat-20b}, from {@code internlm/internlm2-chat-20b-sft}. */
    INTERNLM2_CHAT_20B(of("internlm/internlm2-chat-20b", "internlm/internlm2-chat-20b-sft")
            .alpha(0.5f)
            .alpacaEval(36.1, 46.2, 24.9, 27.2)
            .mtBench(8.13, 8.26)
            .characters(2591, 3335)
            .gsm8k(61.33, 62.77)),
    /** {@code allenai/tulu-2-dpo-7b}, from {@code allenai/tulu-2-7b}. */
    TULU_2_DPO_7B(of("allenai/tulu-2-dpo-7b", "allenai/tulu-2-7b")
            .sftByName()
            .alpacaEval(8.5, 11.5, 10.2, 11.7)
            .mtBench(6.35, 6.38)
            .characters(1489, 1742)
            .gsm8k(27.29, 26.69)),
    /** {@code allenai/tulu-2-dpo-13b}, from {@code allenai/tulu-2-13b}. */
    TULU_2_DPO_13B(of("allenai/tulu-2-dpo-13b", "allenai/tulu-2-13b")
            .alpha(0.5f)
            .alpacaEval(11.2, 15.6, 15.5, 17.6)
            .mtBench(7.00, 7.26)
            .characters(1361, 1649)
            .gsm8k(38.29, 38.82)),
    /** {@code allenai/tulu-2-dpo-70b}, from {@code allenai/tulu-2-70b}. */
    TULU_2_DPO_70B(of("allenai/tulu-2-dpo-70b", "allenai/tulu-2-70b")
            .sftByName()
            .alpacaEval(15.4, 23.0, 21.2, 25.7)
            .mtBench(7.79, 8.03)
            .characters(1463, 1738)),
    /** {@code princeton-nlp/Llama-3-Instruct-8B-SimPO}, from {@code meta-llama/Meta-Llama-3-8B-Instruct}. */
    LLAMA_3_INSTRUCT_8B_SIMPO(of("princeton-nlp/Llama-3-Instruct-8B-SimPO", "meta-llama/Meta-Llama-3-8B-Instruct")
            .alpha(0.3f)
            .alpacaEval(40.5, 40.6, 44.7, 45.8)),
    /** {@code UCLA-AGI/Mistral7B-PairRM-SPPO}, from {@code mistralai/Mistral-7B-Instruct-v0.2}. */
    MISTRAL7B_PAIRRM_SPPO(of("UCLA-AGI/Mistral7B-PairRM-SPPO", "mistralai/Mistral-7B-Instruct-v0.2")
            .alpha(0.3f)
            .alpacaEval(32.2, 35.4, 30.5, 31.8)),
    /** {@code abacusai/Smaug-34B-v0.1}, from {@code jondurbin/bagel-34b-v0.2}. */
    SMAUG_34B(of("abacusai/Smaug-34B-v0.1", "jondurbin/bagel-34b-v0.2").alpha(0.3f)),
    /** {@code shenzhi-wang/Llama3-70B-Chinese-Chat}, from {@code meta-llama/Meta-Llama-3-70B-Instruct}. */
    LLAMA3_70B_CHINESE_CHAT(of("shenzhi-wang/Llama3-70B-Chinese-Chat", "meta-llama/Meta-Llama-3-70B-Instruct")
            .alpha(0.3f)
            .note("experimental: its card warns of unexpected issues where the alignment was for a new language")),
    /** {@code alignment-handbook/zephyr-7b-dpo-full}, from {@code alignment-handbook/zephyr-7b-sft-full}. */
    ZEPHYR_7B_DPO_FULL(of("alignment-handbook/zephyr-7b-dpo-full", "alignment-handbook/zephyr-7b-sft-full")
            .alpha(0.3f)
            .alpacaEval(14.7, 18.0, 17.3, 20.2)
            .characters(1570, 1706)),
    /** {@code chujiezheng/zephyr_0.4}, from {@code alignment-handbook/zephyr-7b-sft-full}. */
    ZEPHYR_40_PERCENT(of("chujiezheng/zephyr_0.4", "alignment-handbook/zephyr-7b-sft-full")
            .alpha(0.5f)
            .alpacaEval(12.1, 17.7, 14.6, 16.6)
            .characters(1502, 2119)
            .note("DPO on 40 % of the data")),
    /** {@code chujiezheng/zephyr_0.2}, from {@code alignment-handbook/zephyr-7b-sft-full}. */
    ZEPHYR_20_PERCENT(of("chujiezheng/zephyr_0.2", "alignment-handbook/zephyr-7b-sft-full")
            .alpha(2.5f)
            .alpacaEval(8.6, 22.7, 12.9, 21.3)
            .characters(1125, 2138)
            .note("DPO on 20 % of the data")),
    /** {@code chujiezheng/zephyr_0.1}, from {@code alignment-handbook/zephyr-7b-sft-full}. */
    ZEPHYR_10_PERCENT(of("chujiezheng/zephyr_0.1", "alignment-handbook/zephyr-7b-sft-full")
            .alpha(8)
            .alpacaEval(5.9, 17.9, 10.4, 16.3)
            .characters(958, 2163)
            .note("DPO on 10 % of the data")),
    /** {@code chujiezheng/zephyr_0.05}, from {@code alignment-handbook/zephyr-7b-sft-full}. */
    ZEPHYR_5_PERCENT(of("chujiezheng/zephyr_0.05", "alignment-handbook/zephyr-7b-sft-full")
            .alpha(25)
            .alpacaEval(5.0, 11.5, 9.1, 14.7)
            .characters(863, 1397)
            .note("DPO on 5 % of the data"));

    private final Facts facts;

    PublishedPair(Facts facts) {
        this.facts = facts;
    }

    /**
     * A figure of the aligned model, and of the extrapolated one.
     *
     * @param before of the aligned model
     * @param after  of the extrapolated one
     */
    public record Change(double before, double after) {

        /** {@return the relative growth: 0.1 for 10 % more} */
        public double growth() {
            return after / before - 1;
        }
    }

    /** The repository of the aligned model without its owner, in lower case. */
    @Override
    public String toString() {
        return repository(facts.aligned).toLowerCase(Locale.ROOT);
    }

    /** {@return the owner and repository of the aligned model on Hugging Face} */
    public String aligned() {
        return facts.aligned;
    }

    /** {@return the owner and repository of the model that it was aligned from} */
    public String sft() {
        return facts.sft;
    }

    /** {@return whether no published text names the SFT model, which is concluded from the names of its relatives} */
    public boolean isSftConcluded() {
        return facts.isSftConcluded;
    }

    /** {@return the published weight of the delta; empty if none was published} */
    public Optional<Float> alpha() {
        return Optional.ofNullable(facts.alpha);
    }

    /** {@return AlpacaEval 2.0, win rate in percent} */
    public Optional<Change> winRate() {
        return Optional.ofNullable(facts.winRate);
    }

    /** {@return AlpacaEval 2.0, length-controlled win rate in percent} */
    public Optional<Change> lengthControlledWinRate() {
        return Optional.ofNullable(facts.lengthControlled);
    }

    /** {@return MT-Bench, of 10} */
    public Optional<Change> mtBench() {
        return Optional.ofNullable(facts.mtBench);
    }

    /** {@return the mean number of characters of an answer to AlpacaEval} */
    public Optional<Change> characters() {
        return Optional.ofNullable(facts.characters);
    }

    /** {@return GSM8K, percent} */
    public Optional<Change> gsm8k() {
        return Optional.ofNullable(facts.gsm8k);
    }

    /** {@return what else to know; empty if nothing} */
    public String note() {
        return facts.note;
    }

    /**
     * {@return the pair of a name such as {@code zephyr-7b-beta}, in any case}
     *
     * @param name of the aligned model, without its owner or as its repository
     * @throws IllegalArgumentException if there is none
     */
    public static PublishedPair parse(String name) {
        Objects.requireNonNull(name, "name");
        return Arrays.stream(values())
                .filter(pair ->
                        pair.toString().equalsIgnoreCase(name) || pair.aligned().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Escape.quote(name) + " is not a preset; it is one of "
                        + String.join(" ", names())
                        + Similar.hint(name.substring(name.indexOf('/') + 1), names())));
    }

    private static List<String> names() {
        return Arrays.stream(values()).map(PublishedPair::toString).toList();
    }

    /**
     * {@return what in the metadata of two models does not look like this pair, a phrase each; none if they do}
     *
     * @param sftModel     header of the SFT model
     * @param alignedModel header of the aligned model
     */
    public List<String> differences(ModelHeader sftModel, ModelHeader alignedModel) {
        Objects.requireNonNull(sftModel, "sftModel");
        Objects.requireNonNull(alignedModel, "alignedModel");
        List<String> differences = new ArrayList<>();
        describe("SFT", sftModel, facts.sft, facts.aligned).ifPresent(differences::add);
        describe("aligned", alignedModel, facts.aligned, facts.sft).ifPresent(differences::add);
        return differences;
    }

    /** Keys that say what a model is called. */
    private static final Pattern OWN_NAME = Pattern.compile("general\\.(source\\.)?(repo_url|name)");

    /** The same, or what it was made of, which may be the model itself in another type. */
    private static final Pattern ANY_SOURCE =
            Pattern.compile("general\\.(base_model\\.[0-9]{1,4}\\.|source\\.)?(repo_url|name)");

    private static Optional<String> describe(String role, ModelHeader model, String expected, String other) {
        return names(model, ANY_SOURCE).stream().anyMatch(name -> means(name, repository(expected), repository(other)))
                ? Optional.empty()
                : Optional.of("the " + role + " model is called "
                        + names(model, OWN_NAME).stream().map(Escape::quote).collect(Collectors.joining(", "))
                        + ", expected " + expected);
    }

    /** The file's name, and what a converter or a quantizer may have written in such keys. */
    private static List<String> names(ModelHeader model, Pattern keys) {
        Metadata metadata = model.metadata();
        List<String> names = new ArrayList<>();
        names.add(model.name());
        for (String key : metadata.keys()) {
            if (keys.matcher(key).matches()) {
                metadata.string(key).filter(name -> !names.contains(name)).ifPresent(names::add);
            }
        }
        return names;
    }

    /** Whether a name contains the one repository's, and not only as part of the other's. */
    private static boolean means(String name, String expected, String other) {
        String bare = bare(name);
        return bare.contains(bare(expected)) && !(bare(other).contains(bare(expected)) && bare.contains(bare(other)));
    }

    private static String bare(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    private static String repository(String ownerAndName) {
        return ownerAndName.substring(ownerAndName.indexOf('/') + 1);
    }

    private static Facts of(String aligned, String sft) {
        return new Facts(aligned, sft);
    }

    /** Collects what is known; null for what is not. */
    private static final class Facts {
        private final String aligned;
        private final String sft;
        private boolean isSftConcluded;
        private @Nullable Float alpha;
        private @Nullable Change winRate;
        private @Nullable Change lengthControlled;
        private @Nullable Change mtBench;
        private @Nullable Change characters;
        private @Nullable Change gsm8k;
        private String note = "";

        private Facts(String aligned, String sft) {
            this.aligned = aligned;
            this.sft = sft;
        }

        private Facts sftByName() {
            isSftConcluded = true;
            return this;
        }

        private Facts alpha(float value) {
            alpha = value;
            return this;
        }

        /** Win rate before and after, then the length-controlled one. */
        private Facts alpacaEval(double before, double after, double controlledBefore, double controlledAfter) {
            winRate = new Change(before, after);
            lengthControlled = new Change(controlledBefore, controlledAfter);
            return this;
        }

        private Facts mtBench(double before, double after) {
            mtBench = new Change(before, after);
            return this;
        }

        private Facts characters(double before, double after) {
            characters = new Change(before, after);
            return this;
        }

        private Facts gsm8k(double before, double after) {
            gsm8k = new Change(before, after);
            return this;
        }

        private Facts note(String value) {
            note = value;
            return this;
        }
    }
}
