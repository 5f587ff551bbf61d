/** What the library throws. Imports nothing, so that every package may throw it. */
package io.github.expogguf;
