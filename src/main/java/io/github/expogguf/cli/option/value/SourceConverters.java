package io.github.expogguf.cli.option.value;

import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Escape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** From the words of the command line to adapters and further differences. */
public final class SourceConverters {

    private SourceConverters() {}

    /** {@code FILE[=WEIGHT]}. */
    public static final class ToAdapter implements ITypeConverter<Ingredients.Adapter<Path>> {
        @Override
        public Ingredients.Adapter<Path> convert(String text) {
            int equals = text.lastIndexOf('=');
            if (equals == 0 || text.isEmpty()) {
                throw new TypeConversionException(Escape.quote(text) + " names no file");
            }
            return equals < 0
                    ? new Ingredients.Adapter<>(Converters.path(text), 1)
                    : new Ingredients.Adapter<>(
                            Converters.path(text.substring(0, equals)), Converters.finite(text.substring(equals + 1)));
        }
    }

    /** {@code SFT2,ALIGNED2,BETA}. */
    public static final class ToDelta implements ITypeConverter<Ingredients.Delta<Path>> {
        @Override
        public Ingredients.Delta<Path> convert(String text) {
            String[] parts = text.split(",", -1);
            if (parts.length != 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
                throw new TypeConversionException(
                        Escape.quote(text) + " is not SFT2,ALIGNED2,BETA, as in SFT2.gguf,DPO2.gguf,0.5");
            }
            return new Ingredients.Delta<>(
                    Converters.path(parts[0]), Converters.path(parts[1]), Converters.finite(parts[2]));
        }
    }

    /** {@code STEP=FILE}. */
    public static final class ToCheckpoint implements ITypeConverter<Ingredients.Checkpoint<Path>> {

        private static final Pattern SEVERAL = Pattern.compile(".*,[-+.eE0-9]+=.*");

        @Override
        public Ingredients.Checkpoint<Path> convert(String text) {
            int equals = text.indexOf('=');
            if (equals <= 0 || equals == text.length() - 1) {
                throw new TypeConversionException(Escape.quote(text) + " is not STEP=FILE, as in 100=STEP-100.gguf");
            }
            Path file = Converters.path(text.substring(equals + 1));
            if (SEVERAL.matcher(text).matches() && !Files.exists(file)) {
                throw new TypeConversionException(Escape.quote(text)
                        + " seems to name several checkpoints: give each a --checkpoint STEP=FILE of its own");
            }
            return new Ingredients.Checkpoint<>(Steps.step(text.substring(0, equals)), file);
        }
    }
}
