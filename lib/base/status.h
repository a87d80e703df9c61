/* SPDX-License-Identifier: Apache-2.0 */
/* The error value of the inner modules: code, byte offset, field path, detail.
 *
 * A parser fills it at the place of the fault and returns false or NULL; every
 * caller on the way out prepends its field or index, so a hot path that
 * succeeds pays nothing for paths. Never allocates. The border turns it into
 * a GError.
 */
#pragma once

#include "pt2-error.h"

#define PT2_NO_OFFSET UINT64_MAX

typedef struct
{
  Pt2ErrorCode code; /* PT2_ERROR_NONE while all is well */
  uint64_t offset;   /* bytes from the start of the text or record, or PT2_NO_OFFSET */
  char record[256];  /* record name, "" if none; cut at a character if longer */
  char path[512];    /* field path; if it is longer, its innermost parts behind "…" */
  char detail[256];  /* what was expected and found; "" if the summary says all */
} Pt2Status;

#define PT2_STATUS_INIT                                                                                                \
  {                                                                                                                    \
    .code = PT2_ERROR_NONE, .offset = PT2_NO_OFFSET                                                                    \
  }

/* Sets the fault; always returns false. Only the first fault is kept. DETAIL is
 * a printf format; bytes that come from a file must go through
 * pt2_text_escape() first. */
bool pt2_status_fail (Pt2Status *status, Pt2ErrorCode code, uint64_t offset, const char *detail, ...)
    G_GNUC_PRINTF (4, 5) __attribute__ ((cold, noinline));

void pt2_status_prepend_field (Pt2Status *status, const char *name, size_t len) __attribute__ ((cold, noinline));
/* A whole path of fields and indices, which needs no escapes; its innermost parts if it is long. */
void pt2_status_prepend_path (Pt2Status *status, const char *path) __attribute__ ((cold, noinline));
void pt2_status_prepend_index (Pt2Status *status, uint64_t index) __attribute__ ((cold, noinline));
/* A map entry: ["key"], key escaped. */
void pt2_status_prepend_key (Pt2Status *status, const char *key, size_t len) __attribute__ ((cold, noinline));
void pt2_status_set_record (Pt2Status *status, const char *record);

/* Border: makes the GError (message "SUMMARY: DETAIL; NEXT"). Always returns false. */
bool pt2_status_to_error (const Pt2Status *status, GError **error) __attribute__ ((cold, noinline));
/* Same in one call, for code that has no status at hand. WHERE may be NULL. */
bool pt2_error_set (GError **error, Pt2ErrorCode code, const char *where, const char *detail, ...) G_GNUC_PRINTF (4, 5)
    __attribute__ ((cold, noinline));
/* Says that ERROR happened inside RECORD: the record stands before what is known of the place. */
void pt2_error_add_record (GError *error, const char *record);
