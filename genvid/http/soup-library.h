/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* libsoup 3, opened when it is first used and never linked: a process ends at
 * once where libsoup 2.4 and 3 meet, since both register the same types. What
 * includes this calls the functions below by their own names; a function that
 * is missing here does not link. */

#define GENVID_SOUP_FUNCTIONS(FUNCTION)                                        \
  FUNCTION (soup_auth_manager_get_type)                                        \
  FUNCTION (soup_cache_get_type)                                               \
  FUNCTION (soup_content_decoder_get_type)                                     \
  FUNCTION (soup_content_sniffer_get_type)                                     \
  FUNCTION (soup_cookie_jar_get_type)                                          \
  FUNCTION (soup_hsts_enforcer_get_type)                                       \
  FUNCTION (soup_message_add_flags)                                            \
  FUNCTION (soup_message_get_method)                                           \
  FUNCTION (soup_message_get_request_headers)                                  \
  FUNCTION (soup_message_get_response_headers)                                 \
  FUNCTION (soup_message_get_status)                                           \
  FUNCTION (soup_message_get_tls_peer_certificate)                             \
  FUNCTION (soup_message_get_tls_protocol_version)                             \
  FUNCTION (soup_message_get_uri)                                              \
  FUNCTION (soup_message_headers_append)                                       \
  FUNCTION (soup_message_headers_get_content_length)                           \
  FUNCTION (soup_message_headers_get_content_type)                             \
  FUNCTION (soup_message_headers_get_encoding)                                 \
  FUNCTION (soup_message_headers_get_one)                                      \
  FUNCTION (soup_message_headers_iter_init)                                    \
  FUNCTION (soup_message_headers_iter_next)                                    \
  FUNCTION (soup_message_headers_replace)                                      \
  FUNCTION (soup_message_new_from_uri)                                         \
  FUNCTION (soup_message_set_request_body)                                     \
  FUNCTION (soup_message_set_request_body_from_bytes)                          \
  FUNCTION (soup_session_abort)                                                \
  FUNCTION (soup_session_get_type)                                             \
  FUNCTION (soup_session_new_with_options)                                     \
  FUNCTION (soup_session_remove_feature_by_type)                               \
  FUNCTION (soup_session_send_async)                                           \
  FUNCTION (soup_session_send_finish)                                          \
  FUNCTION (soup_status_get_phrase)

typedef struct {
#define GENVID_SOUP_MEMBER(name) __typeof__ (name) *name;
  GENVID_SOUP_FUNCTIONS (GENVID_SOUP_MEMBER)
#undef GENVID_SOUP_MEMBER
} GenvidSoupLibrary;

/* Filled by the first successful open, and constant from then on. */
extern GenvidSoupLibrary genvid_soup;

/* Any thread; before any other use of libsoup. GENVID_ERROR (settings):
 * libsoup 2.4 is in this process, or libsoup 3 is not installed. */
gboolean genvid_soup_library_open (GError **error);

G_END_DECLS

#ifndef GENVID_SOUP_BY_NAME
#define soup_auth_manager_get_type    genvid_soup.soup_auth_manager_get_type
#define soup_cache_get_type           genvid_soup.soup_cache_get_type
#define soup_content_decoder_get_type genvid_soup.soup_content_decoder_get_type
#define soup_content_sniffer_get_type genvid_soup.soup_content_sniffer_get_type
#define soup_cookie_jar_get_type      genvid_soup.soup_cookie_jar_get_type
#define soup_hsts_enforcer_get_type   genvid_soup.soup_hsts_enforcer_get_type
#define soup_message_add_flags        genvid_soup.soup_message_add_flags
#define soup_message_get_method       genvid_soup.soup_message_get_method
#define soup_message_get_request_headers                                       \
  genvid_soup.soup_message_get_request_headers
#define soup_message_get_response_headers                                      \
  genvid_soup.soup_message_get_response_headers
#define soup_message_get_status genvid_soup.soup_message_get_status
#define soup_message_get_tls_peer_certificate                                  \
  genvid_soup.soup_message_get_tls_peer_certificate
#define soup_message_get_tls_protocol_version                                  \
  genvid_soup.soup_message_get_tls_protocol_version
#define soup_message_get_uri        genvid_soup.soup_message_get_uri
#define soup_message_headers_append genvid_soup.soup_message_headers_append
#define soup_message_headers_get_content_length                                \
  genvid_soup.soup_message_headers_get_content_length
#define soup_message_headers_get_content_type                                  \
  genvid_soup.soup_message_headers_get_content_type
#define soup_message_headers_get_encoding                                      \
  genvid_soup.soup_message_headers_get_encoding
#define soup_message_headers_get_one genvid_soup.soup_message_headers_get_one
#define soup_message_headers_iter_init                                         \
  genvid_soup.soup_message_headers_iter_init
#define soup_message_headers_iter_next                                         \
  genvid_soup.soup_message_headers_iter_next
#define soup_message_headers_replace  genvid_soup.soup_message_headers_replace
#define soup_message_new_from_uri     genvid_soup.soup_message_new_from_uri
#define soup_message_set_request_body genvid_soup.soup_message_set_request_body
#define soup_message_set_request_body_from_bytes                               \
  genvid_soup.soup_message_set_request_body_from_bytes
#define soup_session_abort            genvid_soup.soup_session_abort
#define soup_session_get_type         genvid_soup.soup_session_get_type
#define soup_session_new_with_options genvid_soup.soup_session_new_with_options
#define soup_session_remove_feature_by_type                                    \
  genvid_soup.soup_session_remove_feature_by_type
#define soup_session_send_async  genvid_soup.soup_session_send_async
#define soup_session_send_finish genvid_soup.soup_session_send_finish
#define soup_status_get_phrase   genvid_soup.soup_status_get_phrase
#endif
