package io.javisor.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code javisor}: the command that {@link Main} hangs the others on. */
@Command(
        name = "javisor",
        description = "Runs virtual machines on Linux KVM.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class)
final class JavisorCommand implements Runnable {
    boolean verbose;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Log more to standard error; show the stack trace of an error.")
    void beVerbose(boolean value) {
        verbose = value;
        if (value) {
            System.setProperty(LogConfigurator.LEVEL_PROPERTY, "DEBUG");
        }
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command; try 'javisor run' or 'javisor --help'");
    }
}
