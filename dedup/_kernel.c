/* The loops of this room that NumPy runs in several passes, each in one.
 *
 * Built where there is a C compiler (hatch_build.py); where not, the same is done by NumPy, with the same results to
 * the bit: each function here stands for the lines beside its call in dedup/, and tests/dedup/test_compiled.py holds
 * the two against each other. Arrays come as buffers of the types that the comments name. Their sizes are checked, and
 * every index that is read from them, so that no array makes a function read or write beyond one; those that are
 * written must lie apart from the others.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000 /* one build for Python 3.11 and all after it */
#include <Python.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "hashes read their words as little-endian numbers"
#endif
#if UINTPTR_MAX < UINT64_MAX
#error "places in arrays are numbers of 64 bits"
#endif

/* One more whenever a function takes or gives something else, so that none is called by another version's Python. */
#define INTERFACE 3

/* One function in several versions, of which the widest that the processor has is called. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "sse4.1", "default")))
#else
#define WIDE
#endif

/* The buffers of one call, released together. */
typedef struct {
    Py_buffer view[7];
} Views;

static void release(Views *views, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(&views->view[i]);
}

#define ITEMS(v, type) ((v).len / (Py_ssize_t)sizeof(type))

#define MISFIT "arrays whose sizes or offsets do not fit each other"

static PyObject *refuse(Views *views, int count) {
    release(views, count);
    PyErr_SetString(PyExc_ValueError, MISFIT);
    return NULL;
}

/* Tell whether offsets rise from 0 to at most ``last``. */
static int rising(const int64_t *offsets, Py_ssize_t count, int64_t last) {
    if (count < 1 || offsets[0] != 0) return 0;
    for (Py_ssize_t i = 1; i < count; i++)
        if (offsets[i] < offsets[i - 1]) return 0;
    return offsets[count - 1] <= last;
}

/* --- words: code units to letters, letters to hashes --- */

static inline uint64_t window(const uint8_t *at) {
    uint64_t value;
    memcpy(&value, at, 8);
    return value;
}

/* Which of 64 letters are part of words: a bit for each. */
static inline uint64_t inside(const uint8_t *letters) {
    uint64_t bits = 0;
#ifdef __SSE2__
    for (int i = 0; i < 4; i++) {
        __m128i blank = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)letters + i), _mm_setzero_si128());
        bits |= (uint64_t)(~_mm_movemask_epi8(blank) & 0xFFFF) << 16 * i;
    }
#else
    for (int i = 0; i < 8; i++) {
        uint64_t eight = window(letters + 8 * i);
        uint64_t high = (((eight & 0x7F7F7F7F7F7F7F7F) + 0x7F7F7F7F7F7F7F7F) | eight) & 0x8080808080808080;
        bits |= ((high >> 7) * 0x0102040810204080 >> 56) << 8 * i;
    }
#endif
    return bits;
}

/* fold(codes u16[n], table u16[65536], ends i64[t], letters u8[n + 64 or more], starts i64[n / 2 + 1],
 * stops i64[n / 2 + 1], flags u16[t]) -> words; all flags of each text together */
WIDE static PyObject *fold(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*y*y*w*w*w*w*", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &v.view[4],
                          &v.view[5], &v.view[6]))
        return NULL;
    Py_ssize_t n = ITEMS(v.view[0], uint16_t), texts = ITEMS(v.view[2], int64_t), words = 0, ended = 0;
    const uint16_t *restrict codes = v.view[0].buf, *restrict table = v.view[1].buf;
    const int64_t *ends = v.view[2].buf;
    uint8_t *restrict letters = v.view[3].buf;
    int64_t *starts = v.view[4].buf, *stops = v.view[5].buf;
    uint16_t *flags = v.view[6].buf;
    if (v.view[1].len != 2 * 65536 || v.view[3].len < n + 64 || ITEMS(v.view[4], int64_t) <= n / 2 ||
        ITEMS(v.view[5], int64_t) <= n / 2 || ITEMS(v.view[6], uint16_t) != texts)
        return refuse(&v, 7);
    int64_t first = 0;
    for (Py_ssize_t t = 0; t < texts; first = ends[t++]) {
        if (ends[t] < first || ends[t] > n) return refuse(&v, 7);
        unsigned all = 0;
        for (int64_t i = first; i < ends[t]; i++) {
            unsigned value = table[codes[i]];
            all |= value;
            letters[i] = (uint8_t)value;
        }
        flags[t] = (uint16_t)all;
    }
    if (first != n) return refuse(&v, 7);
    memset(letters + n, 0, (size_t)(v.view[3].len - n));
    uint64_t before = 0;
    for (first = 0; first <= n; first += 64) {
        uint64_t here = inside(letters + first), last = here << 1 | before;
        for (uint64_t found = here & ~last; found; found &= found - 1) starts[words++] = first + __builtin_ctzll(found);
        for (uint64_t found = last & ~here; found; found &= found - 1) stops[ended++] = first + __builtin_ctzll(found);
        before = here >> 63;
    }
    release(&v, 7);
    return PyLong_FromSsize_t(words);
}

static inline uint64_t mix(uint64_t value) {
    value = (value ^ value >> 32) * 0xFF51AFD7ED558CCD;
    return value ^ value >> 29;
}

/* hash_words(codes u16[n], table u16[65536], letters u8[n + 8], starts i64[w], stops i64[w], hashes u64[w],
 * figures bool[w], flag of a figure in the table, three odd multipliers) */
static PyObject *hash_words(PyObject *self, PyObject *args) {
    Views v;
    unsigned long long first, last, length;
    unsigned figure;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*w*w*IKKK", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &v.view[4],
                          &v.view[5], &v.view[6], &figure, &first, &last, &length))
        return NULL;
    Py_ssize_t n = ITEMS(v.view[0], uint16_t), count = ITEMS(v.view[3], int64_t);
    const uint16_t *codes = v.view[0].buf, *table = v.view[1].buf;
    const uint8_t *letters = v.view[2].buf;
    const int64_t *starts = v.view[3].buf, *stops = v.view[4].buf;
    uint64_t *hashes = v.view[5].buf;
    uint8_t *figures = v.view[6].buf;
    if (v.view[1].len != 2 * 65536 || v.view[2].len < n + 8 || ITEMS(v.view[4], int64_t) != count ||
        ITEMS(v.view[5], uint64_t) != count || v.view[6].len != count)
        return refuse(&v, 7);
    uint64_t rest[9];
    for (int i = 0; i < 9; i++) rest[i] = mix((uint64_t)i * length);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (starts[i] < 0 || stops[i] <= starts[i] || stops[i] > n) return refuse(&v, 7);
        int64_t size = stops[i] - starts[i];
        uint64_t head = window(letters + starts[i]);
        if (size > 8)
            hashes[i] = head * first + mix(window(letters + stops[i] - 8) * last + (uint64_t)size * length);
        else
            hashes[i] = (head << (8 * (8 - size))) * first + rest[size];
        figures[i] = (table[codes[starts[i]]] & figure) != 0;
    }
    release(&v, 7);
    Py_RETURN_NONE;
}

/* --- shingles --- */

/* in_order(hashes u64[w], offsets i64[t + 1], k, values u32[at least all shingles], their offsets i64[t + 1])
 * -> how many shingles there are */
WIDE static PyObject *in_order(PyObject *self, PyObject *args) {
    Views v;
    int k;
    if (!PyArg_ParseTuple(args, "y*y*iw*w*", &v.view[0], &v.view[1], &k, &v.view[2], &v.view[3])) return NULL;
    const uint64_t *hashes = v.view[0].buf;
    const int64_t *offsets = v.view[1].buf;
    uint32_t *values = v.view[2].buf;
    int64_t *begins = v.view[3].buf;
    Py_ssize_t texts = ITEMS(v.view[1], int64_t) - 1, room = ITEMS(v.view[2], uint32_t), at = 0;
    if (k < 1 || ITEMS(v.view[3], int64_t) != texts + 1 || !rising(offsets, texts + 1, ITEMS(v.view[0], uint64_t)))
        return refuse(&v, 4);
    begins[0] = 0;
    for (Py_ssize_t t = 0; t < texts; t++) {
        Py_ssize_t count = offsets[t + 1] - offsets[t] - (k - 1);
        const uint64_t *words = hashes + offsets[t];
        if (count > room - at) return refuse(&v, 4);
        for (Py_ssize_t i = 0; i < count; i++) {
            uint64_t value = words[i];
            for (int step = 1; step < k; step++)
                value = (value ^ value >> 31) * 0x9E3779B97F4A7C15 + words[i + step];
            values[at + i] = (uint32_t)(((value ^ value >> 33) * 0xFF51AFD7ED558CCD) >> 32);
        }
        if (count > 0) at += count;
        begins[t + 1] = at;
    }
    release(&v, 4);
    return PyLong_FromSsize_t(at);
}

/* keep(values u32[n], offsets i64[t + 1], wanted bool[n], kept u32[one more than are wanted], their offsets i64[t + 1])
 */
static PyObject *keep(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*y*y*w*w*", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &v.view[4])) return NULL;
    const uint32_t *values = v.view[0].buf;
    const int64_t *offsets = v.view[1].buf;
    const uint8_t *wanted = v.view[2].buf;
    uint32_t *kept = v.view[3].buf;
    int64_t *begins = v.view[4].buf;
    Py_ssize_t n = ITEMS(v.view[0], uint32_t), texts = ITEMS(v.view[1], int64_t) - 1, room = ITEMS(v.view[3], uint32_t);
    if (v.view[2].len != n || ITEMS(v.view[4], int64_t) != texts + 1 || !rising(offsets, texts + 1, n) ||
        offsets[texts] != n)
        return refuse(&v, 5);
    Py_ssize_t at = 0;
    begins[0] = 0;
    for (Py_ssize_t t = 0; t < texts; t++) {
        for (int64_t i = offsets[t]; i < offsets[t + 1]; i++) {
            if (at >= room) return refuse(&v, 5);
            kept[at] = values[i];
            at += wanted[i] != 0;
        }
        begins[t + 1] = at;
    }
    release(&v, 5);
    Py_RETURN_NONE;
}

/* as_sets(values u32[n], offsets i64[t + 1], few, out u32[n], their offsets i64[t + 1]) -> how many are written: the
 * values of each set, each once; sets of more than a ``few`` must be sorted, the others are sorted here */
static PyObject *as_sets(PyObject *self, PyObject *args) {
    Views v;
    Py_ssize_t few;
    if (!PyArg_ParseTuple(args, "w*y*nw*w*", &v.view[0], &v.view[1], &few, &v.view[2], &v.view[3])) return NULL;
    uint32_t *values = v.view[0].buf, *out = v.view[2].buf;
    const int64_t *offsets = v.view[1].buf;
    int64_t *begins = v.view[3].buf;
    Py_ssize_t n = ITEMS(v.view[0], uint32_t), texts = ITEMS(v.view[1], int64_t) - 1, at = 0;
    if (ITEMS(v.view[2], uint32_t) != n || ITEMS(v.view[3], int64_t) != texts + 1 || !rising(offsets, texts + 1, n))
        return refuse(&v, 4);
    begins[0] = 0;
    for (Py_ssize_t t = 0; t < texts; t++) {
        uint32_t *set = values + offsets[t];
        Py_ssize_t size = offsets[t + 1] - offsets[t];
        for (Py_ssize_t i = 1; size <= few && i < size; i++) {
            uint32_t value = set[i];
            Py_ssize_t to = i;
            for (; to && set[to - 1] > value; to--) set[to] = set[to - 1];
            set[to] = value;
        }
        for (Py_ssize_t i = 0; i < size; i++) {
            out[at] = set[i];
            at += i + 1 == size || set[i] != set[i + 1];
        }
        begins[t + 1] = at;
    }
    release(&v, 4);
    return PyLong_FromSsize_t(at);
}

/* around(figures bool[w], their offsets i64[t + 1], values u32[n], their offsets i64[t + 1], after, width, beyond,
 * out u32[f, width]): the ``width`` values around each word that is a figure, backwards from ``after`` places beyond
 * it, ``beyond`` where its text has none */
static PyObject *around(PyObject *self, PyObject *args) {
    Views v;
    Py_ssize_t after, width;
    unsigned beyond;
    if (!PyArg_ParseTuple(args, "y*y*y*y*nnIw*", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &after, &width,
                          &beyond, &v.view[4]))
        return NULL;
    const uint8_t *figures = v.view[0].buf;
    const int64_t *words = v.view[1].buf, *offsets = v.view[3].buf;
    const uint32_t *values = v.view[2].buf;
    uint32_t *out = v.view[4].buf;
    Py_ssize_t texts = ITEMS(v.view[1], int64_t) - 1, room = ITEMS(v.view[4], uint32_t), at = 0;
    if (ITEMS(v.view[3], int64_t) != texts + 1 || after < 0 || after > INT32_MAX || width < 1 ||
        !rising(words, texts + 1, v.view[0].len) || !rising(offsets, texts + 1, ITEMS(v.view[2], uint32_t)))
        return refuse(&v, 5);
    for (Py_ssize_t t = 0; t < texts; t++)
        for (int64_t word = words[t]; word < words[t + 1]; word++) {
            if (!figures[word]) continue;
            if (width > room - at) return refuse(&v, 5);
            int64_t first = offsets[t] + (word - words[t]) + after;
            for (int64_t i = first; i > first - width; i--)
                out[at++] = i >= offsets[t] && i < offsets[t + 1] ? values[i] : beyond;
        }
    release(&v, 5);
    Py_RETURN_NONE;
}

static void closed(Py_buffer *views, Py_ssize_t count) {
    while (count) PyBuffer_Release(&views[--count]);
}

/* Have the buffers of all arrays of a list, or of none. */
static int opened(PyObject *list, Py_buffer *views, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PyList_GetItem(list, i);
        Py_XINCREF(item);
        int failed = !item || PyObject_GetBuffer(item, &views[i], PyBUF_SIMPLE);
        Py_XDECREF(item);
        if (failed) {
            closed(views, i);
            return 0;
        }
    }
    return 1;
}

/* gather(lists of p arrays: values u32[n], offsets i64[t + 1]; part i64[w], number i64[w], their offsets i64[w + 1])
 * -> bytes of u32: the sets that are wanted, each by its number in one of the parts, one after the other */
static PyObject *gather(PyObject *self, PyObject *args) {
    Views v;
    PyObject *values, *offsets, *found = NULL;
    if (!PyArg_ParseTuple(args, "OOy*y*w*", &values, &offsets, &v.view[0], &v.view[1], &v.view[2])) return NULL;
    const int64_t *part = v.view[0].buf, *number = v.view[1].buf;
    int64_t *begins = v.view[2].buf;
    Py_ssize_t wanted = ITEMS(v.view[0], int64_t), parts = PyList_Check(values) ? PyList_Size(values) : -1;
    if (parts < 0 || !PyList_Check(offsets) || PyList_Size(offsets) != parts || ITEMS(v.view[1], int64_t) != wanted ||
        ITEMS(v.view[2], int64_t) != wanted + 1)
        return refuse(&v, 3);
    Py_buffer *of = PyMem_Calloc((size_t)(2 * parts + 1), sizeof *of);
    if (!of) {
        release(&v, 3);
        return PyErr_NoMemory();
    }
    if (!opened(values, of, parts)) goto done;
    if (!opened(offsets, of + parts, parts)) {
        closed(of, parts);
        goto done;
    }
    begins[0] = 0;
    Py_ssize_t at = 0;
    for (; at < wanted; at++) {
        if (part[at] < 0 || part[at] >= parts) break;
        const Py_buffer *all = &of[part[at]], *edges = &of[parts + part[at]];
        const int64_t *edge = edges->buf;
        if (number[at] < 0 || number[at] >= ITEMS(*edges, int64_t) - 1) break;
        int64_t first = edge[number[at]], last = edge[number[at] + 1];
        if (first < 0 || last < first || last > ITEMS(*all, uint32_t)) break;
        if (last - first > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(uint32_t) - begins[at]) break;
        begins[at + 1] = begins[at] + (last - first);
    }
    if (at < wanted)
        PyErr_SetString(PyExc_ValueError, MISFIT);
    else
        found = PyBytes_FromStringAndSize(NULL, begins[wanted] * (Py_ssize_t)sizeof(uint32_t));
    if (found) {
        char *to = PyBytes_AsString(found);
        for (at = 0; at < wanted; at++) {
            const uint32_t *from = of[part[at]].buf;
            size_t size = (size_t)(begins[at + 1] - begins[at]) * sizeof *from;
            memcpy(to, from + ((const int64_t *)of[parts + part[at]].buf)[number[at]], size);
            to += size;
        }
    }
    closed(of, 2 * parts);
done:
    PyMem_Free(of);
    release(&v, 3);
    return found;
}

/* --- what recurs --- */

/* indexed(known u32[k], sorted, begins u32[a power of two, and one]): where the values of each highest bits begin */
static PyObject *indexed(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*w*", &v.view[0], &v.view[1])) return NULL;
    const uint32_t *known = v.view[0].buf;
    uint32_t *begins = v.view[1].buf;
    Py_ssize_t size = ITEMS(v.view[0], uint32_t), slots = ITEMS(v.view[1], uint32_t) - 1;
    if (slots < 1 || slots & (slots - 1) || slots > UINT32_MAX || size > UINT32_MAX) return refuse(&v, 2);
    int shift = 33 - __builtin_ffsll(slots);
    memset(begins, 0, (size_t)v.view[1].len);
    for (Py_ssize_t i = 0; i < size; i++) begins[((uint64_t)known[i] >> shift) + 1]++;
    for (Py_ssize_t i = 0; i < slots; i++) begins[i + 1] += begins[i];
    release(&v, 2);
    Py_RETURN_NONE;
}

enum { ABREAST_KNOWN = 4 };

/* members(values u32[n], known u32[k], begins u32[b + 1], found bool[n]): which values are known, by their index */
static PyObject *members(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*y*y*w*", &v.view[0], &v.view[1], &v.view[2], &v.view[3])) return NULL;
    const uint32_t *values = v.view[0].buf, *known = v.view[1].buf, *begins = v.view[2].buf;
    uint8_t *found = v.view[3].buf;
    Py_ssize_t n = ITEMS(v.view[0], uint32_t), size = ITEMS(v.view[1], uint32_t), slots = ITEMS(v.view[2], uint32_t) - 1;
    if (v.view[3].len != n || slots < 1 || slots & (slots - 1) || slots > UINT32_MAX || size < ABREAST_KNOWN)
        return refuse(&v, 4);
    int shift = 33 - __builtin_ffsll(slots);
    for (Py_ssize_t i = 0; i < n; i++) {
        uint32_t value = values[i];
        const uint32_t *slot = begins + ((uint64_t)value >> shift);
        Py_ssize_t at = slot[0], end = slot[1];
        unsigned any = 0;
        do { /* seldom more than once: nobody could foretell how often, if values were looked at one by one */
            if (at > size - ABREAST_KNOWN) at = size - ABREAST_KNOWN;
            for (int j = 0; j < ABREAST_KNOWN; j++) any |= known[at + j] == value;
            at += ABREAST_KNOWN;
        } while (at < end && at < size);
        found[i] = (uint8_t)any;
    }
    release(&v, 4);
    Py_RETURN_NONE;
}

/* search(values u32[n], known u32[k], sorted, found bool[n]): which values are known, for a few of them */
static PyObject *search(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*y*w*", &v.view[0], &v.view[1], &v.view[2])) return NULL;
    const uint32_t *values = v.view[0].buf, *known = v.view[1].buf;
    uint8_t *found = v.view[2].buf;
    Py_ssize_t n = ITEMS(v.view[0], uint32_t), size = ITEMS(v.view[1], uint32_t);
    if (v.view[2].len != n || size > UINT32_MAX) return refuse(&v, 3);
    for (Py_ssize_t i = 0; i < n; i++) {
        /* Hashes are spread evenly, so a value tells about where it stands; from there in doubled steps. */
        Py_ssize_t from = (Py_ssize_t)((uint64_t)values[i] * (uint64_t)size >> 32), to = from, step = 8;
        if (size && known[from] <= values[i]) {
            for (to += step; to < size && known[to] <= values[i]; to += step *= 2) from = to;
            if (to > size) to = size;
        } else {
            for (from -= step; from > 0 && known[from] > values[i]; from -= step *= 2) to = from;
            if (from < 0) from = 0;
        }
        while (to - from > 1) { /* the last that is not above the value is from ``from`` to before ``to`` */
            Py_ssize_t middle = from + (to - from) / 2;
            if (known[middle] <= values[i])
                from = middle;
            else
                to = middle;
        }
        found[i] = size && known[from] == values[i];
    }
    release(&v, 3);
    Py_RETURN_NONE;
}

enum { BATCH = 256 };

/* A value that is met often, how many stories have it, and the last of them. */
typedef struct {
    uint32_t value, stories, last;
} Often;

/* recurring(values u32[n], offsets i64[t + 1], order i64[o], stories i64[t], least, out u32[n]) -> how many are
 * written: the values that texts of at least so many stories have, in any order. ``order`` has the texts to look at,
 * those of a story side by side; stories are below 2**32. */
static PyObject *recurring(PyObject *self, PyObject *args) {
    Views v;
    int least;
    if (!PyArg_ParseTuple(args, "y*y*y*y*iw*", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &least, &v.view[4]))
        return NULL;
    const uint32_t *values = v.view[0].buf;
    const int64_t *offsets = v.view[1].buf, *order = v.view[2].buf, *stories = v.view[3].buf;
    uint32_t *out = v.view[4].buf;
    Py_ssize_t n = ITEMS(v.view[0], uint32_t), texts = ITEMS(v.view[1], int64_t) - 1, count = ITEMS(v.view[2], int64_t);
    if (least < 1 || least > 255 || ITEMS(v.view[3], int64_t) != texts || ITEMS(v.view[4], uint32_t) < n ||
        !rising(offsets, texts + 1, n))
        return refuse(&v, 5);
    for (Py_ssize_t i = 0; i < count; i++)
        if (order[i] < 0 || order[i] >= texts) return refuse(&v, 5);
    /* Most values are met once or twice: to count by their low bits finds these. */
    int bits = 8;
    while ((Py_ssize_t)1 << bits < 2 * n && bits < 22) bits++;
    uint32_t mask = ((uint32_t)1 << bits) - 1;
    Py_ssize_t often = 0, at = 0;
    uint8_t *counts = PyMem_Calloc((size_t)mask + 1, 1);
    Often *table = NULL;
    if (!counts) goto done;
    for (Py_ssize_t i = 0; i < n; i++) {
        uint8_t *met = &counts[values[i] & mask];
        *met = (uint8_t)(*met + (*met < 255));
        often += *met == least ? least : *met > least; /* as many as have such low bits */
    }
    int wide = 8;
    while ((Py_ssize_t)1 << wide <= often + often / 4) wide++; /* most are met several times: most of it stays empty */
    table = PyMem_Calloc((size_t)1 << wide, sizeof *table);
    if (!table) goto done;
    for (Py_ssize_t o = 0; o < count; o++) {
        uint32_t story = (uint32_t)stories[order[o]];
        for (int64_t i = offsets[order[o]], last = offsets[order[o] + 1]; i < last;) {
            uint32_t some[BATCH];
            int count_of = 0;
            for (; i < last && count_of < BATCH; i++) { /* nobody could foretell a branch here */
                some[count_of] = values[i];
                count_of += counts[values[i] & mask] >= least;
            }
            for (int j = 0; j < count_of; j++) {
                size_t slot = (size_t)(some[j] * 0x9E3779B97F4A7C15 >> (64 - wide));
                while (table[slot].stories && table[slot].value != some[j])
                    slot = (slot + 1) & (((size_t)1 << wide) - 1);
                Often *here = &table[slot];
                if (here->stories && here->last == story) continue;
                here->value = some[j];
                here->last = story;
                if (++here->stories == (uint32_t)least) out[at++] = some[j];
            }
        }
    }
done:
    release(&v, 5);
    PyMem_Free(counts);
    PyMem_Free(table);
    return table ? PyLong_FromSsize_t(at) : PyErr_NoMemory();
}

/* --- signatures --- */

static inline uint32_t spread(uint32_t value) {
    value = (value ^ value >> 16) * 0x85EBCA6B;
    value = (value ^ value >> 13) * 0xC2B2AE35;
    return value ^ value >> 16;
}

enum { ABREAST = 32 };

/* The least of value * a + b for ABREAST pairs of a and b. */
WIDE static void least(const uint32_t *values, Py_ssize_t n, const uint32_t *a, const uint32_t *b, uint32_t *out) {
    uint32_t low[ABREAST], factor[ABREAST], summand[ABREAST];
    for (int p = 0; p < ABREAST; p++) {
        low[p] = UINT32_MAX;
        factor[p] = a[p];
        summand[p] = b[p];
    }
    for (Py_ssize_t i = 0; i < n; i++)
        for (int p = 0; p < ABREAST; p++) {
            uint32_t value = values[i] * factor[p] + summand[p];
            low[p] = value < low[p] ? value : low[p];
        }
    memcpy(out, low, sizeof low);
}

/* signatures(values u32[n], offsets i64[t + 1], a u32[p], b u32[p], rows u32[t, p]): UINT32_MAX for an empty set */
static PyObject *signatures(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &v.view[4])) return NULL;
    const uint32_t *values = v.view[0].buf, *a = v.view[2].buf, *b = v.view[3].buf;
    const int64_t *offsets = v.view[1].buf;
    uint32_t *rows = v.view[4].buf;
    Py_ssize_t texts = ITEMS(v.view[1], int64_t) - 1, width = ITEMS(v.view[2], uint32_t), longest = 0;
    if (ITEMS(v.view[3], uint32_t) != width || ITEMS(v.view[4], uint32_t) != texts * width ||
        !rising(offsets, texts + 1, ITEMS(v.view[0], uint32_t)))
        return refuse(&v, 5);
    for (Py_ssize_t t = 0; t < texts; t++)
        if (offsets[t + 1] - offsets[t] > longest) longest = offsets[t + 1] - offsets[t];
    uint32_t *hashes = PyMem_Malloc((size_t)(longest + 1) * sizeof *hashes);
    if (!hashes) {
        release(&v, 5);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t t = 0; t < texts; t++) {
        Py_ssize_t n = offsets[t + 1] - offsets[t], p = 0;
        uint32_t *row = rows + t * width;
        for (Py_ssize_t i = 0; i < n; i++) hashes[i] = spread(values[offsets[t] + i]);
        for (; p + ABREAST <= width; p += ABREAST) least(hashes, n, a + p, b + p, row + p);
        for (; p < width; p++) {
            uint32_t low = UINT32_MAX;
            for (Py_ssize_t i = 0; i < n; i++) {
                uint32_t value = hashes[i] * a[p] + b[p];
                low = value < low ? value : low;
            }
            row[p] = low;
        }
    }
    PyMem_Free(hashes);
    release(&v, 5);
    Py_RETURN_NONE;
}

/* --- candidates and their overlap --- */

/* How many of the bytes of two rows are equal. */
WIDE static unsigned alike(const uint8_t *a, const uint8_t *b, Py_ssize_t width) {
    unsigned total = 0;
    for (Py_ssize_t first = 0; first < width; first += 128) {
        Py_ssize_t last = first + 128 < width ? first + 128 : width;
        uint8_t count = 0;
        for (Py_ssize_t i = first; i < last; i++) count += a[i] == b[i];
        total += count;
    }
    return total;
}

/* Where the values beyond ``last`` begin. */
static const uint32_t *after(const uint32_t *from, const uint32_t *to, uint32_t last) {
    while (from < to) {
        const uint32_t *middle = from + (to - from) / 2;
        if (*middle <= last)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Two stretches of sorted values that are merged. */
typedef struct {
    const uint32_t *a, *a_end, *b, *b_end;
} Merge;

static inline Py_ssize_t left(const Merge *m) {
    return m->a_end - m->a < m->b_end - m->b ? m->a_end - m->a : m->b_end - m->b;
}

/* One step. Which set goes on is told by the sign of a difference: a branch could not be foretold. */
static inline uint64_t step(Merge *m) {
    uint64_t x = *m->a, y = *m->b;
    uint64_t not_above = (x - y - 1) >> 63, not_below = (y - x - 1) >> 63;
    m->a += not_above;
    m->b += not_below;
    return not_above & not_below;
}

/* How many values two sorted sets have in common. A step waits for the one before it, so four stretches of the values,
 * which are spread evenly over 32 bits, are merged at a time. */
static int64_t intersection(const uint32_t *a, const uint32_t *a_end, const uint32_t *b, const uint32_t *b_end) {
    const uint32_t *a1 = after(a, a_end, 0x3FFFFFFF), *b1 = after(b, b_end, 0x3FFFFFFF);
    const uint32_t *a2 = after(a1, a_end, 0x7FFFFFFF), *b2 = after(b1, b_end, 0x7FFFFFFF);
    const uint32_t *a3 = after(a2, a_end, 0xBFFFFFFF), *b3 = after(b2, b_end, 0xBFFFFFFF);
    Merge m0 = {a, a1, b, b1}, m1 = {a1, a2, b1, b2}, m2 = {a2, a3, b2, b3}, m3 = {a3, a_end, b3, b_end};
    int64_t both = 0;
    for (;;) {
        Py_ssize_t safe = left(&m0);
        if (left(&m1) < safe) safe = left(&m1);
        if (left(&m2) < safe) safe = left(&m2);
        if (left(&m3) < safe) safe = left(&m3);
        if (safe < 1) break;
        for (; safe; safe--) both += (int64_t)(step(&m0) + step(&m1) + step(&m2) + step(&m3));
    }
    while (left(&m0)) both += (int64_t)step(&m0);
    while (left(&m1)) both += (int64_t)step(&m1);
    while (left(&m2)) both += (int64_t)step(&m2);
    while (left(&m3)) both += (int64_t)step(&m3);
    return both;
}

/* shared(values u32[n], offsets i64[t + 1], pairs i64[p, 2], found i64[p]): sizes of intersections of sorted sets */
static PyObject *shared(PyObject *self, PyObject *args) {
    Views v;
    if (!PyArg_ParseTuple(args, "y*y*y*w*", &v.view[0], &v.view[1], &v.view[2], &v.view[3])) return NULL;
    const uint32_t *values = v.view[0].buf;
    const int64_t *offsets = v.view[1].buf, *pairs = v.view[2].buf;
    int64_t *found = v.view[3].buf;
    Py_ssize_t texts = ITEMS(v.view[1], int64_t) - 1, count = ITEMS(v.view[3], int64_t);
    if (ITEMS(v.view[2], int64_t) != 2 * count || !rising(offsets, texts + 1, ITEMS(v.view[0], uint32_t)))
        return refuse(&v, 4);
    for (Py_ssize_t p = 0; p < count; p++) {
        int64_t a = pairs[2 * p], b = pairs[2 * p + 1];
        if (a < 0 || b < 0 || a >= texts || b >= texts) return refuse(&v, 4);
        found[p] =
            intersection(values + offsets[a], values + offsets[a + 1], values + offsets[b], values + offsets[b + 1]);
    }
    release(&v, 4);
    Py_RETURN_NONE;
}

/* The bucket of ``rows`` values in a band, as dedup.buckets.keys. */
static inline uint64_t bucket(const uint32_t *values, int rows, uint64_t band) {
    uint64_t key = (band + 1) << 56;
    for (int row = 0; row < rows; row++) {
        key = (key ^ values[row]) * 0x9E3779B97F4A7C15;
        key ^= key >> 32;
    }
    return key;
}

/* What is known of the texts of a bucket: there is one, there are more, one has role 1, one has role 2. */
enum { ONE = 1, MORE = 2, ROLES = 4 | 8 };

/* entries(signatures u32[m, width], width, order i64[n], role u8[n], first band, bands, rows, out u64[n * bands])
 * -> how many texts of some bands are written, bucket and number of each in one: those that may share a bucket with
 * another, with one of role 1 and with one of role 2 */
static PyObject *entries(PyObject *self, PyObject *args) {
    Views v;
    Py_ssize_t width, first, bands;
    int rows;
    if (!PyArg_ParseTuple(args, "y*ny*y*nniw*", &v.view[0], &width, &v.view[1], &v.view[2], &first, &bands, &rows,
                          &v.view[3]))
        return NULL;
    const uint32_t *signatures = v.view[0].buf;
    const int64_t *order = v.view[1].buf;
    const uint8_t *role = v.view[2].buf;
    uint64_t *out = v.view[3].buf;
    Py_ssize_t n = ITEMS(v.view[1], int64_t);
    if (width < 1 || rows < 1 || first < 0 || bands < 0 || first > width / rows || bands > width / rows - first ||
        v.view[2].len != n || n >= (1 << 24) || (n && ITEMS(v.view[3], uint64_t) / n < bands))
        return refuse(&v, 4);
    for (Py_ssize_t i = 0; i < n; i++)
        if (order[i] < 0 || order[i] >= ITEMS(v.view[0], uint32_t) / width) return refuse(&v, 4);
    int bits = 10;
    while (((Py_ssize_t)1 << bits) < 8 * n) bits++;
    uint8_t *seen = PyMem_Malloc((size_t)1 << bits);
    uint64_t *keys = PyMem_Malloc((size_t)(n * bands + 1) * sizeof *keys);
    if (!seen || !keys) {
        PyMem_Free(seen);
        PyMem_Free(keys);
        release(&v, 4);
        return PyErr_NoMemory();
    }
    /* The values of all bands of a text side by side in memory: the text is the outer loop. */
    for (Py_ssize_t i = 0; i < n; i++) {
        const uint32_t *values = signatures + order[i] * width + first * rows;
        for (Py_ssize_t band = 0; band < bands; band++)
            keys[band * n + i] = bucket(values + band * rows, rows, (uint64_t)(first + band));
    }
    Py_ssize_t at = 0;
    for (Py_ssize_t band = 0; band < bands; band++) {
        const uint64_t *key = keys + band * n;
        memset(seen, 0, (size_t)1 << bits);
        for (Py_ssize_t i = 0; i < n; i++) {
            uint8_t *slot = &seen[(key[i] * 0x9E3779B97F4A7C15) >> (64 - bits)];
            *slot |= (uint8_t)(role[i] << 2 | (*slot & ONE) << 1 | ONE);
        }
        for (Py_ssize_t i = 0; i < n; i++) {
            out[at] = key[i] << 24 | (uint64_t)i;
            at += seen[(key[i] * 0x9E3779B97F4A7C15) >> (64 - bits)] == (ONE | MORE | ROLES);
        }
    }
    PyMem_Free(seen);
    PyMem_Free(keys);
    release(&v, 4);
    return PyLong_FromSsize_t(at);
}

enum { DIGIT = 11, VALUES = 1 << DIGIT };

/* sort(values u64[n], first bit, last bit): by these bits, from the lowest up, some in each pass; then each value past
 * its neighbours. Where other bits differ too, few values may have these in common, or they must be in order. */
static PyObject *sort(PyObject *self, PyObject *args) {
    Views v;
    int first, last;
    if (!PyArg_ParseTuple(args, "w*ii", &v.view[0], &first, &last)) return NULL;
    uint64_t *values = v.view[0].buf;
    Py_ssize_t n = ITEMS(v.view[0], uint64_t);
    if (first < 0 || last > 64) return refuse(&v, 1);
    uint64_t *other = PyMem_Malloc((size_t)(n + 1) * sizeof *other), *from = values, *to = other;
    if (!other) {
        release(&v, 1);
        return PyErr_NoMemory();
    }
    for (; first < last; first += DIGIT) {
        Py_ssize_t places[VALUES] = {0}, before = 0;
        for (Py_ssize_t i = 0; i < n; i++) places[from[i] >> first & (VALUES - 1)]++;
        for (int digit = 0; digit < VALUES; digit++) {
            Py_ssize_t here = places[digit];
            places[digit] = before;
            before += here;
        }
        for (Py_ssize_t i = 0; i < n; i++) to[places[from[i] >> first & (VALUES - 1)]++] = from[i];
        uint64_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != values) memcpy(values, from, (size_t)n * sizeof *values);
    for (Py_ssize_t i = 1; i < n; i++) {
        uint64_t value = values[i];
        Py_ssize_t at = i;
        for (; at && values[at - 1] > value; at--) values[at] = values[at - 1];
        values[at] = value;
    }
    PyMem_Free(other);
    release(&v, 1);
    Py_RETURN_NONE;
}

/* Pairs that were found: a growing array. */
typedef struct {
    uint64_t *items;
    Py_ssize_t count, room;
} Pairs;

static int add(Pairs *pairs, uint64_t item) {
    if (pairs->count == pairs->room) {
        Py_ssize_t room = 2 * pairs->room + 1024;
        uint64_t *more = PyMem_Realloc(pairs->items, (size_t)room * sizeof *more);
        if (!more) return 0;
        pairs->items = more;
        pairs->room = room;
    }
    pairs->items[pairs->count++] = item;
    return 1;
}

#define OWNER(entry) ((entry) & 0xFFFFFF)

/* neighbours(entries u64[e] sorted, reach i64[n], role u8[n], low u8[n, width], width, least, crowd, near,
 * seen u64[a power of two], crowds, a set)
 * -> bytes of u64: the pairs that dedup.buckets.neighbours finds, but for those of whose low bytes fewer than ``least``
 * are equal, each with the count of these in its lowest 16 bits */
static PyObject *neighbours(PyObject *self, PyObject *args) {
    Views v;
    Py_ssize_t width;
    int least, crowd, near;
    PyObject *crowds, *result = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*y*niiiw*O", &v.view[0], &v.view[1], &v.view[2], &v.view[3], &width, &least,
                          &crowd, &near, &v.view[4], &crowds))
        return NULL;
    const uint64_t *entry = v.view[0].buf;
    const int64_t *reach = v.view[1].buf;
    const uint8_t *role = v.view[2].buf, *low = v.view[3].buf;
    Py_ssize_t count = ITEMS(v.view[0], uint64_t), n = ITEMS(v.view[1], int64_t);
    uint64_t *seen = v.view[4].buf; /* most pairs are met in several bands */
    Py_ssize_t slots = ITEMS(v.view[4], uint64_t);
    if (slots < 1 || slots & (slots - 1) || v.view[2].len != n || n > (1 << 24) || width < 0 || width > UINT16_MAX ||
        v.view[3].len != n * width || near < 0 || near > crowd || crowd > UINT16_MAX)
        return refuse(&v, 5);
    for (Py_ssize_t i = 0; i < count; i++)
        if ((Py_ssize_t)OWNER(entry[i]) >= n) return refuse(&v, 5);
    Pairs pairs = {NULL, 0, 0};
    for (Py_ssize_t start = 0, stop; start < count; start = stop) {
        for (stop = start + 1; stop < count && entry[stop] >> 24 == entry[start] >> 24; stop++) {}
        if (stop - start > crowd) {
            uint64_t sum = 0;
            for (Py_ssize_t i = start; i < stop; i++) {
                uint32_t owner = (uint32_t)OWNER(entry[i]);
                sum += bucket(&owner, 1, 0);
            }
            PyObject *members = PyLong_FromUnsignedLongLong(sum);
            int known = members ? PySet_Contains(crowds, members) : -1;
            if (known == 0 && PySet_Add(crowds, members)) known = -1;
            Py_XDECREF(members);
            if (known < 0) goto done;
            if (known) continue;
        }
        for (Py_ssize_t i = start; i < stop - 1; i++) {
            Py_ssize_t a = (Py_ssize_t)OWNER(entry[i]), last = i;
            int64_t until = reach[a];
            /* Who is further on is later. */
            while (last + 1 < stop && last - i <= crowd && (int64_t)OWNER(entry[last + 1]) <= until) last++;
            if (last - i > crowd - 1) last = i + near;
            for (Py_ssize_t j = i + 1; j <= last; j++) {
                Py_ssize_t b = (Py_ssize_t)OWNER(entry[j]);
                uint64_t pair = (uint64_t)a << 24 | (uint64_t)b;
                uint64_t *slot = &seen[(pair * 0x9E3779B97F4A7C15) >> 32 & (uint64_t)(slots - 1)];
                if ((role[a] | role[b]) != 3 || *slot == pair) continue;
                *slot = pair;
                unsigned equal = alike(low + a * width, low + b * width, width);
                if ((int)equal >= least && !add(&pairs, pair << 16 | equal)) goto no_memory;
            }
        }
    }
    result = PyBytes_FromStringAndSize((const char *)pairs.items, pairs.count * (Py_ssize_t)sizeof *pairs.items);
    goto done;
no_memory:
    PyErr_NoMemory();
done:
    PyMem_Free(pairs.items);
    release(&v, 5);
    return result;
}

static PyMethodDef methods[] = {
    {"fold", fold, METH_VARARGS, NULL},
    {"hash_words", hash_words, METH_VARARGS, NULL},
    {"in_order", in_order, METH_VARARGS, NULL},
    {"keep", keep, METH_VARARGS, NULL},
    {"as_sets", as_sets, METH_VARARGS, NULL},
    {"around", around, METH_VARARGS, NULL},
    {"gather", gather, METH_VARARGS, NULL},
    {"recurring", recurring, METH_VARARGS, NULL},
    {"indexed", indexed, METH_VARARGS, NULL},
    {"search", search, METH_VARARGS, NULL},
    {"members", members, METH_VARARGS, NULL},
    {"signatures", signatures, METH_VARARGS, NULL},
    {"shared", shared, METH_VARARGS, NULL},
    {"entries", entries, METH_VARARGS, NULL},
    {"sort", sort, METH_VARARGS, NULL},
    {"neighbours", neighbours, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int filled(PyObject *made) {
    return PyModule_AddIntConstant(made, "INTERFACE", INTERFACE);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, filled}, {0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) {
    return PyModuleDef_Init(&module);
}
