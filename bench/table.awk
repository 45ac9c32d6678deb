# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Reads what genvid-bench-measure wrote and prints the table of the rows in
# the file ROWS: what, metric, ours, peer, the peer's words, target (a ratio, or
# "+5": so much more at most); between tabs. SMALL and LARGE are the bytes of
# the clips NAME@small and NAME@large.
#
# wall, cpu, user per GiB is the slope between the two clips of one round, so
# that what a start costs does not count; a ratio is one of medians.

function metric_of (name, round, metric)
{
  if (metric == "wall")
    return wall[name, round]
  if (metric == "cpu")
    return user[name, round] + system_time[name, round]
  if (metric == "user")
    return user[name, round]
  if (metric == "peak")
    return peak[name, round] / 1024
  if (metric == "printed")
    return printed[name, round]
  if (metric == "printed-ms")
    return printed[name, round] * 1000
  if (metric == "wall-ms")
    return wall[name, round] * 1000
  printf "table.awk: no metric %s\n", metric >"/dev/stderr"
  exit 2
}

function slope (name, round, metric,    more)
{
  more = metric_of(name "@large", round, metric) \
         - metric_of(name "@small", round, metric)
  return more / (large - small) * 1073741824
}

function sort (n,    i, j, kept)
{
  for (i = 2; i <= n; i++) {
    kept = value[i]
    for (j = i - 1; j > 0 && value[j] > kept; j--)
      value[j + 1] = value[j]
    value[j + 1] = kept
  }
}

# NAME or NAME:METRIC. Leaves the median in median and returns it in words.
function describe (name, metric,    n, round, part, per_gib, form)
{
  if (split (name, part, ":") == 2) {
    name = part[1]
    metric = part[2]
  }
  per_gib = sub (/\/GiB$/, "", metric)
  n = 0
  for (round = 0; round < rounds; round++) {
    if (per_gib && (name "@large", round) in wall)
      value[++n] = slope(name, round, metric)
    else if ((name, round) in wall)
      value[++n] = metric_of(name, round, metric)
  }
  if (n == 0) {
    median = -1
    return "–"
  }
  sort(n)
  median = n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2
  form = (metric == "peak" || metric ~ /-ms$/) ? "%.1f" : "%.3f"
  return sprintf (form " (" form "–" form ")", median, value[1], value[n])
}

{
  wall[$1, $2] = $3
  user[$1, $2] = $4
  system_time[$1, $2] = $5
  peak[$1, $2] = $6
  printed[$1, $2] = $7
  if ($2 >= rounds)
    rounds = $2 + 1
}

END {
  print "| what | ours | against | its | ratio | target | |"
  print "|---|---|---|---|---|---|---|"
  while ((getline row <rows) > 0) {
    split (row, field, "\t")
    ours = describe(field[3], field[2])
    our_median = median
    peers = describe(field[4], field[2])
    if (our_median < 0 || median <= 0)
      continue
    ratio = our_median / median
    within = field[6] ~ /^\+/ ? our_median <= median + field[6] \
                              : ratio <= field[6] + 0
    printf "| %s | %s | %s | %s | %.3f | ≤ %s | %s |\n", field[1], ours, \
           field[5], peers, ratio, field[6], \
           within ? "reached" : "**missed**"
  }
}
