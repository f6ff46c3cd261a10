# Runs as the root of new namespaces (mount, processes, network, IPC, host name): builds a file system that holds only
# read-only views and a small scratch folder, moves into it, gives up every privilege, and becomes the given program.
#
#   sh enter.sh ROOT SCRATCH_BYTES USER VIEW... -- HIDDEN... -- COMMAND...
#
# ROOT: an empty folder. USER: a number that no account has, or "-" where the namespace's root is an ordinary user already.
set -eu
PATH=/usr/bin:/bin:/usr/sbin:/sbin
root=$1 scratch=$2 user=$3
shift 3

read_only() { # a remount must name the flags that the mount below was given, or the kernel refuses
  flags=$(findmnt -n -o VFS-OPTIONS -T "$1")
  mount -o "remount,bind,ro,${flags#r[ow],}" "$root$1"
}

mount -t tmpfs -o size=1m,mode=755 none "$root"
mkdir "$root/tmp" "$root/scratch"
mount -t tmpfs -o "size=$scratch,mode=1777,nosuid,nodev" none "$root/scratch"
while [ "$1" != -- ]; do
  if [ -L "$1" ]; then
    ln -s "$(readlink "$1")" "$root$1"
  elif [ -d "$1" ]; then
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    read_only "$1"
  elif [ -e "$1" ]; then
    mkdir -p "$root$(dirname "$1")"
    : >"$root$1"
    mount --bind "$1" "$root$1"
    read_only "$1"
  fi
  shift
done
shift
while [ "$1" != -- ]; do
  if [ -d "$root$1" ]; then
    mount -t tmpfs -o ro,size=4k,mode=555 none "$root$1"
  elif [ -e "$root$1" ]; then
    mount --bind /dev/null "$root$1"
  fi
  shift
done
shift

mkdir -p "$root/proc" "$root/dev"
mount -t proc -o nosuid,nodev,noexec none "$root/proc"
for device in null zero full random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,bind,ro "$root"
cd "$root"
pivot_root . .
umount -l .
cd /scratch
# Of this namespace: no second one, in which to be root again. Then nothing is left of root's rights.
last='echo 0 >/proc/sys/user/max_user_namespaces
exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all --pdeathsig=KILL -- "$@"'
[ "$user" != - ] || exec sh -c "$last" sh "$@"
exec setpriv --reuid="$user" --regid="$user" --clear-groups -- unshare --user --map-root-user -- sh -c "$last" sh "$@"
