#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One prompt, many clips: gen.pro fills in the {{names}}, here from the property
# variables. Each set of values is a separate clip in the store. gst-launch
# removes the outer quotes and GstStructure the inner ones.
#
#   build/tools/genvid-sandbox -- examples/variables.sh
set -eu
sink=${SINK:-autovideosink}

for place in "a beach" "a desert"; do
  gst-launch-1.0 genvidsrc provider=genpro \
    prompt="a drone shot over {{place}} in the {{season}}" \
    variables="\"v,place=(string)\\\"$place\\\",season=(string)winter\"" \
    model=veo_3_fast duration=8 \
    ! decodebin ! videoconvert ! "$sink"
done
