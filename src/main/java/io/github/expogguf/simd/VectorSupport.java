package io.github.expogguf.simd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Whether the SIMD kernels can be used: the JVM must have been started with {@code --add-modules jdk.incubator.vector}.
 * Where it was not, plain Java does the same work with the same results.
 */
public final class VectorSupport {

    private static final boolean AVAILABLE = isLoaded();

    static {
        if (!AVAILABLE) {
            Logger logger = System.getLogger(VectorSupport.class.getName());
            logger.log(
                    Level.WARNING,
                    "the SIMD kernels are off and plain Java serves:"
                            + " start Java with --add-modules jdk.incubator.vector");
        }
    }

    private VectorSupport() {}

    /** The launcher loads the module after the start, for a clean screen; it is not in the boot layer then. */
    private static boolean isLoaded() {
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, VectorSupport.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException _) {
            return false;
        }
    }

    /**
     * Whether the vector module is there. The first call logs one line where it is not. Only after {@code true} may a
     * class be linked that names {@code jdk.incubator.vector}.
     */
    public static boolean isAvailable() {
        return AVAILABLE;
    }
}
