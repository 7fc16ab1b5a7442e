package io.javisor.images.grub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each script shows was seen in GRUB itself (2.06, grub-emu), where commands for booting are functions that print. */
class GrubLanguageTest {
    private final GrubDisks disks = new GrubDisks();

    private String words(String script) {
        return disks.boots(script).replaceFirst("^/boot/vmlinuz-1\\|\\|", "");
    }

    @Test
    void leavesFunctions() {
        assertEquals("first", words("""
            function pick { if [ "$1" = a ]; then set m=first; return; fi
            set m=second; }
            pick a
            menuentry L { linux /boot/vmlinuz-1 $m }
            """));
        assertEquals("1 no", words("""
            function f { for i in 1 2 3; do if [ $i = 2 ]; then return 1; fi; m=$i; done; m=no; }
            if f; then r=yes; else r=no; fi
            linux /boot/vmlinuz-1 $m $r
            """));
        assertEquals("yes", words("function f { false; return 0; }\nif f; then r=yes; fi\nlinux /boot/vmlinuz-1 $r"));
        assertEquals("a b", words("return\nlinux /boot/vmlinuz-1 a b"));
        assertTrue(words("menuentry x { linux /boot/vmlinuz-1\nreturn\n}").contains("'return' outside of a function"));
    }

    @Test
    void leavesLoops() {
        assertEquals("1 3", words("""
            for i in 1 2 3 4; do if [ $i = 2 ]; then continue; fi; if [ $i = 4 ]; then break; fi; r="$r $i"; done
            linux /boot/vmlinuz-1 $r
            """));
        assertEquals("a1 b1", words("""
            for i in a b; do for j in 1 2; do if [ $j = 2 ]; then continue 2; fi; r="$r $i$j"; done; r="$r no"; done
            linux /boot/vmlinuz-1 $r
            """));
        assertEquals("a1", words("""
            for i in a b; do while true; do r=${r}${i}1; break 9; done; r=no; done
            linux /boot/vmlinuz-1 $r
            """));
        assertEquals("no", words("""
            function f { break; }
            for i in 1; do f; r=no; done
            linux /boot/vmlinuz-1 $r
            """));
    }

    @Test
    void changesArguments() {
        assertEquals("3 2 b q \"r s\" 2 q r s 5", words("""
            function f {
              a=$#; shift; b=$#; c=$1; setparams q "r s"
              for x in "$@"; do d="$d $x"; e=$#; done
              for x in $@; do g=$x; done
              linux /boot/vmlinuz-1 $a $b $c "$@" $e $@ $h
            }
            h=5
            f a b "c d"
            """));
    }

    @Test
    void readsDirectoriesInTheirOrder() {
        disks.root
                .with("/boot/grub/grub.cfg.d/20-a-autoload.cfg", "set t=ttyS0\n")
                .with("/boot/grub/grub.cfg.d/60-m-autoload.cfg", """
                    for f in ${config_directory}/versions/*.cfg
                    do
                      source "${f}"
                    done
                    """)
                .with("/boot/grub/grub.cfg.d/versions/1.4.cfg", """
                    menuentry "1.4" --id 1.4 {
                     linux /boot/vmlinuz-1 boot=live console=${t}
                    }
                    """);
        assertEquals("boot=live console=ttyS0", words("""
            for f in ${prefix}/grub.cfg.d/*-autoload.cfg
            do
              source ${f}
            done
            """));
        disks.root
                .with("/d/a1", "")
                .with("/d/a22", "")
                .with("/d/b1", "")
                .with("/e/x/a1", "")
                .with("/e/y/b", "");
        assertEquals(
                "/d/a1 /d/a22 /d/a1 /e/x/a1 /d/? a* /d/* /d/*",
                words("linux /boot/vmlinuz-1 /d/a* /d/?1 /*/x/a1 /d/? a* \"/d/*\" /d/\\*")
                        .replace("/d/b1 ", ""));
    }

    @Test
    void showsTheMenuOfAnotherFile() {
        disks.root.with("/other.cfg", """
            w=3
            default=1
            menuentry X { linux /boot/vmlinuz-2 }
            menuentry Y { linux /boot/vmlinuz-1 v=$v e=$e w=$w }
            """).with("/set.cfg", "w=4; z=5");
        String outer = "v=1; e=2; export e\n";
        assertEquals("v= e=2 w=3", words(outer + "configfile /other.cfg\nv=no; exit"));
        assertEquals("v= e=2 w=3", words(outer + "menuentry a { configfile /other.cfg\nlinux /boot/vmlinuz-2 }"));
        assertEquals("w=4 z=5", words("source /set.cfg\nlinux /boot/vmlinuz-1 w=$w z=$z"));
        assertEquals("w= z=", words("configfile /set.cfg\nlinux /boot/vmlinuz-1 w=$w z=$z"));
        assertEquals("yes", words("if source /gone.cfg; then r=yes; fi\nlinux /boot/vmlinuz-1 $r"));
    }

    @Test
    void opensSubmenus() {
        assertEquals("d= c=s>two two x y", words("""
            v=1; e=2; export e
            set default="s>two"
            menuentry A { linux /boot/vmlinuz-2 }
            submenu 'Sub' --id s {
             menuentry one { linux /boot/vmlinuz-2 }
             menuentry 'two' --id "two" x y { linux /boot/vmlinuz-1 d=$v c=$chosen $1 $2 $3 }
            }
            """));
    }

    @ParameterizedTest
    @CsvSource({
        "A>>B, 2",
        "A>B, 1",
        "1, 2",
        "9, 1",
        "sub>1, 4",
        "sub>A>>B, 4",
        "4, 4",
        "0x1, 2",
        "1 of them, 2",
        "01, 2",
        "0xg, 1",
        "99999999999, 1",
    })
    void takesTheDefault(String wanted, int kernel) {
        disks.root.with("/boot/vmlinuz-3", "").with("/boot/vmlinuz-4", "");
        assertEquals("/boot/vmlinuz-%d||".formatted(kernel), disks.boots("""
            default="%s"
            menuentry x { linux /boot/vmlinuz-1 }
            menuentry "A>B" { linux /boot/vmlinuz-2 }
            menuentry y { linux /boot/vmlinuz-3 }
            submenu sub { menuentry x { linux /boot/vmlinuz-3; }; menuentry "A>B" { linux /boot/vmlinuz-4 } }
            menuentry z { linux /boot/vmlinuz-4 }
            """.formatted(wanted)));
    }

    @Test
    void aNumberComesBeforeANameThatBeginsWithOne() {
        String entries = "menuentry x { linux /boot/vmlinuz-1 }\nmenuentry 1.4 { linux /boot/vmlinuz-2 }\n";
        assertEquals("/boot/vmlinuz-2||", disks.boots("default=1.4\n" + entries));
        assertEquals(
                "/boot/vmlinuz-2||", disks.boots("default=1\n" + entries + "menuentry 1 { linux /boot/vmlinuz-1 }"));
        assertEquals(
                "/boot/grub/grub.cfg in partition 1: the default '0.x' is an entry's name, but begins with the number"
                        + " of another",
                disks.boots("default=0.x\n" + entries + "menuentry 0.x { linux /boot/vmlinuz-1 }"));
    }

    @Test
    void refusesEntriesThatGrubReadsInItsOwnWay() {
        String entry = "menuentry x { linux /boot/vmlinuz-1 }\n";
        assertTrue(disks.boots(entry + "menuentry y z --id $none { linux /boot/vmlinuz-2 }")
                .contains("such options"));
        assertTrue(disks.boots(entry + "menuentry \"$none\" --id $none { linux /boot/vmlinuz-2 }")
                .contains("such options"));
    }

    @ParameterizedTest
    @CsvSource({
        "true, A",
        "default='', >",
        "default=, >",
        "default=\"$none\", >",
        "default=''; unset default, A",
        "default='>B', >B",
        "'default=\"s>1\"', s>B",
        "'default=\"s>\"', s>",
        "default=C, ''",
    })
    void whatIsSetToNothingIsAName(String command, String chosen) {
        assertEquals("c=" + chosen, words("""
            %s
            menuentry A { linux /boot/vmlinuz-1 c=$chosen }
            submenu '' {
             menuentry x --id '' { linux /boot/vmlinuz-1 c=$chosen }
             menuentry B { linux /boot/vmlinuz-1 c=$chosen }
            }
            submenu S --id s {
             menuentry x --id= { linux /boot/vmlinuz-1 c=$chosen }
             menuentry B { linux /boot/vmlinuz-1 c=$chosen }
            }
            menuentry C --id '' { linux /boot/vmlinuz-1 c=$chosen }
            """.formatted(command)));
    }

    @Test
    void anEntrySeesNoDefault() {
        assertEquals(
                "d=",
                words("default=1\nmenuentry x { linux /gone }\nmenuentry y { linux /boot/vmlinuz-1 d=$default }"));
    }

    @Test
    void fallsBack() {
        assertEquals("/boot/vmlinuz-2||", disks.boots("""
            fallback="2 1"
            menuentry x { linux /gone }
            menuentry y { linux /boot/vmlinuz-1 }
            menuentry z { linux /boot/vmlinuz-2 }
            """));
    }

    @Test
    void loads() {
        assertEquals("/boot/vmlinuz-1|/boot/initrd.img-2|", disks.boots("""
            menuentry x { linux /boot/vmlinuz-1
            initrd /boot/initrd.img-1
            initrd /boot/initrd.img-2
            }
            """));
        assertEquals("/boot/vmlinuz-1|/boot/initrd.img-1|no no", disks.boots("""
            menuentry x {
              if initrd /boot/initrd.img-2; then r=yes; else r=no; fi
              linux /boot/vmlinuz-1
              initrd /boot/initrd.img-1
              if initrd $none; then r="$r yes"; else r="$r no"; fi
              linux /boot/vmlinuz-1 $r
              initrd /boot/initrd.img-1
              initrd
            }
            """));
        assertTrue(disks.boots("menuentry x { linux /boot/vmlinuz-1\nlinux $none }")
                .contains("'linux' names no kernel"));
        assertEquals(
                "/boot/vmlinuz-1||a",
                disks.boots("menuentry x { linux /boot/vmlinuz-1 a\nboot\nlinux /boot/vmlinuz-2 }"));
        assertEquals(
                "/boot/vmlinuz-1||a",
                disks.boots("linux /boot/vmlinuz-1 a\nboot\nmenuentry x { linux /boot/vmlinuz-2 }"));
        assertEquals("/boot/vmlinuz-2||", disks.boots("if linux /gone; then r=no; else linux /boot/vmlinuz-2; fi"));
        assertTrue(disks.boots("menuentry x { linux /boot/vmlinuz-1\nchainloader +1 }")
                .contains("names a kernel"));
    }

    @Test
    void loadsNothingBeforeItShowsAMenu() {
        String reason = "/boot/grub/grub.cfg in partition 1: a kernel is loaded before a menu is shown";
        String entry = "menuentry x { linux /boot/vmlinuz-2 }\n";
        String submenu = "submenu s {\nlinux /boot/vmlinuz-1\n" + entry + "}\n";
        assertTrue(disks.boots("linux /boot/vmlinuz-1\nsubmenu s {\n" + entry + "}")
                .startsWith(reason));
        assertTrue(disks.boots(submenu).startsWith(reason));
        disks.root.with("/other.cfg", entry);
        assertTrue(disks.boots("menuentry m {\nlinux /boot/vmlinuz-1\nconfigfile /other.cfg\n}")
                .startsWith(reason));
        assertEquals("/boot/vmlinuz-2||", disks.boots("linux /gone\n" + entry));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "if true; then\nfi",
                "if true; then true; else fi",
                "for i in a; do\ndone",
                "while false; do\ndone",
                "function f {\n}",
                "submenu x { }",
                "menuentry x {\n# nothing\n}",
                "menuentry x --id x --class y { } # c",
                "menuentry x { linux /boot/vmlinuz-2 }; menuentry x { }",
                "default=x; if true; then\nfi",
                "default=1\nmenuentry x { }\nmenuentry y { linux /boot/vmlinuz-2 }",
            })
    void aLineWithAConstructWithoutACommandIsPassedBy(String script) {
        assertEquals(
                "/boot/vmlinuz-1||",
                disks.boots(script + "\nmenuentry y { linux /boot/vmlinuz-1 }\nmenuentry x { linux /boot/vmlinuz-2 }"));
    }

    /** GRUB reads the rest of it, or of its line, as something else. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "if true; then\nif true; then\nfi\nfi",
                "if true; then\nelse true; fi",
                "if false; then true; elif true; then\nfi",
                "submenu x {\nmenuentry y { }\n}",
                "function f {\n}; true",
                "menuentry x { }; true",
                "if true; then menuentry x { }\nfi",
            })
    void butNotWhereSomethingOfItIsLeft(String script) {
        String answer = disks.boots(script + "\nmenuentry y { linux /boot/vmlinuz-1 }");
        assertTrue(answer.endsWith("there is no command before what closes it"), answer);
    }

    /** GRUB gives up what it has read, and goes on with the next line. */
    @ParameterizedTest
    @CsvSource({
        "'menuentry a { linux /boot/vmlinuz-2 } menuentry b { true }', nothing ends the command",
        "'if true; then if true; then a=1; fi fi', nothing ends the command",
        "'if true; then menuentry a { linux /boot/vmlinuz-2 } fi', nothing ends the command",
        "'function f { default=1 }', nothing ends the command",
        "'function f; { true; }; default=1', {' is missing",
        "'function f;\n{ true; }; default=1', {' is missing",
        "'if true; then function f { default=1; }; fi', a function is defined in something else",
        "'function a-b { default=1; }', a name is missing",
        "'function \"a\" { default=1; }', a name is missing",
        "'for i-x in a; do default=1; done', a variable is missing",
        "'for $x in a; do default=1; done', a variable is missing",
        "'for in in a; do default=1; done', a variable is missing",
        "'for i in a; ; do default=1; done', do' is missing",
        "'case a; default=1', something is closed or opened",
        "'true\n; default=1', has no command before it",
    })
    void refusesASyntaxError(String script, String reason) {
        String answer = disks.boots(script + "\nmenuentry y { linux /boot/vmlinuz-1 }");
        assertTrue(answer.startsWith("/boot/grub/grub.cfg in partition 1, line ") && answer.contains(reason), answer);
    }

    @Test
    void aFunctionIsThereOnceItIsRead() {
        assertEquals("2", words("a=1; f; function f { a=2; }\nlinux /boot/vmlinuz-1 $a"));
        assertEquals("2", words("function f { a=2; }; if true; then\nfi\nf\nlinux /boot/vmlinuz-1 $a"));
    }

    @Test
    void anOptionThatTakesTheBlockLeavesNoEntry() {
        String entry = "\nmenuentry y { linux /boot/vmlinuz-1 }";
        assertEquals(
                "/boot/vmlinuz-1||", disks.boots("menuentry z --class x --id $none { linux /boot/vmlinuz-2 }" + entry));
    }

    /** It is a command's last argument, as text. */
    @Test
    void aBlockBehindAnotherCommandDoesNotKeepItFromRunning() {
        assertEquals("1", words("a=1 { true; }\nlinux /boot/vmlinuz-1 $a"));
        assertEquals("1", words("set a=1 {\ntrue\n}\nlinux /boot/vmlinuz-1 $a"));
        assertEquals("1 2", words("function f { a=$1; b=2; }\nf 1 { true; }\nlinux /boot/vmlinuz-1 $a $b"));
        String answer = disks.boots("function f { a=$2; }\nf 1 { true; }\nlinux /boot/vmlinuz-1 $a");
        assertTrue(answer.contains("line 2: a block of 'f' is not understood"), answer);
    }

    @Test
    void blanksAtTheEndsOfAValueSplitNothing() {
        assertEquals("[x] kx x.z xx", words("b=' x'\nlinux /boot/vmlinuz-1 [$b] k$b $b.z $b$b"));
        assertEquals("[x] kx x.z xx", words("b='x\t \n'\nlinux /boot/vmlinuz-1 [$b] k$b $b.z $b$b"));
        assertEquals("[] k x y", words("a=' '; b=' x  y '\nlinux /boot/vmlinuz-1 [$a] k$a $a $b $a"));
    }

    @Test
    void evaluatesText() {
        assertEquals("1 2", words("eval 'set zz=\"1 2\"'; linux /boot/vmlinuz-1 $zz"));
        assertEquals("b", words("n=a; a=b; eval \"linux /boot/vmlinuz-1 \\$$n\""));
    }

    @ParameterizedTest
    @CsvSource({
        "'y=1 z=2; a=$y.$z', 1.",
        "'set x=a=b; a=$x', a=b",
        "'function true { a=no; }; true; a=x$a', x",
        "'a=$10${11}x', x",
        "'a=$\"hello\"', hello",
        "'a=a#b #c', a#b",
        "'x=\"one two\"; for i in a$x; do a=$a.$i; done', .aone.two",
        "'for i in \"\" \"$none\" $none b; do a=$a.; done', ...",
    })
    void setsVariables(String script, String expected) {
        assertEquals(expected, words(script + "\nlinux /boot/vmlinuz-1 $a"));
    }
}
