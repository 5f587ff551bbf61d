package io.github.expogguf.extrapolate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ParametrisationTest {

    private static final Extrapolation ALPHA = new Extrapolation(0.7f);

    /** The conversion as the converter does it, written without the class under test. */
    private static double convert(Parametrisation function, double parameter) {
        return switch (function) {
            case IDENTITY -> parameter;
            case NEGATIVE_EXPONENTIAL -> -Math.exp(parameter);
            case EXPONENTIAL -> Math.exp(parameter);
            case SOFTPLUS -> Math.log(1 + Math.exp(parameter));
        };
    }

    @ParameterizedTest
    @EnumSource
    void extrapolatesTheParameters(Parametrisation function) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            double sft = random.nextDouble(-5, 5);
            double aligned = sft + random.nextDouble(-0.5, 0.5);
            float result =
                    function.extrapolate(ALPHA, (float) convert(function, sft), (float) convert(function, aligned));
            double expected = convert(function, aligned + 0.7f * (aligned - sft));
            assertThat((double) result).isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesEqualValuesAsTheyAre(Parametrisation function) {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 200_000; i++) {
            float magnitude = Float.intBitsToFloat(random.nextInt(0x00800000, 0x7f000000)); // all normal numbers
            float value = function == Parametrisation.NEGATIVE_EXPONENTIAL ? -magnitude : magnitude;
            assertThat(function.extrapolate(ALPHA, value, value)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @EnumSource
    void alphaZeroIsTheAlignedModel(Parametrisation function) {
        float sign = function == Parametrisation.NEGATIVE_EXPONENTIAL ? -1 : 1;
        assertThat(function.extrapolate(new Extrapolation(0), sign * 0.25f, sign * 0.75f))
                .isEqualTo(sign * 0.75f);
    }

    @Test
    void decayRatesKeepTheirSignHoweverFarTheStep() {
        Extrapolation far = new Extrapolation(5);
        assertThat(far.apply(-1, -0.5f)).isPositive(); // what the plain formula makes of it
        assertThat(Parametrisation.NEGATIVE_EXPONENTIAL.extrapolate(far, -1, -0.5f))
                .isEqualTo((float) -Math.pow(0.5, 6));
    }

    /** Bits that any machine has to give: exp and log of StrictMath, every other operation exact or rounded once. */
    @ParameterizedTest
    @CsvSource({
        "NEGATIVE_EXPONENTIAL, -1.0, -1.1, bf9683a4",
        "EXPONENTIAL, 3.5, 3.25, 40457c27",
        "SOFTPLUS, 0.5, 0.55, 3f165106",
    })
    void givesTheSameBitsEverywhere(Parametrisation function, float sft, float aligned, String bits) {
        assertThat(Integer.toHexString(Float.floatToRawIntBits(function.extrapolate(ALPHA, sft, aligned))))
                .isEqualTo(bits);
    }

    @ParameterizedTest
    @CsvSource({
        "NEGATIVE_EXPONENTIAL, -1e-30, true",
        "NEGATIVE_EXPONENTIAL, 0, false",
        "NEGATIVE_EXPONENTIAL, -0.0, false",
        "NEGATIVE_EXPONENTIAL, 0.5, false",
        "NEGATIVE_EXPONENTIAL, NaN, false",
        "NEGATIVE_EXPONENTIAL, -Infinity, false",
        "EXPONENTIAL, 2, true",
        "EXPONENTIAL, 0, false",
        "EXPONENTIAL, -2, false",
        "SOFTPLUS, 1e-20, true",
        "SOFTPLUS, 80, true",
        "SOFTPLUS, 0, false",
        "SOFTPLUS, -1, false",
        "IDENTITY, 0, true",
        "IDENTITY, -1, true",
        "IDENTITY, Infinity, false",
    })
    void knowsWhichValuesHaveAParameter(Parametrisation function, float value, boolean defined) {
        assertThat(function.isDefined(value)).isEqualTo(defined);
        float good = function == Parametrisation.NEGATIVE_EXPONENTIAL ? -1 : 1;
        if (!defined) {
            assertThat(function.extrapolate(ALPHA, value, good)).isNotEqualTo(function.extrapolate(ALPHA, good, good));
            assertThat(Float.isFinite(function.extrapolate(ALPHA, good, value))
                            && Float.isFinite(function.extrapolate(ALPHA, value, good)))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyWeightsAreLikeOne(Parametrisation function) {
        float sign = function == Parametrisation.NEGATIVE_EXPONENTIAL ? -1 : 1;
        SplittableRandom random = new SplittableRandom(3);
        float[] sft = new float[100];
        float[] aligned = new float[100];
        float[] expected = new float[100];
        for (int i = 0; i < sft.length; i++) {
            sft[i] = sign * (float) random.nextDouble(0.1, 4);
            aligned[i] = sign * (float) random.nextDouble(0.1, 4);
            expected[i] = function.extrapolate(ALPHA, sft[i], aligned[i]);
        }
        MemorySegment target = MemorySegment.ofArray(aligned);
        function.extrapolate(ALPHA, 100, MemorySegment.ofArray(sft), target, target);
        assertThat(aligned).isEqualTo(expected);
    }
}
