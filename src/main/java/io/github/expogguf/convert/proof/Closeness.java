package io.github.expogguf.convert.proof;

import io.github.expogguf.gguf.GgmlType;

/**
 * How values compare with those of a template.
 *
 * @param distance root of the mean square of the differences, by that of the template's values; 0 if they are equal
 * @param cosine   of the angle between both; 1 if they are equal
 * @param reversed how many of the template's values are in another order than rounding keeps; 0 where none is kept
 */
public record Closeness(double distance, double cosine, int reversed) {

    static final Closeness EQUAL = new Closeness(0, 1, 0);

    /** Sums up what is compared. */
    static final class Sums {

        private double template;
        private double values;
        private double product;
        private double difference;

        void add(float ofTemplate, float value) {
            template += (double) ofTemplate * ofTemplate;
            values += (double) value * value;
            product += (double) ofTemplate * value;
            double step = (double) value - ofTemplate;
            difference += step * step;
        }

        Closeness closeness() {
            if (difference == 0) {
                return EQUAL;
            }
            double distance = Math.sqrt(difference / template);
            double cosine = product / Math.sqrt(template * values);
            return new Closeness(
                    Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance, Double.isNaN(cosine) ? 0 : cosine, 0);
        }
    }

    Closeness withReversed(int values) {
        return new Closeness(distance, cosine, values);
    }

    boolean isBetterThan(Closeness other) {
        return distance < other.distance;
    }

    /**
     * How far the weights may be from a template at most; what is unrelated has a distance of about 1.4.
     *
     * @param isSame whether only rounding lies between them: two to three times the error of the type, at its worst;
     *               else training may have changed them, too
     */
    static double bound(GgmlType template, boolean isSame) {
        double bits = template.bitsPerWeight();
        double coarse = bits >= 4 ? 0.45 : bits >= 3 ? 0.6 : bits >= 2 ? 0.75 : 0.9;
        return !isSame
                ? coarse
                : bits >= 16 ? 0.02 : bits >= 8 ? 0.04 : bits >= 6 ? 0.08 : bits >= 5 ? 0.15 : bits >= 4 ? 0.3 : coarse;
    }
}
