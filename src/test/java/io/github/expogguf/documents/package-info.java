/** README, CONTRIBUTING and docs: links, figures, and every command that they show, run. */
package io.github.expogguf.documents;
