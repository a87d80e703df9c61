/* SPDX-License-Identifier: Apache-2.0 */
/* verify, and what must hold before a stored file is visible: what lib/check finds. */
#include "ids.h"
#include "service.h"
#include "sha256.h"
#include <string.h>

/* What keeps a file from being stored: an error, but not that it is old, since it can be upgraded here. */
static bool
is_fault (const Pt2Finding *finding)
{
  return finding->severity == PT2_SEVERITY_ERROR && strcmp (finding->id, "PT2-P125") != 0;
}

static bool
fill_finding (Pt2Call *call, const Pt2Finding *finding, Pt2ExchangeFinding *to)
{
  to->id = pt2_record_copy (&call->arena, finding->id, strlen (finding->id));
  to->severity = pt2_record_text (pt2_severity_name (finding->severity));
  to->message = pt2_record_copy (&call->arena, finding->message, strlen (finding->message));
  if (finding->where != NULL)
    to->place = pt2_record_copy (&call->arena, finding->where, strlen (finding->where));
  return to->id.data != NULL && to->message.data != NULL;
}

static gboolean
go_on (guint64 done, guint64 total, gpointer cancelled)
{
  return cancelled == NULL || g_atomic_int_get ((const gint *)cancelled) == 0;
}

bool
pt2_call_check_item (Pt2Call *call, Pt2Item *item, Pt2Profile profile, Pt2Findings *findings, GError **error)
{
  const Pt2CheckOptions options = { .profile = profile,
                                    .limits = pt2_shelf_limits (call->service->shelf),
                                    .progress = go_on,
                                    .progress_data = (gpointer)call->cancelled };
  guint n;
  *findings = (Pt2Findings){ 0 };
  if (item->data == NULL)
    {
      if (error != NULL)
        *error = g_error_copy (item->fault);
      return false;
    }
  g_autoptr (Pt2Report) report = pt2_check_bytes (item->data, &options, error);
  if (report == NULL)
    return false;
  const Pt2Finding *found = pt2_report_get_findings (report, &n);
  findings->ok = pt2_report_is_ok (report);
  findings->items = PT2_RECORD_NEW (&call->arena, Finding, n);
  if (findings->items == NULL)
    return pt2_call_no_memory (error);
  findings->len = n;
  for (guint i = 0; i < n; i++)
    {
      if (!fill_finding (call, &found[i], &findings->items[i]))
        return pt2_call_no_memory (error);
      if (findings->fault == NULL && is_fault (&found[i]))
        findings->fault = &findings->items[i];
    }
  return true;
}

/* What no id can be made of has none: the findings say why. */
static bool
fill_id (Pt2Call *call, Pt2Item *item, Pt2ExchangeVerifyReport *report, GError **error)
{
  uint8_t digest[PT2_SHA256_LEN];
  char text[PT2_ID_TEXT];
  Pt2Shelf *shelf = call->service->shelf;
  Pt2ShelfModel *model = item->fault == NULL ? pt2_item_model (item, NULL, NULL) : NULL;
  if (!pt2_item_id (shelf, item, NULL, PT2_ID_ALWAYS, call->cancelled, digest, error))
    return false;
  report->sha256 = pt2_record_copy (&call->arena, (const char *)digest, sizeof digest);
  if (model == NULL || !pt2_item_id (shelf, item, model, PT2_ID_ALWAYS, call->cancelled, digest, NULL))
    return true;
  pt2_id_write (digest, text);
  report->content_id = pt2_record_copy (&call->arena, text, strlen (text));
  return true;
}

bool
pt2_answer_verify (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeVerifyRequest *request = asked;
  Pt2ExchangeVerifyReport *report = answer;
  Pt2Findings findings;
  const char *name = pt2_call_name (call, request->program, error);
  g_autoptr (Pt2Item) item = name != NULL ? pt2_shelf_open (call->service->shelf, name, error) : NULL;
  if (item == NULL || !pt2_call_check_item (call, item, PT2_PROFILE_STRICT, &findings, error))
    return false;
  if (!fill_id (call, item, report, error))
    return false;
  report->findings.items = findings.items;
  report->findings.len = findings.len;
  report->ok = findings.ok;
  return true;
}
