/* Huffman coding: a tree of counts, codes from it, bits written and read back. */
#include <stdlib.h>
#include <string.h>

struct node { unsigned count; int left, right; };
static struct node nodes[512];
static unsigned codes[256];
static unsigned char lengths[256];

static void assign(int node, unsigned code, int length) {
  if (nodes[node].left < 0) {
    codes[node] = code;
    lengths[node] = length;
    return;
  }
  assign(nodes[node].left, code << 1, length + 1);
  assign(nodes[node].right, code << 1 | 1, length + 1);
}
static int build(const unsigned char *in, int size) {
  int live[256], count = 0, used = 256;
  memset(nodes, 0, sizeof nodes);
  for (int i = 0; i < size; i++) nodes[in[i]].count++;
  for (int i = 0; i < 256; i++) {
    nodes[i].left = -1;
    if (nodes[i].count) live[count++] = i;
  }
  while (count > 1) {
    for (int turn = 0; turn < 2; turn++)
      for (int i = count - turn - 2; i >= 0; i--)
        if (nodes[live[i]].count < nodes[live[i + 1]].count) {
          int swapped = live[i];
          live[i] = live[i + 1];
          live[i + 1] = swapped;
        }
    nodes[used].left = live[count - 1];
    nodes[used].right = live[count - 2];
    nodes[used].count = nodes[live[count - 1]].count + nodes[live[count - 2]].count;
    live[--count - 1] = used++;
  }
  assign(live[0], 0, 0);
  return live[0];
}
__attribute__((export_name("run"))) int run(int n) {
  int size = 20000;
  unsigned char *in = malloc(size), *out = malloc(size * 2), *back = malloc(size);
  unsigned seed = 1, result = 0;
  for (int i = 0; i < size; i++) {
    seed = seed * 1664525 + 1013904223;
    in[i] = "etaoin shrdlu"[(seed >> 24) % 13] ^ (seed >> 10 & i >> 11);
  }
  for (int k = 0; k < n; k++) {
    int root = build(in, size), bits = 0;
    memset(out, 0, size * 2);
    for (int i = 0; i < size; i++)
      for (int b = lengths[in[i]] - 1; b >= 0; b--, bits++) out[bits >> 3] |= (codes[in[i]] >> b & 1) << (bits & 7);
    for (int i = 0, bit = 0; i < size; i++) {
      int node = root;
      for (; nodes[node].left >= 0; bit++) node = out[bit >> 3] >> (bit & 7) & 1 ? nodes[node].right : nodes[node].left;
      back[i] = node;
    }
    for (int i = 0; i < size; i++) result = result * 31 + back[i];
    result += bits;
    in[k % size]++;
  }
  free(in);
  free(out);
  free(back);
  return result;
}
