#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A film from a text file of prompts, one a line: the clips are bought at the same
# time, within a budget, and GES joins them with titles and crossfades. Change a
# line and run it again: only that clip is bought.
#
#   build/tools/genvid-sandbox -- examples/storyboard.sh
#   examples/storyboard.sh prompts.txt film.mp4
set -eu
export LC_ALL=C.UTF-8
prompts=${1:-}
film=${2:-${OUT:-.}/film.mp4}
budget=${BUDGET:-20}
duration=${DURATION:-8}
size=${SIZE:-1280x720}
fade=0.5

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$prompts" ]; then
  prompts=$scratch/prompts
  printf '%s\n' 'a paper boat leaves a harbour' 'rain on the open sea' >"$prompts"
fi

# What would end a value in a URI.
escape ()
{
  printf '%s' "$1" | sed 's/%/%25/g; s/&/%26/g; s/#/%23/g; s/+/%2B/g; s/?/%3F/g'
}

# GES's command line has a syntax of its own.
title ()
{
  printf '%s' "$1" | tr -d '"\\' | cut -c 1-60
}

# 0:00:08.042000000 as 8.042
seconds ()
{
  gst-discoverer-1.0 "$1" | awk -F '[: ]+' '
    / Duration:/ { printf "%.3f\n", $3 * 3600 + $4 * 60 + $5 }'
}

sed 's/[[:space:]]*$//; /^$/d' "$prompts" >"$scratch/lines"
set --
while IFS= read -r line; do
  set -- "$@" "genvid://?prompt=$(escape "$line")&duration=$duration"
done <"$scratch/lines"
genvid-store fetch --budget "$budget" "$@" >"$scratch/paths"

set -- --video-caps "video/x-raw,width=${size%x*},height=${size#*x},framerate=25/1"
start=0.0
exec 3<"$scratch/paths"
while IFS= read -r line; do
  IFS= read -r path <&3
  length=$(seconds "$path")
  set -- "$@" +clip "file://$path" layer=1 start="$start" \
    +title "$(title "$line")" layer=0 start="$start" duration=2.0 \
    set-background 0 set-font-desc "Sans Bold 22" \
    set-valignment position set-ypos 0.3
  start=$(awk -v a="$start" -v b="$length" -v c="$fade" \
    'BEGIN { printf "%.3f", a + b - c }')
done <"$scratch/lines"
exec 3<&-

rm -f "$film"
case $film in
/*) uri=file://$film ;;
*) uri=file://$PWD/$film ;;
esac
ges-launch-1.0 "$@" --outputuri "$uri" \
  --format 'video/quicktime,variant=iso:video/x-h264:audio/mpeg,mpegversion=4' \
  >"$scratch/log" 2>&1 || { tail -n 5 "$scratch/log" >&2; exit 1; }
# ges-launch reports some failures in words only.
[ -s "$film" ] || { grep -a ERROR "$scratch/log" >&2; exit 1; }
echo "film $film"
