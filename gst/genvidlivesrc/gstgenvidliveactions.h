/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidlivesrc.h"

G_BEGIN_DECLS

/* The action signals of genvidlivesrc. */
enum {
  /**
   * GstGenvidLiveSrc::append:
   * @element: the element
   * @prompt: a prompt, or a genvid: URI
   *
   * Adds an item at the end of the playlist.
   *
   * Returns: the id of the item
   *
   * Since: 0.1
   */
  ACTION_APPEND,
  /**
   * GstGenvidLiveSrc::insert:
   * @element: the element
   * @id: the item before which the new one comes; if it does not wait, the new
   *   one comes at the end
   * @prompt: a prompt, or a genvid: URI
   *
   * Adds an item before another one.
   *
   * Returns: the id of the new item
   *
   * Since: 0.1
   */
  ACTION_INSERT,
  /**
   * GstGenvidLiveSrc::append-item:
   * @element: the element
   * @item: a structure of any name. Its field `prompt` or `uri` says what is
   *   shown, `start` the running time at which it begins, `in` and `out` which
   *   part of the clip is shown, all three in nanoseconds; every other field is
   *   a property of genvidsrc
   *
   * Adds an item with settings of its own at the end of the playlist.
   *
   * Returns: the id of the item
   *
   * Since: 0.1
   */
  ACTION_APPEND_ITEM,
  /**
   * GstGenvidLiveSrc::remove:
   * @element: the element
   * @id: an item
   *
   * Takes an item off the playlist; the one on air is skipped. What was bought
   * for it stays in the store.
   *
   * Returns: whether there was such an item
   *
   * Since: 0.1
   */
  ACTION_REMOVE,
  /**
   * GstGenvidLiveSrc::skip:
   * @element: the element
   *
   * Ends the item on air; if none is, the one that is waited for.
   *
   * Since: 0.1
   */
  ACTION_SKIP,
  /**
   * GstGenvidLiveSrc::clear:
   * @element: the element
   *
   * Takes all items off the playlist. The one on air plays to its end.
   *
   * Since: 0.1
   */
  ACTION_CLEAR,
  /**
   * GstGenvidLiveSrc::end:
   * @element: the element
   *
   * Plays the playlist to its end, once; then the stream ends.
   *
   * Since: 0.1
   */
  ACTION_END,
  N_ACTIONS,
};

void gst_genvid_live_src_install_actions (GstElementClass *klass);

G_END_DECLS
