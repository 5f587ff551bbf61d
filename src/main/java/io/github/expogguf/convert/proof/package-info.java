/** Of the rules that fit the names and shapes, the one that the values of a template prove. */
@NullMarked
package io.github.expogguf.convert.proof;

import org.jspecify.annotations.NullMarked;
