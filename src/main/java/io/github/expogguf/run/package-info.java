/** The library's front door: opens models, plans, and runs a plan in chunks on worker threads. */
package io.github.expogguf.run;
