#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# AI/ML API: PixVerse, with a style, a resolution and a seed. The key is in
# AIML_API_KEY. The model has no 8 seconds in 1080p; requesting both is an error
# before anything is sent.
#
#   build/tools/genvid-sandbox --provider aimlapi -- examples/aimlapi.sh
set -eu
sink=${SINK:-autovideosink}

exec gst-launch-1.0 genvidsrc provider=aimlapi \
  model=pixverse/v5/text-to-video \
  prompt="a paper boat on a river of ink" negative-prompt="people" \
  style=clay resolution=720p aspect-ratio=4:3 duration=5 seed=42 \
  ! decodebin ! videoconvert ! "$sink"
