package io.github.expogguf;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Circles of classes within a package, a nested class counted with the one around it: none but generated ones. The list
 * of what a sealed type permits does not count.
 */
@Tag("house")
class CirclesTest {

    /** By jextract: the functions name the structures, whose layouts are of its types. */
    private static final Set<String> GENERATED = Set.of(
            "bindings: Llama gguf_init_params llama_batch llama_context_params llama_model_params llama_model_quantize_params llama_sampler_chain_params");

    @Test
    void noClassesOfAPackageKnowEachOtherInACircle() {
        assertThat(circles()).containsExactlyInAnyOrderElementsOf(GENERATED);
    }

    private static Set<String> circles() {
        Map<String, Set<String>> needed = new TreeMap<>();
        for (JavaClass type : ArchitectureTest.CLASSES) {
            String name = outermost(type);
            Set<String> others = needed.computeIfAbsent(name, _ -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(Dependency::getTargetClass)
                    .filter(other -> other.getPackageName().equals(type.getPackageName()))
                    .map(CirclesTest::outermost)
                    .filter(other -> !other.equals(name))
                    .forEach(others::add);
        }
        Map<String, Set<String>> reached =
                needed.keySet().stream().collect(Collectors.toMap(Function.identity(), name -> reached(name, needed)));
        return needed.keySet().stream()
                .filter(name -> reached.get(name).contains(name))
                .collect(groupingBy(
                        name -> reached.get(name).stream()
                                .filter(other -> reached.get(other).contains(name))
                                .collect(toCollection(TreeSet::new)),
                        toCollection(TreeSet::new)))
                .values()
                .stream()
                .map(CirclesTest::words)
                .collect(toCollection(TreeSet::new));
    }

    /** What can be reached in one step or more. */
    private static Set<String> reached(String from, Map<String, Set<String>> needed) {
        Set<String> reached = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(needed.get(from));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (reached.add(name)) {
                open.addAll(needed.getOrDefault(name, Set.of()));
            }
        }
        return reached;
    }

    private static String outermost(JavaClass type) {
        return type.getBaseComponentType().getName().replaceFirst("\\$.*", "");
    }

    /** As in {@code search: Grid Strategy}. */
    private static String words(Set<String> circle) {
        String first = circle.iterator().next();
        String room = first.substring(0, first.lastIndexOf('.'));
        return (room.equals(ArchitectureTest.ROOT) ? "" : room.substring(ArchitectureTest.ROOT.length() + 1))
                + circle.stream()
                        .map(name -> name.substring(name.lastIndexOf('.') + 1))
                        .collect(joining(" ", ": ", ""));
    }
}
