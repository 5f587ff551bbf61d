package io.github.expogguf.nativelib;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Linux limits the memory of this process to, which is how containers are limited: control groups of version 1 and
 * 2, as cgroups(7) and proc(5) lay them out. What is missing or cannot be understood limits nothing.
 */
final class ControlGroup {

    /** No limit. */
    static final long UNLIMITED = Long.MAX_VALUE;

    /** Version 1 says so where no limit was set: the most whole pages that a long counts, of up to 64 KiB each. */
    private static final long UNSET = Long.MAX_VALUE & -(1L << 16);

    private ControlGroup() {}

    /**
     * The smallest limit of the groups that this process is in, and of those that they are in.
     *
     * @param root of the file system: holds {@code proc/self}, and the directories that its {@code mountinfo} names
     * @return bytes, or {@link #UNLIMITED}
     */
    static long memoryLimit(Path root) {
        List<Mount> mounts = lines(root.resolve("proc/self/mountinfo")).stream()
                .flatMap(line -> Mount.parse(line).stream())
                .toList();
        long limit = UNLIMITED;
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] fields = line.split(":", 3); // number of the hierarchy, its controllers, path of the group
            if (fields.length == 3) {
                limit = Math.min(limit, memoryLimit(root, mounts, fields[1], fields[2]));
            }
        }
        return limit;
    }

    private static long memoryLimit(Path root, List<Mount> mounts, String controllers, String group) {
        List<Mount> suitable = mounts.stream()
                .filter(mount -> controllers.isEmpty() ? mount.isVersion2() : mount.hasMemoryOf(controllers))
                .toList();
        boolean held = suitable.stream().anyMatch(mount -> mount.holds(group));
        return suitable.stream()
                .filter(mount -> mount.holds(group) || !held)
                .mapToLong(mount -> mount.memoryLimit(root, group))
                .min()
                .orElse(UNLIMITED);
    }

    private static List<String> lines(Path file) {
        try {
            return read(file).lines().toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    /** Whatever the bytes: names of other mounts need not be UTF-8. */
    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private static long bytes(Path file) {
        try {
            long bytes = Long.parseLong(read(file).strip()); // no number in version 2: "max"
            return bytes < 0 || bytes >= UNSET ? UNLIMITED : bytes;
        } catch (IOException | NumberFormatException _) {
            return UNLIMITED;
        }
    }

    /**
     * A mounted hierarchy of groups.
     *
     * @param top     path of the group that is mounted, which need not be the hierarchy's root
     * @param point   directory that shows it
     * @param type    {@code cgroup} or {@code cgroup2}
     * @param options those of the hierarchy, among them the controllers of version 1
     */
    private record Mount(String top, String point, String type, List<String> options) {

        private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

        /** From a line of mountinfo: number, parent, device, top, point, its options..., -, type, source, options. */
        static Optional<Mount> parse(String line) {
            String[] halves = line.split(" - ", 2);
            String[] place = halves[0].split(" ");
            String[] kind = halves.length < 2 ? new String[0] : halves[1].split(" ");
            if (place.length < 5 || kind.length < 3 || !place[4].startsWith("/")) {
                return Optional.empty();
            }
            return Optional.of(new Mount(unescape(place[3]), unescape(place[4]), kind[0], List.of(kind[2].split(","))));
        }

        private static String unescape(String path) {
            return ESCAPED.matcher(path).replaceAll(Mount::unescape);
        }

        private static String unescape(MatchResult octal) {
            return Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal.group(1), 8)));
        }

        boolean isVersion2() {
            return type.equals("cgroup2");
        }

        boolean hasMemoryOf(String controllers) {
            return type.equals("cgroup")
                    && options.contains("memory")
                    && List.of(controllers.split(",")).contains("memory");
        }

        boolean holds(String group) {
            return top.equals("/") || group.equals(top) || group.startsWith(top + "/");
        }

        /** That of the group and of those above it, as far up as is mounted. */
        long memoryLimit(Path root, String group) {
            try {
                Path highest = root.resolve(point.substring(1)).normalize();
                long limit = UNLIMITED;
                Path each = directory(highest, group);
                while (each != null && each.startsWith(highest)) {
                    limit = Math.min(limit, bytes(each.resolve(isVersion2() ? "memory.max" : "memory.limit_in_bytes")));
                    each = each.getParent();
                }
                return limit;
            } catch (InvalidPathException _) {
                return UNLIMITED; // a name that this JVM's locale cannot spell
            }
        }

        /**
         * Where a mount does not hold the group by its path (a container may see the one from outside and the other
         * from inside), the last names of the path that lead somewhere are the group, as the JDK has it.
         */
        private Path directory(Path highest, String group) {
            if (holds(group)) {
                return below(highest, top.equals("/") ? group : group.substring(top.length()));
            }
            for (int from = 0; from >= 0; from = group.indexOf('/', from + 1)) {
                Path directory = below(highest, group.substring(from));
                if (directory.startsWith(highest) && Files.isDirectory(directory)) {
                    return directory;
                }
            }
            return highest;
        }

        /** Elsewhere than below if the path leads up: the process is then in no group that is mounted there. */
        private static Path below(Path highest, String path) {
            return highest.resolve(path.replaceFirst("^/+", "")).normalize();
        }
    }
}
