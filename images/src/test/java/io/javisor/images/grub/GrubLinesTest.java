package io.javisor.images.grub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How GRUB reads the lines of a file, as seen in grub-emu 2.06. */
class GrubLinesTest {
    private final GrubDisks disks = new GrubDisks();

    private String line(String script) {
        return disks.boots(script).replaceFirst("^/boot/vmlinuz-1\\|\\|", "");
    }

    @Test
    void aCommentAtTheBeginningOfALineIsNoLine() {
        assertEquals("a=1 c=3", line("menuentry x {\nlinux /boot/vmlinuz-1 a=1 \\\n# b=2 \\\n c=3\n}"));
        assertEquals("1", line("a=1 \\\n# c\nb=2\nlinux /boot/vmlinuz-1 $a $b"));
        assertEquals("xz", line("a='x\\\n# y\nz'\nlinux /boot/vmlinuz-1 xz"));
        assertEquals("2", line("#a=1 \\\na=2\nlinux /boot/vmlinuz-1 $a\n#"));
    }

    @Test
    void aMessageCountsCommentsAsLines() {
        String answer = disks.boots("# 1\n# 2\ntrue\n# 4\nfi");
        assertTrue(answer.contains("line 5: "), answer);
    }

    @Test
    void carriageReturnsAreNotThere() {
        assertEquals("a=1 c=3", line("linux /boot/vmlinuz-1 a=1 \\\r\n c=3\r\n"));
        assertEquals("a", line("if [ 'x\r' = x ]; then linux /boot/vmlinuz-1 a; fi"));
    }

    /** GRUB gives up what it has read of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "default=1; true \"x",
                "default='1\n",
                "default=1 \\\n",
                "default=1\\",
                "default=1 \\\n# c",
                "if true; then\ndefault=1\nfi; true 'x",
            })
    void whatTheEndOfAFileCutsOffIsNotRun(String end) {
        String entries = "menuentry x { linux /boot/vmlinuz-1 }\nmenuentry y { linux /boot/vmlinuz-2 }\n";
        assertEquals("/boot/vmlinuz-1||", disks.boots(entries + end));
    }

    @Test
    void norWhatTheEndOfATextCutsOff() {
        assertEquals("1", line("a=1\neval 'a=2; b=\"'\nlinux /boot/vmlinuz-1 $a"));
    }

    @Test
    void whatIsBeforeTheLineThatIsCutOffRuns() {
        assertEquals("2 3", line("function f { b=3; }; true\na=2\nf\nlinux /boot/vmlinuz-1 $a $b\n\\\n"));
    }

    /** Where one line joins the next a word begins. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "if true; then\\\n default=1; fi",
                "for i in 1 2; \\\n do default=1; done",
                "if true; then default=1; fi \\\n\n",
                "if true; then default=1; \\\nfi",
            })
    void refusesKeywordsWhereALineJoinsTheNext(String script) {
        String answer = disks.boots(
                "menuentry x { linux /boot/vmlinuz-1 }\nmenuentry y { linux /boot/vmlinuz-2 }\n" + script + "\n");
        assertTrue(answer.startsWith("/boot/grub/grub.cfg in partition 1, line "), answer);
    }

    @Test
    void aWordOfNothingIsNoArgument() {
        assertEquals("1 23 a", line("""
            \\
            a=1; \\

            if true; then \\
             b=2\\
            3; fi
            \\
             linux \\
             /boot/vmlinuz-1 \\
             $a $b \\
             a \\

            """));
    }
}
