/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GenvidState:
 * @GENVID_STATE_IDLE: nothing was bought yet
 * @GENVID_STATE_SUBMITTING: the request is being sent
 * @GENVID_STATE_QUEUED: the service has accepted it
 * @GENVID_STATE_RUNNING: the service generates
 * @GENVID_STATE_DOWNLOADING: the clip is being downloaded
 * @GENVID_STATE_DONE: the clip is complete and in the store
 * @GENVID_STATE_FAILED: it failed
 * @GENVID_STATE_CANCELLED: it was cancelled
 * @GENVID_STATE_IN_DOUBT: nobody knows whether it was bought
 *
 * The nicks are the strings of the messages and of the property
 * generation-state.
 *
 * Since: 0.2
 */
typedef enum {
  GENVID_STATE_IDLE,
  GENVID_STATE_SUBMITTING,
  GENVID_STATE_QUEUED,
  GENVID_STATE_RUNNING,
  GENVID_STATE_DOWNLOADING,
  GENVID_STATE_DONE,
  GENVID_STATE_FAILED,
  GENVID_STATE_CANCELLED,
  GENVID_STATE_IN_DOUBT
} GenvidState;

/**
 * GenvidBilled:
 * @GENVID_BILLED_UNKNOWN: nobody knows
 * @GENVID_BILLED_NO: the service did not bill the generation
 * @GENVID_BILLED_YES: it did
 *
 * The nicks are the strings of the messages.
 *
 * Since: 0.2
 */
typedef enum {
  GENVID_BILLED_UNKNOWN,
  GENVID_BILLED_NO,
  GENVID_BILLED_YES
} GenvidBilled;

/**
 * GenvidOrigin:
 * @GENVID_ORIGIN_BOUGHT: this process buys the clip
 * @GENVID_ORIGIN_SHARED: another element or process is buying it
 * @GENVID_ORIGIN_STORED: it was in the store
 *
 * The nicks are the strings of the messages.
 *
 * Since: 0.2
 */
typedef enum {
  GENVID_ORIGIN_BOUGHT,
  GENVID_ORIGIN_SHARED,
  GENVID_ORIGIN_STORED
} GenvidOrigin;

/**
 * GENVID_ERROR:
 *
 * The domain of the errors.
 *
 * Since: 0.2
 */
#define GENVID_ERROR (genvid_error_quark ())

/**
 * GenvidError:
 * @GENVID_ERROR_SETTINGS: a setting is wrong; nothing was sent
 * @GENVID_ERROR_UNAUTHORIZED: the key is missing, wrong or not permitted
 * @GENVID_ERROR_QUOTA: the account has no credit left
 * @GENVID_ERROR_REJECTED: the service rejected the request
 * @GENVID_ERROR_REFUSED: the service's moderation refused it
 * @GENVID_ERROR_FAILED: the generation failed
 * @GENVID_ERROR_NOT_FOUND: the service does not know the generation
 * @GENVID_ERROR_BUSY: the service was overloaded until the last retry
 * @GENVID_ERROR_UNREACHABLE: name resolution, connection or TLS failed
 * @GENVID_ERROR_TIMED_OUT: not ready before the timeout; the purchase is kept
 * @GENVID_ERROR_BAD_ANSWER: an answer could not be understood
 * @GENVID_ERROR_IN_DOUBT: nobody knows whether the clip was bought
 * @GENVID_ERROR_OVER_BUDGET: it would exceed a limit; nothing was bought
 * @GENVID_ERROR_NOT_STORED: it is not in the store, and may not be bought
 * @GENVID_ERROR_TOO_LARGE: the media is larger than max-size
 * @GENVID_ERROR_UNSAFE_URL: the result's URL is not one to go to
 * @GENVID_ERROR_NOT_MEDIA: what came is no media
 * @GENVID_ERROR_NO_SPACE: the store has no space left
 *
 * The nicks are the values of the field reason.
 *
 * Since: 0.2
 */
typedef enum {
  GENVID_ERROR_SETTINGS,
  GENVID_ERROR_UNAUTHORIZED,
  GENVID_ERROR_QUOTA,
  GENVID_ERROR_REJECTED,
  GENVID_ERROR_REFUSED,
  GENVID_ERROR_FAILED,
  GENVID_ERROR_NOT_FOUND,
  GENVID_ERROR_BUSY,
  GENVID_ERROR_UNREACHABLE,
  GENVID_ERROR_TIMED_OUT,
  GENVID_ERROR_BAD_ANSWER,
  GENVID_ERROR_IN_DOUBT,
  GENVID_ERROR_OVER_BUDGET,
  GENVID_ERROR_NOT_STORED,
  GENVID_ERROR_TOO_LARGE,
  GENVID_ERROR_UNSAFE_URL,
  GENVID_ERROR_NOT_MEDIA,
  GENVID_ERROR_NO_SPACE
} GenvidError;

/**
 * genvid_error_quark:
 *
 * Since: 0.2
 */
GQuark genvid_error_quark (void);

G_END_DECLS
