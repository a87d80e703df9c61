/* SPDX-License-Identifier: Apache-2.0 */
/* Extra fields of local and central headers: a list of (id, length, bytes). */
#include "zip_private.h"

enum
{
  EXTRA_ZIP64 = 0x0001,
  EXTRA_STRONG_ENCRYPTION = 0x0017,
  EXTRA_ATTRIBUTES = 0x6c78,
  EXTRA_UNICODE_PATH = 0x7075,
  EXTRA_AES = 0x9901,
};

ZipExtra
zip_parse_extra (const uint8_t *extra, size_t len)
{
  ZipExtra out = { 0 };
  while (len >= 4)
    {
      uint16_t id = zip_le16 (extra), size = zip_le16 (extra + 2);
      if (size > len - 4)
        break;
      if (id == EXTRA_ZIP64)
        {
          out.damaged |= out.zip64 != NULL; /* twice */
          out.zip64 = extra + 4;
          out.zip64_len = size;
        }
      out.encrypted |= id == EXTRA_STRONG_ENCRYPTION || id == EXTRA_AES;
      out.other_name |= id == EXTRA_UNICODE_PATH;
      out.attributes |= id == EXTRA_ATTRIBUTES;
      extra += 4 + size;
      len -= 4 + (size_t)size;
    }
  for (size_t i = 0; i < len; i++) /* up to three zero bytes are padding that real writers leave */
    out.damaged |= len >= 4 || extra[i] != 0;
  return out;
}

bool
zip_widen (ZipExtra *extra, uint64_t *value)
{
  if (*value != ZIP_FULL32)
    return true;
  if (extra->zip64 == NULL || extra->zip64_len < 8)
    return false;
  *value = zip_le64 (extra->zip64);
  extra->zip64 += 8;
  extra->zip64_len -= 8;
  return true;
}
