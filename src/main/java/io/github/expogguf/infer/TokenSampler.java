package io.github.expogguf.infer;

import io.github.expogguf.bindings.Llama;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Chooses tokens: the most likely one, or with llama.cpp's samplers and a seed. One per sequence. */
sealed interface TokenSampler extends AutoCloseable {

    /**
     * Chooses a token.
     *
     * @param context     the context that was decoded
     * @param outputIndex index of the token in the batch whose logits count
     * @param logits      these logits, finite
     */
    int sample(MemorySegment context, int outputIndex, MemorySegment logits);

    @Override
    void close();

    static TokenSampler of(SamplingOptions options, int seed) {
        return options.isGreedy() ? new Greedy() : new Seeded(options, seed);
    }

    /** The first of the largest logits, as llama_sampler_greedy does (llama-sampler.cpp v0.5.0). */
    final class Greedy implements TokenSampler {

        @Override
        public int sample(MemorySegment context, int outputIndex, MemorySegment logits) {
            int count = (int) (logits.byteSize() / Float.BYTES);
            int best = 0;
            float bestLogit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, 0);
            for (int token = 1; token < count; token++) {
                float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, token);
                if (logit > bestLogit) {
                    best = token;
                    bestLogit = logit;
                }
            }
            return best;
        }

        @Override
        public void close() {}
    }

    /** llama.cpp's chain of samplers. */
    final class Seeded implements TokenSampler {

        private final MemorySegment chain;

        private Seeded(SamplingOptions options, int seed) {
            try (Arena arena = Arena.ofConfined()) {
                chain = Llama.llama_sampler_chain_init(Llama.llama_sampler_chain_default_params(arena));
            }
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

        @Override
        public int sample(MemorySegment context, int outputIndex, MemorySegment logits) {
            return Llama.llama_sampler_sample(chain, context, outputIndex);
        }

        @Override
        public void close() {
            Llama.llama_sampler_free(chain);
        }
    }
}
