/* SPDX-License-Identifier: Apache-2.0 */
#include "file_list.h"
#include "info.h"
#include "verbs.h"

static gpointer
read_facts (const char *path, guint n_threads, GError **error)
{
  return facts_gather (path, error);
}

static void
show_facts (const char *file, gpointer facts, Json *json)
{
  if (json != NULL)
    info_json (json, file, facts);
  else
    file != NULL ? info_line (file, facts) : info_text (facts);
}

static int
run (char **operands, int n)
{
  static const FileTask task = { "read", read_facts, show_facts, NULL, facts_free };
  return answer_files (operands, n, &task);
}

static const Option options[] = {
  { "threads", 0, OPTION_CALL, { .call = set_threads }, "N", "how many files are read at once" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_info = {
  .name = "info",
  .operands = "FILE…",
  .least = 1,
  .most = 1 << 20,
  .summary = "what is this, in one screen",
  .help = "Says what the file is, who wrote it, how large graph and weights are, what it takes and gives, and\n"
          "whether it holds pickles or native code. Reads the archive's directory, the program, and of each\n"
          "weight no more than the first bytes. A file of another kind is refused with a sentence that says\n"
          "what it is. Of several files or folders a line each; a bad one hides none of the others.\n",
  .examples = "$ pt2 info model.pt2\n"
              "$ pt2 info --model=decoder pair.pt2\n"
              "$ pt2 info --json model.pt2 | jq .weights.bytes\n"
              "$ pt2 info --threads=4 models/\n",
  .options = options,
  .run = run,
};
