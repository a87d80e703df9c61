/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of PyTorch 2.15, from lib/ops/operators.txt: deflated in the library (gen/operators.py), inflated and
 * listed by whoever asks first, each read by whoever needs it first, kept until the process ends. */
#include "operator_table.h"
#include "ops_private.h"
#include <stdlib.h>
#include <zlib.h>

static OpTable *
read_table (void)
{
  uLongf len = OPERATOR_TABLE_BYTES;
  char *text = malloc (OPERATOR_TABLE_BYTES);
  OpTable *table = malloc (sizeof *table);
  Pt2Status status = PT2_STATUS_INIT;
  if (table != NULL)
    ops_table_init (table, UINT64_MAX);
  if (text == NULL || table == NULL || uncompress ((Bytef *)text, &len, operator_table, sizeof operator_table) != Z_OK
      || !ops_table_list (table, (Pt2String){ text, (uint32_t)len }, &status))
    {
      if (table != NULL)
        ops_table_clear (table);
      free (table);
      table = NULL;
    }
  free (text);
  return table;
}

static GMutex mutex;
static OpTable *shared;

const OpTable *
ops_shipped (void)
{
  OpTable *table = g_atomic_pointer_get (&shared);
  if (table != NULL)
    return table;
  g_mutex_lock (&mutex);
  table = shared;
  if (table == NULL)
    g_atomic_pointer_set (&shared, table = read_table ());
  g_mutex_unlock (&mutex);
  return table;
}

const Pt2OpSchema *
ops_shipped_schema (const OpEntry *entry)
{
  OpEntry *own = &shared->entries[entry - shared->entries];
  const Pt2OpSchema *schema = g_atomic_pointer_get (&own->schema);
  if (schema != NULL)
    return schema;
  g_mutex_lock (&mutex);
  schema = own->schema;
  if (schema == NULL)
    {
      Pt2Status status = PT2_STATUS_INIT;
      schema = ops_parse (&shared->arena, own->line.data, own->line, PT2_LIMIT_DEPTH_MOST, &status);
      g_atomic_pointer_set (&own->schema, schema);
    }
  g_mutex_unlock (&mutex);
  return schema;
}
