/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reads is written again, and reads as the same. */
#include "record.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GenvidRecord) record
      = genvid_record_from_text ((const char *)data, (gssize)size, NULL);
  g_autoptr (GenvidRecord) again = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (record == NULL)
    return 0;
  first = genvid_record_to_text (record);
  again = genvid_record_from_text (first, -1, NULL);
  g_assert_nonnull (again);
  second = genvid_record_to_text (again);
  g_assert_cmpstr (first, ==, second);
  return 0;
}
