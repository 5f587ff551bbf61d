/**
 * Waiting for other threads: without giving way to an interrupt where they use what the waiting one frees, and throwing
 * what they threw; threads for the long native calls of virtual ones; files that many threads read. Needs the JDK
 * alone.
 */
@NullMarked
package io.github.expogguf.thread;

import org.jspecify.annotations.NullMarked;
