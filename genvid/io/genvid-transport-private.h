/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-loop.h>
#include <genvid/io/genvid-session.h>
#include <genvid/io/genvid-transport.h>

/* What a download shares with the exchanges. Borrowed. */
GenvidLoop *genvid_transport_get_loop (GenvidTransport *transport);
const GenvidTrust *genvid_transport_get_trust (GenvidTransport *transport);
