#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A longer scene: the last frame of each clip is the first image of the next. One
# prompt for each clip; the clips are saved as part-1.mp4, part-2.mp4 and so on. A
# second run buys nothing, since the last frame of a stored clip is the same.
#
#   build/tools/genvid-sandbox -- examples/continue.sh
#   examples/continue.sh "a boat leaves the harbour" "it meets a whale" "night falls"
set -eu
[ $# -gt 0 ] || set -- 'a paper boat leaves a harbour' 'the boat meets a whale'
folder=${OUT:-.}
model=${MODEL:-veo_3_1}

# gst-launch reads a value once more.
quote ()
{
  printf '%s="%s"' "$1" "$(printf '%s' "$2" | sed 's/[\\"]/\\&/g')"
}

number=0
image=
for prompt; do
  number=$((number + 1))
  clip=$folder/part-$number.mp4
  frame=$folder/part-$number.png
  gst-launch-1.0 -q genvidsrc "$(quote prompt "$prompt")" model="$model" \
    ${image:+"$(quote image "$image")"} duration="${DURATION:-8}" \
    ! filesink "$(quote location "$clip")"
  # Each frame is written to the same file; the last one stays.
  gst-launch-1.0 -q filesrc "$(quote location "$clip")" ! decodebin \
    ! videoconvert ! pngenc compression-level=1 ! multifilesink "$(quote location "$frame")"
  image=$frame
  echo "$clip ends with $frame"
done
