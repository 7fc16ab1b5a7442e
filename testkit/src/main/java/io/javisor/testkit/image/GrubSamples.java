package io.javisor.testkit.image;

/** Configurations of the shape that distributions generate, for kernels 1 and 2. */
public final class GrubSamples {
    private GrubSamples() {}

    /** grub-mkconfig's on Debian: one menu entry, the others in a submenu. */
    public static String debian(String uuid) {
        return """
            if [ -s $prefix/grubenv ]; then
              set have_grubenv=true
              load_env
            fi
            if [ "${next_entry}" ] ; then
               set default="${next_entry}"
               set next_entry=
               save_env next_entry
               set boot_once=true
            else
               set default="${saved_entry}"
            fi
            if [ x"${feature_menuentry_id}" = xy ]; then
              menuentry_id_option="--id"
            else
              menuentry_id_option=""
            fi
            export menuentry_id_option
            function savedefault {
              if [ -z "${boot_once}" ]; then
                saved_entry="${chosen}"
                save_env saved_entry
              fi
            }
            function load_video {
              if [ x$feature_all_video_module = xy ]; then
                insmod all_video
              else
                insmod efi_gop
              fi
            }
            if loadfont unicode ; then
              set gfxmode=auto
            fi
            terminal_output gfxterm
            set timeout=5
            function gfxmode {
            	set gfxpayload="${1}"
            }
            set linux_gfx_mode=
            menuentry 'Debian GNU/Linux' --class debian --class os $menuentry_id_option 'simple' {
            	savedefault
            	load_video
            	gfxmode $linux_gfx_mode
            	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
            	search --no-floppy --fs-uuid --set=root UUID
            	echo	'Loading Linux 2 ...'
            	linux	/boot/vmlinuz-2 root=UUID=UUID ro  console=tty0 console=ttyS0,115200
            	echo	'Loading initial ramdisk ...'
            	initrd	/boot/initrd.img-2
            }
            submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'advanced' {
            	menuentry 'Debian GNU/Linux, with Linux 2' --class debian $menuentry_id_option 'entry-2' {
            		search --no-floppy --fs-uuid --set=root UUID
            		linux	/boot/vmlinuz-2 root=UUID=UUID ro
            		initrd	/boot/initrd.img-2
            	}
            	menuentry 'Debian GNU/Linux, with Linux 1' --class debian $menuentry_id_option 'entry-1' {
            		search --no-floppy --fs-uuid --set=root UUID
            		linux	/boot/vmlinuz-1 root=UUID=UUID ro single
            		initrd	/boot/initrd.img-1
            	}
            }
            if [ -f  ${config_directory}/custom.cfg ]; then
              source ${config_directory}/custom.cfg
            elif [ -z "${config_directory}" -a -f  $prefix/custom.cfg ]; then
              source $prefix/custom.cfg
            fi
            """.replace("=UUID ", "=" + "UUID ")
                .replace("--set=root UUID", "--set=root " + uuid)
                .replace("root=UUID=UUID", "root=UUID=" + uuid);
    }

    /** As Ubuntu's cloud images have it: without an initrd first, with it if that failed. */
    public static String ubuntu() {
        return """
            set default="0"
            if [ "${initrdfail}" = 2 ]; then
               set initrdfail=
            elif [ "${initrdfail}" = 1 ]; then
               set next_entry="${prev_entry}"
               set prev_entry=
               save_env prev_entry
               if [ "${next_entry}" ]; then
                  set initrdfail=2
               fi
            fi
            function initrdfail {
                if [ -n "${have_grubenv}" ]; then if [ -n "${partuuid}" ]; then
                  save_env initrdfail
                fi; fi
            }
            menuentry 'Ubuntu' {
            	if [ "${initrdfail}" = 1 ]; then
            	  linux	/boot/vmlinuz-1 root=PARTUUID=77 ro  console=tty1
            	  initrd	/boot/ucode /boot/initrd.img-1
            	else
            	  linux	/boot/vmlinuz-1 root=PARTUUID=77 ro  console=tty1 panic=-1
            	fi
            	initrdfail
            }
            menuentry "Memory test (memtest86+x64.bin)" {
            	linux /boot/memtest86+x64.bin
            }
            """;
    }

    /** Fedora's: the entries are files. */
    public static String fedora() {
        return """
            set pager=1
            if [ -f ${config_directory}/grubenv ]; then
              load_env -f ${config_directory}/grubenv
            elif [ -s $prefix/grubenv ]; then
              load_env
            fi
            if [ "${next_entry}" ] ; then
               set default="${next_entry}"
            else
               set default="${saved_entry}"
            fi
            if [ -z "${kernelopts}" ]; then
              set kernelopts="root=UUID=fallback ro"
            fi
            insmod blscfg
            blscfg
            if [ "$default" = '0' -o "x$default" = "x" ]; then set menu_auto_hide=1; fi
            menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
            	fwsetup
            }
            """;
    }
}
