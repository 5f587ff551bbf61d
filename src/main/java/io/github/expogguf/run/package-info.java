/** The library's front door: opens models, plans, and runs a plan in chunks on worker threads. */
@NullMarked
package io.github.expogguf.run;

import org.jspecify.annotations.NullMarked;
