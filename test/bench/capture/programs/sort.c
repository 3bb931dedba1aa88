/* Lines of text, sorted by qsort with two comparison functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }
static int by_number(const void *a, const void *b) {
  int x = atoi(*(char **)a + 1), y = atoi(*(char **)b + 1);
  return x != y ? (x > y) - (x < y) : by_text(a, b);
}
__attribute__((export_name("run"))) int run(int n) {
  char **lines = malloc(n * sizeof *lines);
  unsigned seed = 5, result = 0;
  for (int i = 0; i < n; i++) {
    char line[64];
    seed = seed * 1664525 + 1013904223;
    snprintf(line, sizeof line, "k%u %08x", (seed >> 8) % 500, seed);
    lines[i] = strdup(line);
  }
  qsort(lines, n, sizeof *lines, by_text);
  for (int i = 0; i < n; i++) result = result * 31 + lines[i][3];
  qsort(lines, n, sizeof *lines, by_number);
  for (int i = 0; i < n; i++) {
    result = result * 31 + lines[i][3];
    free(lines[i]);
  }
  free(lines);
  return result;
}
