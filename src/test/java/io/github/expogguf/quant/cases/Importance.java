package io.github.expogguf.quant.cases;

import java.util.List;
import java.util.random.RandomGenerator;

/** Importance of every kind that quantizers should weigh values by. */
public enum Importance {
    NONE {
        @Override
        public float next(RandomGenerator random, int index) {
            throw new IllegalStateException("no importance");
        }
    },
    /** As files have it: mean squares of activations. */
    USUAL {
        @Override
        public float next(RandomGenerator random, int index) {
            double root = random.nextGaussian();
            return (float) (root * root + 1e-3);
        }
    },
    EQUAL {
        @Override
        public float next(RandomGenerator random, int index) {
            return 1;
        }
    },
    /** None of some blocks counts, every third value of others, all of the rest. */
    WITH_ZEROS {
        @Override
        public float next(RandomGenerator random, int index) {
            return switch (index / 32 % 4) {
                case 0 -> 0;
                case 1 -> index % 3 == 0 ? 0 : random.nextFloat();
                case 2 -> random.nextInt(16) == 0 ? random.nextFloat() : 0;
                default -> random.nextFloat();
            };
        }
    },
    /** Ratios up to 10^30 within a sub-block. */
    EXTREME {
        @Override
        public float next(RandomGenerator random, int index) {
            return (float) Math.pow(10, random.nextInt(-15, 16));
        }
    },
    /** Subnormal products, of which little is left. */
    TINY {
        @Override
        public float next(RandomGenerator random, int index) {
            return Float.intBitsToFloat(random.nextInt(1 << 25) >> random.nextInt(25));
        }
    },
    /** Some sums overflow. */
    HUGE {
        @Override
        public float next(RandomGenerator random, int index) {
            return random.nextFloat() * (index / 64 % 2 == 0 ? 0x1p20f : 0x1p50f);
        }
    };

    public static final List<Importance> ALL = List.of(USUAL, EQUAL, WITH_ZEROS, EXTREME, TINY, HUGE);

    /**
     * The next column's importance.
     *
     * @param index of the column, from 0
     */
    public abstract float next(RandomGenerator random, int index);
}
