#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Text to video with what most services support: a prompt, a negative prompt, the
# aspect ratio and the duration. A second run plays the stored clip.
#
#   build/tools/genvid-sandbox -- examples/text.sh
set -eu
sink=${SINK:-autovideosink}

exec gst-launch-1.0 genvidsrc \
  prompt="a drone shot over a tropical beach at golden hour" \
  negative-prompt="text, watermark, blurry" \
  model=veo_3_fast aspect-ratio=16:9 duration=8 \
  ! decodebin ! videoconvert ! "$sink"
