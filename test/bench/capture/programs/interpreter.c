/* A compiler of arithmetic into code for a stack machine, and the machine. */
#include <stdlib.h>
#include <ctype.h>

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, LESS, JUMP_ZERO, JUMP, END };
static int code[1024], length;
static const char *at;

static void expression(void);
static void factor(void) {
  if (isdigit(*at)) {
    code[length++] = PUSH;
    code[length++] = strtol(at, (char **)&at, 10);
  } else if (*at == '(') {
    at++;
    expression();
    at++;
  } else {
    code[length++] = LOAD;
    code[length++] = *at++ - 'a';
  }
}
static void term(void) {
  factor();
  while (*at == '*') { at++; factor(); code[length++] = MUL; }
}
static void sum(void) {
  term();
  while (*at == '+' || *at == '-') { int op = *at++ == '+' ? ADD : SUB; term(); code[length++] = op; }
}
static void expression(void) {
  sum();
  if (*at == '<') { at++; sum(); code[length++] = LESS; }
}
static void statement(void) {
  if (*at == '{') {
    for (at++; *at != '}';) statement();
    at++;
  } else if (*at == '?') {
    at++;
    int start = length;
    expression();
    code[length++] = JUMP_ZERO;
    int hole = length++;
    statement();
    code[length++] = JUMP;
    code[length++] = start;
    code[hole] = length;
  } else {
    int name = *at - 'a';
    at += 2;
    expression();
    at++;
    code[length++] = STORE;
    code[length++] = name;
  }
}
static int execute(int n) {
  int stack[64], vars[26] = {n}, sp = 0;
  for (int pc = 0;;) {
    switch (code[pc++]) {
      case PUSH: stack[sp++] = code[pc++]; break;
      case LOAD: stack[sp++] = vars[code[pc++]]; break;
      case STORE: vars[code[pc++]] = stack[--sp]; break;
      case ADD: sp--; stack[sp - 1] += stack[sp]; break;
      case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
      case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
      case LESS: sp--; stack[sp - 1] = stack[sp - 1] < stack[sp]; break;
      case JUMP_ZERO: pc = stack[--sp] ? pc + 1 : code[pc]; break;
      case JUMP: pc = code[pc]; break;
      case END: return vars[1];
    }
  }
}
__attribute__((export_name("run"))) int run(int n) {
  at = "{b=0;c=0;?c<a{b=b*31+c*c;d=0;?d<10{b=b+d*c-(b<d)*3;d=d+1;}c=c+1;}}";
  length = 0;
  statement();
  code[length++] = END;
  return execute(n);
}
