/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bookkeeping of one request. What its bytes are good for is the
 * download's business. */
#include <genvid/io/genvid-strand.h>

void
genvid_strand_start (GenvidStrand *strand, GenvidTransport *transport,
                     const GenvidFetchOptions *options, gint64 now)
{
  genvid_strand_stop (strand);
  strand->fetch = genvid_fetch_new (transport, options);
  strand->offset = options->ranged ? options->from : 0;
  strand->held = 0;
  strand->judged = FALSE;
  strand->since = now;
  strand->received = 0;
  if (!strand->block)
    strand->block = g_malloc (GENVID_STRAND_BLOCK);
}

void
genvid_strand_stop (GenvidStrand *strand)
{
  g_clear_pointer (&strand->fetch, genvid_fetch_free);
}

void
genvid_strand_clear (GenvidStrand *strand)
{
  genvid_strand_stop (strand);
  g_clear_pointer (&strand->block, g_free);
}

gsize
genvid_strand_read (GenvidStrand *strand)
{
  gsize n = genvid_fetch_read (strand->fetch, strand->block + strand->held,
                               GENVID_STRAND_BLOCK - strand->held);

  strand->held += n;
  strand->received += n;
  return n;
}

void
genvid_strand_advance (GenvidStrand *strand)
{
  strand->offset += strand->held;
  strand->held = 0;
}

gboolean
genvid_strand_is_stalled (GenvidStrand *strand, gint64 now, gint64 us,
                          guint64 bytes)
{
  if (!strand->fetch || now - strand->since < us)
    return FALSE;
  if (strand->received < bytes)
    return TRUE;
  strand->since = now;
  strand->received = 0;
  return FALSE;
}
