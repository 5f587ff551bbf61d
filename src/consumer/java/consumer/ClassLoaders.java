package consumer;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** As application servers have them: each with all classes of the class path, and none of another's. */
final class ClassLoaders {

    private ClassLoaders() {}

    /** The class of this application of that name, in a new one. */
    static Class<?> load(Class<?> same) throws MalformedURLException, ClassNotFoundException {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())
                .loadClass(same.getName());
    }
}
