#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One prompt, two models, side by side with their names: in a window, or with
# FILE=compare.mp4 in a file. Both are bought at the same time.
#
#   build/tools/genvid-sandbox -- examples/side-by-side.sh
#   examples/side-by-side.sh "a paper boat" veo_3_fast veo_3_1
set -eu
prompt=${1:-a paper boat on a pond}
left=${2:-veo_3_fast}
right=${3:-veo_3_1}
file=${FILE:-${OUT:+$OUT/side-by-side.mp4}}

quote ()
{
  printf '%s="%s"' "$1" "$(printf '%s' "$2" | sed 's/[\\"]/\\&/g')"
}

if [ -n "$file" ]; then
  output="videoconvert ! x264enc speed-preset=veryfast ! mp4mux ! filesink"
  location=$(quote location "$file")
else
  output="videoconvert ! ${SINK:-autovideosink}"
  location=
fi
# $output is several words.
# shellcheck disable=SC2086
exec gst-launch-1.0 -e compositor name=mix sink_1::xpos=640 \
  ! video/x-raw,width=1280,height=360 ! $output $location \
  genvidsrc "$(quote prompt "$prompt")" "$(quote model "$left")" \
  duration="${DURATION:-8}" ! decodebin ! videoconvert ! videoscale add-borders=true \
  ! video/x-raw,width=640,height=360 \
  ! textoverlay "$(quote text "$left")" valignment=top font-desc="Sans Bold 24" ! queue ! mix.sink_0 \
  genvidsrc "$(quote prompt "$prompt")" "$(quote model "$right")" \
  duration="${DURATION:-8}" ! decodebin ! videoconvert ! videoscale add-borders=true \
  ! video/x-raw,width=640,height=360 \
  ! textoverlay "$(quote text "$right")" valignment=top font-desc="Sans Bold 24" ! queue ! mix.sink_1
