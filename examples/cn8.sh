#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# CN8 Gateway. Its host is not public, so set CN8_BASE_URL or the property
# base-url. The key is in CN8_API_KEY. A second costs USD 1.50, hence the limit:
# a clip that costs more is rejected before anything is sent.
#
#   build/tools/genvid-sandbox --provider cn8 -- examples/cn8.sh
set -eu
sink=${SINK:-autovideosink}

exec gst-launch-1.0 genvidsrc provider=cn8 max-cost=6 \
  prompt="a fox crosses a snowy road at night" \
  model='"veo (Audio)"' resolution=1080p aspect-ratio=16:9 duration=4 \
  ! decodebin ! videoconvert ! "$sink"
