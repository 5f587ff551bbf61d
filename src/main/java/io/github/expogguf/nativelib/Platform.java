package io.github.expogguf.nativelib;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An operating system and a processor, in the names of the directories that hold the libraries ({@code linux-x64}).
 *
 * @param os           {@code linux}, {@code mac}, {@code win}, or what the JVM calls another one
 * @param architecture {@code x64}, {@code arm64}, or what the JVM calls another one
 */
record Platform(String os, String architecture) {

    /** The platform of this JVM. */
    static Platform host() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** The platform with these values of the system properties {@code os.name} and {@code os.arch}. */
    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT).replace(" ", "");
        String architecture = osArch.toLowerCase(Locale.ROOT);
        return new Platform(
                os.startsWith("windows") ? "win" : os.startsWith("mac") ? "mac" : os,
                switch (architecture) {
                    case "amd64", "x86_64", "x64" -> "x64";
                    case "aarch64", "arm64" -> "arm64";
                    default -> architecture;
                });
    }

    /** Name of the directory of its libraries. */
    String id() {
        return os + "-" + architecture;
    }

    boolean isLinux() {
        return os.equals("linux");
    }

    boolean isWindows() {
        return os.equals("win");
    }

    boolean isMac() {
        return os.equals("mac");
    }

    /**
     * What a library may be called: with a version before the extension ({@code libggml.v0.5.0.so},
     * {@code libggml.metal.v0.5.0.dylib}), behind it ({@code libggml.so.0.25.1}) or without one; with a name of its own
     * ({@code libxpds-base.so}, which native/names makes of {@code libggml-base.so}) or not.
     *
     * @param library {@code ggml-base}, {@code ggml} or {@code llama}
     */
    Pattern fileName(String library) {
        String own = "x[0-9a-z]{3}" + library.substring(4);
        String name = "(" + library + "|" + own + ")([.][\\w.]+)?";
        return Pattern.compile(
                switch (os) {
                    case "win" -> "(lib)?" + name + "[.]dll";
                    case "mac" -> "lib" + name + "[.](dylib|so)";
                    default -> "lib" + name + "[.]so([.]\\d+)*";
                });
    }

    /** What the bundled libraries need of the system. */
    String requirement() {
        return switch (os) {
            case "linux" -> "glibc 2.34 and the libstdc++ of GCC 11, or newer";
            case "mac" -> "macOS 14 or newer";
            case "win" -> "Windows 10 and the Visual C++ runtime of 2022, or newer";
            default -> "Linux, macOS or Windows on x64 or arm64";
        };
    }
}
