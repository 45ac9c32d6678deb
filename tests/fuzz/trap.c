/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GLib traps on a critical warning, and libFuzzer keeps the input of an abort
 * only. */
#include <signal.h>
#include <stdlib.h>

static void
end (int number)
{
  abort ();
}

__attribute__ ((constructor)) static void
take_traps (void)
{
  signal (SIGTRAP, end);
}
