package io.github.expogguf.documents;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.FolderFixture;
import io.github.expogguf.testing.GgufCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the downloads of the README's first pair leave, as small models, with the names and the files around them. */
final class DownloadedPair {

    static final String SFT = "mistral-7b-sft-beta";
    static final String ALIGNED = "zephyr-7b-beta";
    static final String LIKE = "like/zephyr-7b-beta.Q4_K_M.gguf";

    private static final String CHAT_TEMPLATE = "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' +"
            + " message['content'] + eos_token }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}"
            + "{% endif %}";

    private DownloadedPair() {}

    /** @param hasTemplate whether the GGUF has a chat template, as those of 2023 have not */
    static void write(Path directory, boolean hasTemplate) throws IOException {
        FolderFixture fixture = FolderFixture.of("llama_wide");
        folder(fixture.sft(), directory.resolve(SFT));
        folder(fixture.aligned(), directory.resolve(ALIGNED));
        Path like = directory.resolve(LIKE);
        leftByClient(like.getParent(), "zephyr-7b-beta.Q4_K_M.gguf");
        GgufCopy.write(
                fixture.template(),
                like,
                hasTemplate ? Map.of("tokenizer.chat_template", MetadataValue.ofString(CHAT_TEMPLATE)) : Map.of());
    }

    private static void folder(Path fixture, Path folder) throws IOException {
        leftByClient(folder, "config.json");
        try (Stream<Path> files = Files.list(fixture)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"eos_token\": \"</s>\", \"chat_template\": \"" + CHAT_TEMPLATE + "\"}");
        for (String other : List.of("generation_config.json", "all_results.json")) {
            Files.writeString(folder.resolve(other), "{}");
        }
    }

    /** Beside the files, as {@code hf download --local-dir} keeps its accounts. */
    private static void leftByClient(Path folder, String file) throws IOException {
        Path accounts = Files.createDirectories(folder.resolve(".cache/huggingface/download"));
        Files.writeString(accounts.resolve(file + ".metadata"), "0123456789abcdef\n\"etag\"\n1700000000.0\n");
        Files.createFile(accounts.resolve(file + ".lock"));
    }
}
