// In front of libggml-base: the same functions, but quantizing fails in the way that the environment names, so that
// tests can see what a process does whose inputs got past every check.
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern void ggml_abort(const char * file, int line, const char * fmt, ...);
extern void _ZSt17__throw_bad_allocv(void); // std::__throw_bad_alloc()
extern size_t ggml_row_size(int type, int64_t ne);

static atomic_int calls;

static void * fail(void * condition) {
    ggml_abort("ggml-quants.c", 4711, "GGML_ASSERT(%s) failed", (const char *) condition);
    return NULL;
}

size_t ggml_quantize_chunk(
        int type, const float * src, void * dst, int64_t start, int64_t nrows, int64_t n_per_row, const float * imatrix) {
    (void) src; (void) start; (void) imatrix;
    const char * failure = getenv("FAILING_GGML");
    const char * call = getenv("FAILING_GGML_CALL");
    if (failure && atomic_fetch_add(&calls, 1) >= (call ? atoi(call) : 0)) {
        if (!strcmp(failure, "assertion")) {
            fail("besti >= 0");
        } else if (!strcmp(failure, "exception")) {
            _ZSt17__throw_bad_allocv();
        } else if (!strcmp(failure, "thread")) {
            pthread_t thread;
            pthread_create(&thread, NULL, fail, "on a thread of its own");
            pthread_join(thread, NULL);
        } else if (!strcmp(failure, "size")) {
            return 1;
        }
    }
    memset(dst, 0, nrows * ggml_row_size(type, n_per_row));
    return nrows * ggml_row_size(type, n_per_row);
}
