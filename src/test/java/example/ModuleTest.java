package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library as others meet it: on the module path, where only what is exported can be named. */
class ModuleTest {

    private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();

    private static ModuleDescriptor descriptor() throws IOException {
        try (InputStream in = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    @Test
    void requiresTheJdkAloneAndOpensNothing() throws IOException {
        ModuleDescriptor library = descriptor();

        assertThat(library.requires()).allSatisfy(required -> {
            if (!required.name().equals("java.base")) {
                assertThat(required.modifiers()).contains(Modifier.STATIC);
            }
        });
        assertThat(library.requires())
                .extracting(ModuleDescriptor.Requires::name)
                .containsExactlyInAnyOrder("java.base", "jdk.incubator.vector");
        assertThat(library.opens()).isEmpty();
        assertThat(library.isOpen()).isFalse();
        assertThat(library.exports())
                .allSatisfy(exported -> assertThat(exported.targets()).isEmpty());
    }

    @Test
    void exportsNoRoomOfItsInsides() throws IOException {
        Set<String> inside = Set.of("bindings", "nativelib", "quant", "simd", "cli", "launch");

        assertThat(descriptor().exports())
                .extracting(ModuleDescriptor.Exports::source)
                .allSatisfy(source -> {
                    String room = source.replaceFirst("io\\.github\\.expogguf\\.?", "");
                    assertThat(inside).doesNotContain(room.split("\\.")[0]);
                    assertThat(room).isNotEqualTo("infer.jinja");
                });
    }

    @Test
    void extrapolatesAndAsksFromTheModulePath(@TempDir Path directory) throws IOException, InterruptedException {
        Path program = Path.of(ExtrapolateAndAsk.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .resolve("example");
        Files.createDirectory(directory.resolve("example"));
        Files.copy(
                program.resolve("ExtrapolateAndAsk.class"),
                directory.resolve("example").resolve("ExtrapolateAndAsk.class"));
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                CLASSES.toString(),
                "--add-modules",
                "io.github.expogguf",
                "--enable-native-access=io.github.expogguf",
                "-cp",
                directory.toString(),
                "example.ExtrapolateAndAsk",
                "src/demo/guide-sft-f16.gguf",
                "src/demo/guide-dpo-20-f16.gguf",
                "5",
                directory.resolve("out.gguf").toString(),
                "Which city rules Chile?");

        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed).contains("30 tensors extrapolated", "Santiago");
    }
}
