# Sourced by the scripts beside it: the small guest with one more device, in javisor and in QEMU microvm, driven over its console.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts use what is set here

name=${0##*/}
pid=
work=$(mktemp -d)
finish() {
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# prepare_guest PARAMETERS: sets the arrays javisor and qemu to the commands without the device, which sees the same kernel command line
# but for the device's own parameter: QEMU adds that too.
prepare_guest() {
    local guest own="console=ttyS0 reboot=k panic=-1 quiet${1:+ $1}" added
    require_qemu
    guest=$(guest/make-kernel --path) || {
        echo "$name: the small guest is not made yet; run: guest/make-kernel" >&2
        exit 1
    }
    added=$(./javisor run --kernel "$guest/vmlinux" --acpi off --dry-run --json --memory 128M --cmdline "$own" | sed -n 's/^ *"commandLine" *: *"\(.*\)",$/\1/p')
    javisor=(./javisor run --memory 128M --kernel "$guest/vmlinux" --initrd "$guest/initramfs.cpio" --acpi off --cmdline "$own")
    qemu=("${qemu_microvm[@]}" -m 128M -kernel "$guest/vmlinux" -initrd "$guest/initramfs.cpio" -append "$added")
}

start_guest() { # COMMAND...
    coproc VMM { exec "$@" 2>/dev/null; }
    pid=$VMM_PID
    await 'javisor guest ready'
}

end_guest() {
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
}

await() { # TEXT: the rest of the line after it, in answer
    local line
    while IFS= read -r -t 300 line <&"${VMM[0]}"; do
        line=${line%$'\r'}
        case $line in *"$1"*)
            answer=${line#*"$1"}
            return
            ;;
        esac
    done
    echo "$name: no '$1' came" >&2
    exit 1
}

# ask COMMAND FIGURES: after COMMAND, in the array counted: what FIGURES sets c to in the guest's shell, and the interrupts of its only virtio device.
ask() {
    # Not as the echo has it.
    echo "$1 $2 while read -r n a rest; do case \$rest in *virtio0) echo coun'ted'=\$c \$a;; esac; done </proc/interrupts" >&"${VMM[1]}"
    await 'counted='
    read -ra counted <<<"$answer"
}

ticks() { # CPU time of the VMM, user and system
    local stat
    stat=$(<"/proc/$pid/stat")
    # shellcheck disable=SC2086 # fields
    set -- ${stat##*) }
    echo $((${12} + ${13}))
}
