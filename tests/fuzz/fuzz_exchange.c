/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request through the server, from the bytes of a frame to those of the answer: frames from anyone, one
 * after the other, over a folder with an archive and a program. Each answer must be one that our client can read, and
 * nothing that arrives may become visible unless it is sound. The same bytes are also read as an answer. */
#include "draft.h"
#include "pt2-archive-writer.h"
#include "service.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Service *service;
static char *folder;

static void
fail (const char *what)
{
  fprintf (stderr, "fuzz_exchange: %s\n", what);
  abort ();
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      g_file_test (inner, G_FILE_TEST_IS_DIR) ? remove_folder (inner) : (void)g_unlink (inner);
    }
  g_rmdir (path);
}

static void
finish (void)
{
  pt2_service_free (service);
  remove_folder (folder);
  g_free (folder);
}

static GBytes *
empty_program (Pt2Form form)
{
  Pt2Draft *draft = pt2_draft_new (NULL, PT2_DRAFT_ALL, NULL, NULL);
  draft->exported->schema_version.major = 8;
  draft->exported->schema_version.minor = 20;
  g_autoptr (Pt2Program) program = pt2_draft_finish (draft, NULL);
  return pt2_program_save (program, form, NULL);
}

static void
begin (void)
{
  Pt2ServerOptions options;
  folder = g_dir_make_tmp ("pt2-fuzz-XXXXXX", NULL);
  g_autofree char *program_path = g_build_filename (folder, "p.thrift", NULL);
  g_autofree char *archive_path = g_build_filename (folder, "a.pt2", NULL);
  g_autoptr (GBytes) compact = empty_program (PT2_FORM_COMPACT), text = empty_program (PT2_FORM_JSON);
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new ("a", NULL);
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (text);
  pt2_archive_writer_add (writer, "models/model.json", source, NULL);
  pt2_server_options_init (&options);
  options.chunk_bytes = 4096;
  options.store_bytes = 1 << 20;
  if (!pt2_save_bytes (program_path, compact, PT2_SAVE_NEW, NULL, NULL, NULL)
      || !pt2_archive_writer_save (writer, archive_path, PT2_SAVE_NEW, NULL, NULL, NULL)
      || (service = pt2_service_new (folder, &options, NULL)) == NULL)
    fail ("the folder cannot be made");
  atexit (finish);
}

/* The answer to a call of METHOD, or the index -1. */
static void
check_answer (const Pt2Buffer *out, const Pt2Message *call, int method)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Message answer;
  Pt2Document document;
  size_t len = pt2_buffer_len (out) - PT2_FRAME_HEADER;
  uint32_t frame;
  memcpy (&frame, out->data, sizeof frame);
  if (GUINT32_FROM_BE (frame) != len || !pt2_message_read (out->data + PT2_FRAME_HEADER, len, &answer, &status))
    fail ("the answer is no message");
  if (answer.sequence != call->sequence || answer.method.len != call->method.len
      || memcmp (answer.method.data, call->method.data, call->method.len) != 0)
    fail ("the answer is to another call");
  if (answer.kind == PT2_MESSAGE_EXCEPTION)
    {
      if (method >= 0 || pt2_message_exception_text (answer.body).data == NULL)
        fail ("an exception without need or text");
      return;
    }
  const char *type = answer.field == PT2_FIELD_RESULT ? pt2_methods[method].reply : "ExchangeError";
  if (!pt2_message_read_struct (&document, type, answer.body, &status))
    fail (status.detail);
  pt2_document_clear (&document);
}

static void
ask (const char *data, size_t len)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Outcome outcome;
  Pt2Message call;
  pt2_service_is_slow (data, len);
  if (pt2_service_answer (service, data, len, NULL, &out, &outcome, &status))
    {
      if (!pt2_message_read (data, len, &call, &status))
        fail ("what is no message was answered");
      check_answer (&out, &call, outcome.method);
    }
  else if (status.code == PT2_ERROR_NONE)
    fail ("refused without a reason");
  pt2_buffer_clear (&out);
}

/* What a client would do with it. */
static void
read_as_answer (const char *data, size_t len)
{
  for (guint i = 0; i < pt2_n_methods; i++)
    {
      Pt2Status status = PT2_STATUS_INIT;
      Pt2Document document;
      pt2_message_read_struct (&document, pt2_methods[i].reply, (Pt2String){ data, (uint32_t)len }, &status);
      pt2_document_clear (&document);
    }
}

static void
check_visible (void)
{
  g_autoptr (GPtrArray) names = pt2_shelf_names (service->shelf, NULL);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autoptr (Pt2Item) item = pt2_shelf_open (service->shelf, g_ptr_array_index (names, i), NULL);
      if (item == NULL || item->fault != NULL)
        fail ("a file that cannot be used is visible");
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *p = (const char *)data;
  if (service == NULL)
    begin ();
  if (size > 1 << 20)
    return 0;
  while (size >= PT2_FRAME_HEADER)
    {
      uint32_t frame;
      memcpy (&frame, p, sizeof frame);
      size_t len = MIN ((size_t)GUINT32_FROM_BE (frame), size - PT2_FRAME_HEADER);
      ask (p + PT2_FRAME_HEADER, len);
      read_as_answer (p + PT2_FRAME_HEADER, len);
      p += PT2_FRAME_HEADER + len;
      size -= PT2_FRAME_HEADER + len;
    }
  check_visible ();
  return 0;
}
