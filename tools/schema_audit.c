/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include <string.h>

typedef struct
{
  gboolean ways[2]; /* backward, forward: those that count */
  Json *json;       /* NULL: text */
  guint n, n_breaks;
  Pt2Demand demand; /* the highest */
} Report;

/* "safe", "json", "compact" or "both": what is refused or misread in a direction that counts. */
static const char *
class_of (const Report *report, const Pt2SchemaChange *change)
{
  gboolean json = FALSE, compact = FALSE;
  for (int way = 0; way < 2; way++)
    {
      json = json || (report->ways[way] && change->json[way] >= PT2_VERDICT_BREAKS);
      compact = compact || (report->ways[way] && change->compact[way] >= PT2_VERDICT_BREAKS);
    }
  return json && compact ? "both" : json ? "json" : compact ? "compact" : "safe";
}

/* By rule, by place, or by the type of the place. */
static gboolean
is_allowed (const Pt2SchemaChange *change)
{
  for (guint i = 0; schema_options.allowed != NULL && i < schema_options.allowed->len; i++)
    {
      const char *word = g_ptr_array_index (schema_options.allowed, i);
      gsize len = strlen (word);
      if (strcmp (word, change->rule) == 0
          || (strncmp (word, change->where, len) == 0 && (change->where[len] == '\0' || change->where[len] == '.')))
        return TRUE;
    }
  return FALSE;
}

/* ---- what may be allowed ---- */

static gboolean
is_rule (const char *word)
{
  for (guint i = 0; pt2_audit_rule_name (i) != NULL; i++)
    if (strcmp (pt2_audit_rule_name (i), word) == 0)
      return TRUE;
  return FALSE;
}

/* "Type" or "Type.field". */
static gboolean
is_place (Pt2Idl *idl, const char *word)
{
  const char *point = strchr (word, '.');
  gsize len = point != NULL ? (gsize)(point - word) : strlen (word);
  for (guint i = 0; i < pt2_idl_count (idl); i++)
    {
      Pt2IdlTypeFacts type = pt2_idl_get_type (idl, i);
      if (strlen (type.name) != len || strncmp (type.name, word, len) != 0)
        continue;
      for (guint j = 0; point != NULL && j < type.n_fields; j++)
        if (strcmp (pt2_idl_get_field (idl, i, j).name, point + 1) == 0)
          return TRUE;
      return point == NULL;
    }
  return FALSE;
}

/* A list of what was decided outlives the versions that it was made for. */
static gboolean
is_known_place (const char *word)
{
  gboolean known = FALSE;
  for (guint i = 0; !known && i < pt2_history_count (); i++)
    {
      g_autoptr (Pt2Idl) idl = pt2_idl_new_known (pt2_history_name (i), NULL);
      known = idl != NULL && is_place (idl, word);
    }
  return known;
}

static int
refuse_word (const char *word)
{
  GError *error = NULL;
  g_autofree char *shown = escaped (word, -1);
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; pt2_audit_rule_name (i) != NULL; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", pt2_audit_rule_name (i));
  set_error (&error, PT2_ERROR_U002, "--allow=%s: neither a type or field of the schemas nor a rule; rules are %s",
             shown, names->str);
  return report_trouble (NULL, error);
}

static int
check_allowed (Pt2Idl *older, Pt2Idl *newer)
{
  for (guint i = 0; schema_options.allowed != NULL && i < schema_options.allowed->len; i++)
    {
      const char *word = g_ptr_array_index (schema_options.allowed, i);
      if (!is_rule (word) && !is_place (older, word) && !is_place (newer, word) && !is_known_place (word))
        return refuse_word (word);
    }
  return STATUS_FINE;
}

/* ---- telling ---- */

static void
verdicts_json (Json *json, const char *key, const Pt2Verdict verdicts[2])
{
  json_key (json, key);
  json_open (json, '{');
  json_member_text (json, "backward", pt2_verdict_name (verdicts[0]));
  json_member_text (json, "forward", pt2_verdict_name (verdicts[1]));
  json_close (json, '}');
}

static void
change_json (Json *json, const Pt2SchemaChange *change, const char *class, gboolean allowed)
{
  json_open (json, '{');
  json_member_text (json, "where", change->where);
  json_member_text (json, "rule", change->rule);
  json_member_text (json, "was", change->was);
  json_member_text (json, "is", change->is);
  json_member_text (json, "breaks", class);
  json_member_bool (json, "allowed", allowed);
  verdicts_json (json, "json", change->json);
  verdicts_json (json, "compact", change->compact);
  json_member_text (json, "demand", pt2_demand_name (change->demand));
  json_member_text (json, "happens", change->happens);
  json_close (json, '}');
}

static void
change_text (const Pt2SchemaChange *change, const char *class, gboolean allowed)
{
  static const char *const words[][2]
      = { { "safe", "safe" }, { "json", "breaks JSON" }, { "compact", "breaks compact" }, { "both", "breaks both" } };
  g_autofree char *where = escaped (change->where, -1), *was = escaped (change->was, -1),
                  *is = escaped (change->is, -1);
  const char *shown = class;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (class, words[i][0]) == 0)
      shown = words[i][1];
  printf ("%s: %s%s, %s", where, shown, allowed ? " (allowed)" : "", change->rule);
  if (was[0] != '\0' || is[0] != '\0')
    printf (": %s -> %s", was[0] != '\0' ? was : "nothing", is[0] != '\0' ? is : "nothing");
  printf ("\n  JSON: backward %s, forward %s; compact: backward %s, forward %s; PyTorch demands %s\n  %s\n",
          pt2_verdict_name (change->json[0]), pt2_verdict_name (change->json[1]), pt2_verdict_name (change->compact[0]),
          pt2_verdict_name (change->compact[1]), pt2_demand_name (change->demand), change->happens);
}

static void
tell (const Pt2SchemaChange *change, gpointer data)
{
  Report *report = data;
  const char *class = class_of (report, change);
  gboolean allowed = is_allowed (change);
  report->n++;
  report->n_breaks += !allowed && strcmp (class, "safe") != 0;
  report->demand = MAX (report->demand, change->demand);
  if (report->json != NULL)
    change_json (report->json, change, class, allowed);
  else
    change_text (change, class, allowed);
}

static void
audit_pair (Report *report, Pt2Idl *older, Pt2Idl *newer)
{
  Report one = { .ways = { report->ways[0], report->ways[1] }, .json = report->json };
  g_autofree char *old_name = escaped (pt2_idl_get_name (older), -1),
                  *new_name = escaped (pt2_idl_get_name (newer), -1);
  if (one.json != NULL)
    {
      json_open (one.json, '{');
      json_member_text (one.json, "old", pt2_idl_get_name (older));
      json_member_text (one.json, "new", pt2_idl_get_name (newer));
      json_key (one.json, "changes");
      json_open (one.json, '[');
    }
  pt2_idl_audit (older, newer, tell, &one);
  if (one.json != NULL)
    {
      json_close (one.json, ']');
      json_member_unsigned (one.json, "breaking", one.n_breaks);
      json_member_text (one.json, "demand", pt2_demand_name (one.demand));
      json_close (one.json, '}');
    }
  else
    printf ("%s -> %s: %u change%s, %u of them breaking; PyTorch demands %s\n", old_name, new_name, one.n,
            one.n == 1 ? "" : "s", one.n_breaks, pt2_demand_name (one.demand));
  report->n_breaks += one.n_breaks;
}

static gint64
order_of (Pt2Idl *idl)
{
  gint64 major, minor;
  pt2_idl_get_version (idl, &major, &minor);
  return major * G_MAXINT32 + minor;
}

/* Every known version between the two, against the newer. */
static int
audit_between (Report *report, Pt2Idl *older, Pt2Idl *newer)
{
  for (guint i = 0; i < pt2_history_count (); i++)
    {
      g_autoptr (Pt2Idl) idl = schema_open (pt2_history_name (i));
      if (idl == NULL)
        return STATUS_TROUBLE;
      if (order_of (idl) > order_of (older) && (order_of (idl) < order_of (newer) || order_of (newer) == 0))
        audit_pair (report, idl, newer);
    }
  return STATUS_FINE;
}

static gboolean
choose_ways (Report *report)
{
  const char *way = schema_options.direction != NULL ? schema_options.direction : "full";
  report->ways[0] = strcmp (way, "backward") == 0 || strcmp (way, "full") == 0;
  report->ways[1] = strcmp (way, "forward") == 0 || strcmp (way, "full") == 0;
  if (report->ways[0] || report->ways[1])
    return TRUE;
  GError *error = NULL;
  set_error (&error, PT2_ERROR_U002, "--direction takes backward, forward or full");
  report_trouble (NULL, error);
  return FALSE;
}

int
schema_audit (char **operands, int n)
{
  Json json;
  Report report = { .json = settings.json ? &json : NULL };
  if (!choose_ways (&report))
    return STATUS_TROUBLE;
  g_autoptr (Pt2Idl) older = schema_open (operands[0]);
  g_autoptr (Pt2Idl) newer = older != NULL ? schema_open (operands[1]) : NULL;
  if (newer == NULL || check_allowed (older, newer) != STATUS_FINE)
    return STATUS_TROUBLE;
  if (settings.json)
    {
      json_init (&json, stdout);
      json_open (&json, '[');
    }
  audit_pair (&report, older, newer);
  int status = schema_options.transitive ? audit_between (&report, older, newer) : STATUS_FINE;
  if (settings.json)
    json_close (&json, ']');
  return status != STATUS_FINE ? status : report.n_breaks > 0 ? STATUS_FINDING : STATUS_FINE;
}
