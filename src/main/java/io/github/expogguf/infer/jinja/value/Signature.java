package io.github.expogguf.infer.jinja.value;

import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a function of Python, and Python's complaints about arguments that do not fit them.
 *
 * @param function name in the complaints
 * @param parameters names; all from {@code required} on may be left out
 * @param hidden how many arguments jinja2 itself puts in front (an environment, a context, {@code self})
 */
public record Signature(String function, List<String> parameters, int required, int hidden) {

    private static final Sentinel ABSENT = new Sentinel();

    /** What a function does with its arguments. */
    @FunctionalInterface
    public interface Body {
        @Nullable
        Object call(Bound arguments) throws JinjaException;
    }

    /** The arguments in the order of the parameters. */
    public record Bound(@Nullable Object[] values) {

        public @Nullable Object get(int index) {
            return values[index];
        }

        boolean has(int index) {
            return values[index] != ABSENT;
        }

        public @Nullable Object get(int index, @Nullable Object otherwise) {
            return has(index) ? values[index] : otherwise;
        }
    }

    /**
     * Parameters that may be left out end with a question mark, those that jinja2 itself supplies begin with an at
     * sign.
     */
    public static Signature of(String function, String... parameters) {
        List<String> names = new ArrayList<>();
        int hidden = 0;
        int required = 0;
        for (String parameter : parameters) {
            if (parameter.startsWith("@")) {
                hidden++;
                continue;
            }
            boolean optional = parameter.endsWith("?");
            names.add(optional ? parameter.substring(0, parameter.length() - 1) : parameter);
            required += optional ? 0 : 1;
        }
        return new Signature(function, List.copyOf(names), required, hidden);
    }

    public Bound bind(List<@Nullable Object> positional, Map<String, @Nullable Object> named) throws JinjaException {
        Object[] values = new Object[parameters.size()];
        Arrays.fill(values, ABSENT);
        for (int i = 0; i < Math.min(positional.size(), values.length); i++) {
            values[i] = positional.get(i);
        }
        for (Map.Entry<String, @Nullable Object> argument : named.entrySet()) {
            int index = parameters.indexOf(argument.getKey());
            if (index < 0) {
                throw fail("got an unexpected keyword argument '" + argument.getKey() + "'");
            }
            if (values[index] != ABSENT) {
                throw fail("got multiple values for argument '" + argument.getKey() + "'");
            }
            values[index] = argument.getValue();
        }
        if (positional.size() > values.length) {
            throw tooMany(positional.size() + hidden);
        }
        checkRequired(values);
        return new Bound(values);
    }

    /** The same for a method called on its object, which counts as the first argument. */
    public Bound bindMethod(List<@Nullable Object> positional, Map<String, @Nullable Object> named)
            throws JinjaException {
        List<@Nullable Object> all = new ArrayList<>();
        all.add(null);
        all.addAll(positional);
        return bind(all, named);
    }

    private JinjaException tooMany(int given) {
        int most = parameters.size() + hidden;
        int least = required + hidden;
        String expected = least == most ? Integer.toString(most) : "from " + least + " to " + most;
        return fail("takes " + expected + " " + Words.noun(most, "positional argument") + " but " + given + " "
                + (given == 1 ? "was" : "were") + " given");
    }

    private void checkRequired(@Nullable Object[] values) throws JinjaException {
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < required; i++) {
            if (values[i] == ABSENT) {
                missing.add("'" + parameters.get(i) + "'");
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        String names = switch (missing.size()) {
            case 1 -> missing.getFirst();
            case 2 -> missing.get(0) + " and " + missing.get(1);
            default -> String.join(", ", missing.subList(0, missing.size() - 1)) + ", and " + missing.getLast();
        };
        throw fail("missing " + missing.size() + " " + Words.noun(missing.size(), "required positional argument") + ": "
                + names);
    }

    private JinjaException fail(String complaint) {
        return JinjaException.type(function + "() " + complaint);
    }
}
