/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bookkeeping of one request. What its bytes are good for is the
 * download's business. */
#include <genvid/io/genvid-strand.h>

/* A player waits for the first bytes; for later ones, a few milliseconds do
 * not matter. */
#define PROMPT (G_GUINT64_CONSTANT (1) << 20)
/* A read of less is hardly worth its write and its wake-up; one of more may
 * have filled the window of TCP, so that the sender had to wait. */
#define LITTLE        (24 * 1024)
#define MUCH          (48 * 1024)
#define PAUSE_STEP_US 250
#define MAX_PAUSE_US  4000

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
  strand->received = strand->total = 0;
  strand->pause = strand->next_read = 0;
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

gboolean
genvid_strand_is_ready (const GenvidStrand *strand, gint64 now)
{
  return strand->fetch && now >= strand->next_read
         && genvid_fetch_is_ready (strand->fetch);
}

gint64
genvid_strand_get_moment (const GenvidStrand *strand, gint64 us)
{
  if (genvid_fetch_is_ready (strand->fetch))
    return MIN (strand->next_read, strand->since + us);
  return strand->since + us;
}

gsize
genvid_strand_read (GenvidStrand *strand)
{
  gsize n = genvid_fetch_read (strand->fetch, strand->block + strand->held,
                               GENVID_STRAND_BLOCK - strand->held);

  strand->held += n;
  strand->received += n;
  strand->total += n;
  return n;
}

void
genvid_strand_set_pace (GenvidStrand *strand, gsize n, gint64 now)
{
  if (n >= MUCH)
    strand->pause /= 2;
  else if (n > 0 && n < LITTLE)
    strand->pause = MIN (strand->pause + PAUSE_STEP_US, MAX_PAUSE_US);
  if (strand->pause < PAUSE_STEP_US)
    strand->pause = 0;
  if (n > 0 && strand->total >= PROMPT)
    strand->next_read = now + strand->pause;
}

gsize
genvid_strand_read_in_pace (GenvidStrand *strand, gint64 now)
{
  gsize n;

  if (now < strand->next_read)
    return 0;
  n = genvid_strand_read (strand);
  genvid_strand_set_pace (strand, n, now);
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
  if (!strand->fetch)
    return FALSE;
  if (strand->received >= bytes) {
    strand->since = now;
    strand->received = 0;
  }
  return now - strand->since >= us;
}
