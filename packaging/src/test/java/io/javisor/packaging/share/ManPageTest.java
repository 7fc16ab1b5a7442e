package io.javisor.packaging.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a command may use that javisor's own do not, or not yet. */
class ManPageTest {
    @Command(
            name = "tool",
            subcommands = {Disk.class, Secret.class},
            description = "Does things. Many of them.",
            footer = "Just a note.")
    static final class Tool {}

    @Command(
            name = "disk",
            header = "Makes disks.",
            description = {"First: 100%% @|bold bold|@.", "Second.%nThird."},
            sortOptions = false,
            exitCodeList = {"0:fine", "128+n:ended by signal n"},
            footerHeading = "%nSome times:%n",
            footer = {"  0 a", "  1 b", "", "After."})
    static final class Disk {
        @Option(names = "--size", required = true, paramLabel = "SIZE", description = "How much.")
        String size = "";

        @Option(
                names = "--label",
                arity = "0..1",
                paramLabel = "TEXT",
                description = {"One.", "Two."})
        String label = "";

        @Option(names = "--sparse", negatable = true, description = "With holes.")
        boolean sparse;

        @Option(names = "--internal", hidden = true)
        boolean internal;

        @Option(
                names = {"-a", "--add"},
                paramLabel = "FILE",
                description = "Add.")
        List<Path> more = List.of();

        @Option(names = "--format", description = "One of ${COMPLETION-CANDIDATES}.")
        Format format = Format.RAW;

        @Parameters(paramLabel = "FILE", description = "The file.")
        List<Path> files = List.of();
    }

    enum Format {
        RAW,
        SPARSE
    }

    @Command(name = "secret", hidden = true)
    static final class Secret {}

    private final CommandSpec tool = new CommandLine(new Tool()).getCommandSpec();
    private final CommandSpec disk = Texts.commands(tool).getFirst();

    @Test
    void page() {
        assertEquals("""
            .\\" Written at package time from the command's options: changes belong there.
            .TH TOOL-DISK 1 2026-01-02 "tool 1.0" "tool manual"
            .ad l
            .nh
            .SH NAME
            tool\\-disk \\- makes disks
            .SH SYNOPSIS
            \\fBtool disk\\fR [\\fIOPTION\\fR]... \\fB\\-\\-size\\fR=\\fISIZE\\fR [\\fIFILE\\fR...]
            .SH DESCRIPTION
            First: 100% bold.
            .PP
            Second.
            Third.
            .SH OPTIONS
            .TP
            \\fB\\-\\-size\\fR=\\fISIZE\\fR
            How much.
            .TP
            \\fB\\-\\-label\\fR[=\\fITEXT\\fR]
            One.
            .IP
            Two.
            .TP
            \\fB\\-\\-[no\\-]sparse\\fR
            With holes.
            .TP
            \\fB\\-a\\fR \\fIFILE\\fR, \\fB\\-\\-add\\fR=\\fIFILE\\fR
            Add.
            .TP
            \\fB\\-\\-format\\fR=\\fI<format>\\fR
            One of RAW, SPARSE.
            .SH ARGUMENTS
            .TP
            \\fIFILE\\fR
            The file.
            .SH EXIT STATUS
            .TP
            \\fB0\\fR
            fine
            .TP
            \\fB128+n\\fR
            ended by signal n
            .SH SOME TIMES
            .nf
              0 a
              1 b
            .fi
            .PP
            After.
            .SH SEE ALSO
            \\fBtool\\fR(1)
            """, ManPage.of(disk, "1.0", "2026-01-02"));
    }

    @Test
    void topNamesTheCommandsThatAreNotHidden() {
        String page = ManPage.of(tool, "1.0", "2026-01-02");
        assertTrue(
                page.contains(
                        ".SH COMMANDS\n.TP\n\\fBdisk\\fR\nMakes disks; see tool\\-disk(1).\n.SH NOTES\nJust a note.\n"),
                page);
        assertTrue(page.contains("tool \\- does things\n"), page);
        assertTrue(!page.contains("secret"), page);
    }

    @Test
    void zshFunction() {
        String script = ZshCompletion.of(tool);
        for (String line : new String[] {
            "#compdef tool",
            "    '--size=[How much]:SIZE:' \\",
            "    '--label=[One]::TEXT:' \\",
            "    '(--sparse --no-sparse)'{--sparse,--no-sparse}'[With holes]' \\",
            "    '*'{-a+,--add=}'[Add]:FILE:_files' \\",
            "    '--format=[One of RAW, SPARSE]:<format>:(RAW SPARSE)' \\",
            "    '*:FILE:_files'",
            "    '1:command:((disk\\:\"makes disks\"))' \\",
            "      disk) _tool_disk && ret=0 ;;"
        }) {
            assertTrue(script.lines().anyMatch(line::equals), () -> line + "\n" + script);
        }
        assertTrue(!script.contains("secret") && !script.contains("--internal"), script);
    }
}
