package io.github.expogguf.infer;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.llama_token_data;
import io.github.expogguf.bindings.llama_token_data_array;
import io.github.expogguf.infer.token.Vocabulary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Chooses tokens: the most likely one, or with llama.cpp's samplers and a seed; where there is a grammar, among those
 * that it allows. One per sequence.
 */
final class TokenSampler implements AutoCloseable {

    private final @Nullable GrammarGuide grammar;
    private final Choice choice;

    /**
     * Begins an answer.
     *
     * @param seed          of the sampling, where it has one
     * @param prompt        which penalties look at, too
     * @param contextTokens most that a sequence may hold
     * @throws io.github.expogguf.InferenceException if the grammar names tokens that are none of the vocabulary
     */
    TokenSampler(GenerationOptions how, int seed, int[] prompt, int contextTokens, Vocabulary vocabulary) {
        this.grammar =
                how.grammar().map(rules -> new GrammarGuide(rules, vocabulary)).orElse(null);
        SamplingOptions sampling = how.sampling();
        this.choice = sampling.isGreedy() && !sampling.hasPenalties()
                ? new Greedy()
                : new Chain(sampling, seed, prompt, contextTokens, vocabulary.size());
    }

    /** Whether the answer is complete, so that there is nothing to choose any more. */
    boolean isAtEnd() {
        return grammar != null && grammar.isAtEnd();
    }

    /**
     * Chooses the next token.
     *
     * @param logits one float per token of the vocabulary, finite
     */
    int sample(MemorySegment logits) {
        int token = choice.choose(logits, null);
        if (grammar != null) {
            if (!grammar.allows(token)) { // seldom, and looking at all tokens takes longer than looking at one
                token = choice.choose(logits, grammar.allowed());
            }
            grammar.accept(token);
        }
        choice.accept(token);
        return token;
    }

    @Override
    public void close() {
        choice.close();
    }

    private sealed interface Choice extends AutoCloseable {

        /** @param among tokens to choose among; null for all */
        int choose(MemorySegment logits, @Nullable BitSet among);

        /** Says which token comes next. */
        void accept(int token);

        @Override
        void close();
    }

    /** The first of the largest logits, as llama_sampler_greedy does (llama-sampler.cpp v0.5.0). */
    private static final class Greedy implements Choice {

        @Override
        public int choose(MemorySegment logits, @Nullable BitSet among) {
            int count = (int) (logits.byteSize() / Float.BYTES);
            int best = among == null ? 0 : among.nextSetBit(0);
            float bestLogit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, best);
            for (int token = best + 1; token < count; token++) {
                float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, token);
                if (logit > bestLogit && (among == null || among.get(token))) {
                    best = token;
                    bestLogit = logit;
                }
            }
            return best;
        }

        @Override
        public void accept(int token) {}

        @Override
        public void close() {}
    }

    /** llama.cpp's chain of samplers. */
    private static final class Chain implements Choice {

        private static final int FIELDS = 3; // of llama_token_data, 4 bytes each: id, logit, p

        private final Arena arena = Arena.ofShared(); // whoever reads an answer may close it on another thread
        private final MemorySegment chain;
        private final MemorySegment candidates; // llama_token_data [vocabulary]
        private final MemorySegment array;

        private Chain(SamplingOptions options, int seed, int[] prompt, int contextTokens, int vocabularySize) {
            chain = Llama.llama_sampler_chain_init(Llama.llama_sampler_chain_default_params(arena));
            candidates = llama_token_data.allocateArray(vocabularySize, arena);
            array = llama_token_data_array.allocate(arena);
            if (options.hasPenalties()) {
                addPenalties(options, prompt, contextTokens, vocabularySize);
            }
            if (options.isGreedy()) {
                add(Llama.llama_sampler_init_greedy());
            } else {
                addChances(options, seed);
            }
        }

        private void addPenalties(SamplingOptions options, int[] prompt, int contextTokens, int vocabularySize) {
            int last = options.repeatLastN() == SamplingOptions.WHOLE_CONTEXT
                    ? contextTokens
                    : Math.min(options.repeatLastN(), contextTokens);
            add(Llama.llama_sampler_init_penalties(
                    vocabularySize,
                    last,
                    options.repeatPenalty(),
                    options.frequencyPenalty(),
                    options.presencePenalty()));
            for (int i = Math.max(0, prompt.length - last); i < prompt.length; i++) {
                accept(prompt[i]);
            }
        }

        private void addChances(SamplingOptions options, int seed) {
            if (options.topK() > 0) {
                add(Llama.llama_sampler_init_top_k(options.topK()));
            }
            if (options.topP() < 1) {
                add(Llama.llama_sampler_init_top_p(options.topP(), 1));
            }
            if (options.minP() > 0) {
                add(Llama.llama_sampler_init_min_p(options.minP(), 1));
            }
            add(Llama.llama_sampler_init_temp(options.temperature()));
            add(Llama.llama_sampler_init_dist(seed));
        }

        /** The chain owns its samplers. */
        private void add(MemorySegment sampler) {
            Llama.llama_sampler_chain_add(chain, sampler);
        }

        /** What llama_sampler_sample does with all tokens (llama-sampler.cpp v0.5.0). */
        @Override
        public int choose(MemorySegment logits, @Nullable BitSet among) {
            int count = 0;
            int size = (int) (logits.byteSize() / Float.BYTES);
            for (int token = 0; token < size; token++) {
                if (among == null || among.get(token)) {
                    candidates.setAtIndex(ValueLayout.JAVA_INT, (long) FIELDS * count, token);
                    candidates.setAtIndex(
                            ValueLayout.JAVA_FLOAT,
                            (long) FIELDS * count + 1,
                            logits.getAtIndex(ValueLayout.JAVA_FLOAT, token));
                    candidates.setAtIndex(ValueLayout.JAVA_FLOAT, (long) FIELDS * count + 2, 0);
                    count++;
                }
            }
            llama_token_data_array.data(array, candidates);
            llama_token_data_array.size(array, count);
            llama_token_data_array.selected(array, -1);
            llama_token_data_array.sorted(array, false);
            Llama.llama_sampler_apply(chain, array);
            MemorySegment left = llama_token_data_array.data(array).reinterpret(candidates.byteSize());
            return left.getAtIndex(ValueLayout.JAVA_INT, FIELDS * llama_token_data_array.selected(array));
        }

        @Override
        public void accept(int token) {
            Llama.llama_sampler_accept(chain, token);
        }

        @Override
        public void close() {
            Llama.llama_sampler_free(chain);
            arena.close();
        }
    }
}
