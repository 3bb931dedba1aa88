/* A JSON tree on the heap: written with snprintf, read with strtod. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value { int kind; double number; char *text; struct value *first, *next; };
static const char *at;

static struct value *make(int kind) {
  struct value *v = calloc(1, sizeof *v);
  v->kind = kind;
  return v;
}
static void release(struct value *v) {
  while (v) {
    struct value *next = v->next;
    release(v->first);
    free(v->text);
    free(v);
    v = next;
  }
}
static void skip(void) { while (*at == ' ' || *at == '\n' || *at == ',' || *at == ':') at++; }
static struct value *read_value(void) {
  skip();
  if (*at == '[' || *at == '{') {
    char end = *at++ == '[' ? ']' : '}';
    struct value *v = make(end), **link = &v->first;
    for (skip(); *at != end; skip()) {
      *link = read_value();
      link = &(*link)->next;
    }
    at++;
    return v;
  }
  if (*at == '"') {
    const char *end = strchr(++at, '"');
    struct value *v = make('"');
    v->text = malloc(end - at + 1);
    memcpy(v->text, at, end - at);
    v->text[end - at] = 0;
    at = end + 1;
    return v;
  }
  struct value *v = make('0');
  char *end;
  v->number = strtod(at, &end);
  at = end;
  return v;
}
static int write_value(char *out, const struct value *v) {
  if (v->kind == '"') return sprintf(out, "\"%s\"", v->text);
  if (v->kind == '0') return sprintf(out, "%.6g", v->number);
  int n = 0, k = 0;
  out[n++] = v->kind == ']' ? '[' : '{';
  for (const struct value *item = v->first; item; item = item->next, k++) {
    if (k) out[n++] = v->kind == '}' && k % 2 ? ':' : ',';
    n += write_value(out + n, item);
  }
  out[n++] = v->kind;
  out[n] = 0;
  return n;
}
__attribute__((export_name("run"))) int run(int n) {
  static char text[32768], other[32768];
  int length = sprintf(text, "[");
  for (int i = 0; i < 100; i++)
    length += sprintf(text + length, "{\"id\": %d, \"name\": \"row %d\", \"tags\": [\"a\", \"b\"], \"x\": %g},", i, i * 7, i * 1.37);
  sprintf(text + length, "]");
  unsigned result = 0;
  for (int k = 0; k < n; k++) {
    at = text;
    struct value *v = read_value();
    length = write_value(other, v);
    release(v);
    for (int i = 0; i < length; i++) result = result * 31 + other[i];
    memcpy(text, other, length + 1);
  }
  return result;
}
