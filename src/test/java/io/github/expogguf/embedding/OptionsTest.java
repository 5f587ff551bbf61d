package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.score.Preference;
import io.github.expogguf.search.Measurements;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Options can be added to every class of options without a change to whoever sets others. */
class OptionsTest {

    static List<Class<?>> classes() throws IOException {
        return Stream.concat(
                        PublicApi.types().stream()
                                .filter(type -> type.getSimpleName().endsWith("Options")),
                        Stream.of(Measurements.class))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("classes")
    void areMadeByBuildersAlone(Class<?> type) throws ReflectiveOperationException {
        assertThat(type.isRecord()).isFalse();
        assertThat(Modifier.isFinal(type.getModifiers())).isTrue();
        assertThat(type.getConstructors()).isEmpty();
        Class<?> builder = type.getMethod("builder").getReturnType();
        assertThat(Modifier.isStatic(type.getMethod("builder").getModifiers())).isTrue();
        assertThat(builder.getMethod("build").getReturnType()).isEqualTo(type);
        assertThat(type.getMethod("toBuilder").getReturnType()).isEqualTo(builder);
    }

    @ParameterizedTest
    @MethodSource("classes")
    void nameTheListThatHoldsNull(Class<?> type) throws ReflectiveOperationException {
        Object builder = type.getMethod("builder").invoke(null);
        for (Method setter : builder.getClass().getMethods()) {
            Class<?> parameter = setter.getParameterCount() == 1 ? setter.getParameterTypes()[0] : Object.class;
            if (parameter == List.class || parameter == Set.class) {
                Object nulls = parameter == List.class
                        ? Collections.singletonList(null)
                        : new HashSet<>(Collections.singletonList(null));
                assertThatThrownBy(() -> setter.invoke(builder, nulls))
                        .cause()
                        .isInstanceOf(NullPointerException.class)
                        .hasMessage(setter.getName() + ": element 0 is null");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("classes")
    void haveASetterForWhateverTheyTell(Class<?> type) throws ReflectiveOperationException {
        List<String> setters = Stream.of(
                        type.getMethod("builder").getReturnType().getMethods())
                .filter(method -> method.getParameterCount() == 1)
                .map(Method::getName)
                .toList();
        Class<?> values = Stream.of(type.getDeclaredClasses())
                .filter(Class::isRecord)
                .filter(record -> record.getSimpleName().equals("Values"))
                .findFirst()
                .orElseThrow();
        assertThat(values.getRecordComponents())
                .isNotEmpty()
                .allMatch(component -> setters.contains(component.getName()));
    }

    @ParameterizedTest
    @MethodSource("classes")
    void areEqualIfTheyHoldTheSame(Class<?> type) throws Exception {
        Object builder = type == Measurements.class // which asks for something to measure
                ? Measurements.builder().preferences(List.of(new Preference("a", "b", "c")))
                : type.getMethod("builder").invoke(null);
        Object options = builder.getClass().getMethod("build").invoke(builder);
        Object again = type.getMethod("toBuilder").invoke(options);
        Object same = again.getClass().getMethod("build").invoke(again);
        assertThat(same).isEqualTo(options).hasSameHashCodeAs(options).hasToString(options.toString());
        assertThat(options.toString()).startsWith(type.getSimpleName() + "[");
        assertThat(options).isNotEqualTo(null).isNotEqualTo("options");
    }
}
