#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One clip of each service: NAME, and properties that are added or that replace
# those of the table. The key is in the service's variable, which `genvid-store
# providers list` names; a server of one's own may need none. This spends money.
#
#   examples/services.sh kling
#   examples/services.sh openai-videos base-url=http://gpu.lan:8091 allow-private=true
set -eu
sink=${SINK:-autovideosink}
name=${1-}
words=
[ $# -eq 0 ] || shift
case $name in
aimlapi)
  words='model=bytedance/seedance-2-0 duration=5 aspect-ratio=21:9
    resolution=480p seed=42' ;;
ark) words='duration=5 resolution=720p aspect-ratio=16:9' ;;
comfy | comfy-classic) words='seed=7' ;;
comfy-router)
  words='model=byteplus/seedance-2-5 duration=5 resolution=720p
    aspect-ratio=16:9' ;;
dashscope) words='duration=5 aspect-ratio=16:9 resolution=720p seed=7' ;;
fal)
  words='model=fal-ai/veo3.1/fast duration=8 aspect-ratio=16:9
    resolution=720p' ;;
gemini) words='duration=5 aspect-ratio=16:9 resolution=720p' ;;
kling) words='duration=5 aspect-ratio=16:9 resolution=720p' ;;
luma) words='duration=5 aspect-ratio=16:9 resolution=720p' ;;
minimax) ;;
openai-videos)
  words='model=wan negative-prompt=people duration=5 seed=7
    options=genvid,size=(string)1280x720,fps=(int)24' ;;
openrouter)
  words='model=google/veo-3.1 duration=8 aspect-ratio=16:9 resolution=720p
    seed=7' ;;
pixverse) words='duration=5 aspect-ratio=16:9 resolution=720p seed=7' ;;
replicate) words='model=google/veo-3.1-fast duration=8 aspect-ratio=16:9' ;;
runway) words='duration=5 aspect-ratio=16:9 seed=42' ;;
together)
  words='negative-prompt=text duration=5 aspect-ratio=16:9 resolution=720p
    seed=42' ;;
wavespeed) words='duration=5 aspect-ratio=16:9 resolution=720p seed=42' ;;
xai) words='duration=10 aspect-ratio=16:9 resolution=720p' ;;
*)
  sed -n 's/^#   /usage: /p' "$0" >&2
  exit 2 ;;
esac

# The words of the table have no spaces of their own.
# shellcheck disable=SC2086
exec gst-launch-1.0 genvidsrc provider="$name" prompt='a red kite' $words "$@" \
  ! decodebin ! videoconvert ! "$sink"
