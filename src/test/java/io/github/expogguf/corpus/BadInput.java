package io.github.expogguf.corpus;

import java.io.IOException;
import java.nio.file.Path;

/** An input that somebody could give to the command, and what has to come of it. */
public interface BadInput {

    /** What an input is taken for. */
    enum Kind {
        MODEL,
        /** A LoRA adapter. */
        ADAPTER,
        /** A folder of Hugging Face. */
        FOLDER,
        /** A folder of PEFT. */
        PEFT_FOLDER,
        /** A recipe in YAML. */
        RECIPE,
        /** A model that carries a recipe. */
        WRITTEN_RECIPE,
        TEMPLATE,
        IMATRIX,
        PROMPTS,
        PREFERENCES,
        TEXT,
        TYPE_LIST
    }

    /** Name of the case. */
    String name();

    /** What the file is given for. */
    default Kind kind() {
        return Kind.MODEL;
    }

    /** Writes the file, or the set of files, and returns the one to name. */
    Path write(Path directory) throws IOException;

    /** Exit code of every command that reads it; 0 if it is odd, but right. */
    default int exitCode() {
        return 3;
    }

    /** Whether it is so large that a second and the check of what is printed are not enough. */
    default boolean isLarge() {
        return false;
    }

    /** Words of the message; of the results where the input is right. */
    String words();
}
