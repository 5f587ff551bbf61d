package io.github.expogguf.corpus;

/** Numbers of a GGUF file that the cases need again and again. */
final class Gguf {

    static final int F32 = 0;
    static final int F16 = 1;
    static final int Q4_0 = 2;
    static final int Q8_0 = 8;
    static final int Q4_K = 12;
    static final int I8 = 24;
    static final int I64 = 27;

    static final int UINT8 = 0;
    static final int UINT32 = 4;
    static final int FLOAT32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;
    static final int UINT64 = 10;
    static final int FLOAT64 = 12;

    static final long MAX = Long.MAX_VALUE;

    private Gguf() {}
}
