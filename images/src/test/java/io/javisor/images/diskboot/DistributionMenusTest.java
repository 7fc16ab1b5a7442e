package io.javisor.images.diskboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks of the shape that distributions make, with what their boot loader boots. */
class DistributionMenusTest {
    private static BootFiles find(DiskBuilder disk) {
        return BootFinder.find(ByteSource.of("disk box.raw", MemorySegment.ofArray(disk.gpt())))
                .orElseThrow();
    }

    /** A root file system with kernel 1. */
    private static ExtBuilder root() {
        return ExtBuilder.ext4()
                .file("/etc/fstab", "x")
                .directory("/usr")
                .file("/boot/vmlinuz-1", "\u007fELF one")
                .file("/boot/initrd.img-1", "i1");
    }

    private static DiskBuilder disk(ExtBuilder root) {
        return new DiskBuilder().partition(Partition.ROOT_X86_64_TYPE, root.bytes());
    }

    /** Of one that GRUB boots by this menu. */
    private static String commandLine(String menu) {
        return find(disk(root().file("/boot/grub/grub.cfg", menu))).commandLine();
    }

    @Test
    void linuxFromScratch() {
        assertEquals("root=/dev/vda1 ro mark=paren", commandLine("""
            set default=0
            insmod ext2
            set root=(hd0,1)
            menuentry "LFS" { linux /boot/vmlinuz-1 root=/dev/vda1 ro mark=paren }
            """));
    }

    @Test
    void oldUbuntu() {
        assertEquals("root=/dev/vda1 ro mark=paren", commandLine("""
            menuentry 'L' { set root='(hd0,gpt1)'
            linux /boot/vmlinuz-1 root=/dev/vda1 ro mark=paren
            initrd /boot/initrd.img-1
            }
            """));
    }

    @Test
    void nixOs() {
        assertEquals("mark=set", commandLine("""
            search --file /boot/vmlinuz-1 --set drive
            menuentry 'L' { linux ($drive)/boot/vmlinuz-1 mark=set }
            """));
        assertEquals("ro mark=set", commandLine("""
            search --set mydev --fs-uuid UUID
            menuentry 'A' { linux ($mydev)/boot/vmlinuz-1 ro mark=set }
            """.replace("UUID", ExtBuilder.UUID)));
    }

    @Test
    void vyOs() {
        assertEquals(
                "boot=live console=ttyS0",
                find(disk(root().file("/boot/grub/grub.cfg", """
                    for f in ${prefix}/grub.cfg.d/*-autoload.cfg
                    do
                        source ${f}
                    done
                    """)
                                .file("/boot/grub/grub.cfg.d/20-vars-autoload.cfg", "set t=ttyS0\n")
                                .file("/boot/grub/grub.cfg.d/40-menu-autoload.cfg", """
                                    for f in ${config_directory}/vyos-versions/*.cfg
                                    do
                                        source "${f}"
                                    done
                                    """)
                                .file("/boot/grub/grub.cfg.d/vyos-versions/1.4.cfg", """
                                    menuentry "1.4" --id 1.4 {
                                        linux "/boot/1.4/vmlinuz" boot=live console=${t}
                                        initrd "/boot/1.4/initrd.img"
                                    }
                                    """)
                                .file("/boot/1.4/vmlinuz", "k")
                                .file("/boot/1.4/initrd.img", "i")))
                        .commandLine());
    }

    @Test
    void aMenuThatProbes() {
        assertEquals("root=UUID=%s ro".formatted(ExtBuilder.UUID), commandLine("""
            probe --set rootuuid --fs-uuid $root
            menuentry 'L' { linux /boot/vmlinuz-1 root=UUID=$rootuuid ro }
            """));
    }

    private static ExtBuilder bls(String options) {
        return root().file(
                        "/boot/loader/entries/a.conf",
                        "title t\nversion 1\nlinux /boot/vmlinuz-1\ninitrd /boot/initrd.img-1 $tuned_initrd\noptions "
                                + options + "\n");
    }

    @Test
    void fedoraWithoutAMenuThatCanBeRead() {
        String environment = "# GRUB Environment Block\nkernelopts=root=UUID=9 ro\n#######";
        assertEquals(
                "root=UUID=9 ro",
                find(disk(bls("$kernelopts $tuned_params").file("/boot/grub2/grubenv", environment)))
                        .commandLine());
        BootFiles found = find(disk(bls("${kernelopts} x")
                .file("/boot/grub2/grub.cfg", "if loadfont x; then blscfg; fi")
                .file("/boot/grub2/grubenv", environment)));
        assertEquals("root=UUID=9 ro x", found.commandLine());
        assertTrue(
                found.notes().getFirst().contains("grub.cfg in partition 1, line 1: whether 'loadfont' succeeds"),
                found.notes()::toString);
    }

    /** They are known to a script that can't be read, and no kernel is to get them as they are. */
    @ParameterizedTest
    @ValueSource(strings = {"$kernelopts ro", "ro ${ignition_firstboot}", "a=$", "$(x)", "$tuned_params$x"})
    void refusesEntriesWhoseVariablesAreNotKnown(String options) {
        BootFiles found = find(disk(bls(options)));
        assertTrue(found.commandLine().startsWith("root=PARTUUID="), found.commandLine());
        assertTrue(
                found.notes().getFirst().startsWith("entry 't' in /boot/loader/entries of partition 1: $"),
                found.notes()::toString);
        assertTrue(found.notes().getFirst().endsWith(" is not known: it is in no grubenv"), found.notes()::toString);
    }

    @Test
    void bootsNoEntryForRescueBecauseOfAnotherOne() {
        String rescue =
                "title r\nversion 0\nlinux /boot/vmlinuz-1\noptions root=/dev/vda1 systemd.unit=rescue.target\n";
        assertEquals(
                "root=/dev/vda1 systemd.unit=rescue.target",
                find(disk(root().file("/boot/loader/entries/0.conf", rescue))).commandLine());
        BootFiles found = find(disk(bls("$x").file("/boot/loader/entries/0.conf", rescue)));
        assertTrue(found.commandLine().startsWith("root=PARTUUID="), found.commandLine());
        assertTrue(
                found.notes().get(1).contains("entry 'r' in /boot/loader/entries of partition 1: it is for rescue"),
                found.notes()::toString);
    }

    @Test
    void entriesInAPlaceThatTheMenuNames() {
        assertEquals(
                "a=1 mark=path",
                find(disk(bls("$x mark=path")
                                .file(
                                        "/boot/grub2/grub.cfg",
                                        "set x=a=1\nblscfg --path /boot/loader/entries --enable-fallback\n")))
                        .commandLine());
        assertEquals(
                "mark=path",
                find(disk(bls("$x mark=path").file("/boot/grub2/grub.cfg", "blscfg -f -p /gone\n")))
                        .commandLine());
    }

    /** Its boot partition, with this before the rest of its menu. */
    private static ExtBuilder coreOsBoot(String menu) {
        return ExtBuilder.ext4()
                .file("/grub2/grub.cfg", menu + """
                    if [ -f ${config_directory}/grubenv ]; then
                      load_env -f ${config_directory}/grubenv
                    elif [ -s $prefix/grubenv ]; then
                      load_env
                    fi
                    if [ -f $prefix/console.cfg ]; then
                      source $prefix/console.cfg
                    fi
                    if [ x"${feature_menuentry_id}" = xy ]; then
                      menuentry_id_option="--id"
                    else
                      menuentry_id_option=""
                    fi
                    set ignition_firstboot=""
                    if [ -f "/ignition.firstboot" ]; then
                        set ignition_firstboot="ignition.firstboot rd.neednet=1 ip=dhcp"
                    fi
                    if [ -f $prefix/user.cfg ]; then
                      source $prefix/user.cfg
                    fi
                    blscfg
                    """)
                .file("/grub2/console.cfg", "serial --speed=115200\nterminal_input serial\nterminal_output serial\n")
                .file("/ignition.firstboot", "")
                .file("/loader.1/entries/ostree-1-os.conf", """
                    title Some CoreOS 41
                    version 1
                    options $ignition_firstboot mitigations=auto ostree=/ostree/boot.1/os/abc/0 rw
                    linux /ostree/os-abc/vmlinuz-6.11.5
                    initrd /ostree/os-abc/initramfs-6.11.5.img
                    """)
                .link("/loader", "loader.1")
                .link("/boot", ".")
                .file("/ostree/os-abc/vmlinuz-6.11.5", "k")
                .file("/ostree/os-abc/initramfs-6.11.5.img", "i");
    }

    private static byte[] holding(int offset, String magic) {
        byte[] bytes = new byte[128 << 10];
        System.arraycopy(magic.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, offset, magic.length());
        return bytes;
    }

    private static DiskBuilder coreOs(byte[] boot) {
        return new DiskBuilder()
                .partition(Partition.BIOS_BOOT_TYPE, new byte[4096])
                .partition(Partition.ESP_TYPE, holding(0x36, "FAT16   "))
                .partition(DiskBuilder.LINUX_TYPE, boot)
                .partition(Partition.ROOT_X86_64_TYPE, holding(0, "XFSB"));
    }

    /** The static menu of bootupd, for CoreOS and images of bootc. */
    private static final String BOOTUPD = """
        # petitboot doesn't support -e and doesn't support an empty path part
        if [ -d (md/md-boot)/grub2 ]; then
          set boot=md/md-boot
          set prefix=($boot)/grub2
        else
          if [ -f ${config_directory}/bootuuid.cfg ]; then
            source ${config_directory}/bootuuid.cfg
          fi
          if [ -n "${BOOT_UUID}" ]; then
            search --fs-uuid "${BOOT_UUID}" --set boot --no-floppy
          else
            search --label box --set boot --no-floppy
          fi
        fi
        set root=$boot
        """;

    /** That of the partition for UEFI, made for the other place. */
    private static final String BOOTUPD_PREFIX = """
        if [ -e (md/md-boot) ]; then
          set prefix=md/md-boot
        else
          if [ -f ${config_directory}/bootuuid.cfg ]; then
            source ${config_directory}/bootuuid.cfg
          fi
          if [ -n "${BOOT_UUID}" ]; then
            search --fs-uuid "${BOOT_UUID}" --set prefix --no-floppy
          else
            search --label box --set prefix --no-floppy
          fi
        fi
        set root=$prefix
        if [ -d ($prefix)/grub2 ]; then
          set prefix=($prefix)/grub2
        else
          set prefix=($prefix)/boot/grub2
        fi
        """;

    @ParameterizedTest
    @ValueSource(strings = {BOOTUPD, BOOTUPD_PREFIX})
    void coreOs(String header) {
        ExtBuilder boot = coreOsBoot(header).file("/grub2/bootuuid.cfg", "set BOOT_UUID=\"" + ExtBuilder.UUID + "\"\n");
        for (byte[] partition : List.of(boot.bytes(), coreOsBoot(header).bytes())) {
            BootFiles found = find(coreOs(partition));
            assertEquals(
                    "ignition.firstboot rd.neednet=1 ip=dhcp mitigations=auto ostree=/ostree/boot.1/os/abc/0 rw",
                    found.commandLine());
            assertEquals(1, found.initrds().size());
            assertEquals(List.of(), found.notes());
        }
    }

    /** A file system in one of two mirrors is read as it is; the device of both is another. */
    @ParameterizedTest
    @ValueSource(ints = {0x2000, 0x1_0000})
    void aMirroredCoreOs(int fromEnd) {
        byte[] boot = Arrays.copyOf(coreOsBoot(BOOTUPD).bytes(), 4 << 20);
        byte[] magic = {(byte) 0xFC, 0x4E, 0x2B, (byte) 0xA9};
        System.arraycopy(magic, 0, boot, boot.length - fromEnd, magic.length);
        String message =
                assertThrows(ImageException.class, () -> find(coreOs(boot))).getMessage();
        assertTrue(
                String.valueOf(message).contains("'(md/md-boot)/grub2', which may be in partition 3 (a RAID member),"),
                message);
    }

    /** With grub-gfxpayload-lists; the entry that is booted is not that for recovery. */
    @Test
    void ubuntuWithAListOfDisplays() {
        String menu = """
            function gfxmode {
            	set gfxpayload="${1}"
            	if [ "${1}" = "keep" ]; then
            		set vt_handoff=vt.handoff=7
            	else
            		set vt_handoff=
            	fi
            }
            if [ "${recordfail}" != 1 ]; then
              if [ -e ${prefix}/gfxblacklist.txt ]; then
                if hwmatch ${prefix}/gfxblacklist.txt 3; then
                  if [ ${match} = 0 ]; then
                    set linux_gfx_mode=keep
                  else
                    set linux_gfx_mode=text
                  fi
                else
                  set linux_gfx_mode=text
                fi
              else
                set linux_gfx_mode=keep
              fi
            else
              set linux_gfx_mode=text
            fi
            export linux_gfx_mode
            menuentry 'Ubuntu' --class ubuntu $menuentry_id_option 'gnulinux-simple' {
            	gfxmode $linux_gfx_mode
            	linux	/boot/vmlinuz-1 root=/dev/vda1 ro  quiet splash $vt_handoff
            	initrd	/boot/initrd.img-1
            }
            submenu 'Advanced options for Ubuntu' {
            	menuentry 'Ubuntu, with Linux 1 (recovery mode)' {
            		linux	/boot/vmlinuz-1 root=/dev/vda1 ro recovery nomodeset
            		initrd	/boot/initrd.img-1
            	}
            }
            """;
        assertEquals(
                "root=/dev/vda1 ro quiet splash vt.handoff=7",
                find(disk(root().file("/boot/grub/grub.cfg", menu)
                                .file("/boot/grub/gfxblacklist.txt", "v1013d00b8.*\n")))
                        .commandLine());
    }

    @Test
    void oldDebian() {
        assertEquals("root=/dev/vda1 ro quiet", commandLine("""
            if [ -s $prefix/grubenv ]; then
              load_env
            fi
            set default="0"
            function load_video {
              insmod vbe
              insmod vga
              insmod video_bochs
              insmod video_cirrus
            }
            set root='(hd0,gpt1)'
            search --no-floppy --fs-uuid --set UUID
            if loadfont /usr/share/grub/unicode.pf2 ; then
              set gfxmode=640x480
              load_video
              insmod gfxterm
              if terminal_output gfxterm ; then true ; else
                # For backward compatibility with versions of terminal.mod that don't
                # understand terminal_output
                terminal gfxterm
              fi
            fi
            set timeout=5
            menuentry 'Debian GNU/Linux, with Linux 2.6.32-5-amd64' --class debian {
            	insmod ext2
            	set root='(hd0,gpt1)'
            	search --no-floppy --fs-uuid --set UUID
            	echo	'Loading Linux 2.6.32-5-amd64 ...'
            	linux	/boot/vmlinuz-1 root=/dev/vda1 ro  quiet
            	initrd	/boot/initrd.img-1
            }
            """.replace("UUID", ExtBuilder.UUID)));
    }
}
