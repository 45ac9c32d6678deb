#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# gen.pro. A generation belongs to a cell of a sheet of an agent of your
# account, so it needs their three ids, as options or from GEN_SHEET_ID,
# GEN_CELL_ID and GEN_AGENT_ID. The key is in GEN_API_KEY.
#
#   build/tools/genvid-sandbox --provider genpro -- examples/genpro.sh
set -eu
: "${GEN_SHEET_ID:?the id of the sheet}"
: "${GEN_CELL_ID:?the id of the cell}"
: "${GEN_AGENT_ID:?the id of the agent}"
sink=${SINK:-autovideosink}

# As strings, long ids keep every digit.
options="genpro,sheet-id=(string)$GEN_SHEET_ID"
options="$options,cell-id=(string)$GEN_CELL_ID"
options="$options,agent-id=(string)$GEN_AGENT_ID"

exec gst-launch-1.0 genvidsrc provider=genpro options="$options" \
  prompt="waves on white sand, seen from above" \
  model=veo_3 aspect-ratio=9:16 duration=10 \
  ! decodebin ! videoconvert ! "$sink"
