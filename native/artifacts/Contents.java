package artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;

/**
 * Looks whether the artifacts hold what they should and nothing else, and whether their POMs have what Maven Central
 * asks for. Ends with 1 and a line for everything that is wrong.
 *
 * <p>{@code java native/artifacts/Contents.java DIRECTORY VERSION}: where Maven made those of all platforms.
 */
public final class Contents {

    private static final List<String> PLATFORMS =
            List.of("linux-x64", "linux-arm64", "mac-x64", "mac-arm64", "win-x64", "win-arm64");
    private static final List<String> BACKENDS = List.of("linux-x64-vulkan", "linux-x64-cuda");
    private static final Pattern LIBRARY_ENTRY =
            Pattern.compile("META-INF/.*|module-info\\.class|io/(github/(expogguf/(?!cli/|demo/|launch/).*)?)?");
    private static final Pattern NATIVE_CODE = Pattern.compile(".*\\.(so|dll|dylib)(\\..*)?");
    private static final List<String> ASKED_OF_POMS = List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "developers/developer/name",
            "scm/url",
            "scm/connection");
    private static final List<String> CARRIED = List.of("llama.cpp", "picocli", "gson", "jline", "snakeyaml-engine");

    private final Path directory;
    private final String name;
    private final List<String> wrong = new ArrayList<>();

    private Contents(Path directory, String version) {
        this.directory = directory;
        this.name = "expo-gguf-" + version;
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        Contents contents = new Contents(Path.of(arguments[0]), arguments[1]);
        contents.library();
        for (String platform : PLATFORMS) {
            contents.natives(platform);
        }
        for (String backend : BACKENDS) {
            contents.natives(backend);
        }
        contents.check(
                contents.entries(contents.name + "-natives-mac-arm64.jar")
                        .contains("native/mac-arm64/libggml-metal.so"),
                "the libraries for mac-arm64 have no Metal");
        contents.command();
        for (String pom : List.of("library.pom", "artifacts/cli/pom.xml", "artifacts/platform/pom.xml")) {
            contents.pom(Path.of(arguments[0], pom));
        }
        contents.wrong.forEach(each -> System.err.println("Contents: " + each));
        if (!contents.wrong.isEmpty()) {
            System.exit(1);
        }
        System.out.println("every artifact holds what it should, and every POM what Maven Central asks for");
    }

    private void check(boolean right, String otherwise) {
        if (!right) {
            wrong.add(otherwise);
        }
    }

    /** A module that needs the JDK alone, without command, demonstration and native code; its sources and javadoc. */
    private void library() throws IOException {
        Set<String> entries = entries(name + ".jar");
        for (String entry : entries) {
            boolean belongs = LIBRARY_ENTRY.matcher(entry).matches()
                    && !NATIVE_CODE.matcher(entry).matches();
            check(belongs, name + ".jar has " + entry);
        }
        check(entries.contains("META-INF/LICENSE"), name + ".jar has no licence");
        for (ModuleDescriptor.Requires required : descriptor(name + ".jar").requires()) {
            boolean isOptional = required.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC);
            check(required.name().equals("java.base") || isOptional, name + ".jar requires " + required.name());
        }
        for (String entry : entries) {
            if (entry.endsWith(".class") && !entry.contains("$")) {
                String source = entry.replaceFirst("class$", "java");
                check(entries(name + "-sources.jar").contains(source), name + "-sources.jar lacks " + source);
            }
        }
        check(entries(name + "-javadoc.jar").contains("index.html"), name + "-javadoc.jar has no index.html");
    }

    /** A module that provides the libraries of one platform, or one backend. */
    private void natives(String platform) throws IOException {
        String jar = name + "-natives-" + platform + ".jar";
        Set<String> entries = entries(jar);
        check(entries.contains("META-INF/LICENSE.llama.cpp"), jar + " has no licence");
        check(entries.contains("META-INF/services/io.github.expogguf.NativeBundle"), jar + " is no service");
        check(descriptor(jar).provides().size() == 1, jar + " is no service on the module path");
        check(entries.contains("native/" + platform + "/files.txt"), jar + " has no list of its libraries");
        check(entries.stream().anyMatch(each -> NATIVE_CODE.matcher(each).matches()), jar + " has no libraries");
        for (String entry : entries) {
            check(!entry.startsWith("native/") || entry.startsWith("native/" + platform + "/"), jar + " has " + entry);
        }
    }

    /** The licences of all that the command's jar carries, and the list of it. */
    private void command() throws IOException {
        Set<String> entries = entries("expo-gguf.jar");
        List<String> licences =
                new ArrayList<>(List.of("META-INF/LICENSE", "META-INF/LICENSE.apache-2.0", "META-INF/LICENSE.jline"));
        PLATFORMS.forEach(platform -> licences.add("native/" + platform + "/LICENSE.llama.cpp"));
        for (String licence : licences) {
            check(entries.contains(licence), "expo-gguf.jar has no " + licence);
        }
        String bill = Files.readString(directory.resolve("expo-gguf.cdx.json"));
        for (String carried : CARRIED) {
            check(bill.contains("\"name\": \"" + carried), "expo-gguf.cdx.json lacks " + carried);
        }
    }

    private void pom(Path file) throws Exception {
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        XPath paths = XPathFactory.newInstance().newXPath();
        for (String asked : ASKED_OF_POMS) {
            check(!paths.evaluate("/project/" + asked, document).isBlank(), file + " has no " + asked);
        }
    }

    private Set<String> entries(String jar) throws IOException {
        try (JarFile file = new JarFile(directory.resolve(jar).toFile())) {
            return file.stream().map(each -> each.getName()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private ModuleDescriptor descriptor(String jar) throws IOException {
        try (JarFile file = new JarFile(directory.resolve(jar).toFile());
                InputStream in = file.getInputStream(file.getJarEntry("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }
}
