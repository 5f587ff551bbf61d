/** Inputs that are damaged, hostile or odd, each with what it must lead to; tests of several packages feed on them. */
package io.github.expogguf.corpus;
