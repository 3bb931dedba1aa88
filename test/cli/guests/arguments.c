// Prints its arguments, its variables and which of its streams are terminals, and ends with the variable CODE.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("%d [%s]\n", i, argv[i]);
  for (char **variable = environ; *variable; variable++) printf("%s\n", *variable);
  printf("terminals %d %d %d\n", isatty(0), isatty(1), isatty(2));
  const char *code = getenv("CODE");
  if (code && atoi(code) == 999) abort();
  return code ? atoi(code) : 0;
}
