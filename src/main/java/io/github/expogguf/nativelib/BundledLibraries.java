package io.github.expogguf.nativelib;

import io.github.expogguf.NativeBundle;
import io.github.expogguf.text.Sha256;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * The libraries that travel with the classes: those of a {@link NativeBundle}, or resources {@code native/PLATFORM/*},
 * listed by {@code files.txt}. From a directory of classes they are used where they are. From a jar they are unpacked,
 * once per user and version: into a temporary sibling, every file checked against its SHA-256, then moved into place as
 * a whole, so that a directory with the final name is complete. If two processes unpack at once, one of them wins and
 * both use its directory.
 *
 * <p>On reuse, owner, permissions and sizes are checked but not digests: only this user can write there, and could
 * change the jar as well; reading 22 MB would cost every start more than all the rest of loading.
 */
final class BundledLibraries {

    private static final Duration ABANDONED = Duration.ofHours(1);
    private static final String LIST = "files.txt";
    private static final List<String> BACKENDS = List.of("cuda", "vulkan");
    private static final String TEMPORARY = ".unpacking-";

    private final BundledFiles bundled;
    private final String platform;

    private BundledLibraries(BundledFiles bundled, String platform) {
        this.bundled = bundled;
        this.platform = platform;
    }

    /** Nothing is bundled for this platform. */
    static final class NoneException extends IOException {

        private static final long serialVersionUID = 1L;

        private NoneException(String message) {
            super(message);
        }
    }

    /** The files of a bundle, by name. */
    interface BundledFiles {
        Optional<URL> find(String name);
    }

    /** What is bundled for a platform with a class. */
    static BundledLibraries with(Class<?> type, Platform platform) {
        return with(type, platform.id());
    }

    private static BundledLibraries with(Class<?> type, String platform) {
        ModuleLayer layer = type.getModule().getLayer();
        ServiceLoader<NativeBundle> bundles = layer != null
                ? ServiceLoader.load(layer, NativeBundle.class)
                : ServiceLoader.load(NativeBundle.class, type.getClassLoader());
        for (NativeBundle bundle : bundles) {
            if (bundle.platform().equals(platform)) {
                return new BundledLibraries(bundle::resource, platform);
            }
        }
        return of(type.getClassLoader(), platform);
    }

    /** Backends for GPUs that are bundled for a platform, each by itself: {@code linux-x64-vulkan}. By name. */
    static Map<String, BundledLibraries> backends(Class<?> type, Platform platform) {
        Map<String, BundledLibraries> found = new LinkedHashMap<>();
        for (String backend : BACKENDS) {
            BundledLibraries bundle = with(type, platform.id() + "-" + backend);
            if (bundle.bundled.find(LIST).isPresent()) {
                found.put(backend, bundle);
            }
        }
        return found;
    }

    /** What is bundled for a platform among the resources of a class loader. */
    static BundledLibraries of(ClassLoader resources, Platform platform) {
        return of(resources, platform.id());
    }

    private static BundledLibraries of(ClassLoader resources, String platform) {
        String folder = "native/" + platform + "/";
        return new BundledLibraries(name -> Optional.ofNullable(resources.getResource(folder + name)), platform);
    }

    /** What is bundled for this platform. */
    FileList list() throws IOException {
        URL list = bundled.find(LIST)
                .orElseThrow(() -> new NoneException("there are no libraries for " + platform + " on the class path or"
                        + " module path; where expo-gguf has them, its artifact of the classifier natives-"
                        + platform
                        + " brings them"));
        try (InputStream in = list.openStream()) {
            return FileList.parse(in.readAllBytes());
        }
    }

    /**
     * A directory that holds them.
     *
     * @param cache where to unpack, if that is needed
     */
    Path directory(FileList list, CacheRoot cache) throws IOException {
        Optional<URL> unpacked =
                bundled.find(LIST).filter(url -> url.getProtocol().equals("file"));
        return unpacked.isPresent()
                ? Path.of(URI.create(unpacked.get().toString())).resolveSibling("")
                : unpack(list, cache.places());
    }

    /** Finds the places for a cache directory, when one is needed. */
    interface CacheRoot {
        List<CachePlaces.Place> places();
    }

    /**
     * Unpacks into the first of the places that will do, unless that was done before; returns the directory of this
     * version.
     */
    Path unpack(FileList list, List<CachePlaces.Place> places) throws IOException {
        String name = "llama.cpp-" + list.version() + "-" + list.digest().substring(0, 16);
        List<String> refusals = new ArrayList<>();
        for (CachePlaces.Place place : places) {
            Path cache;
            try {
                cache = CacheDirectory.prepare(place);
                if (isComplete(cache.resolve(name), list)) {
                    return cache.resolve(name);
                }
                CacheDirectory.requireWritable(cache);
            } catch (IOException e) {
                refusals.add(e.getMessage());
                continue;
            }
            return unpack(list, cache, cache.resolve(name));
        }
        throw new IOException(String.join("; ", refusals) + "; " + CachePlaces.REMEDY);
    }

    private Path unpack(FileList list, Path cache, Path target) throws IOException {
        removeAbandoned(cache);
        Path temporary = Files.createTempDirectory(cache, TEMPORARY); // for its owner alone
        try {
            for (FileList.Entry entry : list.entries()) {
                Path file = temporary.resolve(entry.name());
                String digest;
                InputStream content = content(entry);
                try (content) {
                    digest = write(content, file);
                } catch (IOException e) { // a full disk, mostly
                    long bytes = list.entries().stream()
                            .mapToLong(FileList.Entry::bytes)
                            .sum();
                    throw new IOException(
                            "cannot write " + file + " (" + e.getMessage() + "); unpacking takes "
                                    + Math.ceilDiv(bytes, 1_000_000) + " MB: make room, or " + CachePlaces.REMEDY,
                            e);
                }
                if (!digest.equals(entry.sha256())) {
                    throw new IOException(
                            entry.name() + ": SHA-256 is " + digest + ", files.txt says " + entry.sha256());
                }
            }
            publish(temporary, target, list);
        } finally {
            delete(temporary);
        }
        return target;
    }

    /** Whether the directory holds every file in full; an exception if others can write there. */
    private static boolean isComplete(Path directory, FileList list) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        CacheDirectory.requireOwn(directory);
        for (FileList.Entry entry : list.entries()) {
            Path file = directory.resolve(entry.name());
            if (!CacheDirectory.isPlainFile(file, entry.bytes())) {
                return false;
            }
            CacheDirectory.requireOwn(file);
        }
        return true;
    }

    private InputStream content(FileList.Entry entry) throws IOException {
        return bundled.find(entry.name())
                .orElseThrow(() -> new IOException("files.txt lists " + entry.name() + ", which is not there"))
                .openStream();
    }

    /** Returns the SHA-256 of what was written; piece by piece, since backends for GPUs are large. */
    private static String write(InputStream content, Path target) throws IOException {
        CacheDirectory.createFile(target);
        MessageDigest digest = Sha256.newDigest();
        try (FileOutputStream file = new FileOutputStream(target.toFile())) { // no channel: interrupts close those
            new DigestInputStream(content, digest).transferTo(file);
            file.getFD().sync(); // before the move, or a power failure leaves a complete directory of empty files
        }
        return Sha256.digits(digest);
    }

    private static void publish(Path temporary, Path target, FileList list) throws IOException {
        IOException lost;
        try {
            move(temporary, target);
            return;
        } catch (AtomicMoveNotSupportedException e) {
            throw e;
        } catch (IOException e) {
            lost = e; // there is a directory already: another process was faster, or it is damaged
        }
        if (isComplete(target, list)) {
            return;
        }
        Path damaged = temporary.resolveSibling(temporary.getFileName() + ".damaged");
        try {
            move(target, damaged);
            move(temporary, target);
        } catch (IOException e) {
            e.addSuppressed(lost);
            if (!isComplete(target, list)) {
                throw e;
            }
        } finally {
            delete(damaged);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what processes left behind that were killed while they unpacked. */
    private static void removeAbandoned(Path cache) throws IOException {
        Instant limit = Instant.now().minus(ABANDONED);
        List<Path> siblings;
        try (Stream<Path> entries = Files.list(cache)) {
            siblings = entries.filter(entry -> entry.getFileName().toString().startsWith(TEMPORARY))
                    .toList();
        }
        for (Path sibling : siblings) {
            try {
                if (Files.getLastModifiedTime(sibling).toInstant().isBefore(limit)) {
                    delete(sibling);
                }
            } catch (NoSuchFileException | UncheckedIOException _) {
                // its process is alive and has just moved it into place, or another one is cleaning up too
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> content;
        try (Stream<Path> entries = Files.walk(directory)) {
            content = entries.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : content) {
            Files.deleteIfExists(path);
        }
    }
}
