package io.javisor.images.grub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.FileKind;
import io.javisor.images.disk.BootFiles;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not fully understood never reaches a kernel, and the reason names file, line and construct. */
class GrubUnknownsTest {
    private static final String KERNEL = "\nlinux /boot/vmlinuz-1 ";
    private static final String AT = "/boot/grub/grub.cfg in partition 1, line ";

    private final GrubDisks disks = new GrubDisks();

    private void refused(String script, String reason) {
        String message = disks.boots(script);
        assertTrue(message.startsWith(AT + reason), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }

    @Test
    void probesDevices() {
        assertEquals(
                "/boot/vmlinuz-1||root=UUID=12ab-cd ro",
                disks.boots("probe --set rootuuid --fs-uuid $root" + KERNEL + "root=UUID=$rootuuid ro"));
        assertEquals(
                "/boot/vmlinuz-1||rootfs ext2 gpt part-1 b007",
                disks.boots("probe -s a -l ($root)\nprobe --set=b -f hd0,1\nprobe -p -s c $root\nprobe -s d --part-uuid"
                        + " (hd0,gpt1)\nprobe -us e hd0,16" + KERNEL + "$a $b $c $d $e"));
        assertEquals("/boot/vmlinuz-1||x", disks.boots("a=x; probe -s a -u hd0,9" + KERNEL + "$a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "regexp --set=1:n 'a(.)c' abc",
                "regexp -s n 'a(.)c' abc",
                "smbios --type 1 --get-string 5 --set n",
                "regexp --set 1:m '(.)' x; n=a$m",
                "increment n",
                "probe --driver --set n $root",
                "read n",
                "regexp --set=1:m '(.)' x; set n=\"${m}\"",
                "regexp --set=1:m '(.)' x; if [ $m = x ]; then n=1; fi",
                "regexp --set=1:m '(.)' x; if [ $m = x ]; then true; else unset n; fi",
                "if loadfont unicode; then n=1; fi",
                "if no-such-command; then n=1; fi",
                "function f { n=$1; }; if loadfont x; then f a; fi",
                "function f { n=$2; }; regexp --set=1:m '(.)' x; f $m b",
                "function f { n=$#; }; regexp --set=1:m '(.)' x; f $m",
                "regexp --set=1:m '(.)' x; for n in $m; do true; done",
                "regexp --set=1:m '(.)' x; while [ $m = x ]; do n=x; done",
                "regexp --set=1:m '(.)' x; search --label $m --set n",
                "if [ a -pgt b ]; then n=1; fi",
                "if [ 99999999999999999999 -gt 8 ]; then n=1; fi",
                "search --no-such-option --label BOOT --set=n",
                "if no-such-command; then regexp --set=1:n '(.)' x; fi",
                "if no-such-command; then smbios -t 1 --set n \"${root}/x\"; fi",
                "if insmod x; then n=1; fi",
                "n=x; for i in (*)/boot; do n=$i; done",
            })
    void refusesAValueThatIsNotKnown(String script) {
        refused(script + KERNEL + "a=$n", "1: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "if loadfont unicode; then menuentry a { linux /boot/vmlinuz-1 }; fi",
                "if loadfont unicode; then source /boot/a.cfg; fi",
                "if loadfont unicode; then $x=y; fi",
                "if loadfont unicode; then other $x; fi",
                "if loadfont unicode; then exit; fi",
                "if loadfont unicode; then linux /boot/vmlinuz-1; fi",
                "if loadfont unicode; then chainloader +1; fi",
                "function f { load_env; }; if loadfont unicode; then f; fi",
                "regexp --set=1:n '(.)' x; $n /boot/vmlinuz-1",
                "regexp --set=1:n '(.)' x; set $n=a",
                "regexp --set=1:n '(.)' x; source /boot/$n",
                "regexp --set=1:n '(.)' x; load_env -f $n",
                "regexp --set=1:n '(.)' x; eval $n",
                "regexp --set=1:n '(.)' x; blscfg $n",
                "regexp --set=1:n '(.)' x; default=$n",
                "regexp --set=1:n '(.)' x; default=b; menuentry $n { true }",
                "legacy_configfile /boot/grub/menu.lst",
                "exit",
                "blscfg --non-default",
                "set root=lvm/a; blscfg",
            })
    void refusesAMenuThatIsNotKnown(String script) {
        refused(script + "\nmenuentry z { linux /boot/vmlinuz-2 }", "1: ");
    }

    @Test
    void refusesValuesOfGrubsOwn() {
        assertEquals(
                "/boot/grub/grub.cfg in partition 1, line 1: where GRUB was started from, $cmdpath, is not known; none"
                        + " of 0 entries boots",
                disks.boots("n=$cmdpath" + KERNEL + "$n"));
        assertEquals(
                "/boot/grub/grub.cfg in partition 1, line 2: the number of an error, $?, is not known; none of 0"
                        + " entries boots",
                disks.boots("search --label nothing" + KERNEL + "$?"));
        assertEquals("/boot/vmlinuz-1||x", disks.boots("cmdpath=x" + KERNEL + "$cmdpath"));
        assertEquals("/boot/vmlinuz-1||0", disks.boots("search --label BOOT" + KERNEL + "$?"));
    }

    @Test
    void namesFileLineAndConstruct() {
        disks.root.with("/boot/a.cfg", "\n\nregexp --set=1:n '(.)' x");
        assertEquals(
                "/boot/a.cfg in partition 1, line 3: 'regexp' is not understood; none of 1 entries boots",
                disks.boots("source /boot/a.cfg\nmenuentry x { linux /boot/vmlinuz-1 $n }"));
        disks.root.with("/boot/loader/entries/e.conf", "linux /boot/vmlinuz-1\noptions x\noptions a$n");
        refused("\nregexp --set=1:n '(.)' x; blscfg", "2: 'regexp' is not understood");
    }

    /** Real menus: what can't be known is how the screen looks. */
    @Test
    void bootsWhereItDoesNotMatter() {
        assertEquals("/boot/vmlinuz-1||a", disks.boots("""
            function load_video { insmod all_video; }
            if loadfont unicode; then
              set gfxmode=auto
              load_video
              set locale_dir=$prefix/locale
            fi
            if background_image /x; then set color_normal=white/black; else set menu_color_normal=cyan/blue; fi
            if keystatus; then if keystatus --alt; then set timeout=-1; else set timeout=0; fi; fi
            if loadfont x; then insmod gfxterm; if terminal_output gfxterm; then true; else terminal gfxterm; fi; fi
            if loadfont x; then no-such-command "${prefix}/x" 1; fi
            if sleep --interruptible 3; then timeout=0; fi
            decrement boot_counter
            menuentry 'x' { insmod gzio; linux /boot/vmlinuz-1 a }
            """));
    }

    @Test
    void passesByAnEntryWithANote() {
        BootFiles found = disks.run("""
            regexp --set=1:n '(.)' x
            menuentry 'a' { linux /boot/vmlinuz-1 $n }
            menuentry 'b' { linux /boot/vmlinuz-2 }
            """);
        assertEquals("/boot/vmlinuz-2", found.kernel().name());
        assertEquals(
                List.of("/boot/grub/grub.cfg in partition 1: its default entry has no kernel that boots (" + AT
                        + "1: 'regexp' is not understood); the first one that has is used"),
                found.notes());
    }

    @Test
    void passesByAnEntryThatIsDamaged() {
        disks.root
                .with("/boot/loader/entries/b.conf", "linux /boot/vmlinuz-1\noptions a|b\n")
                .with("/boot/loader/entries/a.conf", "linux /boot/vmlinuz-2\noptions good\n");
        BootFiles found = disks.run("blscfg");
        assertEquals("good", found.commandLine());
        assertTrue(
                found.notes().getFirst().contains("b.conf in /boot/loader/entries, line 1: "), found.notes()::toString);
        assertEquals("/boot/vmlinuz-2||", disks.boots("""
            menuentry a { while true; do true; done }
            menuentry b { while true; do source /gone; done }
            menuentry c { linux /boot/vmlinuz-2 }
            """));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "submenu s {\nregexp --set=1:n '(.)' x; default=$n\nmenuentry b { linux /boot/vmlinuz-2 }\n}",
                "submenu s {\nif loadfont x; then menuentry b { linux /boot/vmlinuz-2 }; fi\n}",
                "submenu s {\nregexp --set=1:n '(.)' x\nmenuentry $n { linux /boot/vmlinuz-2 }\n}",
                "submenu s {\nsubmenu s {\nexit\n}\nmenuentry b { linux /boot/vmlinuz-2 }\n}",
                "menuentry s {\nconfigfile /boot/other.cfg\nlinux /boot/vmlinuz-2\n}",
                "menuentry s {\nconfigfile /boot/shown.cfg\n}",
                "submenu s {\nwhile true; do menuentry x { true; }; done\n}",
            })
    void refusesTheFileForADefaultInAMenuThatIsNotKnown(String script) {
        disks.root
                .with("/boot/other.cfg", "if loadfont x; then menuentry b { linux /boot/vmlinuz-2 }; fi")
                .with("/boot/shown.cfg", "regexp --set=1:n '(.)' x; default=$n\nmenuentry b { linux /boot/vmlinuz-2 }");
        String other = "\nmenuentry a { linux /boot/vmlinuz-1 }\n";
        String answer = disks.boots("default='s>s>x'\n" + script + other);
        assertTrue(answer.startsWith("/boot/") && answer.contains(" in partition 1"), answer);
        assertFalse(answer.contains("none of"), answer);
        BootFiles found = disks.run("default=s\nmenuentry s { linux /gone }\n" + script + other);
        assertTrue(
                found.notes().getFirst().contains("its default entry has no kernel"), "where the default is no menu");
    }

    @Test
    void refusesADefaultThatANameMayBeThatIsNotKnown() {
        String script = "regexp --set=1:n '(.)' x; default=b\n";
        String known = "menuentry b { linux /boot/vmlinuz-2 }\n";
        String unknown = "menuentry \"$n\" { linux /boot/vmlinuz-1 }\n";
        refused(script + unknown + known, "1: 'regexp' is not understood; it is in an entry's name");
        assertEquals("/boot/vmlinuz-2||", disks.boots(script + known + unknown));
    }

    /** It would boot, but is not what anybody wants because of something that javisor does not know. */
    @ParameterizedTest
    @ValueSource(strings = {"ro recovery nomodeset", "ro single", "systemd.unit=rescue.target"})
    void neverBootsAnEntryForRescueBecauseOfADoubt(String line) {
        String rescue = "menuentry b { linux /boot/vmlinuz-2 " + line + " }\n";
        String doubt = "menuentry a { regexp --set=1:n '(.)' x; linux /boot/vmlinuz-1 $n }\n";
        String last = "menuentry c { linux /boot/vmlinuz-2 normal }\n";
        refused(doubt + rescue, "1: 'regexp' is not understood; none of 2 entries boots but those for rescue");
        refused(doubt + "submenu s {\n" + rescue + "}", "1: 'regexp' is not understood; none of 2 entries boots but");
        assertEquals("/boot/vmlinuz-2||normal", disks.boots(doubt + rescue + last));
        assertEquals("/boot/vmlinuz-2||" + line, disks.boots("default=b\n" + doubt + rescue));
        assertEquals(
                "/boot/vmlinuz-2||" + line, disks.boots("default='s>b'\n" + doubt + "submenu s {\n" + rescue + "}"));
        assertEquals("/boot/vmlinuz-2||" + line, disks.boots("menuentry a { linux /gone }\n" + rescue));
    }

    /** Each function is looked at once. */
    @Test
    void followsManyCallsThatMayBeMade() {
        StringBuilder script = new StringBuilder("function f0 { n=1; }\n");
        for (int i = 1; i <= 15; i++) {
            script.append(
                    "function f%d { %s}\n".formatted(i, "f%d; ".formatted(i - 1).repeat(50)));
        }
        assertEquals("/boot/vmlinuz-1||x", disks.boots(script + "if loadfont x; then f15; fi" + KERNEL + "x"));
    }

    /** An entry that does not boot leaves nothing behind. */
    @Test
    void startsEachEntryAnew() {
        assertEquals("/boot/vmlinuz-2||x", disks.boots("""
            v=x
            menuentry 'a' { v=y; root=hd0,16; linux /gone }
            menuentry 'b' { reboot }
            menuentry 'c' { linux /boot/vmlinuz-2 $v }
            """));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "search --label DATA --set",
                "search --fs-uuid 1234-ABCD --set=root",
                "if [ -f (hd0,5)/x ]; then root=hd0,16; fi",
                "if [ -f (hd1,msdos5,bsd1)/x ]; then root=hd0,16; fi",
                "if [ -f (hd0)/x ]; then root=hd0,16; fi",
                "set root=hd0,5",
                "load_env -f (hd0,5)/grubenv",
                "source (hd0,5)/a.cfg",
                "for root in (hd0,5)/*; do true; done",
                "probe -s root -u hd0,5",
            })
    void knowsNothingOfPartitionsThatCantBeRead(String script) {
        String message = disks.unread(5, FileKind.FAT).boots(script + KERNEL);
        assertTrue(message.startsWith("/boot/grub/grub.cfg in partition 1"), message);
        assertTrue(message.contains("line 1") || message.contains("missing is"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "lvm/a, FAT, b",
        "md/md-boot, XFS, b",
        "mduuid/1, UNKNOWN, b",
        "crypto0, BTRFS, b",
        "'hd0,gpt6', FAT, b",
        "'hd0,gpt5', FAT, ?",
        "fd0, FAT, b",
        "lvm/a, LVM, ?",
        "lvm/a, LUKS, ?",
        "md/md-boot, RAID, ?",
        "'md0,gpt1', RAID, ?",
        "cryptouuid/1, LUKS, ?",
    })
    void knowsInWhichPartitionsADeviceMayLie(String device, FileKind content, String known) {
        String script = "if [ -d (%s)/x ]; then a=a; else a=b; fi".formatted(device) + KERNEL + "$a";
        String result = disks.unread(5, content).boots(script);
        String reason = "1: '(%s)/x', which may be in partition 5 (".formatted(device);
        assertTrue(known.equals("?") ? result.startsWith(AT + reason) : result.equals("/boot/vmlinuz-1||b"), result);
        assertEquals(
                known.equals("?") ? 0 : 1,
                disks.boots("a=0; if probe --set a -u " + device + "; then true; else a=1; fi" + KERNEL + "$a")
                                .equals("/boot/vmlinuz-1||1")
                        ? 1
                        : 0);
    }

    @Test
    void knowsTheHardwareOfAMatch() {
        disks.root.with("/boot/list", "x");
        String show = "; if [ $? = 0 ]; then linux /boot/vmlinuz-1 m=$match; else linux /boot/vmlinuz-2 m=$match; fi";
        assertEquals("/boot/vmlinuz-1||m=0", disks.boots("if hwmatch /boot/list 3; then true" + show + "; fi"));
        assertEquals(
                "/boot/vmlinuz-2||m=",
                disks.boots("if hwmatch /gone 3; then true; else linux /boot/vmlinuz-2 m=$match; fi"));
        assertEquals(
                "/boot/vmlinuz-2||m=",
                disks.boots("if hwmatch /boot/list; then true; else linux /boot/vmlinuz-2 m=$match; fi"));
        refused("hwmatch /boot/list 2" + KERNEL + "$match", "1: 'hwmatch' of a class other than 3 is not understood");
        refused("if loadfont x; then hwmatch /boot/list 3; fi" + KERNEL + "$match", "1: whether 'loadfont' succeeds");
    }

    @Test
    void refusesWhatItCantHold() {
        assertEquals(
                "/boot/grub/grub.cfg in partition 1, line 2: an entry has more than 16 initrds; none of 1 entries"
                        + " boots",
                disks.boots("menuentry x { linux /boot/vmlinuz-1\ninitrd" + " /boot/initrd.img-1".repeat(17) + "\n}"));
    }
}
