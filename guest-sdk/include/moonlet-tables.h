/* moonlet-tables.h: tables that processes share, OTP's ets, on top of the imports. Needs the grant `tables`. A table is named by a
 * moonlet_handle, which can be sent in a message; moonlet_name("stock") is one that was made with MOONLET_NAMED.
 *
 *     moonlet_handle stock;
 *     uint8_t bytes[64];
 *     int64_t left;
 *     moonlet_new_table("stock", MOONLET_SET | MOONLET_PUBLIC | MOONLET_NAMED, &stock);
 *     moonlet_writer object = moonlet_begin(bytes, sizeof bytes);
 *     moonlet_put_tuple(&object, 2);
 *     moonlet_put_string(&object, "apples");
 *     moonlet_put_integer(&object, 3);
 *     moonlet_insert(&stock, &object);
 *     moonlet_writer key = moonlet_begin(bytes, sizeof bytes);
 *     moonlet_put_string(&key, "apples");
 *     moonlet_count(&stock, &key, -1, &left);
 *
 * Searches by match specifications have their imports only: moonlet_table_select and others of moonlet.h. What fails gives an error code of
 * the ABI, which is negative; a term that did not fit its buffer is MOONLET_BADARG. */
#ifndef MOONLET_TABLES_H
#define MOONLET_TABLES_H

#include "moonlet-process.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Options of moonlet_new_table: a type, who may use it (others may read what is neither), and whether its name leads to it. */
#define MOONLET_SET 0u
#define MOONLET_ORDERED_SET 1u
#define MOONLET_BAG 2u
#define MOONLET_DUPLICATE_BAG 3u
#define MOONLET_PUBLIC 4u
#define MOONLET_PRIVATE 8u
#define MOONLET_NAMED 16u

/* A table of the caller's, gone with it. 0; MOONLET_BADARG when it is named and the name is taken; MOONLET_SYSTEM_LIMIT. */
static inline int32_t moonlet_new_table(const char *name, uint32_t options, moonlet_handle *table) {
  static const char *const types[] = {"set", "ordered_set", "bag", "duplicate_bag"};
  uint8_t bytes[96];
  moonlet_handle called = moonlet_name(name);
  moonlet_writer w = moonlet_begin(bytes, sizeof bytes);
  moonlet_put_list(&w, options & MOONLET_NAMED ? 3 : 2);
  moonlet_put_atom(&w, types[options & 3u]);
  moonlet_put_atom(&w, options & MOONLET_PUBLIC ? "public" : options & MOONLET_PRIVATE ? "private" : "protected");
  if (options & MOONLET_NAMED) moonlet_put_atom(&w, "named_table");
  moonlet_put_nil(&w);
  return moonlet_settle(table, moonlet_table_new(called.bytes, called.length, bytes, moonlet_length(&w), table->bytes, sizeof table->bytes));
}

static inline int32_t moonlet_delete_table(const moonlet_handle *table) {
  return moonlet_table_delete_table(table->bytes, table->length);
}

/* Inserts an object, a tuple whose first element is its key, or a list of objects, all or none. 0; MOONLET_SYSTEM_LIMIT when the owner's
 * limits leave no room. */
static inline int32_t moonlet_insert(const moonlet_handle *table, const moonlet_writer *object) {
  uint32_t length = moonlet_length(object);
  return length == 0 ? MOONLET_BADARG : moonlet_table_insert(table->bytes, table->length, object->start, length);
}

/* 1, or 0 when there is an object with that key: then nothing is inserted. */
static inline int32_t moonlet_insert_new(const moonlet_handle *table, const moonlet_writer *object) {
  uint32_t length = moonlet_length(object);
  return length == 0 ? MOONLET_BADARG : moonlet_table_insert_new(table->bytes, table->length, object->start, length);
}

/* Opens the objects with this key in the buffer: so many tuples are to be read. MOONLET_TOO_LARGE when they do not fit. */
static inline int32_t moonlet_lookup(const moonlet_handle *table, const moonlet_writer *key, void *buffer, uint32_t room,
                                     moonlet_reader *objects) {
  uint32_t length = moonlet_length(key);
  if (length == 0) return MOONLET_BADARG;
  int32_t found = moonlet_table_lookup(table->bytes, table->length, key->start, length, buffer, room);
  if (found < 0) return found;
  if ((uint32_t)found > room) return MOONLET_TOO_LARGE;
  *objects = moonlet_open(buffer, (uint32_t)found);
  return (int32_t)moonlet_get_list(objects);
}

/* 1 or 0. */
static inline int32_t moonlet_is_member(const moonlet_handle *table, const moonlet_writer *key) {
  uint32_t length = moonlet_length(key);
  return length == 0 ? MOONLET_BADARG : moonlet_table_member(table->bytes, table->length, key->start, length);
}

/* Removes the objects with this key. 0. */
static inline int32_t moonlet_delete(const moonlet_handle *table, const moonlet_writer *key) {
  uint32_t length = moonlet_length(key);
  return length == 0 ? MOONLET_BADARG : moonlet_table_delete(table->bytes, table->length, key->start, length);
}

/* Adds to the number behind the key of `{Key, N}`, from 0 where there is no such object, in one step that nobody comes between. `value` is
 * what it is then; it may be 0. */
static inline int32_t moonlet_count(const moonlet_handle *table, const moonlet_writer *key, int64_t by, int64_t *value) {
  uint8_t update[16], answer[16], initial[320];
  uint32_t length = moonlet_length(key);
  if (length == 0) return MOONLET_BADARG;
  moonlet_writer w = moonlet_begin(update, sizeof update), begun = moonlet_begin(initial, sizeof initial);
  moonlet_put_integer(&w, by);
  moonlet_put_tuple(&begun, 2);
  moonlet_put_term(&begun, key->start, length);
  moonlet_put_integer(&begun, 0);
  if (begun.failed) return MOONLET_BADARG;
  int32_t found = moonlet_table_update_counter(table->bytes, table->length, key->start, length, update, moonlet_length(&w), initial,
                                               moonlet_length(&begun), answer, sizeof answer);
  if (found < 0) return found;
  if ((uint32_t)found > sizeof answer) return MOONLET_TOO_LARGE;
  moonlet_reader r = moonlet_open(answer, (uint32_t)found);
  int64_t now = moonlet_get_integer(&r);
  if (value) *value = now;
  return 0;
}

/* How many objects there are. */
static inline int32_t moonlet_count_objects(const moonlet_handle *table) {
  return moonlet_table_size(table->bytes, table->length);
}

#ifdef __cplusplus
}
#endif

#endif
