package fetch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import names.OwnNames;

/** llama.cpp's libraries for a platform, out of packages that hold a whole build each, with names of our own. */
final class Libraries {

    private final Pins pins;
    private final Scratch scratch;

    Libraries(Pins pins, Scratch scratch) {
        this.pins = pins;
        this.scratch = scratch;
    }

    void fetch(String platform, Optional<String> version, Path target) throws IOException {
        Pins.Package pin = pins.of(platform, version);
        FileList there = FileList.ofComplete(target);
        if (there != null
                && there.origin().equals(pin.spec())
                && !FileList.ownBase(target).isEmpty()) {
            return;
        }
        if (there != null && !there.origin().startsWith("@node-llama-cpp/")) {
            System.err.println("fetch: keeping " + shown(target) + " (" + there.origin() + ", " + there.version()
                    + "); delete it to have " + pin.spec());
            return;
        }
        Path fresh = scratch.room();
        for (Path file : packed(pin)) {
            if (isNeeded(file.getFileName().toString())) {
                Files.move(file, fresh.resolve(file.getFileName()));
            }
        }
        OwnNames.give(fresh);
        put(fresh, pin, target);
    }

    /**
     * A backend's library, out of a build of its own, whose ggml-base has to be that of the platform's libraries, byte
     * for byte.
     *
     * @param what platform and backend, as {@code linux-x64-vulkan}
     */
    void fetchBackend(String what, Optional<String> version, Path target) throws IOException {
        Pins.Package pin = pins.of(what, version);
        String platform = what.substring(0, what.lastIndexOf('-'));
        String library = "libggml-" + what.substring(platform.length() + 1) + ".so";
        Path beside = target.resolveSibling(platform);
        fetch(platform, version, beside);
        FileList there = FileList.ofComplete(target);
        String base = FileList.ownBase(beside);
        if (there != null
                && there.origin().equals(pin.spec())
                && !base.isEmpty()
                && names(target.resolve(library), base)) {
            return;
        }
        Path fresh = scratch.room();
        for (Path file : packed(pin)) {
            if (List.of("libggml-base.so", library).contains(file.getFileName().toString())) {
                Files.move(file, fresh.resolve(file.getFileName()));
            }
        }
        OwnNames.giveBeside(fresh, beside);
        put(fresh, pin, target);
    }

    private List<Path> packed(Pins.Package pin) throws IOException {
        Path files =
                NpmPackage.fetch(pin.spec(), pin.integrity(), scratch.room()).resolve("bins");
        try (Stream<Path> walk = Files.walk(files, 2)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    /** Not node-llama-cpp's own parts: the addon for Node.js, and the helpers of llama.cpp's programs that it uses. */
    private static boolean isNeeded(String name) {
        return name.matches(".*[.](so|dylib|dll)")
                && !name.startsWith("llama-addon.")
                && !name.contains("llama-common.");
    }

    private static boolean names(Path library, String other) throws IOException {
        return Files.isRegularFile(library)
                && Files.readString(library, StandardCharsets.ISO_8859_1).contains(other);
    }

    private static void put(Path fresh, Pins.Package pin, Path target) throws IOException {
        new FileList(pin.spec(), pin.version()).write(fresh);
        Scratch.replace(target, fresh);
        System.out.println("fetch: " + shown(target) + " from " + pin.spec());
    }

    /** As people call it, who are a directory above. */
    static String shown(Path target) {
        return "native/" + target.toString().replace('\\', '/');
    }
}
