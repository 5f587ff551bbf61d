package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What embedders see is described: parameters, results, exceptions, without a link that leads nowhere. */
@Tag("house")
class JavadocTest {

    private static final List<Path> SOURCES = List.of(Path.of("src", "main", "java"), Path.of("bindings", "java"));

    @Test
    void doclintHasNothingToSayOfTheExportedPackages() throws IOException {
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Path> exported = new ArrayList<>();
        Map<String, List<Path>> packages = packages();
        PublicApi.exports().forEach(each -> exported.addAll(packages.get(each)));
        List<String> options = List.of(
                "-proc:none",
                "-Xlint:none",
                "-Xdoclint:all/protected",
                "-Xmaxwarns",
                "1000",
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(said, Locale.ROOT, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, said, options, null, files.getJavaFileObjectsFromPaths(exported));
            assertThat(task.analyze()).isNotEmpty();
        }

        assertThat(said.getDiagnostics().stream()
                        .filter(each -> each.getSource() != null)
                        .map(each -> each.getSource().getName() + ":" + each.getLineNumber() + ": "
                                + each.getMessage(Locale.ROOT)))
                .isEmpty();
    }

    @Test
    void theArtifactDescribesTheExportedPackagesAlone() throws IOException {
        Matcher list = Pattern.compile("<excludePackageNames>(.*?)</excludePackageNames>", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(list.find()).isTrue();
        List<String> left = List.of(list.group(1).strip().split(",\\s+"));

        assertThat(packages().keySet().stream().filter(each -> left.stream().noneMatch(name -> leavesOut(name, each))))
                .containsExactlyInAnyOrderElementsOf(PublicApi.exports());
    }

    /** As javadoc's plugin for Maven reads such a list: {@code a.b} is one package, {@code a.b.*} those below it. */
    private static boolean leavesOut(String name, String packageName) {
        return name.endsWith(".*")
                ? packageName.startsWith(name.substring(0, name.length() - 1))
                : packageName.equals(name);
    }

    /** The sources of each, without the command, whose dependencies are not the module's, and what starts it. */
    private static Map<String, List<Path>> packages() throws IOException {
        Map<String, List<Path>> packages = new TreeMap<>();
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.toString().replace('\\', '/').matches(".*/expogguf/(cli|demo|launch)/.*"))
                        .filter(file -> !file.getParent().equals(root))
                        .forEach(file -> packages.computeIfAbsent(packageOf(root, file), _ -> new ArrayList<>())
                                .add(file));
            }
        }
        return packages;
    }

    private static String packageOf(Path root, Path file) {
        return root.relativize(file.getParent()).toString().replaceAll("[/\\\\]", ".");
    }
}
