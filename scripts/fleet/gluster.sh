# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# For scripts/fleet-test: a GlusterFS volume of two bricks, and its FUSE client.

volume_words='a GlusterFS volume with two bricks'
packages='glusterd:glusterfs-server'
# What it is mounted with and how long it takes: see docs/fleet.md.
cut_least=12 # a cut of so many seconds outlasts a lock
back_within=30

check_volume ()
{
  [ -e /dev/fuse ] || die 'there is no /dev/fuse'
}

serve_volume ()
{
  mkdir -p /run/gluster /run/lock
  for folder in /var/lib/glusterd /var/log/glusterfs; do
    mount -t tmpfs none "$folder"
  done
  glusterd --log-file="$work/logs/glusterd.log" || die 'glusterd does not start'
  wait_until 20 gluster --mode=script pool list || die 'glusterd does not answer'
  mkdir -p "$work/bricks/a" "$work/bricks/b"
  {
    gluster --mode=script volume create fleet replica 2 \
      "$server:$work/bricks/a" "$server:$work/bricks/b" force
    while read -r name value; do
      gluster --mode=script volume set fleet "$name" "$value"
    done <<END
network.ping-timeout 5
server.tcp-user-timeout 8
server.keepalive-time 4
server.keepalive-interval 1
server.keepalive-count 4
client.strict-locks on
END
    gluster --mode=script volume start fleet
  } >"$work/logs/volume.log" 2>&1 || die "no volume: see $work/logs/volume.log"
}

mount_volume () # HOST
{
  on_host "$1" glusterfs --volfile-server="$server" --volfile-id=fleet \
    --pid-file="$work/mount-$1" --log-file="$work/logs/client-$1.log" \
    /mnt/fleet
}

# Its own client can hang for good when its network comes back.
drop_volume () # HOST
{
  on_host "$1" umount -l /mnt/fleet || true
  kill -KILL "$(cat "$work/mount-$1")" || true
}
