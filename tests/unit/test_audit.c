/* SPDX-License-Identifier: Apache-2.0 */
/* lib/evolve/audit: a made-up change of each kind, and what the table of rules says of it. */
#include "pt2-evolve.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  const char *older, *newer; /* bodies; SCHEMA_MAJOR 8 and MINOR 9 are added */
  const char *rule, *where;
  const char *verdicts; /* JSON backward, forward, compact backward, forward: s, l, b, m */
  Pt2Demand demand;
  guint n; /* changes in all */
} Change;

#define S(fields) "struct S { " fields " }"
#define U(fields) "union U { " fields " }"
#define E(values) "enum E { " values " } struct S { 1: E e }"

static const Change changes[] = {
  { S ("1: i64 a"), S ("1: i64 a") "struct T { 1: i64 a }", "type-added", "T", "ssss", PT2_DEMAND_MINOR, 1 },
  { S ("1: i64 a") "enum T { A = 1 }", S ("1: i64 a"), "type-removed", "T", "ssss", PT2_DEMAND_MINOR, 1 },
  { S ("1: i64 a"), "union S { 1: i64 a }", "kind-changed", "S", "bbbb", PT2_DEMAND_REJECTED, 1 },
  { S ("1: i64 a"), "enum S { A = 1 }", "kind-changed", "S", "bbbb", PT2_DEMAND_REJECTED, 1 },
  { S ("1: i64 a"), S ("1: i64 a 2: optional i64 b (default = 'null')"), "field-added-optional", "S.b", "slsl",
    PT2_DEMAND_MINOR, 1 },
  { S ("1: i64 a"), S ("1: i64 a 2: i64 b"), "field-added-required", "S.b", "blbl", PT2_DEMAND_MAJOR, 1 },
  { S ("1: i64 a"), S ("1: i64 a 2: optional i64 b (json.null_key = 'true')"), "field-added-required", "S.b", "blbl",
    PT2_DEMAND_MAJOR, 1 },
  { S ("1: i64 a 2: optional i64 b (default = 'null')"), S ("1: i64 a"), "field-removed-optional", "S.b", "lsls",
    PT2_DEMAND_MAJOR, 1 },
  { S ("1: i64 a 2: i64 b"), S ("1: i64 a"), "field-removed-required", "S.b", "lblb", PT2_DEMAND_MAJOR, 1 },
  { U ("1: i64 a"), U ("1: i64 a 2: string b"), "member-added", "U.b", "sbsb", PT2_DEMAND_MINOR, 1 },
  { U ("1: i64 a 2: string b"), U ("1: i64 a"), "member-removed", "U.b", "bsbs", PT2_DEMAND_MAJOR, 1 },
  { E ("A = 1"), E ("A = 1, B = 2"), "value-added", "E.B", "sbsl", PT2_DEMAND_MINOR, 1 },
  { E ("A = 1, B = 2"), E ("A = 1"), "value-removed", "E.B", "bsls", PT2_DEMAND_MAJOR, 1 },
  { E ("A = 1"), E ("A = 2"), "value-renumbered", "E.A", "mmmm", PT2_DEMAND_REJECTED, 1 },
  /* As at 8.6: all move up, and a new one takes the place of the first. */
  { E ("P = 0, K = 1"), E ("N = 0, P = 1, K = 2"), "value-renumbered", "E.P", "mmmm", PT2_DEMAND_REJECTED, 3 },
  { S ("1: i64 a"), S ("1: string a"), "type-changed", "S.a", "bbbb", PT2_DEMAND_REJECTED, 1 },
  { S ("1: optional i64 a"), S ("1: optional string a"), "type-changed", "S.a", "bbll", PT2_DEMAND_REJECTED, 1 },
  { S ("1: list<i64> a"), S ("1: list<string> a"), "type-changed", "S.a", "bbmm", PT2_DEMAND_REJECTED, 1 },
  { U ("1: bool a (json.unit = 'always')"), U ("1: bool a"), "unit-spelling-changed", "U.a", "ssss",
    PT2_DEMAND_REJECTED, 1 },
  { S ("1: i64 a") "struct T { 1: list<S> l }", "struct R { 1: i64 a } struct T { 1: list<R> l }", "type-renamed",
    "T.l", "ssss", PT2_DEMAND_REJECTED, 3 },
  { S ("1: i64 a") "struct T { 1: S l }", "struct R { 1: i64 b } struct T { 1: R l }", "type-changed", "T.l", "bbmm",
    PT2_DEMAND_REJECTED, 3 },
  { S ("1: i64 a"), S ("1: optional i64 a (json.null_key = 'true')"), "null-gained", "S.a", "sbsb", PT2_DEMAND_REJECTED,
    1 },
  { S ("1: optional i64 a (json.null_key = 'true')"), S ("1: i64 a"), "null-lost", "S.a", "bsbs", PT2_DEMAND_REJECTED,
    1 },
  { S ("1: i64 a"), S ("2: i64 a"), "id-changed", "S.a", "ssbb", PT2_DEMAND_NOTHING, 1 },
  /* As guards_code had. */
  { S ("110: optional list<string> g (default = '[]')"), S ("90: optional list<string> g (default = '[]')"),
    "id-changed", "S.g", "ssll", PT2_DEMAND_NOTHING, 1 },
  { S ("1: i64 a 2: i64 b"), S ("2: i64 a 3: i64 b"), "id-reused", "S.a", "ssmm", PT2_DEMAND_NOTHING, 3 },
  { S ("1: i64 a"), S ("1: i64 b"), "renamed", "S.b", "bbss", PT2_DEMAND_MAJOR, 1 },
  { S ("1: optional i64 a"), S ("1: optional i64 b"), "renamed", "S.b", "llss", PT2_DEMAND_MAJOR, 1 },
  { S ("1: i64 a"), S ("1: optional i64 a (default = 'null')"), "default-gained", "S.a", "sbsb", PT2_DEMAND_REJECTED,
    1 },
  { S ("1: i64 a"), S ("1: optional i64 a (default = '1')"), "default-gained", "S.a", "sssb", PT2_DEMAND_MINOR, 1 },
  { S ("1: optional i64 a (default = '1')"), S ("1: i64 a"), "default-lost", "S.a", "bsbs", PT2_DEMAND_MAJOR, 1 },
  { S ("1: optional i64 a (default = 'null')"), S ("1: i64 a"), "default-lost", "S.a", "bsbs", PT2_DEMAND_REJECTED, 1 },
  { S ("1: optional i64 a (default = '1')"), S ("1: optional i64 a (default = '2')"), "default-changed", "S.a", "ssmm",
    PT2_DEMAND_NOTHING, 1 },
  { S ("1: i64 a 2: i64 b"), S ("2: i64 b 1: i64 a"), "order-changed", "S", "ssss", PT2_DEMAND_NOTHING, 1 },
};

static Pt2Idl *
schema_of (const char *body, int minor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf ("const i32 SCHEMA_MAJOR = 8\nconst i32 SCHEMA_MINOR = %d\n%s", minor, body);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  Pt2Idl *idl = pt2_idl_new_from_text (bytes, "test", &error);
  ck_assert_msg (idl != NULL, "%s: %s", body, error != NULL ? error->message : "");
  return idl;
}

typedef struct
{
  const Change *wanted;
  bool found;
} Search;

static void
look (const Pt2SchemaChange *change, gpointer data)
{
  Search *search = data;
  const Change *wanted = search->wanted;
  if (strcmp (change->rule, wanted->rule) != 0 || strcmp (change->where, wanted->where) != 0)
    return;
  const Pt2Verdict verdicts[] = { change->json[0], change->json[1], change->compact[0], change->compact[1] };
  for (int i = 0; i < 4; i++)
    ck_assert_msg (pt2_verdict_name (verdicts[i])[0] == wanted->verdicts[i], "%s %s: verdict %d is %s", wanted->rule,
                   wanted->newer, i, pt2_verdict_name (verdicts[i]));
  ck_assert_int_eq (change->demand, wanted->demand);
  ck_assert_uint_gt (strlen (change->happens), 10);
  search->found = true;
}

START_TEST (each_kind)
{
  const Change *wanted = &changes[_i];
  g_autoptr (Pt2Idl) older = schema_of (wanted->older, 9), newer = schema_of (wanted->newer, 10);
  Search search = { wanted, false };
  guint n = pt2_idl_audit (older, newer, look, &search);
  ck_assert_msg (search.found, "%s: not found", wanted->rule);
  ck_assert_msg (n == wanted->n, "%s: %u changes", wanted->rule, n);
  /* Nothing has changed between a schema and itself. */
  ck_assert_uint_eq (pt2_idl_audit (newer, newer, look, &search), 0);
}
END_TEST

/* PyTorch up to 2.8 refuses a key that it does not know. */
START_TEST (strict_readers)
{
  g_autoptr (Pt2Idl) older = schema_of (S ("1: i64 a"), 2);
  g_autoptr (Pt2Idl) newer = schema_of (S ("1: i64 a 2: optional i64 b (default = 'null')"), 3);
  const Change strict
      = { .rule = "field-added-optional", .where = "S.b", .verdicts = "sbsl", .demand = PT2_DEMAND_MINOR };
  Search search = { &strict, false };
  pt2_idl_audit (older, newer, look, &search);
  ck_assert (search.found);
}
END_TEST

static void
look_for_spelling (const Pt2SchemaChange *change, gpointer data)
{
  if (strcmp (change->rule, "union-spelling-changed") != 0 || strcmp (change->where, "Argument") != 0)
    return;
  ck_assert_int_eq (change->json[0], PT2_VERDICT_BREAKS);
  ck_assert_int_eq (change->json[1], PT2_VERDICT_BREAKS);
  ck_assert_int_eq (change->compact[0], PT2_VERDICT_SAFE);
  ++*(guint *)data;
}

/* 2.2 wrote every member of a union, 2.3 writes one. */
START_TEST (whole_unions)
{
  g_autoptr (Pt2Idl) two = pt2_idl_new_known ("2", NULL), later = pt2_idl_new_known ("3.1", NULL);
  g_autoptr (Pt2Idl) one = pt2_idl_new_known ("1", NULL);
  guint n = 0;
  pt2_idl_audit (two, later, look_for_spelling, &n);
  ck_assert_uint_eq (n, 1);
  pt2_idl_audit (one, two, look_for_spelling, &n);
  ck_assert_uint_eq (n, 1);
}
END_TEST

/* An old reader that wants the key misses it where a writer leaves null out. */
START_TEST (nulls_left_out)
{
  for (int minor = 6; minor <= 7; minor++)
    {
      g_autoptr (Pt2Idl) older = schema_of (S ("1: optional i64 a (json.null_key = 'true')"), 5);
      g_autoptr (Pt2Idl) newer = schema_of (S ("1: optional i64 a (default = 'null')"), minor);
      const Change wanted = {
        .rule = "default-gained", .where = "S.a", .verdicts = minor == 6 ? "sbsb" : "sssb", .demand = PT2_DEMAND_MINOR
      };
      Search search = { &wanted, false };
      pt2_idl_audit (older, newer, look, &search);
      ck_assert (search.found);
    }
}
END_TEST

static void
count (const Pt2SchemaChange *change, gpointer data)
{
  guint *breaks = data;
  *breaks += change->json[0] >= PT2_VERDICT_BREAKS || change->compact[0] >= PT2_VERDICT_BREAKS;
}

/* Within major 8 the newest reads every older minor but for what the history says of kinds and of nothing. */
START_TEST (real_history)
{
  guint total = 0;
  for (guint i = 1; i < pt2_history_count (); i++)
    {
      g_autoptr (Pt2Idl) older = pt2_idl_new_known (pt2_history_name (i - 1), NULL);
      g_autoptr (Pt2Idl) newer = pt2_idl_new_known (pt2_history_name (i), NULL);
      guint breaks = 0;
      total += pt2_idl_audit (older, newer, count, &breaks);
      gint64 major, minor;
      pt2_idl_get_version (older, &major, &minor);
      if (major == 8 && minor >= 6)
        ck_assert_msg (breaks == 0, "%s", pt2_history_name (i));
    }
  ck_assert_uint_gt (total, 100);
}
END_TEST

START_TEST (rules_have_names)
{
  guint n = 0;
  for (; pt2_audit_rule_name (n) != NULL; n++)
    for (guint i = 0; i < n; i++)
      ck_assert_str_ne (pt2_audit_rule_name (i), pt2_audit_rule_name (n));
  ck_assert_uint_gt (n, 20);
  ck_assert_str_eq (pt2_audit_rule_name (0), "type-added");
  ck_assert_ptr_null (pt2_audit_rule_name (G_MAXUINT));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { each_kind, G_N_ELEMENTS (changes) },
    { strict_readers, 1 },
    { whole_unions, 1 },
    { nulls_left_out, 1 },
    { rules_have_names, 1 },
    { real_history, 1 },
  };
  return RUN_SUITE ("audit", cases);
}
