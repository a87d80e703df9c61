/* SPDX-License-Identifier: Apache-2.0 */
#include "info.h"
#include "verbs.h"

static int
run (char **operands, int n)
{
  Facts facts;
  gboolean fine = facts_gather (&facts, operands[0]);
  if (fine)
    settings.json ? info_json (&facts) : info_text (&facts);
  facts_clear (&facts);
  return fine ? STATUS_FINE : STATUS_TROUBLE;
}

const Verb verb_info = {
  .name = "info",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "what is this, in one screen",
  .help = "Says what the file is, who wrote it, how large graph and weights are, what it takes and gives, and\n"
          "whether it holds pickles or native code. Reads the archive's directory, the program, and of each\n"
          "weight no more than the first bytes. A file of another kind is refused with a sentence that says\n"
          "what it is.\n",
  .examples = "$ pt2 info model.pt2\n"
              "$ pt2 info --model=decoder pair.pt2\n"
              "$ pt2 info --json model.pt2 | jq .weights.bytes\n",
  .run = run,
};
