package io.github.expogguf.search;

/** Student's t distribution: how far a mean of few lies above 0 by chance, in standard errors that those few tell. */
final class StudentT {

    private static final int HALVINGS = 200;

    private StudentT() {}

    /**
     * What is exceeded with this probability.
     *
     * @param probability between 0 and a half
     * @param degrees     degrees of freedom, at least 1
     */
    static double quantile(double probability, int degrees) {
        double low = 0;
        double high = 1;
        while (tail(high, degrees) > probability) {
            high *= 2;
        }
        for (int i = 0; i < HALVINGS && low < high; i++) {
            double middle = (low + high) / 2;
            if (tail(middle, degrees) > probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** Probability of more than t; a finite sum for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 4). */
    static double tail(double t, int degrees) {
        double angle = Math.atan(t / Math.sqrt(degrees));
        double cosine = Math.cos(angle);
        boolean isOdd = degrees % 2 == 1;
        double term = isOdd ? cosine : 1;
        double sum = degrees == 1 ? 0 : term;
        for (int k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
            term *= cosine * cosine * (k - 1) / k;
            sum += term;
        }
        double within = Math.sin(angle) * sum;
        return (1 - (isOdd ? 2 / Math.PI * (angle + within) : within)) / 2;
    }
}
