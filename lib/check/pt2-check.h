/* SPDX-License-Identifier: Apache-2.0 */
/* Is a file sound? Every rule of docs/verify.md is held against it, and everything that is found is reported.
 *
 * What PyTorch itself would refuse, what it does not notice, and what it would run. Nothing is executed, no weight is
 * changed, and a fault in one place does not hide those elsewhere. What the library refuses to read (Z…, R…, J…, T…,
 * P…, W…, I…, Y…) is a finding with its own id.
 *
 * Thread rule: a report does not change once it is made; checks may run in any number of threads at once.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive.h"
#include "pt2-extension.h"
#include "pt2-save.h"

G_BEGIN_DECLS

/**
 * Pt2Severity: how grave a finding is.
 * @PT2_SEVERITY_NOTE: worth knowing; a sound file may have it
 * @PT2_SEVERITY_WARNING: PyTorch may load it, but something is not as it should be
 * @PT2_SEVERITY_ERROR: PyTorch refuses it, reads something else than was written, or would run what it should not
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_SEVERITY_NOTE,
  PT2_SEVERITY_WARNING,
  PT2_SEVERITY_ERROR,
} Pt2Severity;

/**
 * Pt2Profile: what counts.
 * @PT2_PROFILE_STRICT: everything
 * @PT2_PROFILE_LOAD: what keeps today's PyTorch from loading the program; the rest is a note
 * @PT2_PROFILE_UNTRUSTED: as strict, and what PyTorch would run counts as well
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_PROFILE_STRICT,
  PT2_PROFILE_LOAD,
  PT2_PROFILE_UNTRUSTED,
} Pt2Profile;
#define PT2_N_PROFILES 3

/**
 * Pt2Rule:
 * @id: such as "PT2-P101"; never changes meaning
 * @severity: (array fixed-size=3): how grave it is, by profile
 * @summary: one line: what is wrong
 * @source: where the rule comes from
 * @next: one line: what to do
 *
 * Since: 1.0
 */
typedef struct
{
  const char *id;
  Pt2Severity severity[PT2_N_PROFILES];
  const char *summary;
  const char *source;
  const char *next;
} Pt2Rule;

/* All rules in the order of their table; static. (array length=n) Since: 1.0 */
PT2_API const Pt2Rule *pt2_rules_get (guint *n);
/* The rule of that id, with or without "PT2-"; %NULL if there is none: it may be an error's. Since: 1.0 */
PT2_API const Pt2Rule *pt2_rule_find (const char *id);
/* "note", "warning", "error". Since: 1.0 */
PT2_API const char *pt2_severity_name (Pt2Severity severity);
/* "strict" and so on. Since: 1.0 */
PT2_API const char *pt2_profile_name (Pt2Profile profile);

/**
 * Pt2Finding:
 * @id: of a rule, or of an error (pt2_error_code_id())
 * @severity: in the profile that was asked for
 * @where: (nullable): a record, a byte offset, a field path; %NULL: the whole file. Safe to print
 * @message: one line, safe to print
 *
 * Since: 1.0
 */
typedef struct
{
  const char *id;
  Pt2Severity severity;
  const char *where;
  const char *message;
} Pt2Finding;

/**
 * Pt2Report: what was found in one file.
 * Since: 1.0
 */
typedef struct _Pt2Report Pt2Report;

/**
 * Pt2CheckOptions:
 * @profile: what counts
 * @skip_payloads: leave the bytes of weights unread: their CRC is not checked. Lists and pickles are read all the same
 * @model: (nullable): check this program of an archive alone; %NULL: all of them
 * @limits: (nullable): what the file may cost
 * @progress: (nullable) (scope call): how many bytes of payloads are read, before each record; may stop the check
 * @progress_data: what @progress is given
 * @ops: (nullable): schemas of operators beyond those of PyTorch 2.15, extensions too; %NULL for those alone. Calls of
 *   operators without a schema are not looked at any further
 *
 * All zero is the default.
 * Since: 1.0
 */
typedef struct
{
  Pt2Profile profile;
  gboolean skip_payloads;
  const char *model;
  const Pt2Limits *limits;
  Pt2ProgressFunc progress;
  gpointer progress_data;
  const Pt2Ops *ops;
} Pt2CheckOptions;

/**
 * pt2_check_file:
 * @path: a file of any kind
 * @options: (nullable): %NULL for the default
 * @error: F… (F006: stopped), L…, U003: it could not be checked. What is wrong with its content is in the report
 *
 * Returns: (transfer full) (nullable): the report; free with pt2_report_free()
 * Since: 1.0
 */
PT2_API Pt2Report *pt2_check_file (const char *path, const Pt2CheckOptions *options, GError **error);
/* The same of a file in memory. Since: 1.0 */
PT2_API Pt2Report *pt2_check_bytes (GBytes *bytes, const Pt2CheckOptions *options, GError **error);
/* The same of a program alone: what is to be known without its archive. Since: 1.0 */
PT2_API Pt2Report *pt2_check_program (Pt2Program *program, const Pt2CheckOptions *options, GError **error);

/* In the order in which they were found; of each kind the first 100, and one that counts the others. (array length=n)
 * Since: 1.0 */
PT2_API const Pt2Finding *pt2_report_get_findings (const Pt2Report *report, guint *n);
/* Is there no finding from a warning upwards? Since: 1.0 */
PT2_API gboolean pt2_report_is_ok (const Pt2Report *report);
/* How many findings there are of @severity, those left out included. Since: 1.0 */
PT2_API guint64 pt2_report_count (const Pt2Report *report, Pt2Severity severity);
/* What was held against its rules, and what was not, with the reason; %NULL-terminated. Since: 1.0 */
PT2_API const char *const *pt2_report_get_checked (const Pt2Report *report);
PT2_API const char *const *pt2_report_get_not_checked (const Pt2Report *report);
PT2_API void pt2_report_free (Pt2Report *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Report, pt2_report_free)

G_END_DECLS
