/* SPDX-License-Identifier: Apache-2.0 */
/* What of an upgrade concerns the payloads beside the program. */
#pragma once

#include "upgrade_private.h"

/* As pt2_upgrade_new(). The data of PAYLOADS is used during the call only. */
Pt2Upgrade *pt2_upgrade_new_beside (Pt2Program *program, const Pt2UpgradePayloads *payloads, const Pt2Limits *limits,
                                    GError **error);

/* All of them live as long as UPGRADE. */
const Pt2Rename *pt2_upgrade_get_renames (const Pt2Upgrade *upgrade, uint32_t *n);
const Pt2GraphConstant *pt2_upgrade_get_constants (const Pt2Upgrade *upgrade, uint32_t *n);
