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

# copy_unsigned MODULE DIRECTORY: without the signature at its end, whose check is a fifth of the work until the agent runs; this kernel does not insist.
# struct module_signature of the kernel's include/linux/module_signature.h lies between the signature and a line of 28 bytes.
copy_unsigned() {
    local size length
    size=$(stat -c %s -- "$1")
    length=0
    if [ "$(tail -c 28 -- "$1" | tr -d '\0')" = '~Module signature appended~' ]; then
        length=$((40 + 0x$(tail -c 32 -- "$1" | head -c 4 | od -An -tx1 | tr -d ' \n')))
    fi
    head -c "$((size - length))" -- "$1" >"$2/${1##*/}"
}

# add_container_modules DIRECTORY: those of the other list, into a tree of their own, with the order to load them in.
add_container_modules() {
    local file number
    container_tree=$work/container
    mkdir -p -- "$container_tree/modules" 2>>"$log" || explain_failure 'copying modules'
    # As above, but each behind what it needs.
    awk '
        function add(file, number, list, count, i) {
            if (file in seen) return
            seen[file] = 1
            count = split(needs[file], list, " ")
            for (i = 1; i <= count; i++) add(list[i], number)
            print file, number
        }
        FNR == NR {
            name = $1; sub(/:$/, "", name); file = name
            sub(/.*\//, "", name); sub(/\.ko$/, "", name); gsub(/-/, "_", name)
            files[name] = file
            $1 = ""; needs[file] = $0
            next
        }
        /^#/ { next }
        !($1 in files) { print "no module " $1 > "/dev/stderr"; failed = 1; next }
        { add(files[$1], $2) }
        END { exit failed }
    ' "$1/modules.dep" "$here/initramfs/container-modules" >"$work/container-modules" 2>>"$log" || explain_failure 'choosing modules'
    while read -r file number; do
        copy_unsigned "$1/$file" "$container_tree/modules/" 2>>"$log" || explain_failure 'copying modules'
        echo "${file##*/} $number"
    done <"$work/container-modules" >"$container_tree/modules/order"
    chmod -R u=rwX,go=rX -- "$container_tree"
}

# pack_initramfs FILE [TREE]: the same bytes for the same contents.
pack_initramfs() {
    (
        cd -- "${2:-$tree}" &&
            find . -exec touch --no-dereference --date=@0 -- {} + &&
            find . | LC_ALL=C sort | "$busybox" cpio -o -H newc -R 0:0 --renumber-inodes --ignore-devno
    ) >"$1" 2>>"$log" || explain_failure initramfs
}
