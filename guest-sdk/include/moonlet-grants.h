/* moonlet-grants.h: what this process may do, asked for, lent and taken back while it runs, on top of the imports.
 *
 *     moonlet_handle loan;
 *     if (moonlet_has_grant("register:cart.*") || moonlet_ask_grant("register:cart.*") == 1)
 *       moonlet_lend_grant("register:cart.*", &worker, &loan);
 *     moonlet_revoke_grant(&loan);
 *
 * What fails gives an error code of the ABI, which is negative. */
#ifndef MOONLET_GRANTS_H
#define MOONLET_GRANTS_H

#include "moonlet-process.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline uint32_t moonlet_text_length(const char *text) {
  uint32_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

/* 1 or 0: whether the process may do that now. MOONLET_BADARG for what is no grant. */
static inline int32_t moonlet_has_grant(const char *grant) {
  return moonlet_grant_has(grant, moonlet_text_length(grant));
}

/* Asks whoever runs the host, and waits: 1 when the process has it, from now on for good; MOONLET_NOT_GRANTED. */
static inline int32_t moonlet_ask_grant(const char *grant) {
  return moonlet_grant_ask(grant, moonlet_text_length(grant));
}

/* Lends what the process may do, or `directory:NAME:read` or `directory:NAME:write`, until it is taken back or either of the two ends. 0. */
static inline int32_t moonlet_lend_grant(const char *grant, const moonlet_handle *to, moonlet_handle *loan) {
  return moonlet_settle(
      loan, moonlet_grant_lend(grant, moonlet_text_length(grant), to->bytes, to->length, loan->bytes, sizeof loan->bytes));
}

/* Takes a loan back, or gives it back: 1, or 0 when it is over already. */
static inline int32_t moonlet_revoke_grant(const moonlet_handle *loan) {
  return moonlet_grant_revoke(loan->bytes, loan->length);
}

/* A WASI descriptor for a directory that was lent by this loan. */
static inline int32_t moonlet_open_directory(const moonlet_handle *loan) {
  return moonlet_grant_open(loan->bytes, loan->length);
}

#ifdef __cplusplus
}
#endif

#endif
