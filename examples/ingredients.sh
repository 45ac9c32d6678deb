#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Video from references: two images that are already at the service. Each may
# also be a local file or an https link, as in image.sh.
#
#   build/tools/genvid-sandbox -- examples/ingredients.sh
set -eu
sink=${SINK:-autovideosink}

exec gst-launch-1.0 genvidsrc provider=genpro \
  prompt="the person of the first picture walks through the second" \
  references='<"id:501","id:502">' model=veo_3_1 duration=8 \
  ! decodebin ! videoconvert ! "$sink"
