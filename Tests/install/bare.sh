# A bare Debian in a folder, for scripts that install the package there; they source this in the project's folder.
#
# It is made by debootstrap, of the release and from the archive that this machine's apt uses; it and what is downloaded
# are kept in .build-install. Sets `root`, `package` and `version`; without root or debootstrap it says so and ends the
# script with 0. A package is named by its path from the project's folder.

skip() {
    echo "$(basename "$0") skipped: $1"
    exit 0
}
[ "$(id -u)" = 0 ] || skip "only root can make a Debian of its own; try it with sudo"
command -v debootstrap >/dev/null || skip "there is no debootstrap (apt-get install debootstrap)"
if [ -z "${FRESHET_OWN_MOUNTS:-}" ]; then
    unshare --mount true 2>/dev/null || skip "mounts cannot be made here, as in a container without privileges"
    # No mount outlives the script, however it ends.
    FRESHET_OWN_MOUNTS=1 exec unshare --mount --propagation private "scripts/$(basename "$0")" "$@"
fi

architecture=$(dpkg --print-architecture)
version=$(sed -n 's/.*text = "\(.*\)".*/\1/p' Sources/freshet/Version.swift)
package=${1:-dist/freshet_${version}_$architecture.deb}
[ -f "$package" ] || { echo "there is no $package; 'make release' makes it" >&2; exit 1; }

root=$(mktemp -d)
log=$root.log
daemon=""
clean() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    leave
    rm -rf --one-file-system "$root" "$log"
}
leave() { umount -R "$root/proc" "$root/var/cache/apt/archives" 2>/dev/null || true; }
trap clean EXIT

make_root() {
    local suite cache=$PWD/.build-install mirror bare
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
    bare=$cache/$suite-$architecture.tar
    mkdir -p "$cache/archives"
    if [ -f "$bare" ]; then
        tar --extract --directory "$root" --file "$bare"
    else
        mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
            awk -v suite="$suite" '$1 == suite { print $2; exit }')
        echo "making a bare $suite, which takes a minute"
        debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
        rm -f "$root"/var/cache/apt/archives/*.deb
        tar --create --directory "$root" --one-file-system --file "$bare.new" .
        mv "$bare.new" "$bare"
    fi
    # mktemp makes folders for root alone; this one is everybody's /.
    chmod 0755 "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mount -t proc proc "$root/proc"
    mount --bind "$cache/archives" "$root/var/cache/apt/archives"
    cp "$package" "$root/root/freshet.deb"
}

# In the bare Debian, with nothing of this machine's environment but its proxies.
proxies=$(env | grep -iE '^(https?|no)_proxy=' || true)
clear=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive $proxies)
inside() { chroot "$root" "${clear[@]}" HOME=/root "$@"; }
service=(chroot --userspec=freshet:freshet "$root" "${clear[@]}" HOME=/var/lib/freshet)
as_service() { "${service[@]}" "$@"; }

# The package, and others by name, with what they depend on.
install_package() {
    inside apt-get update -qq
    inside apt-get install -y --no-install-recommends -o APT::Keep-Downloaded-Packages=true "$@" /root/freshet.deb
}

count=0
# A sentence, and a command that has to succeed.
holds() {
    local sentence=$1
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok  $sentence"
        count=$((count + 1))
    else
        echo "not ok  $sentence: $*" >&2
        cat "$log" >&2
        exit 1
    fi
}
