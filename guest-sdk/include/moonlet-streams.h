/* moonlet-streams.h: bytes with back-pressure between two processes, on top of the imports. Needs the grant `streams`.
 *
 *     moonlet_handle reader, writer;
 *     moonlet_open_stream(4096, &reader, &writer);
 *     moonlet_give_stream(&reader, &other);     // an end belongs to one process: give it first, then send it in a message
 *     moonlet_write_stream(&writer, "some bytes", 10);
 *     moonlet_close_stream(&writer);
 *
 * What fails gives an error code of the ABI, which is negative. */
#ifndef MOONLET_STREAMS_H
#define MOONLET_STREAMS_H

#include "moonlet-process.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A stream that holds at most so many bytes, which count towards the caller's memory limit; both ends are the caller's. */
static inline int32_t moonlet_open_stream(uint32_t capacity, moonlet_handle *reader, moonlet_handle *writer) {
  uint8_t answer[600];
  int32_t length = moonlet_stream_open(capacity, answer, sizeof answer);
  if (length < 0) return length;
  if ((uint32_t)length > sizeof answer) return MOONLET_TOO_LARGE;
  moonlet_reader r = moonlet_open(answer, (uint32_t)length);
  moonlet_get_tuple(&r);
  *reader = moonlet_get_handle(&r);
  *writer = moonlet_get_handle(&r);
  return r.failed ? MOONLET_BADARG : 0;
}

/* Waits for bytes: how many came, at most `room`; 0 at the end; MOONLET_CLOSED when the writer died; MOONLET_TIMEOUT. */
static inline int32_t moonlet_read_stream(const moonlet_handle *reader, void *out, uint32_t room, uint32_t timeout_ms) {
  return moonlet_stream_read(reader->bytes, reader->length, out, room, timeout_ms);
}

/* Writes all of it, waiting where there is no room. 0, or MOONLET_CLOSED when nobody reads any more. */
static inline int32_t moonlet_write_stream(const moonlet_handle *writer, const void *bytes, uint32_t length) {
  const uint8_t *at = (const uint8_t *)bytes;
  while (length > 0) {
    int32_t written = moonlet_stream_write(writer->bytes, writer->length, at, length, MOONLET_FOR_EVER);
    if (written < 0) return written;
    at += written;
    length -= (uint32_t)written;
  }
  return 0;
}

/* From now on the end is that process's, which has to be told by a message. */
static inline int32_t moonlet_give_stream(const moonlet_handle *end, const moonlet_handle *pid) {
  return moonlet_stream_give(end->bytes, end->length, pid->bytes, pid->length);
}

static inline int32_t moonlet_close_stream(const moonlet_handle *end) {
  return moonlet_stream_close(end->bytes, end->length);
}

#ifdef __cplusplus
}
#endif

#endif
