package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.files.FileKind;
import io.github.expogguf.cli.files.FolderTemplate;
import io.github.expogguf.cli.files.FoundFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Words of command lines.
 *
 * @param adapters what goes behind {@code --adapter}
 * @param imatrix  what goes behind {@code --imatrix}
 */
record NextCommand(List<FoundFile> adapters, Optional<FoundFile> imatrix) {

    /** Of a result, unless something speaks against it. */
    static final String TYPE = "Q4_K_M";

    /** With room for steps that {@link #TYPE} has none for. */
    static final String FINE_TYPE = "Q8_0";

    private static final String PROGRAM = "expo-gguf";
    private static final String IMATRIX = "--imatrix";

    /** With what of the files goes with models. */
    static NextCommand with(List<FoundFile> files) {
        return new NextCommand(
                files.stream().filter(NextCommand::isAdapter).toList(),
                files.stream().filter(file -> file.kind() == FileKind.IMATRIX).findFirst());
    }

    private static boolean isAdapter(FoundFile file) {
        return switch (file.kind()) {
            case LORA, PEFT_FOLDER, PEFT_FILE -> true;
            default -> false;
        };
    }

    /** In safetensors, whatever it is called. */
    static boolean isFolder(FoundFile model) {
        return model.kind() != FileKind.MODEL;
    }

    static List<String> of(String command) {
        return List.of(PROGRAM, command);
    }

    static List<String> doctor(List<FoundFile> files) {
        List<String> words = new ArrayList<>(of("doctor"));
        files.forEach(file -> words.add(word(file)));
        return words;
    }

    static List<String> mkdir() {
        return List.of("mkdir", place());
    }

    /** What is read of a repository, without its weights in other formats. */
    static List<String> downloadOfFolder(String repository) {
        return List.of(
                "hf",
                "download",
                repository,
                "--include",
                "*.json",
                "--include",
                "*.safetensors",
                "--local-dir",
                repository.replaceFirst(".*/", ""));
    }

    /** One file of a repository that has the model in many types. */
    static List<String> downloadOfTemplate() {
        return List.of("hf", "download", "OWNER/REPO", "--include", "*" + TYPE + ".gguf", "--local-dir", "like");
    }

    static List<String> asLogits(FoundPair pair) {
        return List.of(
                PROGRAM,
                "chat",
                "--sft",
                word(pair.sft()),
                "--aligned",
                word(pair.aligned()),
                "--logits",
                "--alpha",
                "0.3");
    }

    /** Of a pair, with its preset. */
    List<String> extrapolating(FoundPair pair, Optional<FoundFile> template) {
        List<String> words = extrapolating(pair.sft(), Optional.of(pair.aligned()), template, TYPE);
        pair.published()
                .filter(published -> published.alpha().isPresent())
                .ifPresent(published -> words.addAll(2, List.of("--preset", published.toString())));
        return words;
    }

    /**
     * From the SFT model.
     *
     * @param aligned  empty where it is the SFT model with the adapters
     * @param template of folders
     */
    List<String> extrapolating(FoundFile sft, Optional<FoundFile> aligned, Optional<FoundFile> template, String type) {
        List<String> words = new ArrayList<>(List.of(PROGRAM, "extrapolate", "--sft", word(sft)));
        aligned.ifPresent(model -> words.addAll(List.of("--aligned", word(model))));
        if (aligned.isEmpty()) {
            adapters.forEach(adapter -> words.addAll(List.of("--adapter", adapterWord(adapter))));
        }
        template.ifPresent(model -> words.addAll(List.of("--like", word(model))));
        template.filter(model -> !hasChatTemplate(model))
                .flatMap(_ -> FolderTemplate.find(aligned.orElse(sft).path()))
                .ifPresent(file -> words.addAll(List.of("--chat-template", word(file))));
        imatrix.ifPresent(matrix -> words.addAll(List.of(IMATRIX, word(matrix))));
        words.addAll(List.of("--type", type, "--card", "--modelfile", "-o", place() + "/"));
        return words;
    }

    static List<String> withoutImatrix(List<String> words) {
        int at = words.indexOf(IMATRIX);
        List<String> others = new ArrayList<>(words);
        if (at >= 0) {
            others.subList(at, at + 2).clear();
        }
        return others;
    }

    static boolean hasChatTemplate(FoundFile model) {
        return model.header()
                .flatMap(header -> header.metadata().string("tokenizer.chat_template"))
                .filter(template -> !template.isBlank())
                .isPresent();
    }

    /** A name that begins like an option, or as a file of words does, is a path all the same. */
    static String word(FoundFile file) {
        return word(file.path());
    }

    private static String word(Path file) {
        String path = file.toString();
        return path.startsWith("-") || path.startsWith("@") ? "./" + path : path;
    }

    /** What follows the last '=' is a weight. */
    private static String adapterWord(FoundFile file) {
        return word(file) + (word(file).contains("=") ? "=1" : "");
    }

    /** A directory for the model and what goes with it, of a name that nothing has. */
    private static String place() {
        int number = 1;
        String name = "expo";
        while (Files.exists(Path.of(name))) {
            number++;
            name = "expo-" + number;
        }
        return name;
    }
}
