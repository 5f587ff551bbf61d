package io.github.expogguf.cli.option.value;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.options.TypeChoice;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Similar;
import io.github.expogguf.text.Words;
import io.github.expogguf.work.Threads;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** From the words of the command line to values, with llama-quantize's names and notations. */
public final class Converters {

    private static final Pattern SHARD_SIZE = Pattern.compile("([0-9]+)([MG])");

    private Converters() {}

    /** For completion scripts. */
    public static final class TypeNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return TypeChoice.names().iterator();
        }
    }

    /** Name, alias or number of a file type. */
    public static final class ToFileType implements ITypeConverter<TypeChoice> {
        @Override
        public TypeChoice convert(String text) {
            return refusing(text, () -> TypeChoice.parse(text));
        }
    }

    /** Name of a tensor type. */
    public static final class ToTensorType implements ITypeConverter<GgmlType> {
        @Override
        public GgmlType convert(String text) {
            return refusing(text, () -> GgmlType.parse(text));
        }
    }

    /** {@code REGEX=TYPE}. */
    public static final class ToTensorTypeRule implements ITypeConverter<TensorTypeRule> {
        @Override
        public TensorTypeRule convert(String text) {
            return tensorTypeRule(text);
        }
    }

    /** Name of a profile of rules. */
    public static final class ToProfile implements ITypeConverter<RuleProfile> {
        @Override
        public RuleProfile convert(String text) {
            return refusing(text, () -> RuleProfile.parse(text));
        }
    }

    /** Name of a published pair. */
    public static final class ToPreset implements ITypeConverter<PublishedPair> {
        @Override
        public PublishedPair convert(String text) {
            return refusing(text, () -> PublishedPair.parse(text));
        }
    }

    /** {@code KEY=TYPE:VALUE}. */
    public static final class ToOverride implements ITypeConverter<KeyValueOverride> {
        @Override
        public KeyValueOverride convert(String text) {
            return refusing(text, () -> KeyValueOverride.parse(text));
        }
    }

    /** A file, which need not be there. */
    public static final class ToPath implements ITypeConverter<Path> {
        @Override
        public Path convert(String text) {
            return path(text);
        }
    }

    /** The same, as it is written: it may stand for the names of several. */
    public static final class ToFileName implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            path(text);
            return text;
        }
    }

    /**
     * The path that a word is.
     *
     * @throws TypeConversionException if no file can be called so
     */
    public static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException("there is no name, expected that of a file");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException wrong) {
            throw new TypeConversionException(Escape.quote(text) + " is not a file name: " + wrong.getReason());
        }
    }

    /** Whether an option that takes no value is given; what stands behind it is none. */
    public static final class ToTruth implements ITypeConverter<Boolean> {
        @Override
        public Boolean convert(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default ->
                    throw new TypeConversionException(
                            Escape.quote(text) + " is neither true nor false; the option stands alone");
            };
        }
    }

    /** A whole number. */
    public static final class ToInt implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return Math.toIntExact(whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
    }

    /** The same, of up to 64 bits. */
    public static final class ToLong implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
        }
    }

    private static long whole(String text, long least, long most) {
        if (!text.matches("[+-]?[0-9]+")) {
            throw new TypeConversionException(Escape.quote(text) + " is not a whole number, as in 64");
        }
        BigInteger number = new BigInteger(text);
        if (number.compareTo(BigInteger.valueOf(least)) < 0 || number.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new TypeConversionException(
                    Escape.quote(text) + " is not a whole number of " + least + " to " + most);
        }
        return number.longValue();
    }

    /** A finite number. */
    public static final class ToAlpha implements ITypeConverter<Float> {
        @Override
        public Float convert(String text) {
            return finite(text);
        }
    }

    /** Same, with the digits that a double holds. */
    public static final class ToDouble implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            return refusing(text, () -> Numbers.parseFiniteDouble(text));
        }
    }

    /** A constant by its name as people write it, in any case; completion scripts get the names. */
    public abstract static class ToConstant<E extends Enum<E>> implements ITypeConverter<E>, Iterable<String> {

        private final E[] constants;
        private final List<String> names;

        protected ToConstant(Class<E> type) {
            constants = type.getEnumConstants();
            names = Arrays.stream(constants).map(Words::hyphened).toList();
        }

        @Override
        public final E convert(String text) {
            int at = names.indexOf(text.toLowerCase(Locale.ROOT));
            if (at < 0) {
                throw new TypeConversionException(
                        Escape.quote(text) + " is none of " + String.join(", ", names) + Similar.hint(text, names));
            }
            return constants[at];
        }

        @Override
        public final Iterator<String> iterator() {
            return names.iterator();
        }
    }

    public static float finite(String text) {
        return refusing(text, () -> Numbers.parseFinite(text));
    }

    /** {@code N(M|G)}, decimal units as in llama-gguf-split. */
    public static final class ToShardBytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            Matcher matcher = SHARD_SIZE.matcher(text.toUpperCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new TypeConversionException(Escape.quote(text) + " is not a size such as 500M or 2G");
            }
            try {
                long unit = matcher.group(2).equals("M") ? 1_000_000L : 1_000_000_000L;
                long bytes = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
                if (bytes > 0) {
                    return bytes;
                }
            } catch (ArithmeticException | NumberFormatException _) {
                // refused below, as is 0
            }
            throw new TypeConversionException(Escape.quote(text) + " is not a size of a file");
        }
    }

    /** A whole number that there can be of threads. */
    public static final class ToThreads implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            int threads = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
            if (threads < 1 || threads > Threads.MAX) {
                throw new TypeConversionException(
                        Escape.quote(text) + " is not a number of threads, 1 to " + Threads.MAX);
            }
            return threads;
        }
    }

    public static TensorAlphaRule tensorAlphaRule(String text) {
        return refusing(text, () -> TensorAlphaRule.parse(text));
    }

    static TensorTypeRule tensorTypeRule(String text) {
        return refusing(text, () -> TensorTypeRule.parseInLowerCase(text));
    }

    /** The value, or a refusal of the word in the terms of the command line. */
    static <T> T refusing(String text, Supplier<T> parse) {
        try {
            return Numbers.parsed(text, parse);
        } catch (IllegalArgumentException wrong) {
            throw new TypeConversionException(wrong.getMessage());
        }
    }

    /** The rules of a {@code --tensor-type-file}: REGEX=TYPE between white space, as llama-quantize reads it. */
    public static List<TensorTypeRule> tensorTypeRules(String content) {
        if (content.strip().isEmpty()) {
            return List.of();
        }
        String[] rules = content.strip().split("\\s+");
        if (rules.length > GgufLimits.maxPairs()) {
            throw new TypeConversionException(rules.length + " rules, expected at most " + GgufLimits.maxPairs() + "; "
                    + GgufLimits.wayOut(GgufLimits.ENTRIES_PROPERTY, rules.length));
        }
        return Arrays.stream(rules).map(Converters::tensorTypeRule).toList();
    }
}
