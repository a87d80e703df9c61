/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of payloads that a P2 archive keeps beside its raw storages:
 * data/weights/NAME_weights_config.json and data/constants/NAME_constants_config.json.
 */
#pragma once

#include "archive_private.h"
#include "codec.h"
#include "pt2-schema.h"

typedef struct
{
  const Pt2Record *record;
  GBytes *text; /* what the document aliases */
  Pt2Document document;
  const Pt2PayloadConfig *config;
} Pt2PayloadList;

/* Reads the list in RECORD. Fails with J…, L… and Z…, the record among the places. LIST is then empty. */
bool pt2_payload_list_read (Pt2PayloadList *list, const Pt2Archive *archive, const Pt2Record *record,
                            Pt2Status *status);
/* The same of TEXT, which takes the place of what the record held. */
bool pt2_payload_list_read_text (Pt2PayloadList *list, const Pt2Archive *archive, const Pt2Record *record, GBytes *text,
                                 Pt2Status *status);
void pt2_payload_list_clear (Pt2PayloadList *list);

/* The folder that an entry's file names are relative to, with its slash: the one the list lies in. */
size_t pt2_payload_list_folder (const Pt2PayloadList *list);

/* The record of an entry's file, or NULL with W001 or W002. */
const Pt2Record *pt2_payload_list_find (const Pt2PayloadList *list, Pt2Archive *archive, Pt2String path_name,
                                        Pt2Status *status);
