package io.github.expogguf.cli.option;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** An option that names a file which the command writes; every other option that names a file names an input. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Written {

    /** Whether - stands for stdout. */
    boolean orStdout() default false;

    /** Whether a directory takes files with names that the command chooses. */
    boolean orDirectory() default false;
}
