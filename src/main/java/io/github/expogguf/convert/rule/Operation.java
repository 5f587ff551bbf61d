package io.github.expogguf.convert.rule;

import io.github.expogguf.convert.gather.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A step from a view of a tensor to the one that is wanted; empty where a number is missing or does not fit. */
sealed interface Operation {

    /** Stands for the number of elements along the axis, in the numbers of that axis. */
    String SIZE = "size";

    Optional<View> apply(View view, Scope scope);

    /**
     * One axis as several.
     *
     * @param parts sizes; an empty one is what is left
     */
    record Split(int axis, List<Optional<NumberExpression>> parts) implements Operation {

        @Override
        public Optional<View> apply(View view, Scope scope) {
            long left = view.size(axis);
            Scope inner = scope.with(SIZE, left);
            List<Long> sizes = new ArrayList<>();
            for (Optional<NumberExpression> part : parts) {
                long size = part.isEmpty() ? 1 : part.get().size(inner).orElse(0);
                if (size == 0 || left % size != 0) {
                    return Optional.empty();
                }
                left /= size;
                sizes.add(size);
            }
            int rest = parts.indexOf(Optional.<NumberExpression>empty());
            if (rest >= 0) {
                sizes.set(rest, left);
            } else if (left != 1) {
                return Optional.empty();
            }
            return Optional.of(view.split(axis, sizes));
        }
    }

    /** Two axes exchanged. */
    record Swap(int one, int other) implements Operation {

        @Override
        public Optional<View> apply(View view, Scope scope) {
            return Optional.of(view.swap(one, other));
        }
    }

    /** Some elements of an axis. */
    record Take(int axis, NumberExpression from, NumberExpression to, NumberExpression step) implements Operation {

        @Override
        public Optional<View> apply(View view, Scope scope) {
            Scope inner = scope.with(SIZE, view.size(axis));
            OptionalLong first = from.size(inner);
            OptionalLong end = to.size(inner);
            OptionalLong distance = step.size(inner);
            return first.isPresent() && end.isPresent() && distance.isPresent()
                    ? Optional.of(view.take(axis, first.getAsLong(), end.getAsLong(), distance.getAsLong()))
                    : Optional.empty();
        }
    }
}
