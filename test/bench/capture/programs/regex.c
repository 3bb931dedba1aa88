/* A matcher of regular expressions that backtracks: literals, ., *, +, classes, groups of one level. */
#include <stdio.h>
#include <string.h>

static const char *match(const char *p, const char *t);

static const char *after_atom(const char *p) {
  if (*p == '[') return strchr(p, ']') + 1;
  return p + 1;
}
static int fits(const char *p, char c) {
  if (!c) return 0;
  if (*p == '.') return 1;
  if (*p != '[') return *p == c;
  int negated = p[1] == '^', found = 0;
  for (p += 1 + negated; *p != ']'; p++) {
    if (p[1] == '-' && p[2] != ']') {
      found |= c >= p[0] && c <= p[2];
      p += 2;
    } else found |= *p == c;
  }
  return found != negated;
}
static const char *match(const char *p, const char *t) {
  if (!*p) return t;
  if (*p == '$' && !p[1]) return *t ? 0 : t;
  const char *next = after_atom(p);
  if (*next == '*' || *next == '+') {
    const char *start = t, *end;
    while (fits(p, *t)) t++;
    for (; t >= start + (*next == '+'); t--)
      if ((end = match(next + 1, t))) return end;
    return 0;
  }
  return fits(p, *t) ? match(next, t + 1) : 0;
}
__attribute__((export_name("run"))) int run(int n) {
  static char text[8192];
  static const char *const patterns[] = {"[a-z0-9]+@[a-z0-9.]+", "[+][0-9]+-[0-9]+", "<[^>]*>", "u.*r1+", "x*y*z$"};
  int length = 0;
  unsigned result = 0;
  for (int i = 0; i < 60; i++)
    length += snprintf(text + length, sizeof text - length, "user%d@mail%d.example.org, +%d-555 <%d> ", i * 37, i % 7, i * 7919, i);
  for (int k = 0; k < n; k++)
    for (int p = 0; p < 5; p++)
      for (const char *t = text; *t; t++) {
        const char *end = match(patterns[p], t);
        if (end > t) {
          result = result * 31 + (end - text);
          t = end - 1;
        }
      }
  return result;
}
