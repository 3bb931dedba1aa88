/* moonlet-terms.h: writes and reads terms in the external term format, with no more memory than it is given. Included by moonlet.h. */
#ifndef MOONLET_TERMS_H
#define MOONLET_TERMS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writing terms. A writer stops at its end and then has `failed` set; what fits is written whole.
 *
 *     uint8_t bytes[64];
 *     moonlet_writer w = moonlet_begin(bytes, sizeof bytes);
 *     moonlet_put_tuple(&w, 2);
 *     moonlet_put_atom(&w, "pong");
 *     moonlet_put_integer(&w, n);
 *     moonlet_message_send(pid, pid_len, bytes, moonlet_length(&w)); */
typedef struct {
  uint8_t *start;
  uint8_t *at;
  uint8_t *end;
  int failed;
} moonlet_writer;

static inline void moonlet_put_byte(moonlet_writer *w, uint8_t byte) {
  if (w->at < w->end) *w->at++ = byte;
  else w->failed = 1;
}

static inline void moonlet_put_bytes(moonlet_writer *w, const void *bytes, uint32_t len) {
  const uint8_t *from = (const uint8_t *)bytes;
  if ((uint32_t)(w->end - w->at) < len) {
    w->failed = 1;
    return;
  }
  for (uint32_t i = 0; i < len; i++) *w->at++ = from[i];
}

static inline void moonlet_put_u32(moonlet_writer *w, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) moonlet_put_byte(w, (uint8_t)(value >> shift));
}

static inline moonlet_writer moonlet_begin(void *buffer, uint32_t cap) {
  moonlet_writer w = {(uint8_t *)buffer, (uint8_t *)buffer, (uint8_t *)buffer + cap, 0};
  moonlet_put_byte(&w, 131);
  return w;
}

/* Bytes written, or 0 when something did not fit. */
static inline uint32_t moonlet_length(const moonlet_writer *w) {
  return w->failed ? 0 : (uint32_t)(w->at - w->start);
}

static inline void moonlet_put_tuple(moonlet_writer *w, uint8_t arity) {
  moonlet_put_byte(w, 104);
  moonlet_put_byte(w, arity);
}

/* A name of at most 255 bytes. */
static inline void moonlet_put_atom(moonlet_writer *w, const char *name) {
  uint32_t len = 0;
  while (name[len] != 0) len++;
  if (len > 255) {
    w->failed = 1;
    return;
  }
  moonlet_put_byte(w, 119);
  moonlet_put_byte(w, (uint8_t)len);
  moonlet_put_bytes(w, name, len);
}

static inline void moonlet_put_integer(moonlet_writer *w, int64_t value) {
  if (value >= 0 && value <= 255) {
    moonlet_put_byte(w, 97);
    moonlet_put_byte(w, (uint8_t)value);
  } else if (value == (int32_t)value) {
    moonlet_put_byte(w, 98);
    moonlet_put_u32(w, (uint32_t)(int32_t)value);
  } else {
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint8_t size = 0;
    for (uint64_t rest = magnitude; rest != 0; rest >>= 8) size++;
    moonlet_put_byte(w, 110);
    moonlet_put_byte(w, size);
    moonlet_put_byte(w, value < 0);
    for (; magnitude != 0; magnitude >>= 8) moonlet_put_byte(w, (uint8_t)magnitude);
  }
}

static inline void moonlet_put_bool(moonlet_writer *w, int value) {
  moonlet_put_atom(w, value ? "true" : "false");
}

/* The value has to be finite. */
static inline void moonlet_put_float(moonlet_writer *w, double value) {
  union {
    double value;
    uint64_t bits;
  } both;
  both.value = value;
  moonlet_put_byte(w, 70);
  moonlet_put_u32(w, (uint32_t)(both.bits >> 32));
  moonlet_put_u32(w, (uint32_t)both.bits);
}

/* UTF-8. */
static inline void moonlet_put_text(moonlet_writer *w, const char *text, uint32_t len) {
  moonlet_put_byte(w, 109);
  moonlet_put_u32(w, len);
  moonlet_put_bytes(w, text, len);
}

/* Text up to its zero byte. */
static inline void moonlet_put_string(moonlet_writer *w, const char *text) {
  uint32_t len = 0;
  while (text[len] != 0) len++;
  moonlet_put_text(w, text, len);
}

/* A binary that is bytes, which JavaScript gets as such. */
static inline void moonlet_put_binary(moonlet_writer *w, const void *bytes, uint32_t len) {
  moonlet_put_byte(w, 77);
  moonlet_put_u32(w, len);
  moonlet_put_byte(w, len == 0 ? 0 : 8);
  moonlet_put_bytes(w, bytes, len);
}

/* A list of so many items; they follow, and then moonlet_put_nil. A list of nothing is moonlet_put_nil alone. */
static inline void moonlet_put_list(moonlet_writer *w, uint32_t count) {
  if (count == 0) return;
  moonlet_put_byte(w, 108);
  moonlet_put_u32(w, count);
}

static inline void moonlet_put_nil(moonlet_writer *w) {
  moonlet_put_byte(w, 106);
}

/* A map of so many keys; each follows with its value behind it. */
static inline void moonlet_put_map(moonlet_writer *w, uint32_t count) {
  moonlet_put_byte(w, 116);
  moonlet_put_u32(w, count);
}

/* A term that is encoded already, version byte included: a pid from moonlet_process_self, for example. */
static inline void moonlet_put_term(moonlet_writer *w, const void *term, uint32_t len) {
  if (len == 0) w->failed = 1;
  else moonlet_put_bytes(w, (const uint8_t *)term + 1, len - 1);
}

/* A prefix pattern for moonlet_message_receive: `{tag, ...}` with so many elements, the tag included. Gives its length, or 0 when
 * it does not fit. */
static inline uint32_t moonlet_pattern(uint8_t *out, uint32_t cap, const char *tag, uint8_t arity) {
  if (cap < 4) return 0;
  moonlet_writer w = moonlet_begin(out + 4, cap - 4);
  moonlet_put_tuple(&w, arity);
  moonlet_put_atom(&w, tag);
  uint32_t len = moonlet_length(&w);
  if (len == 0) return 0;
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(len >> (8 * i));
  return len + 4;
}

/* Reading terms, from front to back. A reader that meets something else has `failed` set, and gives zeros from then on. */
typedef struct {
  const uint8_t *at;
  const uint8_t *end;
  int failed;
} moonlet_reader;

static inline uint8_t moonlet_get_byte(moonlet_reader *r) {
  if (r->failed || r->at >= r->end) {
    r->failed = 1;
    return 0;
  }
  return *r->at++;
}

static inline uint32_t moonlet_get_u32(moonlet_reader *r) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | moonlet_get_byte(r);
  return value;
}

static inline void moonlet_expect(moonlet_reader *r, uint8_t byte) {
  if (moonlet_get_byte(r) != byte) r->failed = 1;
}

/* Opens a term of `len` bytes, as a syscall has written it. */
static inline moonlet_reader moonlet_open(const void *term, uint32_t len) {
  moonlet_reader r = {(const uint8_t *)term, (const uint8_t *)term + len, 0};
  moonlet_expect(&r, 131);
  return r;
}

/* The number of elements of a tuple; they follow. */
static inline uint8_t moonlet_get_tuple(moonlet_reader *r) {
  moonlet_expect(r, 104);
  return moonlet_get_byte(r);
}

/* Whether the next term is the atom of that name; if so it is read. */
static inline int moonlet_get_atom(moonlet_reader *r, const char *name) {
  const uint8_t *from = r->at;
  if (r->failed || r->end - from < 2 || from[0] != 119 || r->end - from - 2 < from[1]) return 0;
  for (uint32_t i = 0; i < from[1]; i++)
    if (name[i] == 0 || (uint8_t)name[i] != from[2 + i]) return 0;
  if (name[from[1]] != 0) return 0;
  r->at = from + 2 + from[1];
  return 1;
}

/* An integer of at most 64 bits. */
static inline int64_t moonlet_get_integer(moonlet_reader *r) {
  uint8_t tag = moonlet_get_byte(r);
  if (tag == 97) return moonlet_get_byte(r);
  if (tag == 98) return (int32_t)moonlet_get_u32(r);
  uint8_t size = moonlet_get_byte(r);
  uint8_t negative = moonlet_get_byte(r);
  uint64_t magnitude = 0;
  if (tag != 110 || size > 8) r->failed = 1;
  for (uint8_t i = 0; i < size && !r->failed; i++) magnitude |= (uint64_t)moonlet_get_byte(r) << (8 * i);
  if (magnitude > (uint64_t)INT64_MAX + negative) r->failed = 1;
  return r->failed ? 0 : negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
}

/* A float, or an integer as one. */
static inline double moonlet_get_float(moonlet_reader *r) {
  if (r->failed || r->at >= r->end || *r->at != 70) return (double)moonlet_get_integer(r);
  union {
    double value;
    uint64_t bits;
  } both;
  moonlet_expect(r, 70);
  both.bits = (uint64_t)moonlet_get_u32(r) << 32;
  both.bits |= moonlet_get_u32(r);
  return r->failed ? 0 : both.value;
}

/* The atom true or false. */
static inline int moonlet_get_bool(moonlet_reader *r) {
  if (moonlet_get_atom(r, "true")) return 1;
  if (!moonlet_get_atom(r, "false")) r->failed = 1;
  return 0;
}

/* The number of items of a list; they follow, and then its end, which moonlet_get_nil reads; 0 for the empty list, which has the end alone. */
static inline uint32_t moonlet_get_list(moonlet_reader *r) {
  if (!r->failed && r->at < r->end && *r->at == 106) return 0;
  moonlet_expect(r, 108);
  return moonlet_get_u32(r);
}

static inline void moonlet_get_nil(moonlet_reader *r) {
  moonlet_expect(r, 106);
}

/* The number of keys of a map; each follows with its value behind it. */
static inline uint32_t moonlet_get_map(moonlet_reader *r) {
  moonlet_expect(r, 116);
  return moonlet_get_u32(r);
}

/* The bytes of text or of a binary; their number is in *len. */
static inline const uint8_t *moonlet_get_binary(moonlet_reader *r, uint32_t *len) {
  uint8_t tag = moonlet_get_byte(r);
  uint32_t size = moonlet_get_u32(r);
  if (tag == 77) moonlet_get_byte(r);
  else if (tag != 109) r->failed = 1;
  if (r->failed || (uint32_t)(r->end - r->at) < size) {
    r->failed = 1;
    *len = 0;
    return r->at;
  }
  const uint8_t *bytes = r->at;
  r->at += size;
  *len = size;
  return bytes;
}

/* Passes over `count` bytes. */
static inline void moonlet_skip_bytes(moonlet_reader *r, uint32_t count) {
  if (r->failed || (uint32_t)(r->end - r->at) < count) r->failed = 1;
  else r->at += count;
}

static inline void moonlet_skip_atom(moonlet_reader *r) {
  uint8_t tag = moonlet_get_byte(r);
  uint32_t size = moonlet_get_byte(r);
  if (tag == 118) size = size << 8 | moonlet_get_byte(r);
  else if (tag != 119) r->failed = 1;
  moonlet_skip_bytes(r, size);
}

/* Passes over a term of any kind, however deep it is, and gives its first byte; its length is r->at less that. */
static inline const uint8_t *moonlet_skip(moonlet_reader *r) {
  const uint8_t *from = r->at;
  for (uint64_t left = 1; left > 0 && !r->failed; left--) {
    uint32_t size;
    switch (moonlet_get_byte(r)) {
      case 106: break;
      case 97: moonlet_skip_bytes(r, 1); break;
      case 98: moonlet_skip_bytes(r, 4); break;
      case 70: moonlet_skip_bytes(r, 8); break;
      case 119: moonlet_skip_bytes(r, moonlet_get_byte(r)); break;
      case 118: size = (uint32_t)moonlet_get_byte(r) << 8; moonlet_skip_bytes(r, size | moonlet_get_byte(r)); break;
      case 109: moonlet_skip_bytes(r, moonlet_get_u32(r)); break;
      case 77: size = moonlet_get_u32(r); moonlet_get_byte(r); moonlet_skip_bytes(r, size); break;
      case 110: size = moonlet_get_byte(r); moonlet_get_byte(r); moonlet_skip_bytes(r, size); break;
      case 111: size = moonlet_get_u32(r); moonlet_get_byte(r); moonlet_skip_bytes(r, size); break;
      case 104: left += moonlet_get_byte(r); break;
      case 105: left += moonlet_get_u32(r); break;
      case 108: left += (uint64_t)moonlet_get_u32(r) + 1; break;
      case 116: left += (uint64_t)moonlet_get_u32(r) * 2; break;
      case 113: left += 3; break;
      case 88: moonlet_skip_atom(r); moonlet_skip_bytes(r, 12); break;
      case 90: size = (uint32_t)moonlet_get_byte(r) << 8; size |= moonlet_get_byte(r); moonlet_skip_atom(r); moonlet_skip_bytes(r, 4 * size + 4); break;
      default: r->failed = 1;
    }
  }
  return from;
}

/* The next term copied as a whole one into `out`, with its version byte. Gives its length, or 0 when it does not fit. */
static inline uint32_t moonlet_get_term(moonlet_reader *r, void *out, uint32_t cap) {
  const uint8_t *from = moonlet_skip(r);
  if (r->failed) return 0;
  moonlet_writer w = moonlet_begin(out, cap);
  moonlet_put_bytes(&w, from, (uint32_t)(r->at - from));
  return moonlet_length(&w);
}

/* A pid of whatever node, copied as a whole term into `out`, ready to be sent to. Gives its length, or 0. */
static inline uint32_t moonlet_get_pid(moonlet_reader *r, void *out, uint32_t cap) {
  const uint8_t *from = r->at;
  moonlet_expect(r, 88);
  uint8_t tag = moonlet_get_byte(r);
  uint32_t node = moonlet_get_byte(r);
  if (tag == 118) node = node << 8 | moonlet_get_byte(r);
  else if (tag != 119) r->failed = 1;
  if (r->failed || (uint32_t)(r->end - r->at) < node + 12) {
    r->failed = 1;
    return 0;
  }
  r->at += node + 12;
  moonlet_writer w = moonlet_begin(out, cap);
  moonlet_put_bytes(&w, from, (uint32_t)(r->at - from));
  return moonlet_length(&w);
}

#ifdef __cplusplus
}
#endif

#endif
