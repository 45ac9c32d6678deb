# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# For scripts/fleet-test: the kernel's NFSv4 server on an ext4 file, and its
# client. Where the running kernel lacks them, all runs in a guest that has
# them: Debian's user-mode-linux, with this machine's own tree as its root.

volume_words='an NFSv4.2 server'
packages='mkfs.ext4:e2fsprogs modprobe:kmod mount.nfs:nfs-common
  rpc.nfsd:nfs-kernel-server'
lease=10     # seconds, the least that the server accepts
cut_least=14 # a cut of so many seconds outlasts a lock
back_within=60
guest_modules=/usr/lib/uml

modules='loop nfsd nfsv4 veth bridge'

check_volume ()
{
  for module in $modules; do
    modprobe "$module" 2>/dev/null || true
  done
  grep -qw nfs4 /proc/filesystems && grep -qw nfsd /proc/filesystems && return 0
  packages='linux.uml:user-mode-linux' && install_packages
  enter=boot_guest
}

# Its console 1 is our output; what its kernel says goes to a file.
boot_guest ()
{
  cat >"$FLEET_WORK/init" <<END
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
export FLEET_WORK=$FLEET_WORK
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs none /run
mkdir -p /run/modules/lib
ln -s $guest_modules/modules /run/modules/lib/modules
for module in $modules; do
  modprobe -d /run/modules "\$module"
done
ln -s /proc/self/fd /dev/fd
ip link set lo up
stty -opost </dev/tty1
cd $root
$inside >/dev/tty1 2>&1
echo \$? >$FLEET_WORK/status
sync
halt -f
END
  chmod +x "$FLEET_WORK/init"
  linux.uml mem=3072M root=/dev/root rootfstype=hostfs rootflags=/ rw \
    init="$FLEET_WORK/init" con=null con0=null,fd:1 con1=null,fd:3 \
    3>&1 >"$FLEET_WORK/guest.log" 2>&1 </dev/null || true
  return "$(cat "$FLEET_WORK/status" 2>/dev/null || echo 2)"
}

make_nfs ()
{
  mkdir -p /run/export &&
    truncate -s 4G "$work/volume" &&
    mkfs.ext4 -q "$work/volume" &&
    mount -o loop,noatime "$work/volume" /run/export &&
    mount -t tmpfs none /var/lib/nfs &&
    mkdir -p /var/lib/nfs/rpc_pipefs /var/lib/nfs/nfsdcld &&
    touch /var/lib/nfs/etab /var/lib/nfs/rmtab &&
    mount -t rpc_pipefs none /var/lib/nfs/rpc_pipefs &&
    mount -t nfsd none /proc/fs/nfsd &&
    nfsdcld &&
    wait_until 10 test -s /var/lib/nfs/nfsdcld/main.sqlite &&
    echo "$lease" >/proc/fs/nfsd/nfsv4leasetime &&
    echo "$lease" >/proc/fs/nfsd/nfsv4gracetime &&
    exportfs -o rw,no_root_squash,no_subtree_check,fsid=0,insecure \
      '*:/run/export' &&
    rpc.mountd -N 2 -N 3 &&
    rpc.nfsd -N 3 -V 4.2 8
}

serve_volume ()
{
  make_nfs >"$work/logs/volume.log" 2>&1 ||
    die "no volume: see $work/logs/volume.log"
}

mount_volume () # HOST
{
  on_host "$1" mount -t nfs4 -o vers=4.2,hard "$server:/" /mnt/fleet
}

drop_volume () # HOST
{
  on_host "$1" umount -l /mnt/fleet || true
}
