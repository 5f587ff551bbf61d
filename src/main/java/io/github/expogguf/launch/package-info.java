/** Starts the command on a Java that is new enough. Compiled for Java 8 and uses nothing else of this project. */
package io.github.expogguf.launch;
