/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what the pickle reader makes of a file, as JSON: test_torch.py holds it against what PyTorch says.
 *
 *   dump_tensors FILE [RECORD]
 *
 * RECORD is a record of an archive that holds a torch.save file. A tensor is an object with a sha256 over its elements
 * in row-major order; a storage's number shows which tensors share one.
 */
#include "archive_private.h"
#include "pt2-pickle.h"
#include <stdio.h>
#include <string.h>

static void print_value (Pt2Pickle *pickle, const Pt2PickleValue *value);

static void
print_text (const char *data, size_t len)
{
  putchar ('"');
  for (size_t i = 0; i < len; i++)
    {
      unsigned char byte = (unsigned char)data[i];
      if (byte < 0x20 || byte == '"' || byte == '\\')
        printf ("\\u%04x", byte);
      else
        putchar (byte);
    }
  putchar ('"');
}

static void
print_numbers (const gint64 *numbers, guint n)
{
  putchar ('[');
  for (guint i = 0; numbers != NULL && i < n; i++)
    printf ("%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", numbers[i]);
  putchar (']');
}

/* Walks the elements like an odometer. */
static void
hash_elements (Pt2Pickle *pickle, const Pt2PickleTensor *tensor)
{
  g_autoptr (GBytes) bytes = pt2_pickle_read_storage (pickle, tensor->storage, NULL);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree gint64 *index = g_new0 (gint64, tensor->n_dims + 1);
  const guchar *data = g_bytes_get_data (bytes, NULL);
  guint width = tensor->dtype->bytes;
  gint64 at = tensor->storage_offset;
  for (guint64 i = 0; i < tensor->numel; i++)
    {
      g_checksum_update (sum, data + at * width, (gssize)width);
      for (guint d = tensor->n_dims; d-- > 0;)
        {
          at += tensor->strides[d];
          if (++index[d] < tensor->sizes[d])
            break;
          at -= tensor->strides[d] * tensor->sizes[d];
          index[d] = 0;
        }
    }
  printf (", \"sha256\": \"%s\"", g_checksum_get_string (sum));
}

static void
print_tensor (Pt2Pickle *pickle, const Pt2PickleTensor *tensor)
{
  printf ("{\"form\": %d, \"dtype\": \"%s\", \"shape\": ", tensor->form,
          tensor->dtype != NULL ? tensor->dtype->name : "");
  print_numbers (tensor->sizes, tensor->n_dims);
  printf (", \"stride\": ");
  print_numbers (tensor->strides, tensor->n_dims);
  printf (", \"storage_offset\": %" G_GINT64_FORMAT ", \"requires_grad\": %s, \"parameter\": %s",
          tensor->storage_offset, tensor->requires_grad ? "true" : "false", tensor->is_parameter ? "true" : "false");
  printf (", \"layout\": \"%s\", \"subclass\": \"%s\"", tensor->layout != NULL ? tensor->layout : "",
          tensor->subclass != NULL ? tensor->subclass->name : "");
  printf (", \"conjugate\": %s, \"negative\": %s", tensor->conjugate ? "true" : "false",
          tensor->negative ? "true" : "false");
  if (tensor->storage != NULL)
    {
      printf (", \"storage\": %u, \"storage_nbytes\": %" G_GUINT64_FORMAT ", \"device\": ", tensor->storage->index,
              tensor->storage->bytes);
      print_text (tensor->storage->location.data, tensor->storage->location.len);
      if (tensor->storage->present && tensor->dtype->per_byte == 1)
        hash_elements (pickle, tensor);
    }
  if (tensor->parts != NULL)
    {
      printf (", \"parts\": ");
      print_value (pickle, tensor->parts);
    }
  putchar ('}');
}

static void
print_items (Pt2Pickle *pickle, Pt2PickleItems items)
{
  putchar ('[');
  for (guint64 i = 0; i < items.n; i++)
    {
      printf (i > 0 ? ", " : "");
      print_value (pickle, items.at[i]);
    }
  putchar (']');
}

static void
print_opaque (Pt2Pickle *pickle, const Pt2PickleOpaque *opaque)
{
  printf ("\"callable\": ");
  opaque->callable != NULL ? print_value (pickle, opaque->callable) : (void)printf ("null");
  printf (", \"arguments\": ");
  print_value (pickle, opaque->arguments);
  printf (", \"items\": ");
  print_items (pickle, opaque->items);
  printf (", \"pairs\": ");
  print_items (pickle, opaque->pairs);
}

static void
print_content (Pt2Pickle *pickle, const Pt2PickleValue *value)
{
  char number[40];
  switch (value->kind)
    {
    case PT2_PICKLE_NONE:
      printf ("null");
      break;
    case PT2_PICKLE_BOOL:
      printf (value->boolean ? "true" : "false");
      break;
    case PT2_PICKLE_INTEGER:
      printf ("%" G_GINT64_FORMAT, value->integer);
      break;
    case PT2_PICKLE_FLOAT:
      g_ascii_formatd (number, sizeof number, "%.17g", value->number);
      print_text (number, strlen (number));
      break;
    case PT2_PICKLE_COMPLEX:
      printf ("\"%.17g %.17g\"", value->complex_number.real, value->complex_number.imaginary);
      break;
    case PT2_PICKLE_BYTES:
    case PT2_PICKLE_BIG_INTEGER:
      putchar ('"');
      for (guint64 i = 0; i < value->text.len; i++)
        printf ("%02x", (guchar)value->text.data[i]);
      putchar ('"');
      break;
    case PT2_PICKLE_TUPLE:
    case PT2_PICKLE_LIST:
    case PT2_PICKLE_SET:
    case PT2_PICKLE_DICT:
      print_items (pickle, value->items);
      break;
    case PT2_PICKLE_TENSOR:
      print_tensor (pickle, value->tensor);
      break;
    case PT2_PICKLE_STORAGE:
      printf ("%u", value->storage->index);
      break;
    case PT2_PICKLE_GLOBAL:
      print_text (value->global->name, value->global->name_len);
      break;
    case PT2_PICKLE_OPAQUE:
      printf ("0, ");
      print_opaque (pickle, value->opaque);
      break;
    default: /* text, and the names of constants */
      print_text (value->text.data, value->text.len);
      break;
    }
}

/* {"KIND": CONTENT, "type": …, "state": …} */
static void
print_value (Pt2Pickle *pickle, const Pt2PickleValue *value)
{
  printf ("{\"%s\": ", pt2_pickle_kind_name (value->kind));
  print_content (pickle, value);
  if (value->type != NULL)
    printf (", \"type\": \"%s\"", value->type);
  if (value->state != NULL)
    {
      printf (", \"state\": ");
      print_value (pickle, value->state);
    }
  putchar ('}');
}

static int
fail (GError *error)
{
  printf ("{\"error\": \"%s\", \"message\": ", pt2_error_get_id (error));
  print_text (error->message, strlen (error->message));
  printf ("}\n");
  g_error_free (error);
  return 0;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = argc > 1 ? pt2_map_file (argv[1], &error) : NULL;
  g_autoptr (Pt2Archive) archive = bytes != NULL && argc > 2 ? pt2_archive_new_from_bytes (bytes, NULL, &error) : NULL;
  if (archive != NULL)
    {
      g_bytes_unref (bytes);
      bytes = pt2_archive_read (archive, argv[2], &error);
    }
  g_autoptr (Pt2Pickle) pickle
      = bytes != NULL && error == NULL ? pt2_pickle_new_from_bytes (bytes, NULL, &error) : NULL;
  if (pickle == NULL || !pt2_pickle_check_tree (pickle, NULL, &error))
    return error != NULL ? fail (error) : 1;
  printf ("{\"form\": %d, \"protocol\": %u, \"byteorder\": \"%s\", \"value\": ", pt2_pickle_get_form (pickle),
          pt2_pickle_get_protocol (pickle), pt2_pickle_get_byteorder (pickle));
  print_value (pickle, pt2_pickle_get_value (pickle));
  printf ("}\n");
  return 0;
}
