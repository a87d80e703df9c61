/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256.h"
#include <openssl/evp.h>

bool
pt2_sha256_begin (Pt2Sha256 *hash)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  hash->context = context;
  if (context != NULL && EVP_DigestInit_ex (context, EVP_sha256 (), NULL) == 1)
    return true;
  EVP_MD_CTX_free (context);
  hash->context = NULL;
  return false;
}

/* With a context that was begun these cannot fail. */
void
pt2_sha256_add (Pt2Sha256 *hash, const void *data, size_t len)
{
  EVP_DigestUpdate (hash->context, data, len);
}

void
pt2_sha256_next (Pt2Sha256 *hash, uint8_t digest[PT2_SHA256_LEN])
{
  EVP_DigestFinal_ex (hash->context, digest, NULL);
  EVP_DigestInit_ex (hash->context, NULL, NULL);
}

void
pt2_sha256_end (Pt2Sha256 *hash, uint8_t digest[PT2_SHA256_LEN])
{
  EVP_DigestFinal_ex (hash->context, digest, NULL);
  EVP_MD_CTX_free (hash->context);
  hash->context = NULL;
}
