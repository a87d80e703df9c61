/* SPDX-License-Identifier: Apache-2.0 */
/* libpt2: PyTorch exported programs without PyTorch. Include this one. */
#pragma once

#include "pt2-archive-edit.h"
#include "pt2-archive-writer.h"
#include "pt2-archive.h"
#include "pt2-check.h"
#include "pt2-error.h"
#include "pt2-evolve.h"
#include "pt2-expr.h"
#include "pt2-graph.h"
#include "pt2-limits.h"
#include "pt2-ops.h"
#include "pt2-pickle.h"
#include "pt2-program.h"
#include "pt2-safetensors.h"
#include "pt2-save.h"
#include "pt2-shapes.h"
#include "pt2-strip.h"
#include "pt2-struct.h"
#include "pt2-tensor.h"
#include "pt2-types.h"
#include "pt2-value.h"
