#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A live channel from a text file of prompts, one a line, under a budget. Each is
# bought once; when all were shown they are shown again, from the store. SINK and
# AUDIOSINK say where it goes; it runs until Ctrl-C, or for SECONDS_ON_AIR.
#
#   build/tools/genvid-sandbox -- examples/live-channel.sh
set -eu
prompts=${1:-}
sink=${SINK:-autovideosink}
audiosink=${AUDIOSINK:-autoaudiosink}
budget=${BUDGET:-10}
seconds=${SECONDS_ON_AIR:-0}

# gst-launch ends a value at a space that has no backslash.
list ()
{
  sed 's/[\\"]//g; s/[[:space:]]*$//; /^$/d; s/[[:space:]]/\\ /g; s/.*/"&"/' | paste -sd, -
}

if [ -n "$prompts" ]; then
  items=$(list <"$prompts")
else
  items=$(printf '%s\n' 'a paper boat on a pond' 'a paper plane over a city' | list)
fi

set -- gst-launch-1.0 -e -m \
  genvidlivesrc name=channel prompts="<$items>" when-empty=loop \
  max-cost=5 budget="$budget" defaults="genvid,duration=(int)${DURATION:-8}" \
  channel.video ! queue ! videoconvert ! "$sink" \
  channel.audio ! queue ! audioconvert ! "$audiosink"

[ "$seconds" != 0 ] || exec "$@"
# 124: the time is up, and gst-launch has ended the programme.
timeout --foreground -s INT "$seconds" "$@" || [ $? = 124 ]
