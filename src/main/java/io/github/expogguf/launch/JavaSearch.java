package io.github.expogguf.launch;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** Finds an installed Java that is new enough, by reading each one's {@code release} file instead of starting it. */
final class JavaSearch {

    /** EX_CONFIG of sysexits.h. */
    static final int JAVA_TOO_OLD = 78;

    /** The property lets a test ask for a Java that nobody has. */
    static final int NEEDED = Integer.getInteger("expo.gguf.java.needed", 25);

    private static final String[] LINUX = {
        "/usr/lib/jvm/*", "/usr/lib64/jvm/*", "/usr/java/*", "/opt/*", "/opt/java/*", "/opt/jdk/*"
    };
    private static final String[] MAC = {
        "/Library/Java/JavaVirtualMachines/*/Contents/Home",
        "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
        "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
        "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home"
    };
    private static final String[] WINDOWS_VENDORS = {
        "Java", "Eclipse Adoptium", "Microsoft", "Zulu", "Amazon Corretto", "BellSoft", "Semeru", "OpenJDK"
    };
    /** What version managers and development environments use on every system. */
    private static final String[] PER_USER = {
        "~/.sdkman/candidates/java/*",
        "~/.jdks/*",
        "~/.jdk/*",
        "~/.asdf/installs/java/*",
        "~/.local/share/mise/installs/java/*",
        "~/scoop/apps/*/current"
    };

    private final String osName;
    private final String userHome;
    private final Map<String, String> environment;

    JavaSearch(String osName, String userHome, Map<String, String> environment) {
        this.osName = osName.toLowerCase(Locale.ROOT);
        this.userHome = userHome;
        this.environment = environment;
    }

    /** Prints the home of the Java that the launcher would take; the Makefile asks. */
    public static void main(String[] args) {
        Path home = runningVersion() >= NEEDED ? runningHome() : ofThisMachine().find();
        if (home == null) {
            System.err.println(missing());
            System.exit(JAVA_TOO_OLD);
        }
        System.out.println(home);
    }

    /** What there is to say where none is found. */
    static String missing() {
        return "Java " + NEEDED + " or newer is needed, and this is Java " + runningVersion() + " (" + runningHome()
                + "); there is no newer one in JAVA_HOME, on the PATH or in the usual places: install one, or name it in"
                + " JAVA_HOME";
    }

    static JavaSearch ofThisMachine() {
        return new JavaSearch(System.getProperty("os.name"), System.getProperty("user.home"), System.getenv());
    }

    static boolean isWindows() {
        return File.separatorChar == '\\';
    }

    /** Feature number of the Java that runs this: 8, 17, 25. */
    static int runningVersion() {
        return feature(System.getProperty("java.specification.version"));
    }

    static Path runningHome() {
        return Paths.get(System.getProperty("java.home"));
    }

    static Path executable(Path home) {
        return home.resolve("bin").resolve(isWindows() ? "java.exe" : "java");
    }

    /** Home of a Java that is new enough: JAVA_HOME, else the PATH's first, else the newest; null if there is none. */
    Path find() {
        List<Path> chosen = new ArrayList<>();
        addPath(chosen, environment.get("JAVA_HOME"));
        for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            addHomeOf(chosen, directory);
        }
        for (Path home : chosen) {
            if (version(home) >= NEEDED) {
                return home;
            }
        }
        Path newest = null;
        for (Path home : usualPlaces()) {
            if (version(home) >= NEEDED && (newest == null || version(home) > version(newest))) {
                newest = home;
            }
        }
        return newest;
    }

    private static void addPath(List<Path> paths, String name) {
        try {
            if (name != null && !name.isEmpty()) {
                paths.add(Paths.get(name));
            }
        } catch (InvalidPathException e) {
            // whatever it is, it is no directory
        }
    }

    /** On the PATH there is often a link, as in /usr/bin/java. */
    private static void addHomeOf(List<Path> homes, String binDirectory) {
        try {
            Path java =
                    Paths.get(binDirectory, isWindows() ? "java.exe" : "java").toRealPath();
            homes.add(java.getParent().getParent());
        } catch (IOException | InvalidPathException e) {
            // no java in this directory
        }
    }

    /** Feature number of an installed Java; 0 if there is none in that directory. */
    static int version(Path home) {
        if (home == null || !Files.isExecutable(executable(home))) {
            return 0;
        }
        Properties release = new Properties();
        try (InputStream in = Files.newInputStream(home.resolve("release"))) {
            release.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        }
        return feature(release.getProperty("JAVA_VERSION", "").replace("\"", ""));
    }

    /** 8 of 1.8.0_392, 25 of 25.0.2, 26 of 26-ea; 0 if it is no version. */
    static int feature(String version) {
        String[] numbers = version.split("[^0-9]+");
        try {
            int first = Integer.parseInt(numbers[0]);
            return first == 1 && numbers.length > 1 ? Integer.parseInt(numbers[1]) : first;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return 0;
        }
    }

    /** Directories that may be the home of a Java. */
    List<Path> usualPlaces() {
        List<Path> homes = new ArrayList<>();
        for (String pattern : patterns()) {
            expand(homes, pattern.startsWith("~") ? userHome + pattern.substring(1) : pattern);
        }
        return homes;
    }

    private List<String> patterns() {
        List<String> patterns = new ArrayList<>();
        if (osName.startsWith("windows")) {
            for (String variable : new String[] {"ProgramFiles", "ProgramW6432", "LOCALAPPDATA"}) {
                for (String vendor : WINDOWS_VENDORS) {
                    String base = environment.get(variable);
                    if (base != null) {
                        patterns.add(base + (variable.equals("LOCALAPPDATA") ? "/Programs/" : "/") + vendor + "/*");
                    }
                }
            }
        } else {
            patterns.addAll(Arrays.asList(osName.startsWith("mac") ? MAC : LINUX));
        }
        patterns.addAll(Arrays.asList(PER_USER));
        return patterns;
    }

    /** Adds the directories that a pattern with one star stands for. */
    private static void expand(List<Path> homes, String pattern) {
        int star = pattern.indexOf('*');
        int start = pattern.lastIndexOf('/', star);
        int end = pattern.indexOf('/', star);
        String name = pattern.substring(start + 1, end < 0 ? pattern.length() : end);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Paths.get(pattern.substring(0, start)), name)) {
            for (Path entry : entries) {
                homes.add(end < 0 ? entry : entry.resolve(pattern.substring(end + 1)));
            }
        } catch (IOException | InvalidPathException e) {
            // nothing is installed there
        }
    }
}
