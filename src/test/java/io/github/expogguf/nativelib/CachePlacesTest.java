package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.nativelib.CachePlaces.Place;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS) // POSIX paths
class CachePlacesTest {

    private static final Platform LINUX = Platform.of("Linux", "amd64");
    private static final Platform MAC = Platform.of("Mac OS X", "aarch64");
    private static final Platform WINDOWS = Platform.of("Windows 11", "amd64");
    private static final Place TEMPORARY = new Place(Path.of("/tmp"), true);

    private static List<Place> find(
            Platform platform, Map<String, String> properties, Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("java.io.tmpdir", "/tmp");
        return CachePlaces.find(platform, all::get, environment::get);
    }

    private static List<Place> usual(String directory) {
        return List.of(new Place(Path.of(directory), false), TEMPORARY);
    }

    @Test
    void areWhereEachSystemKeepsCachesAndThenTemporaryFiles() {
        Map<String, String> home = Map.of("user.home", "/home/me");
        assertThat(find(LINUX, home, Map.of())).isEqualTo(usual("/home/me/.cache/expo-gguf"));
        assertThat(find(LINUX, home, Map.of("XDG_CACHE_HOME", "/xdg"))).isEqualTo(usual("/xdg/expo-gguf"));
        assertThat(find(LINUX, home, Map.of("XDG_CACHE_HOME", "not/absolute")))
                .isEqualTo(usual("/home/me/.cache/expo-gguf"));
        assertThat(find(MAC, home, Map.of("XDG_CACHE_HOME", "/xdg")))
                .isEqualTo(usual("/home/me/Library/Caches/expo-gguf"));
        assertThat(find(WINDOWS, home, Map.of("LOCALAPPDATA", "/local"))).isEqualTo(usual("/local/expo-gguf"));
        assertThat(find(WINDOWS, home, Map.of())).isEqualTo(usual("/home/me/AppData/Local/expo-gguf"));
    }

    @Test
    void oneThatIsNamedIsTheOnlyOne() {
        Map<String, String> environment = Map.of("EXPO_GGUF_CACHE", "/named");
        assertThat(find(LINUX, Map.of(), environment)).containsExactly(new Place(Path.of("/named"), false));
        assertThat(find(LINUX, Map.of("expo.gguf.cache", "/property"), environment))
                .containsExactly(new Place(Path.of("/property"), false));
    }

    @Test
    void aUserWithoutHomeHasTheTemporaryFiles() {
        assertThat(find(LINUX, Map.of("user.home", "?"), Map.of())).containsExactly(TEMPORARY);
    }
}
