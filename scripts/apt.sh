# Installing Debian's packages, for the scripts that source this; it is nothing to run.
#
# Sourcing it makes a directory $work for the script, which is removed when the script ends.

work=$(mktemp -d)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# A fresh Debian package starts its service; policy-rc.d is how Debian lets us say no.
policy=/usr/sbin/policy-rc.d
own_policy=no
clean_up() {
  rm -rf "$work"
  if [ "$own_policy" = yes ]; then as_root rm -f "$policy"; fi
}
trap clean_up EXIT

forbid_services() {
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$work/policy"
    as_root install -m 755 "$work/policy" "$policy" && own_policy=yes
  fi
}

apt_install() {
  command -v apt-get >/dev/null || { echo "no apt-get here" >&2; return 1; }
  forbid_services &&
    as_root apt-get update -qq >&2 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >&2
}
