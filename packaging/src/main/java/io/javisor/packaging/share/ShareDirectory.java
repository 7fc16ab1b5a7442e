package io.javisor.packaging.share;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A package's {@code share} directory, with the names that bash-completion, zsh and man look for. */
public final class ShareDirectory {
    private final Path directory;
    private final String version;
    private final String date;

    /**
     * A directory that need not be there yet.
     *
     * @param date of the release; the same input gives the same bytes
     */
    public ShareDirectory(Path directory, String version, String date) {
        this.directory = directory;
        this.version = version;
        this.date = date;
    }

    /** Writes the files of a program with all its commands. */
    public void write(CommandLine program) throws IOException {
        CommandSpec spec = program.getCommandSpec();
        write("bash-completion/completions/" + spec.name(), bash(program));
        write("zsh/site-functions/_" + spec.name(), ZshCompletion.of(spec));
        writePages(spec);
    }

    private static String bash(CommandLine program) {
        CommandSpec spec = program.getCommandSpec();
        return MachineNameCompletion.inBash(AutoComplete.bash(spec.name(), program), spec);
    }

    private void writePages(CommandSpec spec) throws IOException {
        write("man/man1/" + ManPage.name(spec) + ".1", ManPage.of(spec, version, date));
        for (CommandSpec command : Texts.commands(spec)) {
            writePages(command);
        }
    }

    private void write(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
