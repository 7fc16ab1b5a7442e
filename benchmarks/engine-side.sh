# Sourced by engine-guests and engine-programs, after side-by-side.sh: guests of the software engine and of QEMU's TCG in turn, driven over their console.
# Needs of them: work, a directory.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the scripts use what is set here

pid=
end_guest() {
    [ -n "$pid" ] || return 0
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=
}
trap end_guest EXIT

command -v qemu-system-x86_64 >/dev/null && engines=(javisor qemu) || engines=(javisor)
last=$(($(nproc) - 1))
pinned=(taskset -c "$((last > 0 ? last - 1 : 0))-$last")
ticks=$(getconf CLK_TCK)

start() { # COMMAND...
    begin=${EPOCHREALTIME//[!0-9]/}
    coproc VMM { exec "${pinned[@]}" "$@" 2>"$work/engine-vmm.log"; }
    pid=$VMM_PID
}

# await TEXT [END]: until a line, or what ends with the character END, has it; sets now, in microseconds.
await() {
    local line
    while IFS= read -r -t 120 -d "${2-$'\n'}" -u "${VMM[0]}" line; do
        now=${EPOCHREALTIME//[!0-9]/}
        [[ $line != *"$1"* ]] || return 0
    done
    return 1
}

ask() { # COMMAND: for the guest's shell
    echo "$1" >&"${VMM[1]}"
}

read_cpu() { # sets cpu to the VMM's CPU time in ns: user and system
    local stat
    stat=$(<"/proc/$pid/stat") || return
    # shellcheck disable=SC2086 # fields
    set -- ${stat##*) }
    cpu=$(((${12} + ${13}) * 1000000000 / ticks))
}

# Makes the default guest unless it is there, and sets guest to its directory, cmdline to the kernel's command line and kernel to the decompressed
# kernel. The start that decompresses it is not the one that is measured; what comes of it is QEMU's for the count of instructions.
prepare_linux() {
    guest=$(guest/make-guest)
    # As its users have it: the first run of the default guest records a boot.
    start ./javisor run --accel software
    if await 'javisor guest ready'; then
        ask 'poweroff -f'
        wait "$pid" || true
    fi
    end_guest
    cmdline=$(XDG_CACHE_HOME=$work/cache ./javisor run --accel software --kernel "$guest/vmlinuz" --initrd "$guest/initramfs.cpio" --dry-run --json |
        sed -n 's/^ *"commandLine" *: *"\(.*\)",$/\1/p')
    kernel=$(find "$work/cache/javisor" -type f -size +10M)
    ./javisor run --kernel "$guest/vmlinuz" --dry-run >/dev/null
}

start_linux() { # ENGINE CPUS MIB INITRD
    if [ "$1" = javisor ]; then
        start ./javisor run --accel software --kernel "$guest/vmlinuz" --initrd "$4" --memory "$3M" --cpus "$2"
    else
        start "${qemu_tcg[@]}" -m "$3M" -smp "$2" -kernel "$guest/vmlinuz" -initrd "$4" -append "$cmdline"
    fi
    await 'javisor guest ready'
}
