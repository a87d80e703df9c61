/* SPDX-License-Identifier: Apache-2.0 */
/* The listing: every opcode as it comes, with what it would import or call. The machine runs along
 * to know what a call is of; where it can go no further, opcodes are still told apart.
 */
#include "pickle_private.h"
#include <string.h>

typedef struct
{
  Pt2Pickle *pickle;
  PickleScan scan;
  Pt2PickleOpcodeFunc func;
  gpointer data;
  Pt2Status fault; /* the first one */
  guint number;    /* of the pickle in a stream */
} Listing;

/* What an opcode does whose operands are unknown. */
static Pt2PickleDeed
deed_of (uint8_t code)
{
  static const uint8_t imports[] = { 'c', 0x82, 0x83, 0x84, 0x93 }, calls[] = { 'R', 'i', 'o', 0x81, 0x92 };
  if (memchr (imports, code, sizeof imports) != NULL)
    return PT2_PICKLE_DEED_IMPORT;
  return memchr (calls, code, sizeof calls) != NULL ? PT2_PICKLE_DEED_CALL : PT2_PICKLE_DEED_NONE;
}

static void
tell (Listing *listing, const PickleMachine *machine, const PickleToken *token)
{
  char argument[512];
  if (listing->func == NULL)
    return;
  pickle_show_argument (token, argument, sizeof argument);
  Pt2PickleOpcode opcode = {
    .pickle = listing->number,
    .offset = token->offset,
    .bytes = token->bytes,
    .code = token->code,
    .name = pickle_opcodes[token->code].name,
    .argument = argument,
    .deed = machine->deed,
    .global = machine->deed_global != NULL ? &machine->deed_global->global : NULL,
  };
  listing->func (&opcode, listing->data);
}

/* One opcode; whether the machine still goes along is in *KNOWN. */
static void
follow (PickleMachine *machine, const PickleToken *token, bool *known)
{
  if (*known)
    *known = pickle_machine_step (machine, token);
  else
    {
      /* Names that stand in the opcode itself are known even so. */
      machine->deed = PT2_PICKLE_DEED_NONE;
      machine->deed_global = NULL;
      machine->at = token->offset;
      if (token->code == 'c' || token->code == 'i')
        pickle_step_global (machine, token);
    }
  if (!*known && (machine->deed == PT2_PICKLE_DEED_NONE || token->code == 'i'))
    machine->deed = deed_of (token->code);
}

/* One pickle to its STOP; false where opcodes end. MAGIC: whether it was the number that starts a stream. */
static bool
list_one (Listing *listing, bool *magic)
{
  PickleMachine machine;
  PickleToken token = { 0 };
  bool known = true, scanned = true;
  pickle_machine_init (&machine, listing->pickle, listing->scan.at, &listing->fault);
  while (token.code != '.' && (scanned = pickle_scan_next (&listing->scan, &token, &listing->fault)))
    {
      follow (&machine, &token, &known);
      tell (listing, &machine, &token);
    }
  *magic = known && scanned && pickle_is_stream_magic (machine.stack.at[machine.stack.n - 1]);
  pickle_machine_clear (&machine);
  return scanned;
}

static void
list_all (Listing *listing)
{
  enum
  {
    STREAM_PICKLES = 5,
  };
  bool magic, stream = false;
  while (list_one (listing, &magic))
    {
      const PickleScan *scan = &listing->scan;
      stream |= listing->number++ == 0 && magic && listing->pickle->form == PT2_PICKLE_FORM_BARE;
      if (scan->at == scan->size || (stream && listing->number == STREAM_PICKLES))
        break;
      if (!stream)
        pt2_status_fail (&listing->fault, PT2_ERROR_I012, scan->at, "%" G_GUINT64_FORMAT, scan->size - scan->at);
      if (scan->data[scan->at] != 0x80)
        break;
    }
  if (stream)
    listing->pickle->form = PT2_PICKLE_FORM_STREAM;
}

static void
set_error (Listing *listing, GError **error)
{
  const Pt2Pickle *pickle = listing->pickle;
  if (pickle != NULL && pickle->entry != NULL && listing->fault.record[0] == '\0')
    pt2_status_set_record (&listing->fault, pickle->entry->name);
  pt2_status_to_error (&listing->fault, error);
}

Pt2Pickle *
pt2_pickle_list (GBytes *bytes, const Pt2Limits *limits, Pt2PickleOpcodeFunc func, gpointer data, GError **fault,
                 GError **error)
{
  Listing listing = { .func = func, .data = data };
  listing.fault = (Pt2Status)PT2_STATUS_INIT;
  listing.pickle = pickle_open (bytes, limits, &listing.scan, &listing.fault);
  const PickleScan *scan = &listing.scan;
  if (listing.pickle != NULL && (scan->size == 0 || scan->data[0] != 0x80))
    pt2_status_fail (&listing.fault, PT2_ERROR_I001, 0, "it does not begin with PROTO");
  if (listing.fault.code != PT2_ERROR_NONE)
    {
      set_error (&listing, error);
      pt2_pickle_unref (listing.pickle);
      return NULL;
    }
  list_all (&listing);
  if (listing.fault.code != PT2_ERROR_NONE)
    set_error (&listing, fault);
  return listing.pickle;
}
