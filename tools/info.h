/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways in which `info` tells its facts; both write to standard output. */
#pragma once

#include "facts.h"

void info_json (const Facts *facts);
void info_text (const Facts *facts);
