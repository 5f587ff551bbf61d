package io.github.expogguf.cli.report;

import java.lang.module.ModuleFinder;

/** The JDK's incubator module for SIMD code. Commands that only look do not need it and are started without. */
public enum VectorModule {
    ON("on"),
    AVAILABLE("available; commands that compute are started with it"),
    MISSING("missing in this Java; plain code serves");

    private static final String NAME = "jdk.incubator.vector";

    private final String text;

    VectorModule(String text) {
        this.text = text;
    }

    public static VectorModule find() {
        try {
            Class.forName(NAME + ".FloatVector", false, VectorModule.class.getClassLoader());
            return ON;
        } catch (ClassNotFoundException _) {
            return ModuleFinder.ofSystem().find(NAME).isPresent() ? AVAILABLE : MISSING;
        }
    }

    /** For people. */
    public String text() {
        return text;
    }
}
