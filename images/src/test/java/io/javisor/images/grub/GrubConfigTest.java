package io.javisor.images.grub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import io.javisor.images.testing.MapFileSystem;
import io.javisor.testkit.image.GrubSamples;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrubConfigTest {
    private static final String PATH = "/boot/grub/grub.cfg";

    private final MapFileSystem files = new MapFileSystem("12ab-cd", "rootfs")
            .with("/boot/vmlinuz-1", "one")
            .with("/boot/vmlinuz-2", "two")
            .with("/boot/initrd.img-1", "i1")
            .with("/boot/initrd.img-2", "i2")
            .with("/boot/ucode", "u");
    private List<GrubDisk.Unread> unread = List.of();
    private final MapFileSystem boot =
            new MapFileSystem("b007", "BOOT").with("/vmlinuz-3", "three").with("/initrd-3", "i3");

    private static Volume volume(int number, MapFileSystem files) {
        return new Volume(new Partition(number, 512, 512, "83", "x"), files);
    }

    private BootFiles run(String script) {
        return run("/boot/grub/grub.cfg", script);
    }

    private BootFiles run(String path, String script) {
        files.with(path, script);
        Volume root = volume(1, files);
        return GrubConfig.boot(
                new GrubDisk(PartitionTable.Kind.GPT, List.of(root, volume(16, boot)), unread), root, path);
    }

    /** The kernel, and what follows: initrds, then the command line, divided by bars. */
    private String boots(String script) {
        return show(run(script));
    }

    private static String show(BootFiles found) {
        return "%s|%s|%s"
                .formatted(
                        found.kernel().name(),
                        String.join(
                                ",",
                                found.initrds().stream().map(ByteSource::name).toList()),
                        found.commandLine());
    }

    private void refused(String script, String... expected) {
        String message = String.valueOf(
                assertThrows(ImageException.class, () -> run(script)).getMessage());
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.startsWith(PATH + " in partition 1"), message);
        for (String part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void bootsTheFirstEntryOfDebiansMenu() {
        BootFiles found = run(GrubSamples.debian("12AB-CD"));
        assertEquals(
                "/boot/vmlinuz-2|/boot/initrd.img-2|root=UUID=12AB-CD ro console=tty0 console=ttyS0,115200",
                show(found));
        assertEquals("GRUB entry 'Debian GNU/Linux' of /boot/grub/grub.cfg in partition 1", found.description());
    }

    @ParameterizedTest
    @CsvSource({
        "saved, /boot/vmlinuz-2",
        "saved_entry=1>1, /boot/vmlinuz-1",
        "saved_entry=advanced>entry-1, /boot/vmlinuz-1",
        "'saved_entry=Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 1', /boot/vmlinuz-1",
        "saved_entry=advanced, /boot/vmlinuz-2",
        "saved_entry=gone, /boot/vmlinuz-2",
        "saved_entry=99, /boot/vmlinuz-2",
        "next_entry=1>1, /boot/vmlinuz-1",
    })
    void takesTheSavedEntry(String variable, String kernel) {
        files.with("/boot/grub/grubenv", "# GRUB Environment Block\n" + variable + "\n####");
        assertEquals(kernel, run(GrubSamples.debian("12ab-cd")).kernel().name());
    }

    @Test
    void takesUbuntusWayWithAnInitrd() {
        assertEquals(
                "/boot/vmlinuz-1|/boot/ucode,/boot/initrd.img-1|root=PARTUUID=77 ro console=tty1",
                boots(GrubSamples.ubuntu()));
    }

    @Test
    void readsFedorasEntriesWithKernelopts() {
        files.with(
                        "/boot/grub2/grubenv",
                        "# GRUB Environment Block\nkernelopts=root=UUID=9 ro rhgb\nsaved_entry=m-5\n###")
                .with("/boot/loader/entries/m-5.conf", """
                    title Five
                    linux /boot/vmlinuz-1
                    initrd /boot/initrd.img-1 $tuned
                    options $kernelopts five
                    """)
                .with(
                        "/boot/loader/entries/m-6.conf",
                        "title Six\nlinux /boot/vmlinuz-2\ninitrd /boot/initrd.img-2\noptions ${kernelopts} six\n");
        assertEquals(
                "/boot/vmlinuz-1|/boot/initrd.img-1|root=UUID=9 ro rhgb five",
                show(run("/boot/grub2/grub.cfg", GrubSamples.fedora())));
        // Of a kernel that was removed: to Fedora's GRUB that is no number.
        files.with(
                "/boot/grub2/grubenv", "# GRUB Environment Block\nkernelopts=root=UUID=9 ro\nsaved_entry=1abc-4\n###");
        assertEquals(
                "/boot/vmlinuz-2|/boot/initrd.img-2|root=UUID=9 ro six",
                show(run("/boot/grub2/grub.cfg", GrubSamples.fedora())));
        files.with("/boot/grub2/grubenv", "# GRUB Environment Block\n");
        assertEquals(
                "/boot/vmlinuz-2|/boot/initrd.img-2|root=UUID=fallback ro six",
                show(run("/boot/grub2/grub.cfg", GrubSamples.fedora())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "search --no-floppy --fs-uuid --set=root B007",
                "search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt16 b007",
                "search.fs_uuid b007 root hd0,gpt16",
                "search --label BOOT --set",
                "search --label --set BOOT",
                "search --label --set=BOOT",
                "search --label BOOT --set root --no-floppy",
                "search --cryptodisk-only --label BOOT --set root",
                "search --set root --label BOOT",
                "search -nls root BOOT",
                "search --set=root -n -l BOOT",
                "search --set=root --label --hint-future=x -- BOOT",
                "search --set=root --hint-bios hd0,gpt1 --hint=hd0,gpt1 --label BOOT",
                "search -s drive --label BOOT; root=$drive",
                "search --label BOOT --set drive; root=$drive",
                "search --file /vmlinuz-3 --set drive --no-floppy; set root=($drive)",
                "search.fs_label BOOT drive; root=$drive",
                "search -l -s root BOOT",
                "search --file /vmlinuz-3 --set=root",
                "set root='hd0,gpt16'",
                "set root=hd3,16",
                "root=hd0,msdos16",
                "set root=(hd0,16)",
                "set root='(hd0,gpt16)'",
                "root=(hd0,16)",
                "for root in '(hd0,16)'; do true; done",
            })
    void findsTheBootPartition(String command) {
        assertEquals(
                "/vmlinuz-3|/initrd-3|a=b",
                boots("menuentry x {\n" + command + "\nlinux /vmlinuz-3 a=b\ninitrd /initrd-3\n}"));
    }

    @Test
    void takesDevicesInPaths() {
        assertEquals("/vmlinuz-3|/initrd-3|", boots("linux (hd0,gpt16)/vmlinuz-3\ninitrd (hd0,gpt16)/initrd-3"));
    }

    @Test
    void leavesTheRootWhereASearchDoesNotSetIt() {
        for (String search : List.of(
                "search --label BOOT",
                "search --label nothing --set",
                "search BOOT --set=root",
                "search --label --no-floppy=y BOOT --set=root",
                "search --label BOOT --set=root --hint",
                "search.fs_label BOOT")) {
            assertEquals("/boot/vmlinuz-1||", boots(search + "\nlinux /boot/vmlinuz-1"), search);
        }
    }

    @Test
    void asksHintsAndThenDevicesByNumber() {
        boot.with("/both", "");
        files.with("/both", "");
        assertEquals("/boot/vmlinuz-1||", boots("search --file /both --set x\nlinux ($x)/boot/vmlinuz-1"));
        assertEquals("/vmlinuz-3||", boots("search --hint hd0,16 --file /both --set x\nlinux ($x)/vmlinuz-3"));
    }

    /** Linux From Scratch's menu; a path built of what was written in parentheses has one pair of them. */
    @Test
    void takesDevicesInParentheses() {
        assertEquals("/boot/vmlinuz-1||lfs", boots("""
            set default=0
            insmod ext2
            set root=(hd0,1)
            menuentry "LFS" { linux /boot/vmlinuz-1 lfs }
            """));
        assertEquals("/vmlinuz-3||", boots("root='(hd0,gpt16)'\nlinux ($root)/vmlinuz-3"));
        boot.with("/loader/entries/a.conf", "linux /vmlinuz-3\noptions bls");
        assertEquals("/vmlinuz-3||bls", boots("set boot='(hd0,gpt16)'\nblscfg"));
    }

    @Test
    void followsOtherFiles() {
        files.with("/boot/real.cfg", "menuentry r { linux /boot/vmlinuz-2 $from }");
        assertEquals("/boot/vmlinuz-2||stub", boots("from=stub\nexport from\nconfigfile ($root)/boot/real.cfg"));
        assertEquals("/boot/vmlinuz-2||", boots("from=stub\nconfigfile ($root)/boot/real.cfg"));
        files.with("/boot/loop.cfg", "source /boot/loop.cfg");
        refused("source /boot/loop.cfg", "include each other");
        files.with("/boot/bad.cfg", "if true; then\n\nset x=1");
        ImageException bad = assertThrows(ImageException.class, () -> run("source /boot/bad.cfg"));
        assertEquals("/boot/bad.cfg in partition 1, line 3: 'fi' is missing", bad.getMessage());
    }

    @Test
    void joinsWordsAsGrubDoes() {
        assertEquals("/boot/vmlinuz-1||a \"b c\" d\\'e \\\"q\\\" xyz one two \"one two\" {}#", boots("""
            v="one two"
            menuentry 'a' {
              linux /boot/vmlinuz-1 a 'b c' "d'e" \\"q\\" x"y"'z' $v \\
                "$v" \\{\\}\\# $unset # comment
            }
            """));
    }

    @ParameterizedTest
    @CsvSource({
        "'[ a = a ]', yes",
        "'[ a == b ]', no",
        "'[ a != b ]', yes",
        "'[ -z \"$none\" ]', yes",
        "'[ -n \"$none\" ]', no",
        "'[ \"$none\" ]', no",
        "'[ ! \"$none\" ]', yes",
        "'test -f /boot/vmlinuz-1', yes",
        "'test -s /boot/nothing', no",
        "'test -d /boot', yes",
        "'test -e (hd0,gpt16)/vmlinuz-3', yes",
        "'test -f (hd0,gpt9)/vmlinuz-3', no",
        "'[ 10 -gt 9 ]', yes",
        "'[ 10 -lt 9 ]', no",
        "'[ a = b -o c = c ]', yes",
        "'[ a = a -a c = d ]', no",
        "'! false', yes",
        "'true; false', no",
        "'[ ]', yes",
        "'[ ( a = b ) -o ! ( a = b ) ]', yes",
        "'[ a = a b ]', yes",
        "'[ 010 -eq 8 ]', yes",
        "'[ word -eq 0 ]', yes",
        "'[ 10 -gt 0.1 ]', yes",
        "'[ 5s -eq 5 ]', yes",
        "'[ 08 -eq 8 ]', yes",
        "'[ 018 -eq 1 ]', yes",
        "'[ 0x1fg -eq 31 ]', yes",
        "'[ 0x -eq 0 ]', yes",
        "'[ -7.5 -eq -7 ]', yes",
        "'[ 0X1 -eq 0 ]', yes",
        "'[ a -o ]', yes",
        "'cpuid -l', yes",
        "'keystatus --shift', no",
    })
    void decides(String condition, String expected) {
        assertEquals(
                "/boot/vmlinuz-1||" + expected,
                boots("if " + condition
                        + "; then a=yes; elif false; then a=wrong; else a=no; fi\nlinux /boot/vmlinuz-1 $a"));
    }

    @Test
    void runsLoopsAndFunctions() {
        assertEquals("/boot/vmlinuz-1||x.a.b.c 2 second x.a.b.c", boots("""
            r=x
            for i in a "b" c; do r=$r.$i; done
            function f { n=$#; s="$2"; }
            function g
            { set t="$@"; }
            f first second
            g $r
            until [ "$n" = 2 ]; do n=2; done
            while false; do n=3; done
            linux /boot/vmlinuz-1 $r $n $s $t
            """));
    }

    @Test
    void takesTheFirstEntryWithAKernel() {
        BootFiles found = run("""
            set default=memtest
            menuentry 'memtest' --id memtest { linux16 /boot/memtest.bin }
            menuentry 'firmware' { fwsetup }
            hiddenentry 'x' { linux /boot/vmlinuz-1 }
            submenu more { menuentry two { linux /boot/vmlinuz-2; initrd /boot/initrd.img-2 } }
            """);
        assertEquals("/boot/vmlinuz-2|/boot/initrd.img-2|", show(found));
        assertTrue(
                found.notes().getFirst().contains("default entry has no kernel"),
                found.notes().toString());
    }

    @Test
    void refusesWhatNamesNoKernel() {
        refused("", "none of its 0 entries names a kernel that is there");
        refused("menuentry x { linux /boot/gone }", "missing is /boot/gone, which is not in partition 1");
        refused("menuentry x { linux /boot/vmlinuz-1; initrd /boot/gone }", "missing is /boot/gone");
        refused("menuentry x { set root=lvm/a\nlinux /v }", "on the device 'lvm/a' that is not there");
    }

    @Test
    void refusesBrokenScripts() {
        refused("if true\nthen", "line 2: 'fi' is missing");
        refused("menuentry x {", "line 1: '}' is missing");
        refused("true;; true", "line 1: ';' has no command before it");
        refused("\n\necho a|b", "line 3: '|' without quotes");
        refused("true && true", "'&' without quotes");
        refused("linux /boot/vmlinuz-1 a$", "'$' without a name");
        refused("linux /boot/vmlinuz-1 \"${x\"", "'$' without a name");
        refused("\n}", "line 2", "closed or opened");
        refused("fi", "line 1", "closed or opened");
        refused("for x on y; do done", "line 1: 'in' is missing");
        refused("function f", "'{' is missing");
        refused("while true\ndo done; b", "line 2: there is no command before what closes it");
        refused("if a; then ".repeat(100), "nested more than 64 deep");
        refused("if a; then b; " + "elif c; then d; ".repeat(100) + "fi", "more than 64");
        refused("menuentry x { ".repeat(100), "nested more than 64 deep");
    }

    /** Neither the constructs of one file nor the calls are many. */
    @Test
    void stopsWhatIsNestedByConstructsAndCallsTogether() {
        StringBuilder script = new StringBuilder("function f0 { true; }\n");
        for (int i = 1; i <= 12; i++) {
            script.append("function f%d { ".formatted(i))
                    .append("if true; then ".repeat(40))
                    .append("f%d; ".formatted(i - 1))
                    .append("fi; ".repeat(40))
                    .append("}\n");
        }
        String menu = "menuentry x { linux /boot/vmlinuz-1; }\n";
        refused(script + "f12\n" + menu, "it is nested more than 256 deep, calls included");
        assertEquals("/boot/vmlinuz-1||", boots(script + "f6\nf6\n" + menu));
    }

    @Test
    void stopsWhatHasNoEnd() {
        refused("while true; do true; done", "more than 100000 commands");
        refused("while ! load_env; do true; done", "more than 100000 commands");
        refused("while true; do continue; done", "more than 100000 commands");
        refused("while ! eval ''; do true; done; while eval ''; do true; done", "more than 100000 commands");
        refused("while true; do for i in /*; do true; done; done", "more than 100000 commands");
        refused("eval 'eval \"$a\"'; a='eval \"$a\"'; eval \"$a\"", "include each other more than 16 deep");
        refused("function f { f; }\nf", "nested more than 16 deep");
        refused("function f { f; f; }\nf", "nested more than 16 deep");
        refused("a=xxxxxxxxxxxxxxxx\nwhile true; do a=$a$a; done", "a word of 16386 characters");
        refused("a=%s\nwhile true; do b=$a; done".formatted("x".repeat(10_000)), "its variables make more than");
        refused("while true; do menuentry x { true; }; done", "more than 1024 entries");
        refused("submenu s { while true; do submenu s { true; }; done }", "more than 1024 entries");
        files.with("/boot/large.cfg", "#".repeat(250_000));
        refused("while source /boot/large.cfg; do true; done", "more than 524288 bytes");
        files.with("/boot/larger.cfg", "#".repeat(300_000));
        ImageException tooLarge = assertThrows(ImageException.class, () -> run("source /boot/larger.cfg"));
        assertEquals("/boot/larger.cfg: it has 300000 bytes, too many for a configuration", tooLarge.getMessage());
    }

    @Test
    void takesLongChainsWithoutRecursion() {
        refused("if " + "! ".repeat(1000) + "true; then linux /boot/vmlinuz-1; fi", "'!' is not understood");
        refused("if [ " + "( ".repeat(1000) + "a ]; then linux /boot/vmlinuz-1; fi", "parentheses more than 16 deep");
        assertEquals(
                "/boot/vmlinuz-1||", boots("if [ " + "a -o ".repeat(20_000) + "a ]; then linux /boot/vmlinuz-1; fi"));
        refused("true\n".repeat(50_001), "line 50001: it has more than 50000 words");
    }
}
