# Sourced by the scripts beside it: javisor and QEMU microvm from exec to a line on the console, interleaved.
# shellcheck shell=bash

# Debian's QEMU as a microvm with the serial port on standard output; more arguments are added.
qemu_microvm=(qemu-system-x86_64 -M microvm,acpi=off,auto-kernel-cmdline=on,isa-serial=on,x-option-roms=off
    -enable-kvm -cpu host,-arch-capabilities,-kvm-pv-ipi,-kvm-pv-sched-yield,-kvm-pv-tlb-flush,-kvm-pv-unhalt
    -nodefaults -no-user-config -display none -serial stdio -no-reboot)

# The same by software.
qemu_tcg=(qemu-system-x86_64 -M "microvm,acpi=off,auto-kernel-cmdline=on,isa-serial=on,x-option-roms=off"
    -accel "tcg,thread=multi" -cpu max -nodefaults -no-user-config -display none -serial stdio -no-reboot)

require_qemu() {
    command -v qemu-system-x86_64 >/dev/null || {
        echo "${0##*/}: no QEMU; run: sudo apt-get install --yes --no-install-recommends qemu-system-x86" >&2
        exit 1
    }
}

# seconds_to TEXT COMMAND...: runs a command until a line with TEXT comes, prints the seconds that took, and ends it.
seconds_to() {
    local text=$1 begin end line
    shift
    begin=$(date +%s%N)
    coproc VMM { exec "$@" </dev/null 2>/dev/null; }
    local pid=$VMM_PID
    while IFS= read -r -t 600 line <&"${VMM[0]}"; do
        [[ $line == *"$text"* ]] && break
    done
    end=$(date +%s%N)
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    [[ ${line:-} == *"$text"* ]] || {
        echo "${0##*/}: $1 did not print '$text'" >&2
        return 1
    }
    printf '%d.%03d\n' $(((end - begin) / 1000000000)) $(((end - begin) / 1000000 % 1000))
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# compare ROUNDS TEXT: the commands are in the arrays javisor and qemu. Prints each pair, the medians and their ratio.
compare() {
    local rounds=$1 text=$2 ours=() theirs=() a b
    for ((i = 0; i < rounds; i++)); do
        ours+=("$(seconds_to "$text" "${javisor[@]}")")
        theirs+=("$(seconds_to "$text" "${qemu[@]}")")
        echo "javisor ${ours[i]}  qemu ${theirs[i]}"
    done
    a=$(printf '%s\n' "${ours[@]}" | median)
    b=$(printf '%s\n' "${theirs[@]}" | median)
    echo "medians: javisor $a  qemu $b  ratio $(awk "BEGIN { printf \"%.2f\", $a / $b }")  ($rounds rounds)"
}
