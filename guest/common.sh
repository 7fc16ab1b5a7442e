# Sourced by make-guest, make-kernel and make-rootfs: progress, steps whose output goes to a log, packages, the lock on the cache.
# Needs of its caller: program, packages, needed_mib, cache, log.
# shellcheck shell=bash disable=SC2154,SC2034

work=
child=
started=$SECONDS
last_tenth=-10

# With JAVISOR_ASKS in the environment the message goes to standard output: javisor makes its own line of it.
fail() {
    trap - ERR
    [ -t 2 ] && printf '\r\033[K' >&2
    if [ -n "${JAVISOR_ASKS:-}" ]; then
        printf '%s\n' "$1"
    else
        printf '%s: %s\n' "$program" "$1" >&2
    fi
    exit 1
}

# progress PERCENT STEP
progress() {
    local percent=$1 step=$2 elapsed=$((SECONDS - started)) left bar
    left=$((percent > 2 ? elapsed * (100 - percent) / percent : 0))
    left=$(printf '%d:%02d' $((left / 60)) $((left % 60)))
    if [ -t 2 ]; then
        printf -v bar '%*s' $((percent * 3 / 10)) ''
        printf '\r\033[K[%-30s] %3d%% %s' "${bar// /#}" "$percent" "$step" >&2
        [ "$percent" -le 2 ] || printf ', %s left' "$left" >&2
    elif [ "$percent" -ge $((last_tenth + 10)) ]; then
        last_tenth=$((percent / 10 * 10))
        printf '%s: %d%% %s' "$program" "$percent" "$step" >&2
        [ "$percent" -le 2 ] || printf ', %s left' "$left" >&2
        printf '\n' >&2
    fi
}

# After the last progress.
end_progress() {
    [ ! -t 2 ] || echo >&2
}

# start COMMAND...: its output goes to the log. In a process group of its own, so that end_child can end all of it; killed with this script.
start() {
    setsid setpriv --pdeathsig KILL "$@" >>"$log" 2>&1 </dev/null &
    child=$!
}

# finish STEP: waits for what was started.
finish() {
    wait "$child" || { child=; explain_failure "$1"; }
    child=
}

# run STEP COMMAND...
run() {
    local step=$1
    shift
    start "$@"
    finish "$step"
}

end_child() {
    if [ -n "$child" ]; then
        kill -"$1" -- "-$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
}

# install_packages PURPOSE PACKAGE...
install_packages() {
    local purpose=$1 missing=() package
    shift
    command -v dpkg-query >/dev/null || fail "this is not Debian: $purpose"
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        fail "missing packages; run: sudo apt-get install --yes --no-install-recommends ${missing[*]}"
    fi
    progress 0 "install ${missing[*]}"
    local install=(env DEBIAN_FRONTEND=noninteractive
        apt-get -q -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${missing[@]}")
    # Without package lists, or with old ones, the first attempt fails.
    "${install[@]}" >>"$log" 2>&1 </dev/null && return 0
    apt-get -q update >>"$log" 2>&1 </dev/null || true
    # The log's last lines would be apt's talk with its servers, so they stay in the log.
    "${install[@]}" >>"$log" 2>&1 </dev/null ||
        fail "apt-get could not install ${missing[*]}; the reason is in $log"
}

# find_cache NAME WHAT: sets cache to the directory of that name in the user's cache, for WHAT.
find_cache() {
    case ${XDG_CACHE_HOME:-/} in /*) ;; *) unset XDG_CACHE_HOME ;; esac # as the XDG Base Directory Specification has it
    cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    [ -n "$cache" ] || fail "neither HOME nor XDG_CACHE_HOME is set, so there is no place for $2; set one of them"
    cache=$cache/javisor/$1
}

# lock_cache: makes the cache directory and takes its lock, fd 9, until the end of the script. True if it had to wait.
lock_cache() {
    local message
    message=$(mkdir -p -- "$cache" 2>&1) || fail "cannot make $cache: ${message##*: }; set XDG_CACHE_HOME to a writable place"
    [ -w "$cache" ] || fail "cannot write to $cache; set XDG_CACHE_HOME to a writable place"
    { : >>"$cache/.lock"; } 2>/dev/null ||
        fail "cannot write $cache/.lock; free some space or set XDG_CACHE_HOME to another disk"
    exec 9>"$cache/.lock"
    if flock --nonblock 9; then
        return 1
    fi
    echo "$program: another $program is at work; waiting for it" >&2
    flock 9
    started=$SECONDS
}

# begin_work LOG: removes what earlier runs left that were killed outright, and begins the log.
begin_work() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    rm -rf -- "$cache"/.build.*
    log=$1
    { : >"$log"; } 2>/dev/null || fail "cannot write $log; free some space or set XDG_CACHE_HOME to another disk"
}

# make_work: a new directory in the cache for what is half done.
make_work() {
    local free
    free=$(free_mib "$cache")
    if [ "$free" -lt "$needed_mib" ]; then
        fail "$cache has $free MiB free and the build needs $needed_mib MiB; free some or set XDG_CACHE_HOME to a larger disk"
    fi
    work=$(mktemp -d -- "$cache/.build.XXXXXX" 2>/dev/null) ||
        fail "cannot write to $cache; free some space or set XDG_CACHE_HOME to another disk"
}

free_mib() {
    df --output=avail -m -- "$1" | tail -n 1 | tr -d ' '
}

fail_with_log() {
    [ -t 2 ] && printf '\r\033[K' >&2
    tail -n 12 -- "$log" | sed 's/^/  | /' >&2
    fail "$1 failed; the lines above end the log $log"
}
