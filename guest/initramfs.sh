# Sourced by make-guest and make-kernel: the initramfs. It needs no root: no file in it is a device, as the kernel's own has /dev/console.
# Needs of its caller: here, work, log, busybox (a static one, by which all is done), explain_failure.
# shellcheck shell=bash disable=SC2154

begin_initramfs() {
    local applet
    tree=$work/initramfs
    mkdir -p -- "$tree"/{bin,dev,etc/acpi/PWRF,etc/udhcpc,mnt,proc,root,run,sbin,sys,tmp,usr/bin,usr/sbin} 2>>"$log" ||
        explain_failure initramfs
    # One chain: within what an || follows, bash goes on after a failure.
    {
        install -m 755 -- "$busybox" "$tree/bin/busybox" &&
            install -m 755 -- "$here/initramfs/init" "$tree/init" &&
            install -m 755 -- "$here/initramfs/udhcpc" "$tree/etc/udhcpc/default.script" &&
            # acpid's name for the event of a power button.
            install -m 755 -- "$here/initramfs/power-button" "$tree/etc/acpi/PWRF/00000080" &&
            install -m 644 -- "$here/initramfs/fstab" "$tree/etc/fstab" &&
            "$busybox" --list-full | while IFS= read -r applet; do
                case $applet in
                bin/busybox | sbin/init | linuxrc) ;; # /init is process 1
                *) ln -s -- /bin/busybox "$tree/$applet" || exit ;;
                esac
            done
    } 2>>"$log" || explain_failure initramfs
}

# add_modules DIRECTORY: those of the list, and what they need, out of a package's directory of modules.
add_modules() {
    local release=${1##*/} base=${1%/lib/modules/*} name wanted file
    find "$1" -name '*.ko.xz' -exec "$busybox" unxz {} + 2>>"$log" || explain_failure 'unpacking modules'
    run 'looking at modules' "$busybox" depmod -b "$base" "$release"
    wanted=$(grep -v '^#' "$here/initramfs/modules")
    # A line of modules.dep: a module's file, a colon, the files that it needs.
    awk -v wanted="$wanted" '
        BEGIN { count = split(wanted, names, "\n"); for (i = 1; i <= count; i++) ask[names[i]] = 1 }
        {
            name = $1; sub(/:$/, "", name); file = name
            sub(/.*\//, "", name); sub(/\.ko$/, "", name); gsub(/-/, "_", name)
            if (!(name in ask)) next
            delete ask[name]
            print file
            for (i = 2; i <= NF; i++) print $i
        }
        END { for (name in ask) { print "no module " name > "/dev/stderr"; failed = 1 } exit failed }
    ' "$1/modules.dep" >"$work/modules" 2>>"$log" || explain_failure 'choosing modules'
    while IFS= read -r file; do
        [ -e "$tree/lib/modules/$release/$file" ] ||
            install -D -m 644 -- "$1/$file" "$tree/lib/modules/$release/$file" 2>>"$log" || explain_failure 'copying modules'
    done <"$work/modules"
    cp -- "$1"/modules.builtin* "$tree/lib/modules/$release/" 2>>"$log" || explain_failure 'copying modules'
    run 'looking at modules' "$busybox" depmod -b "$tree" "$release"
}

# pack_initramfs FILE: the same bytes for the same contents.
pack_initramfs() {
    (
        cd -- "$tree" &&
            find . -exec touch --no-dereference --date=@0 -- {} + &&
            find . | LC_ALL=C sort | "$busybox" cpio -o -H newc -R 0:0 --renumber-inodes --ignore-devno
    ) >"$1" 2>>"$log" || explain_failure initramfs
}
