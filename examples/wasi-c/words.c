// A program like any other: counts the words of its standard input, or of the files that it is given. It knows nothing of moonlet.
//
//   clang --target=wasm32-wasi -O2 -o words.wasm examples/wasi-c/words.c
//   npx moonlet run words.wasm --dir examples::/examples::read -- /examples/README.md
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static long count(FILE *file) {
  long words = 0;
  int inside = 0;
  for (int c = getc(file); c != EOF; c = getc(file)) {
    words += !inside && !isspace(c);
    inside = !isspace(c);
  }
  return words;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    printf("%ld\n", count(stdin));
    return 0;
  }
  int failed = 0;
  for (int i = 1; i < argc; i++) {
    FILE *file = fopen(argv[i], "r");
    if (file == NULL) {
      fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
      failed = 1;
      continue;
    }
    printf("%ld %s\n", count(file), argv[i]);
    fclose(file);
  }
  return failed;
}
