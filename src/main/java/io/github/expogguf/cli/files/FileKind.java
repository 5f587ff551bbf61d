package io.github.expogguf.cli.files;

import io.github.expogguf.text.Words;

/** What people have when they have a model, or think so; and what to do with it where another kind is needed. */
public enum FileKind {
    MODEL(""),
    LORA("it is a LoRA adapter: --adapter takes it, in the place of --aligned"),
    PROJECTOR("it is a projector for images or sound (mmproj) and no language model", FileKind.ANOTHER_FILE),
    IMATRIX("it is an importance matrix: --imatrix takes it"),
    VOCABULARY("it has no tensors, only a vocabulary", FileKind.ANOTHER_FILE),
    SAFETENSORS(
            "it is a safetensors file: where a command takes folders, --sft and --aligned take it, with --like where"
                    + " the aligned model is one"),
    FOLDER("it is the folder of a Hugging Face model: where a command takes folders, --sft and --aligned take it, with"
            + " --like where the aligned model is one"),
    PEFT_FILE("it is an adapter of PEFT: --adapter takes its folder, in the place of --aligned"),
    PEFT_FOLDER("it is the folder of a PEFT adapter: --adapter takes it, in the place of --aligned"),
    PEFT_WITHOUT_CONFIG(
            "it is a PEFT adapter without adapter_config.json, which says how its factors are scaled: download"
                    + " that, too, into the same folder"),
    PYTORCH("it is a checkpoint of PyTorch, which may run code of its author", "take the repository's .safetensors"),
    PART_OF_FOLDER("it belongs to the folder of a Hugging Face model", "name the folder"),
    GGUF_FOLDER("it is a folder with GGUF files: name one of them"),
    UNFINISHED("is the download complete?"),
    SHARDS_MISSING("download the missing files, too"),
    LFS_POINTER("it is a Git LFS pointer, some lines in the place of the file: 'git lfs pull' in its folder fetches"
            + " that"),
    WEB_PAGE("it is a web page, as servers send it in the place of a file that needs a login or is not there: 'hf"
            + " download' says which"),
    EMPTY("it is empty: is the download complete?"),
    MISSING(""),
    UNREADABLE(""),
    DAMAGED("download it again, if it is not meant to be so"),
    TEXT(
            "it is text",
            "--text, --prompts and --preferences take such files; in the place of a download it says why there is none"),
    ARCHIVE("it is an archive", "unpack it, and name what it holds"),
    EMPTY_FOLDER("it is a folder without a model", "name the one that has the .safetensors"),
    OTHER("it is of no kind that is known", "models are GGUF files, folders of safetensors and single .safetensors");

    private static final String ANOTHER_FILE = "the model is another file of the same repository";

    private final String what;
    private final String wayToModel;

    FileKind(String hint) {
        this(hint, "");
    }

    /** @param wayToModel the way out where a model is needed, and no other kind */
    FileKind(String what, String wayToModel) {
        this.what = what;
        this.wayToModel = wayToModel;
    }

    /** The way out, as a part of a sentence; empty where there is none to tell. */
    String hint() {
        return wayToModel.isEmpty() ? what : what + ": " + wayToModel;
    }

    /** The same, without what helps only where a model is needed. */
    String what() {
        return what;
    }

    /** Whether weights to extrapolate can come from it. */
    public boolean isModel() {
        return this == MODEL || this == SAFETENSORS || this == FOLDER;
    }

    /** Whether it is of use for something, complete and sound. */
    public boolean isUsable() {
        return switch (this) {
            case MODEL, LORA, PROJECTOR, IMATRIX, SAFETENSORS, FOLDER, PEFT_FILE, PEFT_FOLDER -> true;
            case PEFT_WITHOUT_CONFIG,
                    VOCABULARY,
                    PYTORCH,
                    UNFINISHED,
                    SHARDS_MISSING,
                    LFS_POINTER,
                    WEB_PAGE,
                    EMPTY,
                    MISSING -> false;
            case UNREADABLE, DAMAGED, TEXT, ARCHIVE, EMPTY_FOLDER, OTHER, PART_OF_FOLDER, GGUF_FOLDER -> false;
        };
    }

    /** Name in JSON, as in {@code lfs-pointer}. */
    public String label() {
        return Words.hyphened(this);
    }
}
