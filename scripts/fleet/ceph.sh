# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# For scripts/fleet-test: a CephFS of one monitor, one disk (BlueStore on a
# file) and one metadata server, and its FUSE client.

volume_words='a CephFS with one disk and one metadata server'
packages='ceph-mon:ceph-mon ceph-osd:ceph-osd ceph-mds:ceph-mds
  ceph:ceph-common ceph-fuse:ceph-fuse'
# A session ends after 30 s, the least that Ceph accepts: see docs/fleet.md.
cut_least=36 # a cut of so many seconds outlasts a lock
back_within=10

check_volume ()
{
  [ -e /dev/fuse ] || die 'there is no /dev/fuse'
}

write_ceph_conf () # CLUSTER
{
  cat <<END
[global]
fsid = $1
mon host = $server:6789
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
run dir = /run/ceph
log file = $work/logs/\$name.log
mon data = $work/ceph/mon
osd data = $work/ceph/osd
mds data = $work/ceph/mds
bluestore block size = 4294967296
osd memory target = 939524096
END
}

is_ceph_active ()
{
  timeout 10 ceph mds stat | grep -q active
}

# Each step waits for the one before it.
make_ceph () # CLUSTER
{
  disk=$(cat /proc/sys/kernel/random/uuid)
  monmaptool --create --addv a "[v1:$server:6789]" --fsid "$1" \
    "$work/ceph/monmap" &&
    ceph-mon --mkfs -i a --monmap "$work/ceph/monmap" &&
    ceph-mon -i a &&
    timeout 30 ceph osd new "$disk" &&
    ceph-osd -i 0 --mkfs --osd-uuid "$disk" &&
    wait_until 20 ceph-osd -i 0 && # it may ask before it knows the cluster
    ceph-mds -i a &&
    timeout 30 ceph osd pool create meta 8 &&
    timeout 30 ceph osd pool create data 8 &&
    timeout 30 ceph fs new fleet meta data &&
    timeout 30 ceph fs set fleet session_timeout 30 &&
    timeout 30 ceph fs set fleet session_autoclose 30 &&
    wait_until 60 is_ceph_active
}

serve_volume ()
{
  mkdir -p /run/ceph "$work/ceph/mon" "$work/ceph/osd" "$work/ceph/mds"
  export CEPH_CONF="$work/ceph.conf"
  cluster=$(cat /proc/sys/kernel/random/uuid)
  write_ceph_conf "$cluster" >"$CEPH_CONF"
  make_ceph "$cluster" >"$work/logs/volume.log" 2>&1 ||
    die "no volume: see $work/logs/volume.log"
}

mount_volume () # HOST
{
  on_host "$1" ceph-fuse --pid-file="$work/mount-$1" \
    --log-file="$work/logs/client-$1.log" /mnt/fleet \
    >>"$work/logs/mount-$1.log" 2>&1
}

# Who was away for longer than its session is refused until it mounts again.
drop_volume () # HOST
{
  on_host "$1" umount -l /mnt/fleet || true
  kill -KILL "$(cat "$work/mount-$1")" || true
}
