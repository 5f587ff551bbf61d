package io.github.expogguf.nativelib;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The places where libraries may be, in order. A place that is named is meant: if it cannot be used, that is an error,
 * and no later place takes over, because another build than the one asked for would compute unnoticed.
 */
final class LibrarySearch {

    static final String PROPERTY = "expo.gguf.lib.path";
    static final List<String> VARIABLES = List.of("EXPO_GGUF_LIB_PATH", "LLAMA_CPP_LIB_PATH");
    static final String BUNDLED = "bundled with expo-gguf";

    /**
     * A place.
     *
     * @param name  what a user calls it
     * @param value the directory that it names; empty if it names none
     */
    record Place(String name, String value) {

        boolean isNamed() {
            return !value.isEmpty();
        }

        Path directory() {
            return Path.of(value);
        }

        @Override
        public String toString() {
            return isNamed() ? name + "=" + value : name;
        }
    }

    private final List<Place> places;

    /**
     * @param given       the place that the caller names; null if it cannot name one
     * @param property    {@code System::getProperty}
     * @param environment {@code System::getenv}
     */
    LibrarySearch(@Nullable Place given, UnaryOperator<String> property, UnaryOperator<String> environment) {
        List<Place> list = new ArrayList<>();
        if (given != null) {
            list.add(given);
        }
        list.add(new Place("system property " + PROPERTY, orEmpty(property.apply(PROPERTY))));
        for (String variable : VARIABLES) {
            list.add(new Place("environment variable " + variable, orEmpty(environment.apply(variable))));
        }
        list.add(new Place(BUNDLED, ""));
        places = List.copyOf(list);
    }

    private static String orEmpty(String value) {
        return value == null ? "" : value.strip();
    }

    /** The first place that is named; the bundled libraries if none is. */
    Place chosen() {
        return places.stream().filter(Place::isNamed).findFirst().orElse(places.getLast());
    }

    /**
     * The message for a failure: every place and what came of it.
     *
     * @param reason why the chosen place cannot be used
     */
    String report(Platform platform, String system, String reason) {
        Place chosen = chosen();
        StringBuilder report = new StringBuilder()
                .append("no usable llama.cpp libraries for ")
                .append(platform.id())
                .append(" (")
                .append(system)
                .append("), looked for in this order:");
        boolean passed = false;
        for (Place place : places) {
            report.append("\n  ").append(place).append(": ");
            if (place.equals(chosen)) {
                report.append(reason);
                passed = true;
            } else if (passed) {
                report.append("not tried, because ").append(chosen.name()).append(" is set");
            } else {
                report.append("not set");
            }
        }
        return report.append("\nthe bundled libraries need ")
                .append(platform.requirement())
                .append("; elsewhere build llama.cpp v")
                .append(PinnedVersion.LLAMA_CPP)
                .append(" (make native-source) and name its directory")
                .toString();
    }
}
