package io.github.expogguf.run.compute;

/**
 * How many values of a tensor are infinite or NaN, or, of an input, the value of no trained parameter.
 *
 * @param inSft     in the SFT model
 * @param inAligned in the aligned model
 * @param inResult  after extrapolation
 */
record BadValues(long inSft, long inAligned, long inResult) {

    /** As in {@code 3 of 4096 values are infinite or NaN}. */
    static String ofThem(long bad, long elements) {
        return bad + " of " + elements + " values are infinite or NaN";
    }

    BadValues plus(BadValues more) {
        return new BadValues(inSft + more.inSft, inAligned + more.inAligned, inResult + more.inResult);
    }
}
