package fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** llama.cpp's source as a git clone, out of the bundle that its package holds. */
final class Source {

    private static final String NEEDS_GIT = "the package holds llama.cpp as a git bundle";

    private final Pins pins;
    private final Scratch scratch;

    Source(Pins pins, Scratch scratch) {
        this.pins = pins;
        this.scratch = scratch;
    }

    void fetch(Optional<String> version, Path target) throws IOException {
        Pins.Package pin = pins.of("source", version);
        String commit = pins.version(pin.version()).commit();
        if (Files.isRegularFile(target.resolve(".git").resolve("patched"))
                && head(target).equals(commit)) {
            return;
        }
        Path llama = NpmPackage.fetch(pin.spec(), pin.integrity(), scratch.room())
                .resolve("llama")
                .toAbsolutePath();
        Path work = scratch.room();
        new Command(
                        work,
                        "git",
                        "-c",
                        "advice.detachedHead=false",
                        "-c",
                        "core.autocrlf=false",
                        "clone",
                        "-q",
                        llama.resolve("gitRelease.bundle").toString(),
                        "clone")
                .run(NEEDS_GIT);
        Path clone = work.resolve("clone");
        if (!head(clone).equals(commit)) {
            throw new Failure("the source is commit " + head(clone) + ", pinned.txt says " + commit);
        }
        // The packaged libraries are built with these; models that come from no file need PR-22566.
        List<Path> patches;
        try (Stream<Path> files = Files.list(llama.resolve("patches"))) {
            patches = files.filter(file -> file.toString().endsWith(".diff"))
                    .sorted()
                    .toList();
        }
        for (Path patch : patches) {
            new Command(clone, "git", "apply", patch.toString()).run(NEEDS_GIT);
        }
        Files.createFile(clone.resolve(".git").resolve("patched"));
        Scratch.replace(target, clone);
        System.out.println("fetch: " + Libraries.shown(target) + " is llama.cpp " + pin.version()
                + ", with the patches of its package");
    }

    private static String head(Path clone) throws IOException {
        return new Command(clone, "git", "rev-parse", "HEAD").run(NEEDS_GIT);
    }
}
