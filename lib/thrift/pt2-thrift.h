/* SPDX-License-Identifier: Apache-2.0 */
/* Programs as GObject types of Apache Thrift's c_glib, for those who speak Thrift in GObject already.
 *
 * `Pt2Thrift…` are the types that the thrift compiler makes of libpt2's IDL, mended so that they compile
 * (docs/apache-thrift.md). They cost about 700 ns and 3 KB for a small union, and their readers trust their input;
 * so bytes only get to them through the functions below, which have libpt2's codec check every byte first. Whoever
 * can, uses Pt2Program.
 *
 * What these types cannot hold is refused and never dropped: parts that the schema does not know (T016), and texts
 * with a NUL character, where a text of c_glib ends (T017). The order of map entries is not kept: it is that of a
 * hash table. GLib ends the process when there is no memory for an object.
 *
 * Thread rule: all functions may be called from any thread. A Pt2Thrift… object belongs to one thread at a time.
 * Since: 1.0
 */
#pragma once

#include "pt2-cursor-transport.h"
#include "pt2-thrift-types.h" /* generated */
#include <pt2.h>

G_BEGIN_DECLS

/**
 * pt2_thrift_from_program:
 *
 * Fails with P002 (majors 1 to 7), T016 and T017.
 * Returns: (transfer full) (nullable): free with g_object_unref()
 * Since: 1.0
 */
PT2_API Pt2ThriftExportedProgram *pt2_thrift_from_program (Pt2Program *program, GError **error);

/**
 * pt2_thrift_to_program:
 * @value: with all required fields set: a member that is a struct must not be %NULL
 * @limits: (nullable): %NULL for the default
 *
 * Fails with T008 (a union with no member set, or several), and whatever else is wrong with @value.
 * Returns: (transfer full) (nullable): free with pt2_program_unref()
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_thrift_to_program (Pt2ThriftExportedProgram *value, const Pt2Limits *limits, GError **error);

/**
 * pt2_thrift_struct_from_compact:
 * @type: one of the types of pt2-thrift-types.h, such as PT2_THRIFT_TYPE_PAYLOAD_CONFIG
 * @bytes: one such struct in the compact protocol and nothing else; may come from anyone
 * @limits: (nullable) (type gpointer): %NULL for the default
 *
 * Fails with T…, L…, and T018 if @type is none of ours.
 * Returns: (transfer full) (nullable) (type GObject.Object): free with g_object_unref()
 * Since: 1.0
 */
PT2_API ThriftStruct *pt2_thrift_struct_from_compact (GType type, GBytes *bytes, const Pt2Limits *limits,
                                                      GError **error);

/**
 * pt2_thrift_struct_to_compact:
 * @value: (type GObject.Object): as for pt2_thrift_to_program()
 * @limits: (nullable) (type gpointer): %NULL for the default
 *
 * The bytes of a value of any of these types, checked. With pt2_struct_convert() they become JSON.
 * Returns: (transfer full) (nullable)
 * Since: 1.0
 */
PT2_API GBytes *pt2_thrift_struct_to_compact (ThriftStruct *value, const Pt2Limits *limits, GError **error);

G_END_DECLS
