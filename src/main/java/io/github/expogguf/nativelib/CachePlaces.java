package io.github.expogguf.nativelib;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The places where libraries may be unpacked. */
final class CachePlaces {

    static final String PROPERTY = "expo.gguf.cache";
    static final String VARIABLE = "EXPO_GGUF_CACHE";

    /** What to do where none will do. */
    static final String REMEDY =
            "name another directory with the system property " + PROPERTY + " or the environment variable " + VARIABLE;

    private CachePlaces() {}

    /**
     * A place.
     *
     * @param isShared whether it is everybody's, so that only a directory inside can be this user's
     */
    record Place(Path directory, boolean isShared) {}

    /**
     * What is named by property or environment, and nothing else then; or this platform's usual place, and then the
     * directory of temporary files, for users without home or with one that cannot be written.
     *
     * @param property    {@code System::getProperty}
     * @param environment {@code System::getenv}
     */
    static List<Place> find(Platform platform, UnaryOperator<String> property, UnaryOperator<String> environment) {
        String named = property.apply(PROPERTY) != null ? property.apply(PROPERTY) : environment.apply(VARIABLE);
        if (named != null && !named.isEmpty()) {
            return List.of(new Place(Path.of(named), false));
        }
        List<Place> places = new ArrayList<>();
        usual(platform, property.apply("user.home"), environment)
                .ifPresent(directory -> places.add(new Place(directory.resolve("expo-gguf"), false)));
        String temporary = property.apply("java.io.tmpdir");
        if (temporary != null) {
            places.add(new Place(Path.of(temporary), true));
        }
        return places;
    }

    private static Optional<Path> usual(Platform platform, String home, UnaryOperator<String> environment) {
        // the XDG base directory specification asks to ignore a relative path
        String variable = platform.isWindows() ? "LOCALAPPDATA" : platform.isMac() ? "" : "XDG_CACHE_HOME";
        String base = variable.isEmpty() ? null : environment.apply(variable);
        if (base != null && Path.of(base).isAbsolute()) {
            return Optional.of(Path.of(base));
        }
        if (home == null || !Path.of(home).isAbsolute()) { // Java says "?" of a user who has none
            return Optional.empty();
        }
        return Optional.of(Path.of(home)
                .resolve(platform.isWindows() ? "AppData/Local" : platform.isMac() ? "Library/Caches" : ".cache"));
    }
}
