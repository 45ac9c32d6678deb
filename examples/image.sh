#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Image to video with a first and a last frame. A local file is uploaded once for
# each agent, and the store keeps its id. id:VALUE names an image that is already
# at the service. An https link is downloaded, then uploaded like a file.
#
#   build/tools/genvid-sandbox -- examples/image.sh FIRST.png LAST.png
#
# Without files it creates two.
set -eu
sink=${SINK:-autovideosink}

if [ $# -lt 2 ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  for pattern in smpte ball; do
    gst-launch-1.0 -q videotestsrc num-buffers=1 pattern="$pattern" ! \
      video/x-raw,width=640,height=360 ! pngenc ! \
      filesink location="$folder/$pattern.png"
  done
  set -- "$folder/smpte.png" "$folder/ball.png"
fi

gst-launch-1.0 genvidsrc provider=genpro \
  prompt="the test card dissolves into a bouncing ball" \
  image="$1" end-image="$2" model=veo_3_1 duration=8 \
  ! decodebin ! videoconvert ! "$sink"
