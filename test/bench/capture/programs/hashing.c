/* Words counted in a hash table with chains, and a CRC of the counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry { struct entry *next; int count; char word[]; };
static struct entry *table[512];

static unsigned crc(unsigned sum, const void *data, int length) {
  const unsigned char *bytes = data;
  for (sum = ~sum; length-- > 0;) {
    sum ^= *bytes++;
    for (int k = 0; k < 8; k++) sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}
__attribute__((export_name("run"))) int run(int n) {
  unsigned seed = 11, result = 0;
  for (int i = 0; i < n; i++) {
    char word[16];
    seed = seed * 1664525 + 1013904223;
    int length = sprintf(word, "w%u", (seed >> 10) % 997);
    struct entry **link = &table[crc(0, word, length) % 512];
    while (*link && strcmp((*link)->word, word)) link = &(*link)->next;
    if (!*link) {
      *link = calloc(1, sizeof **link + length + 1);
      strcpy((*link)->word, word);
    }
    (*link)->count++;
  }
  for (int i = 0; i < 512; i++) {
    for (struct entry *next, *e = table[i]; e; e = next) {
      next = e->next;
      result = crc(result ^ e->count, e->word, strlen(e->word));
      free(e);
    }
    table[i] = 0;
  }
  return result;
}
