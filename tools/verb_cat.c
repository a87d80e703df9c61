/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "output.h"
#include "report.h"
#include "verbs.h"

static int
run (char **operands, int n)
{
  g_autoptr (Pt2Archive) archive = input_archive (operands[0]);
  if (archive == NULL)
    return STATUS_TROUBLE;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, operands[1], &error);
  if (bytes == NULL)
    return report_trouble (input_name (operands[0]), error);
  if (!output_bytes ("-", bytes, &error))
    return report_trouble (input_name (operands[0]), error);
  return STATUS_FINE;
}

const Verb verb_cat = {
  .name = "cat",
  .operands = "FILE RECORD",
  .least = 2,
  .most = 2,
  .summary = "one record's bytes",
  .help = "Writes the bytes of one record, inflated and checked against its CRC, to standard output. RECORD is\n"
          "the name that `ls` shows. What is not plain text goes to a terminal only with -f.\n",
  .examples = "$ pt2 cat model.pt2 archive_version\n"
              "$ pt2 cat model.pt2 data/weights/weight_0 > weight_0.bin\n",
  .run = run,
};
