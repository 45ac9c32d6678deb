/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-messages.h>

/**
 * SECTION:genvid-live-messages
 * @title: Messages of the live element
 * @short_description: names in the messages and properties of genvidlivesrc
 *
 * What genvidlivesrc posts on the bus beside what genvid-messages.h has: names
 * only. Messages come from a thread of the element.
 *
 * Since: 0.1
 */

/**
 * GENVID_LIVE_ELEMENT:
 *
 * The factory name of the live element.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_ELEMENT "genvidlivesrc"

/**
 * GENVID_MESSAGE_LIVE:
 *
 * The name of the element message that genvidlivesrc posts on each step of an
 * item. Its field state is one of GENVID_LIVE_NAME_…; cost, currency and origin
 * are those of GENVID_MESSAGE_GENERATION. The message "failed" has the fields
 * of GENVID_DETAILS_ERROR as well; a warning message with the same details
 * comes before it.
 *
 * Since: 0.1
 */
#define GENVID_MESSAGE_LIVE "genvid-live"

/**
 * GENVID_LIVE_FIELD_ID:
 *
 * A uint: the item, as append() returned it.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_FIELD_ID "id"

/**
 * GENVID_LIVE_FIELD_PROMPT:
 *
 * A string: the prompt or the URI of the item.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_FIELD_PROMPT "prompt"

/**
 * GENVID_LIVE_FIELD_RUNNING_TIME:
 *
 * A uint64: the running time of the step; for "on-air" and "finished" that of
 * the first frame with and the first frame without the item.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_FIELD_RUNNING_TIME "running-time"

/**
 * GENVID_LIVE_FIELD_DURATION:
 *
 * A uint64: the length of the clip in nanoseconds; %GST_CLOCK_TIME_NONE while
 * it is not known.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_FIELD_DURATION "duration"

/**
 * GENVID_LIVE_NAME_QUEUED:
 *
 * The item is in the playlist.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_NAME_QUEUED "queued"

/**
 * GENVID_LIVE_NAME_GENERATING:
 *
 * Its clip is being generated; a stored clip does not come here.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_NAME_GENERATING "generating"

/**
 * GENVID_LIVE_NAME_READY:
 *
 * Its clip is whole in the store, or with start=early can be played.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_NAME_READY "ready"

/**
 * GENVID_LIVE_NAME_ON_AIR:
 *
 * Its first frame has left.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_NAME_ON_AIR "on-air"

/**
 * GENVID_LIVE_NAME_FINISHED:
 *
 * Its last frame has left.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_NAME_FINISHED "finished"

/**
 * GENVID_LIVE_NAME_FAILED:
 *
 * It was not shown, or not to its end.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_NAME_FAILED "failed"

/**
 * GENVID_REASON_NAME_LATE:
 *
 * A value of the field reason, of genvidlivesrc only: the clip did not come, or
 * could not be decoded, as fast as it was to be shown.
 *
 * Since: 0.1
 */
#define GENVID_REASON_NAME_LATE "late"

/**
 * GENVID_LIVE_STATS:
 *
 * The name of the structure in the property stats of genvidlivesrc.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS "genvid-live-stats"

/**
 * GENVID_LIVE_STATS_FRAMES:
 *
 * A uint64: frames that have left.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_FRAMES "frames"

/**
 * GENVID_LIVE_STATS_SAMPLES:
 *
 * A uint64: audio samples of each channel that have left.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_SAMPLES "samples"

/**
 * GENVID_LIVE_STATS_REPEATED:
 *
 * A uint: frames in which the picture of an item was shown once more because
 * the next one had not come.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_REPEATED "repeated"

/**
 * GENVID_LIVE_STATS_DROPPED:
 *
 * A uint: pictures of items that came after their frame had left.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_DROPPED "dropped"

/**
 * GENVID_LIVE_STATS_LATE:
 *
 * A uint: frames that left later than the declared latency.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_LATE "late"

/**
 * GENVID_LIVE_STATS_MADE:
 *
 * A uint: items whose clip was bought or found.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_MADE "made"

/**
 * GENVID_LIVE_STATS_FAILED:
 *
 * A uint: items that failed.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_FAILED "failed"

/**
 * GENVID_LIVE_STATS_SPENT:
 *
 * A double: the sum of the prices of what was bought, as the services state
 * them.
 *
 * Since: 0.1
 */
#define GENVID_LIVE_STATS_SPENT "spent"
