package io.github.expogguf.cli.option;

import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.TextFile;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.Grammar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What answers may look like; names and notation are llama.cpp's. */
public final class GrammarFlags {

    @ArgGroup(exclusive = true)
    private @Nullable Source source;

    /** A text, or a file with one. */
    static final class Source {
        @Option(
                names = "--grammar",
                paramLabel = "GBNF",
                order = 72,
                description = "Grammar that every answer follows, as in 'root ::= \"yes\" | \"no\"'.")
        private @Nullable String text;

        @Option(names = "--grammar-file", paramLabel = "FILE", order = 73, description = "The same in a file.")
        private @Nullable Path file;
    }

    /**
     * The grammar, if there is one.
     *
     * @throws IllegalArgumentException if the text of the option is none
     * @throws PromptException          if the file holds none
     */
    public Optional<Grammar> grammar() throws IOException {
        if (source == null) {
            return Optional.empty();
        }
        String text = source.file == null ? source.text : TextFile.read(source.file);
        try {
            return Optional.ofNullable(text).map(Grammar::parse);
        } catch (IllegalArgumentException wrong) {
            if (source.file == null) {
                throw new IllegalArgumentException("--grammar: " + wrong.getMessage(), wrong);
            }
            throw new PromptException(source.file.getFileName() + ": " + wrong.getMessage());
        }
    }

    /** Same options, with the grammar if there is one. */
    public GenerationOptions apply(GenerationOptions how) throws IOException {
        return grammar().map(how::withGrammar).orElse(how);
    }
}
